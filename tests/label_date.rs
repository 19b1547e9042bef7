//! The label's date: where it comes from, that labels do not grow younger, and that a training which does not fit it is
//! refused.

use std::fmt::Write;

use serde_json::Value;

use support::lake::{CUSTOMERS, TestLake};
use support::{Finished, LENIENT, STRICT, Site, new_name, text};

use super::backtest::with_later_labels;

/// A training as of a date, or of the last one; whatever comes of it.
fn train(site: &Site, more: &[&str]) -> Finished {
    let id = new_name("train");
    site.run(&[&["--mode", "train", "--workflow-id", &id, "--json"], more].concat())
}

fn refusal(finished: &Finished) -> Value {
    assert_eq!(finished.code, Some(1), "{finished:#?}");
    let object: Value = serde_json::from_str(&finished.stdout).expect("one JSON object");
    assert_eq!(text(&object["error"]["type"]), "SG0046 LabelMisfit", "{object}");
    object
}

fn says(finished: &Finished, words: &[&str]) {
    let object = refusal(finished);
    let message = text(&object["error"]["message"]);
    assert!(words.iter().all(|word| message.contains(word)), "{words:?} are not all in: {message}");
}

/// Readings of every customer and hour of the first half of February 2025, and none of January.
fn add_readings(lake: &TestLake, prefix: &str) {
    let mut text = "customer_id,timestamp,consumption_elec_kwh,consumption_gas_m3\n".to_owned();
    for customer in 1..=CUSTOMERS {
        for hour in 0..15 * 24 {
            let (day, hour) = (hour / 24 + 1, hour % 24);
            // Writing to a string cannot fail.
            let _ = writeln!(text, "C{customer:05},2025-02-{day:02} {hour:02}:00:00,0.5,0.0");
        }
    }
    std::fs::write(lake.at(prefix).join("consumption_hourly_2025.csv"), text).expect("a raw file can be written");
}

#[test]
fn labels_that_stay_while_readings_grow_stop_the_training_and_not_the_scoring() {
    let site = Site::new(LENIENT);
    let first = site.train(&[]);
    let label = serde_json::json!({ "date": "2024-12-31", "horizon_days": 180, "source": "assumed" });
    assert_eq!(first["label"], label);
    let noted = site.lake.json(&format!("monitoring/{}/labels.json", text(&first["run_id"])));
    assert_eq!((text(&noted["date"]), text(&noted["as_of"])), ("2024-12-31", "2024-12-31"));

    // The same labels, and readings of six weeks later.
    site.lake.add_raw("later");
    add_readings(&site.lake, "later");
    let later = ["--raw-prefix", "later"];
    says(&train(&site, &later), &["2024-12-31", "2025-02-15", "46 days", "assumed"]);
    let scored = site.score(&later);
    assert_eq!((text(&scored["as_of"]), text(&scored["outcome"])), ("2025-02-15", "scored"), "{scored:#}");
    assert_eq!(site.lake.json("models/champion.json")["version"], first["model"]["version"]);
}

#[test]
fn the_setting_says_the_date_and_a_training_looks_from_near_it() {
    let site = Site::new(STRICT);
    let settings = site.config_folder().join("model.yaml");
    let text_of = std::fs::read_to_string(&settings).expect("the settings");
    std::fs::write(&settings, format!("{text_of}label: {{ date: 2024-09-30, horizon_days: 90 }}\n")).expect("settings");
    let site = site.restart_worker();
    says(&train(&site, &[]), &["2024-09-30", "2024-12-31", "92 days", "label.date"]);
    let trained = train(&site, &["--as-of", "2024-09-30"]).json();
    let label = serde_json::json!({ "date": "2024-09-30", "horizon_days": 90, "source": "setting" });
    assert_eq!(trained["label"], label);
}

#[test]
fn of_labels_of_several_dates_a_run_takes_those_that_fit_its_own() {
    let site = Site::on(with_later_labels(), STRICT);
    let customers = |result: &Value| {
        let stages = result["stages"].as_array().expect("a list");
        let gold = stages.iter().find(|stage| stage["name"] == "gold").expect("gold");
        gold["rows"].as_u64().expect("a number of customers")
    };
    let newest = site.train(&[]);
    assert_eq!((text(&newest["label"]["date"]), text(&newest["label"]["source"])), ("2025-06-30", "column"));
    assert_eq!((text(&newest["as_of"]), customers(&newest)), ("2025-06-30", 360), "40 have left");
    let earlier = site.train(&["--as-of", "2024-12-31"]);
    assert_eq!((text(&earlier["label"]["date"]), customers(&earlier)), ("2024-12-31", 400));
    says(&train(&site, &["--as-of", "2025-03-31"]), &["2024-12-31", "2025-03-31", "90 days", "label_date"]);
}
