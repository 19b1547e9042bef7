//! Broken raw files: each fails the run for good, with one message that names file, place and rule
//! and no customer; nothing downstream is written, nothing published changes.

use std::path::Path;

use serde_json::Value;

use support::history::{failure, holds_customer_id, retried_activities};
use support::{A_RUN, LENIENT, Site, TestServer, text};

const READINGS: &str = "consumption_hourly_2024.parquet";
const POINTERS: [&str; 3] = ["scored/latest.json", "models/champion.json", "monitoring/latest.json"];

/// How a file is broken, and what the message must say.
struct Case {
    name: &'static str,
    breaks: fn(&Path),
    error: &'static str,
    says: &'static [&'static str],
}

const BAD_DATA: &str = "SG0001 BadData";
const CONTRACT: &str = "SG0002 ContractViolation";

const CASES: [Case; 19] = [
    Case {
        name: "repeated-customer",
        // The same row twice would count once.
        breaks: |raw| change(raw, "churn_label.csv", |lines| repeat(lines, 4, 1, b"0", b"1")),
        error: CONTRACT,
        says: &["churn_label", "customer_id", "repeated key"],
    },
    Case {
        name: "two-prices-in-a-month",
        breaks: |raw| change(raw, "price_history.csv", |lines| repeat(lines, 9, 5, b"1", b"2")),
        error: CONTRACT,
        says: &["price_history", "customer_id, pricing_date", "repeated key"],
    },
    Case {
        name: "unknown-customers",
        // A few would be told.
        breaks: |raw| {
            change(raw, "customer_attributes.csv", |lines| {
                let fifth = lines.len() / 5;
                for (place, line) in lines.iter_mut().enumerate().skip(1).take(fifth) {
                    set(line, 0, format!("C9{place:04}").as_bytes());
                }
            });
        },
        error: CONTRACT,
        says: &["customer_attributes", "customer_id", "churn_label"],
    },
    Case {
        name: "no-such-province",
        breaks: |raw| set_cell(raw, "customer_attributes.csv", 3, 4, b"99"),
        error: CONTRACT,
        says: &["customer_attributes", "province_code", "1 to 52"],
    },
    Case {
        // The contract lets the raw file have gaps; that the last published run had none shows that they are a loss.
        name: "mostly-empty-column",
        breaks: |raw| {
            change(raw, "customer_attributes.csv", |lines| {
                let first_third = lines.len() / 3;
                lines[first_third..].iter_mut().for_each(|line| set(line, 1, b""));
            });
        },
        error: CONTRACT,
        says: &["customer_attributes", "contracted_power_kw", "null", "last published run"],
    },
    Case {
        name: "unparsable-date",
        breaks: |raw| set_cell(raw, "customer_contracts.csv", 7, 3, b"31/12/2024"),
        error: BAD_DATA,
        says: &["customer_contracts.csv", "column contract_start_date", "row 7", "not a date YYYY-MM-DD"],
    },
    Case {
        name: "unparsable-flag",
        breaks: |raw| set_cell(raw, "churn_label.csv", 12, 1, b"maybe"),
        error: BAD_DATA,
        says: &["churn_label.csv", "column churn", "row 12", "not a flag"],
    },
    Case {
        name: "infinite-cost",
        breaks: |raw| set_cell(raw, "costs_by_province_month.csv", 3, 2, b"inf"),
        error: BAD_DATA,
        says: &["costs_by_province_month.csv", "column elec_var_cost_eur_kwh", "row 3", "not a finite number"],
    },
    Case {
        name: "absurd-power",
        breaks: |raw| set_cell(raw, "customer_attributes.csv", 3, 1, b"1e12"),
        error: BAD_DATA,
        says: &["customer_attributes.csv", "column contracted_power_kw", "row 3", "absurd"],
    },
    Case {
        name: "not-utf8",
        breaks: |raw| set_cell(raw, "customer_attributes.csv", 5, 5, b"Castilla y Le\xf3n"),
        error: BAD_DATA,
        says: &["customer_attributes.csv", "column region", "row 5", "not UTF-8"],
    },
    Case {
        name: "missing-column",
        breaks: |raw| set_cell(raw, "customer_contracts.csv", 1, 5, b"renewal"),
        error: BAD_DATA,
        says: &["customer_contracts.csv", "column next_renewal_date", "row 1", "missing"],
    },
    Case {
        name: "no-rows",
        breaks: |raw| change(raw, "churn_label.csv", |lines| lines.truncate(1)),
        error: BAD_DATA,
        says: &["churn_label.csv", "no rows"],
    },
    Case {
        name: "empty-file",
        breaks: |raw| replace(raw, "costs_by_province_month.csv", b""),
        error: BAD_DATA,
        says: &["costs_by_province_month.csv", "empty"],
    },
    Case {
        name: "missing-files",
        breaks: |raw| {
            remove(raw, "customer_contracts.csv");
            remove(raw, READINGS);
        },
        error: BAD_DATA,
        says: &["missing", "customer_contracts.csv", "consumption_hourly"],
    },
    Case {
        name: "broken-json",
        breaks: |raw| {
            let name = "customer_interactions.json";
            let whole = std::fs::read(raw.join(name)).expect("a raw file");
            replace(raw, name, &whole[..whole.len() - 20]);
        },
        error: BAD_DATA,
        says: &["customer_interactions.json", "line ", "not valid JSON"],
    },
    Case {
        name: "truncated-parquet",
        breaks: |raw| {
            let whole = std::fs::read(raw.join(READINGS)).expect("a raw file");
            replace(raw, READINGS, &whole[..whole.len() / 2]);
        },
        error: BAD_DATA,
        says: &[READINGS, "not readable as Parquet"],
    },
    Case {
        name: "garbled-parquet",
        breaks: |raw| {
            // The footer stays whole: only reading the pages finds it out.
            let mut whole = std::fs::read(raw.join(READINGS)).expect("a raw file");
            let third = whole.len() / 3;
            whole[third..2 * third].fill(0xA5);
            replace(raw, READINGS, &whole);
        },
        error: BAD_DATA,
        says: &[READINGS, "row group", "not readable as Parquet"],
    },
    Case {
        name: "unparsable-timestamp",
        breaks: |raw| readings_as_csv(raw, "C00001,2024-01-01 00:00:00,1.0,0.0\nC00002,yesterday,1.0,0.0\n"),
        error: BAD_DATA,
        says: &["consumption_hourly_2024.csv", "column timestamp", "row 3", "YYYY-MM-DD HH:MM:SS"],
    },
    Case {
        name: "infinite-reading",
        breaks: |raw| readings_as_csv(raw, "C00001,2024-01-01 00:00:00,1.0,0.0\nC00002,2024-01-01 00:00:00,inf,0.0\n"),
        error: BAD_DATA,
        says: &["consumption_hourly_2024.csv", "column consumption_elec_kwh", "row 3", "not a believable reading"],
    },
];

