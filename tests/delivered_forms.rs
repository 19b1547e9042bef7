//! Deliveries in other clothes give the same tables; those that mean something else are refused in words, and what is
//! neither is told.

use std::collections::BTreeSet;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::{Value, json};
use support::history::{failure, holds_customer_id};
use support::{A_RUN, LENIENT, Site, TestServer, text};

const READINGS: &str = "consumption_hourly_2024.parquet";
const TABLES: [&str; 5] = [
    "churn_label.csv",
    "customer_attributes.csv",
    "customer_contracts.csv",
    "price_history.csv",
    "costs_by_province_month.csv",
];
const CONTACTS: &str = "customer_interactions.json";

/// A delivery: what is done to a copy of the clean one.
type Change = fn(&Path);

const SAME: [(&str, Change); 3] = [
    ("spain", |raw| TABLES.iter().for_each(|name| change(raw, name, as_spain_exports))),
    ("lines", |raw| {
        let lines: String = contacts(raw).iter().map(|contact| contact.to_string() + "\r\n").collect();
        replace(raw, CONTACTS, lines.as_bytes());
        // As an old Mac ends its lines, with a row without anything behind them.
        change(raw, "churn_label.csv", |text| format!("{text}\"\",\n").replace('\n', "\r"));
    }),
    ("parts", |raw| {
        let folder = raw.join("part");
        std::fs::create_dir(&folder).expect("a folder");
        std::fs::rename(raw.join(READINGS), folder.join("part-0.snappy.PARQUET")).expect("the readings");
        std::fs::rename(folder, raw.join(READINGS)).expect("a folder with the name of a file");
        for mark in ["_SUCCESS", ".part-0.snappy.PARQUET.crc", "part-1.parquet", "part-2.parquet.inprogress"] {
            std::fs::write(raw.join(READINGS).join(mark), "").expect("a mark");
        }
        symlink("ana@laptop.4242:1735600000", raw.join(".#churn_label.csv")).expect("a link");
    }),
];

const REFUSED: [(&str, Change, &[&str]); 7] = [
    (
        "placeholders",
        |raw| change(raw, "churn_label.csv", |text| text.replacen("\nC0", "\nN/A,0\nN/A,0\nC0", 1)),
        &["churn_label.customer_id", "2 rows of churn_label.csv have `N/A` in place of an id"],
    ),
    (
        "cut",
        |raw| {
            change(raw, "churn_label.csv", |text| {
                let lines: Vec<&str> = text.lines().collect();
                lines[..lines.len() / 2].join("\n") + "\n"
            });
        },
        &["are not in churn_label.csv", "deliver both whole"],
    ),
    (
        "backup",
        |raw| {
            std::fs::copy(raw.join(READINGS), raw.join("consumption_hourly_2024 (1).parquet")).expect("a copy");
        },
        &["the same readings are delivered twice", "consumption_hourly_2024 (1).parquet", READINGS],
    ),
    (
        "history",
        |raw| change(raw, "customer_contracts.csv", with_older_contracts),
        &["customer_contracts", "repeated key (customer_id)", "the contract in force", "latest contract_start_date"],
    ),
    (
        "spelling",
        |raw| change(raw, "price_history.csv", |text| text.replace("\nC0", "\nc")),
        &["price_history.customer_id", "ids are spelled otherwise than in churn_label.csv", "100.0 % would"],
    ),
    (
        "points",
        |raw| change(raw, "costs_by_province_month.csv", |text| text.replace(',', ";")),
        &["costs_by_province_month.csv", "row 2", "decimal comma"],
    ),
    (
        "missing",
        |raw| std::fs::rename(raw.join("churn_label.csv"), raw.join("churn_label.xlsx")).expect("a workbook"),
        &["missing", "churn_label.csv (churn_label.xlsx is there)"],
    ),
];

