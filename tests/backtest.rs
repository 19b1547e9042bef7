//! A backtest says how much skill is left so long before the labels look, and at a later date; it moves no pointer of
//! what is published, and computes nothing twice.

use serde_json::Value;

use support::lake::TestLake;
use support::{Finished, LENIENT, STRICT, Settings, Site, spanishgas, text};

const POINTERS: [&str; 3] = ["scored/latest.json", "models/champion.json", "monitoring/latest.json"];

fn backtest(site: &Site, more: &[&str]) -> Finished {
    site.command(&[&["backtest", "--task-queue", site.queue()], more].concat())
}

fn column<'a>(rows: &'a Value, name: &str) -> Vec<&'a Value> {
    rows.as_array().expect("a list").iter().map(|row| &row[name]).collect()
}

/// Raw files with six months after the first date of the labels.
pub fn with_later_labels() -> TestLake {
    let lake = TestLake::new();
    let raw = lake.at("raw");
    std::fs::remove_dir_all(&raw).expect("links to raw files can be removed");
    let out = raw.to_str().expect("a UTF-8 path");
    let made =
        spanishgas(None, &["generate-data", "--customers", "400", "--seed", "1", "--months", "18", "--out", out]);
    assert_eq!(made.code, Some(0), "{made:#?}");
    lake
}

#[test]
fn it_reports_skill_by_lead_time_moves_no_champion_and_finds_all_of_it_again() {
    let site = Site::new(LENIENT);
    let none = site.command(&["backtest", "--show"]);
    assert!(none.code == Some(1) && none.stderr.contains("spanishgas backtest makes one"), "{none:#?}");
    site.train(&[]);
    let before = POINTERS.map(|pointer| site.lake.find(pointer).expect("published"));
    let registry = site.lake.keys(&["models"]);

    let report = backtest(&site, &["--months", "2", "--json"]).json();
    assert_eq!(column(&report["lead"], "as_of"), ["2024-12-31", "2024-11-30", "2024-10-31"]);
    assert_eq!(column(&report["lead"], "lead_days"), [0, 31, 61]);
    assert_eq!((text(&report["experiment"]), text(&report["algorithm"])), ("E5_full", "xgboost"));
    let label = serde_json::json!({ "date": "2024-12-31", "horizon_days": 180, "source": "assumed" });
    assert_eq!(report["label"], label);
    let figures = column(&report["lead"], "figures");
    for at in &figures {
        let [pr_auc, low, high] = ["/pr_auc", "/pr_auc_interval/low", "/pr_auc_interval/high"]
            .map(|place| at.pointer(place).and_then(Value::as_f64).expect("a figure"));
        assert!(low <= high && (0.0..=1.0).contains(&pr_auc), "{at}");
        // The same labels and the same split at every date.
        assert_eq!((&at["rows"], &at["positives"]), (&figures[0]["rows"], &figures[0]["positives"]));
    }
    assert_eq!(report["out_of_time"], Value::Array(Vec::new()), "the labels are of one date");

    let run = text(&report["run_id"]);
    assert_eq!(site.lake.json(&format!("monitoring/{run}/backtest.json")), report);
    assert_eq!(site.lake.json("monitoring/backtest.json")["run_id"], report["run_id"]);
    assert_eq!(POINTERS.map(|pointer| site.lake.find(pointer).expect("published")), before);
    assert_eq!(site.lake.keys(&["models"]), registry, "nothing is registered");
    // The date of the training was made by the training.
    let gold = |key: &String| key.ends_with("gold_master.parquet");
    assert_eq!(site.lake.keys(&["gold"]).into_iter().filter(gold).count(), 3);

    let made = site.lake.keys(&["bronze", "silver", "gold", "evaluated"]);
    let again = backtest(&site, &["--months", "2", "--json"]).json();
    assert_eq!((&again["lead"], &again["workflow_id"]), (&report["lead"], &report["workflow_id"]));
    assert_ne!(again["run_id"], report["run_id"], "it is a run of its own");
    assert_eq!(site.lake.keys(&["bronze", "silver", "gold", "evaluated"]), made);
    let shown = site.command(&["backtest", "--show"]);
    assert!(shown.code == Some(0) && shown.stdout.starts_with("BACKTEST: E5_full by xgboost"), "{shown:#?}");

    // What is judged after it says so.
    let site = site.change_settings(Settings { rounds: 50, ..LENIENT });
    let version = text(&site.train(&[])["model"]["version"]).to_owned();
    let card = site.lake.find(&format!("models/{version}/model_card.md")).expect("a card");
    let card = String::from_utf8(card).expect("text");
    for said in ["## What is predicted", "within 180 days", "## Skill by lead time", "| 2024-10-31 | 2.0 |"] {
        assert!(card.contains(said), "{said} is not in\n{card}");
    }
}

#[test]
fn a_date_after_the_labels_or_before_the_readings_is_refused_and_named() {
    let site = Site::new(STRICT);
    let refused = backtest(&site, &["--as-of", "2024-11-30", "--as-of", "2025-01-31", "--json"]);
    assert_eq!(refused.code, Some(1), "{refused:#?}");
    let object: Value = serde_json::from_str(&refused.stdout).expect("one JSON object");
    assert_eq!((text(&object["state"]), text(&object["error"]["type"])), ("failed", "SG0015 BadInput"));
    let message = text(&object["error"]["message"]);
    assert!(message.contains("2025-01-31") && message.contains("2024-12-31"), "{message}");
    let refused = backtest(&site, &["--as-of", "2023-06-30", "--as-of", "2024-11-30", "--json"]);
    let object: Value = serde_json::from_str(&refused.stdout).expect("one JSON object");
    assert_eq!((refused.code, text(&object["state"])), (Some(1), "failed"), "{refused:#?}");
    let message = object["error"].to_string();
    assert!(message.contains("2023-06-30") && message.contains("2024-01-01 to 2024-12-31"), "{message}");
    assert!(!site.lake.has("monitoring/backtest.json"));
}

#[test]
fn with_labels_of_two_dates_the_earlier_model_is_measured_at_the_later_one() {
    let site = Site::on(with_later_labels(), STRICT);
    let report = backtest(&site, &["--months", "1", "--json"]).json();
    assert_eq!((text(&report["label"]["date"]), text(&report["label"]["source"])), ("2025-06-30", "column"));
    assert_eq!(column(&report["lead"], "as_of"), ["2025-06-30", "2025-05-31"]);
    let [later] = report["out_of_time"].as_array().expect("a list").as_slice() else { panic!("{report:#}") };
    assert_eq!((text(&later["trained_at"]), text(&later["tested_at"])), ("2024-12-31", "2025-06-30"));
    assert_eq!(later["labels_overlap"], false, "180 days after 2024-12-31 it was known who had left");
    // It is fitted on customers of the first date, of whom some have left, and measured on some who are there.
    let rows = |of: &str| later["figures"][of].as_u64().expect("a number of customers");
    assert!(rows("training_rows") > 250 && rows("training_rows") < 400 && rows("rows") < 110, "{later:#}");
}