#[test]
fn each_fails_the_run_for_good_and_says_where() {
    let site = Site::new(LENIENT);
    site.train(&[]);
    let pointers = || POINTERS.map(|pointer| site.lake.find(pointer).expect("published"));
    // Bronze is made beside the readings, so a table of the other files may be there.
    let downstream = || site.lake.keys(&["silver", "gold", "models", "evaluated", "scored"]);
    let before = (pointers(), downstream());

    let started = CASES.map(|case| {
        let prefix = format!("raw-{}", case.name);
        site.lake.add_raw(&prefix);
        (case.breaks)(&site.lake.at(&prefix));
        let id = site.start(Some(&format!(r#"{{"mode":"train","raw_prefix":"{prefix}"}}"#)));
        (case, id)
    });
    for (case, id) in started {
        let name = case.name;
        assert_eq!(TestServer::shared().await_end(&id, A_RUN), "FAILED", "{name}");
        let failure = failure(&id);
        let message = failure.message;
        assert_eq!(failure.type_name, case.error, "{name}: {message}");
        for part in case.says {
            assert!(message.contains(part), "{name}: the message does not say {part:?}: {message}");
        }
        assert!(!holds_customer_id(&message), "{name}: a customer is named: {message}");
        assert_eq!(retried_activities(&id), 0, "{name}: bad data was tried again");
        let heard = if case.error == CONTRACT { "quality_blocked" } else { "run_failed" };
        let alerts = alerts_of(&site, &id);
        let kinds: Vec<_> = alerts.iter().map(|alert| text(&alert["kind"])).collect();
        assert_eq!(kinds, [heard], "{name}");
        let delivery = format!("those in raw-{name}/.");
        assert_eq!(text(&alerts[0]["body"]).contains(&delivery), case.error == CONTRACT, "{name}: {:#}", alerts[0]);
    }
    assert_eq!((pointers(), downstream()), before);
    assert!(!holds_customer_id(&site.log()), "the worker's log names a customer");
}

/// What people heard of a run.
fn alerts_of(site: &Site, id: &str) -> Vec<Value> {
    site.lake.alerts().into_iter().filter(|alert| alert["run"]["workflow_id"] == id).collect()
}

fn replace(raw: &Path, name: &str, content: &[u8]) {
    // The raw file is a link to one that other tests read.
    remove(raw, name);
    std::fs::write(raw.join(name), content).expect("a raw file can be written");
}

fn remove(raw: &Path, name: &str) {
    std::fs::remove_file(raw.join(name)).expect("the raw file is there");
}

fn change(raw: &Path, name: &str, change: impl FnOnce(&mut Vec<Vec<u8>>)) {
    let content = std::fs::read(raw.join(name)).expect("the raw file is there");
    let mut lines: Vec<_> = content.trim_ascii_end().split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    change(&mut lines);
    replace(raw, name, &[lines.join(&b'\n'), b"\n".to_vec()].concat());
}

/// `row` as a person sees it in an editor: the header is row 1.
fn set_cell(raw: &Path, name: &str, row: usize, column: usize, value: &[u8]) {
    change(raw, name, |lines| set(&mut lines[row - 1], column, value));
}

fn set(line: &mut Vec<u8>, column: usize, value: &[u8]) {
    let mut cells: Vec<_> = line.split(|byte| *byte == b',').map(<[u8]>::to_vec).collect();
    cells[column] = value.to_vec();
    *line = cells.join(&b',');
}

/// A row once more, with one of two values in a cell: the one that is not there.
fn repeat(lines: &mut Vec<Vec<u8>>, row: usize, column: usize, one: &[u8], other: &[u8]) {
    let mut again = lines[row].clone();
    set(&mut again, column, one);
    if again == lines[row] {
        set(&mut again, column, other);
    }
    lines.insert(row, again);
}

fn readings_as_csv(raw: &Path, rows: &str) {
    remove(raw, READINGS);
    let text = format!("customer_id,timestamp,consumption_elec_kwh,consumption_gas_m3\n{rows}");
    std::fs::write(raw.join("consumption_hourly_2024.csv"), text).expect("a raw file can be written");
}
