//! Nothing that happened after the date of a run reaches its features: raw files with and without a poisoned future
//! give the same bytes of gold.

use std::fmt::Write;

use serde_json::{Value, json};

use support::lake::TestLake;
use support::{STRICT, Site, text};

/// Two months before the last day of the readings.
const AS_OF: &str = "2024-10-31";

/// The raw files once more, with another future: money that no check refuses, or nothing would be seen of it later.
fn poison(lake: &TestLake, prefix: &str) {
    lake.add_raw(prefix);
    let change = |name: &str, of: &dyn Fn(&str) -> String| {
        let file = lake.at(prefix).join(name);
        let text = std::fs::read_to_string(&file).expect("a raw file");
        // A link: replaced, never changed.
        std::fs::remove_file(&file).and_then(|()| std::fs::write(&file, of(&text))).expect("a raw file is replaced");
    };
    let in_rows = |text: &str, is_late: fn(&str) -> bool, times: f64| {
        let cell = |cell: &str| cell.parse().map_or_else(|_| cell.to_owned(), |eur: f64| (eur * times).to_string());
        let line = |line: &str| {
            let cells: Vec<&str> = line.split(',').collect();
            let late: Vec<String> = cells[2..].iter().map(|text| cell(text)).collect();
            if is_late(line) { format!("{},{}", cells[..2].join(","), late.join(",")) } else { line.to_owned() }
        };
        text.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
    };
    let is_late = |line: &str| line.contains("2024-11-01") || line.contains("2024-12-01");
    change("price_history.csv", &|text| in_rows(text, is_late, 1.7));
    let is_late = |line: &str| line.starts_with("2024-11,") || line.starts_with("2024-12,");
    change("costs_by_province_month.csv", &|text| in_rows(text, is_late, 1.2));
    change("customer_interactions.json", &|text| {
        let mut contacts: Vec<Value> = serde_json::from_str(text).expect("contacts");
        for customer in 1..=400 {
            contacts.push(json!({
                "customer_id": format!("C{customer:05}"), "date": "2024-11-01", "channel": "phone",
                "interaction_summary": "Furious. Wants to cancel and switch to another company.",
            }));
        }
        serde_json::to_string(&contacts).expect("JSON")
    });
    let mut readings = "customer_id,timestamp,consumption_elec_kwh,consumption_gas_m3\n".to_owned();
    for customer in 1..=10 {
        // Writing to a string cannot fail.
        let _ = writeln!(readings, "C{customer:05},2025-01-01 00:00:00,40.0,900.0");
    }
    std::fs::write(lake.at(prefix).join("consumption_hourly_2025.csv"), readings).expect("a raw file can be written");
}

#[test]
fn a_poisoned_future_changes_no_byte_of_gold() {
    let site = Site::new(STRICT);
    poison(&site.lake, "poisoned");
    // Without a champion a scoring makes the tables, and asks no label for its date.
    let gold = |prefix: &str, as_of: &str| {
        let result = site.score(&["--raw-prefix", prefix, "--as-of", as_of]);
        let stages = result["stages"].as_array().expect("a list");
        let stage = stages.iter().find(|stage| stage["name"] == "gold").expect("gold");
        site.lake.find(text(&stage["outputs"]["gold_master"])).expect("the table")
    };
    assert!(gold("raw", AS_OF) == gold("poisoned", AS_OF), "gold has seen what happened after {AS_OF}");
    assert!(gold("raw", "2024-12-31") != gold("poisoned", "2024-12-31"), "it is no poison: it would be seen later");
}