#[test]
fn each_ends_in_the_same_tables_or_in_words() {
    let site = Site::new(LENIENT);
    let clean = gold(&site.train(&[]));
    for (name, change) in SAME {
        let result = site.score(&["--raw-prefix", &deliver(&site, name, change)]);
        assert_eq!(gold(&result), clean, "{name}");
    }
    for (name, change, says) in REFUSED {
        let prefix = deliver(&site, name, change);
        let id = site.start(Some(&format!(r#"{{"mode":"score","raw_prefix":"{prefix}"}}"#)));
        assert_eq!(TestServer::shared().await_end(&id, A_RUN), "FAILED", "{name}");
        let message = failure(&id).message;
        for part in says {
            assert!(message.contains(part), "{name}: the message does not say {part:?}: {message}");
        }
        assert!(!holds_customer_id(&message), "{name}: a customer is named: {message}");
    }
}

#[test]
fn what_is_odd_and_no_reason_to_stop_is_told() {
    let site = Site::new(LENIENT);
    let prefix = deliver(&site, "told", |raw| {
        std::fs::write(raw.join("consumption_hourly_2023.zip"), "x").expect("a file that nobody reads");
        change(raw, "churn_label.csv", |text| format!("{text}{}\n", text.lines().nth(1).unwrap_or_default()));
        let mut all = contacts(raw);
        for contact in &mut all {
            contact["interaction_summary"] = json!("El cliente llamó para preguntar por la renovación de su contrato");
        }
        replace(raw, CONTACTS, json!(all).to_string().as_bytes());
    });
    let result = site.train(&["--raw-prefix", &prefix]);
    let told: BTreeSet<&str> =
        result["quality"].as_array().expect("findings").iter().map(|f| text(&f["rule"])).collect();
    for rule in ["unknown_files", "repeated_row", "unreadable_language"] {
        assert!(told.contains(rule), "{rule} is not among {told:?}");
    }
}

#[test]
fn what_is_refused_before_a_run_is_one_json_object_too() {
    let site = Site::new(LENIENT);
    let prefix = deliver(&site, "refused", |raw| {
        std::fs::remove_file(raw.join("price_history.csv")).expect("a raw file can be taken away");
    });
    let finished = site.run(&["--mode", "train", "--json", "--raw-prefix", &prefix]);
    assert_eq!(finished.code, Some(1), "{finished:#?}");
    let object: Value = serde_json::from_str(&finished.stdout).expect("one JSON object");
    assert_eq!((text(&object["state"]), text(&object["error"]["type"])), ("refused", "SG0001 BadData"), "{object:#}");
    assert!(text(&object["quality"][0]["words"]).contains("price_history.csv"), "{object:#}");
    assert!(object["run_id"].is_null() && object["stages"] == json!([]), "{object:#}");
}

fn deliver(site: &Site, name: &str, change: Change) -> String {
    let prefix = format!("raw-{name}");
    site.lake.add_raw(&prefix);
    change(&site.lake.at(&prefix));
    prefix
}

/// Where the features are: the same key is the same content.
fn gold(result: &Value) -> String {
    let stages = result["stages"].as_array().expect("stages");
    let key = stages.iter().find_map(|stage| stage["outputs"]["gold_master"].as_str());
    key.expect("a table of features").to_owned()
}

fn contacts(raw: &Path) -> Vec<Value> {
    let bytes = std::fs::read(raw.join(CONTACTS)).expect("the contacts");
    serde_json::from_slice(&bytes).expect("an array")
}

fn change(raw: &Path, name: &str, change: impl FnOnce(&str) -> String) {
    let text = std::fs::read_to_string(raw.join(name)).expect("the raw file is there");
    replace(raw, name, change(&text).as_bytes());
}

fn replace(raw: &Path, name: &str, content: &[u8]) {
    // The raw file is a link to one that other tests read.
    std::fs::remove_file(raw.join(name)).expect("the raw file is there");
    std::fs::write(raw.join(name), content).expect("a raw file can be written");
}

/// Semicolons, decimal commas, CRLF, a byte order mark, a header in capitals, and rows without anything at the end.
fn as_spain_exports(text: &str) -> String {
    assert!(!text.contains(['"', ';']), "the change would have to know quotes");
    let cell = |cell: &str| if cell.parse::<f64>().is_ok() { cell.replace('.', ",") } else { cell.to_owned() };
    let mut lines: Vec<String> =
        text.lines().map(|line| line.split(',').map(cell).collect::<Vec<_>>().join(";")).collect();
    lines[0] = lines[0].to_uppercase();
    let nothing = ";".repeat(lines[0].matches(';').count());
    lines.extend([nothing.clone(), nothing]);
    format!("\u{feff}{}\r\n", lines.join("\r\n"))
}

/// Each contract, and before it one of two years earlier.
fn with_older_contracts(text: &str) -> String {
    let (header, rows) = text.split_once('\n').expect("a header");
    let older = |row: &str| row.replace("2024-", "2022-").replace("2025-", "2023-").replace("-02-29", "-02-28");
    let both = rows.lines().map(|row| format!("{}\n{row}\n", older(row)));
    format!("{header}\n{}", both.collect::<String>())
}
