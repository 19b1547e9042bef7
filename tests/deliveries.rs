//! Deliveries as the world sends them: each is told, mended or refused, and none is wrong without a word.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use serde_json::Value;
use support::history::{failure, holds_customer_id};
use support::lake::CUSTOMERS;
use support::{A_RUN, LENIENT, Site, TestServer, text};

const COSTS: &str = "costs_by_province_month.csv";
const HEADER: &str = "customer_id,timestamp,consumption_elec_kwh,consumption_gas_m3";

/// What is delivered, how the run is asked, and what must come of it.
struct Case {
    name: &'static str,
    changes: fn(&Path),
    /// More of the input.
    asks: &'static str,
    ends: End,
}

/// How a run ends.
enum End {
    /// It completes from 2024-12-31, and has a finding of this rule that says this.
    Told { rule: &'static str, says: &'static str },
    /// It completes, and finds nothing that warns.
    Quiet,
    /// It fails for good with a message that says all of this.
    Blocked(&'static [&'static str]),
}

const CASES: [Case; 20] = [
    Case { name: "clean", changes: |_| {}, asks: r#""mode":"score""#, ends: End::Quiet },
    Case {
        name: "one-reading-of-2070",
        changes: |raw| more_readings(raw, &["2070-01-01 00:00:00".to_owned()]),
        asks: r#""mode":"score""#,
        ends: End::Told { rule: "after_as_of", says: "2070-01-01" },
    },
    Case {
        name: "readings-of-the-epoch",
        changes: |raw| more_readings(raw, &["1970-01-01 00:00:00".to_owned()]),
        asks: r#""mode":"score""#,
        ends: End::Told { rule: "stray_readings", says: "1970-01" },
    },
    Case {
        name: "hours-twice",
        changes: |raw| {
            more_readings(raw, &(0..24).map(|hour| format!("2024-01-01 {hour:02}:00:00")).collect::<Vec<_>>());
        },
        asks: r#""mode":"score""#,
        ends: End::Blocked(&["consumption_hourly", "more readings in a month than it has hours", "2024-01"]),
    },
    Case {
        name: "a-copy-with-other-minutes",
        changes: |raw| {
            let hours = (1..=31).flat_map(|day| (0..24).map(move |hour| (day, hour)));
            let halves = hours.map(|(day, hour)| format!("2024-01-{day:02} {hour:02}:30:00"));
            more_readings(raw, &halves.collect::<Vec<_>>());
        },
        asks: r#""mode":"score""#,
        ends: End::Blocked(&["consumption_hourly", "more readings in a month than it has hours", ":30 beside :00"]),
    },
    Case {
        name: "totals-of-days",
        changes: |raw| only_readings(raw, &["00"]),
        asks: r#""mode":"score""#,
        ends: End::Blocked(&["bronze quality gate", "consumption_hourly", "daily totals"]),
    },
    Case {
        name: "three-hours-of-a-day",
        changes: |raw| only_readings(raw, &["00", "08", "16"]),
        asks: r#""mode":"score""#,
        ends: End::Blocked(&["bronze quality gate", "consumption_hourly", "fewer readings than hours"]),
    },
    Case {
        name: "costs-of-december-are-late",
        changes: |raw| change(raw, COSTS, |lines| lines.retain(|line| !line.starts_with("2024-12"))),
        asks: r#""mode":"score""#,
        ends: End::Told { rule: "carried_forward", says: "costs" },
    },
    Case {
        name: "costs-of-december-are-nothing",
        changes: |raw| {
            change(raw, COSTS, |lines| {
                for line in lines.iter_mut().filter(|line| line.starts_with("2024-12")) {
                    let key = line.split(',').take(2).collect::<Vec<_>>().join(",");
                    *line = format!("{key},0,0,0");
                }
            });
        },
        asks: r#""mode":"score""#,
        ends: End::Told { rule: "carried_forward", says: "costs" },
    },
    Case {
        name: "contract-dates-changed-places",
        changes: |raw| change_cells(raw, "customer_contracts.csv", |cells| cells.swap(3, 5)),
        asks: r#""mode":"score""#,
        ends: End::Blocked(&["bronze_customer", "ends before it starts", "changed places"]),
    },
    Case {
        name: "companies-are-homes",
        changes: |raw| {
            change_cells(raw, "customer_attributes.csv", |cells| {
                if cells[2] == "1" { "0" } else { "1" }.clone_into(&mut cells[2]);
            });
        },
        asks: r#""mode":"score""#,
        ends: End::Blocked(&["bronze_customer", "is_industrial the other way round"]),
    },
    Case {
        name: "labels-the-other-way-round",
        changes: |raw| {
            change_cells(raw, "churn_label.csv", |cells| {
                if cells[1] == "1" { "0" } else { "1" }.clone_into(&mut cells[1]);
            });
        },
        asks: r#""mode":"train""#,
        ends: End::Blocked(&["churn_label", "not plausible", "the other way round"]),
    },
    Case {
        name: "contacts-of-the-future",
        changes: |raw| {
            let contacts = std::fs::read_to_string(raw.join("customer_interactions.json")).expect("contacts");
            replace(raw, "customer_interactions.json", &contacts.replacen("2024-10-", "2031-10-", 1));
        },
        asks: r#""mode":"score""#,
        ends: End::Told { rule: "contacts_after_as_of", says: "2031-10-" },
    },
    Case {
        name: "costs-of-five-months-are-missing",
        changes: |raw| change(raw, COSTS, |lines| lines.retain(|line| !from_august(line))),
        asks: r#""mode":"score""#,
        ends: End::Blocked(&["silver quality gate", "margin", "not known"]),
    },
    Case {
        name: "some-have-no-label",
        changes: |raw| {
            change(raw, "churn_label.csv", |lines| {
                for line in lines.iter_mut().skip(1).step_by(10) {
                    line.truncate(line.find(',').expect("two cells") + 1);
                }
            });
        },
        asks: r#""mode":"score""#,
        ends: End::Told { rule: "no_label", says: "scored and not learned from" },
    },
    Case {
        name: "no-labels-at-all",
        changes: |raw| std::fs::remove_file(raw.join("churn_label.csv")).expect("the raw file is there"),
        asks: r#""mode":"score""#,
        ends: End::Quiet,
    },
    Case {
        name: "no-labels-for-a-training",
        changes: |raw| std::fs::remove_file(raw.join("churn_label.csv")).expect("the raw file is there"),
        asks: r#""mode":"train""#,
        ends: End::Blocked(&["missing", "churn_label.csv"]),
    },
    Case {
        name: "nobody-churned",
        changes: |raw| {
            change(raw, "churn_label.csv", |lines| {
                for line in lines.iter_mut().skip(1) {
                    *line = format!("{},0", &line[..line.find(',').expect("two cells")]);
                }
            });
        },
        asks: r#""mode":"train""#,
        ends: End::Blocked(&["churn_label", "0 of them churned", "one class"]),
    },
    Case {
        name: "nobody-called",
        changes: |raw| replace(raw, "customer_interactions.json", "[]"),
        asks: r#""mode":"score""#,
        ends: End::Quiet,
    },
    Case {
        name: "a-date-beyond-the-readings",
        changes: |_| {},
        asks: r#""mode":"score","as_of":"2031-01-01""#,
        ends: End::Blocked(&["as_of", "2024-01-01 to 2024-12-31"]),
    },
];

#[test]
fn each_is_told_mended_or_refused() {
    // Nobody publishes anything here: no delivery is compared with another.
    let site = Site::new(LENIENT);
    let server = TestServer::shared();
    let started = CASES.map(|case| {
        let prefix = format!("raw-{}", case.name);
        site.lake.add_raw(&prefix);
        (case.changes)(&site.lake.at(&prefix));
        let id = site.start(Some(&format!(r#"{{{},"raw_prefix":"{prefix}"}}"#, case.asks)));
        (case, id)
    });
    for (Case { name, ends, .. }, id) in started {
        match ends {
            End::Told { rule, says } => {
                let result = server.result(&id);
                assert_eq!(text(&result["as_of"]), "2024-12-31", "{name}");
                let found = findings(&result);
                let told = found.iter().find(|finding| finding["rule"] == rule);
                let words = text(&told.unwrap_or_else(|| panic!("{name}: no {rule} in {found:#?}"))["words"]);
                assert!(words.contains(says), "{name}: {words}");
                let warns = found.iter().filter(|finding| finding["severity"] == "warn").count();
                assert_eq!(alerts(&site, &id), usize::from(warns > 0), "{name}: one alert, whatever was found");
            }
            End::Quiet => {
                let result = server.result(&id);
                let warns: Vec<_> =
                    findings(&result).into_iter().filter(|finding| finding["severity"] != "info").collect();
                assert!(warns.is_empty(), "{name}: {warns:#?}");
                assert_eq!(alerts(&site, &id), 0, "{name}");
            }
            End::Blocked(says) => {
                assert_eq!(server.await_end(&id, A_RUN), "FAILED", "{name}");
                let message = failure(&id).message;
                for part in says {
                    assert!(message.contains(part), "{name}: the message does not say {part:?}: {message}");
                }
                assert!(!holds_customer_id(&message), "{name}: a customer is named: {message}");
            }
        }
    }
    assert!(!holds_customer_id(&site.log()), "the worker's log names a customer");
}

fn findings(result: &Value) -> Vec<Value> {
    result["quality"].as_array().cloned().unwrap_or_default()
}

/// How many alerts of the delivery's quality a run raised.
fn alerts(site: &Site, id: &str) -> usize {
    let alerts = site.lake.keys(&["monitoring/alerts"]).into_iter().map(|key| site.lake.json(&key));
    alerts.filter(|alert| alert["run"]["workflow_id"] == id && alert["kind"] == "quality_warning").count()
}

/// Readings of the first customer, in a file of their own.
fn more_readings(raw: &Path, timestamps: &[String]) {
    let mut csv = std::fs::File::create(raw.join("consumption_hourly_more.csv")).expect("a raw file can be made");
    writeln!(csv, "{HEADER}").expect("a file");
    for timestamp in timestamps {
        writeln!(csv, "C00001,{timestamp},0.123,0.0").expect("a file");
    }
}

/// Readings of all customers at these hours of each day of the year, and no others.
fn only_readings(raw: &Path, hours: &[&str]) {
    let days: Vec<_> = "2024-01-01".parse::<chrono::NaiveDate>().expect("a date").iter_days().take(366).collect();
    let mut csv = format!("{HEADER}\n");
    for customer in 1..=CUSTOMERS {
        for (day, hour) in days.iter().flat_map(|day| hours.iter().map(move |hour| (day, hour))) {
            writeln!(csv, "C{customer:05},{day} {hour}:00:00,0.123,0.0").expect("a string");
        }
    }
    std::fs::remove_file(raw.join("consumption_hourly_2024.parquet")).expect("the readings are there");
    std::fs::write(raw.join("consumption_hourly_2024.csv"), csv).expect("a raw file can be written");
}

fn from_august(line: &str) -> bool {
    (8..=12).any(|month| line.starts_with(&format!("2024-{month:02}")))
}

fn change(raw: &Path, name: &str, change: impl FnOnce(&mut Vec<String>)) {
    let content = std::fs::read_to_string(raw.join(name)).expect("the raw file is there");
    let mut lines: Vec<String> = content.lines().map(str::to_owned).collect();
    change(&mut lines);
    replace(raw, name, &(lines.join("\n") + "\n"));
}

/// Changes the cells of every row but the header; no cell has a comma.
fn change_cells(raw: &Path, name: &str, change_row: fn(&mut Vec<String>)) {
    change(raw, name, |lines| {
        for line in lines.iter_mut().skip(1) {
            let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            change_row(&mut cells);
            *line = cells.join(",");
        }
    });
}

fn replace(raw: &Path, name: &str, content: &str) {
    // The raw file is a link to one that other tests read.
    std::fs::remove_file(raw.join(name)).expect("the raw file is there");
    std::fs::write(raw.join(name), content).expect("a raw file can be written");
}
