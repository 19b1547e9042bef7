//! Every recommendation says what its offer is worth; chosen by value, offers keep their budget; what became of earlier
//! offers is read where it is delivered, measured, and part of what decides whether anything is made anew.

use std::fmt::Write as _;

use serde_json::Value;

use support::lake::TestLake;
use support::{LENIENT, Site, text};

const POLICY: &str = include_str!("../configs/offer_policy.yaml");

/// An experiment on all customers: of those who got an offer 30 % left, of the control group half.
fn outcomes(lake: &TestLake) -> String {
    let labels = String::from_utf8(lake.find("raw/churn_label.csv").expect("labels")).expect("UTF-8");
    let ids = labels.lines().skip(1).filter_map(|line| line.split(',').next());
    let mut file = "customer_id,date,action,control,accepted,churned\n".to_owned();
    for (row, id) in ids.enumerate() {
        let is_control = row % 3 == 0;
        let has_left = if is_control { row % 2 == 0 } else { row % 10 < 3 };
        let accepted = if is_control { "" } else { "1" };
        let (control, left) = (u8::from(is_control), u8::from(has_left));
        writeln!(file, "{id},2024-05-01,offer_small,{control},{accepted},{left}").expect("a string can be written");
    }
    file
}

fn report(lake: &TestLake) -> Value {
    lake.json(text(&lake.json("scored/latest.json")["outputs"]["offers"]["key"]))
}

/// The published recommendations.
fn recommendations(lake: &TestLake) -> churn::DataFrame {
    let key = lake.json("scored/latest.json")["outputs"]["recommendations"]["key"].clone();
    churn::table_file::read(&lake.at(text(&key))).expect("the recommendations can be read")
}

fn sum(table: &churn::DataFrame, column: &str) -> f64 {
    table.column(column).expect("a column").f64().expect("numbers").iter().flatten().sum()
}

#[test]
fn offers_are_valued_ranked_within_a_budget_and_measured_by_their_outcomes() {
    let site = Site::new(LENIENT);
    let first = site.train(&[]);
    assert_eq!(text(&first["offers"]["policy"]), "tier");
    let words = text(&first["offers"]["words"]);
    assert!(words.ends_with("there is no control group, so the effect of offers cannot be measured"), "{words}");
    let table = recommendations(&site.lake);
    for column in ["expected_value_eur", "break_even_save_rate", "value_action", "save_rate_basis"] {
        assert!(table.column(column).is_ok(), "{column}");
    }
    let offered = first["offers"]["cost_eur"].as_f64().expect("a figure");
    assert!((sum(&table, "max_offer_eur") - offered).abs() < 0.005, "{offered}");

    // By value, with a budget and a control group; and an experiment of the past is delivered.
    let budget = "  budget_eur: 40\n  days_between_offers: 90";
    let policy = POLICY
        .replace("policy: tier", "policy: value")
        .replace("  days_between_offers: 90", budget)
        .replace("control_group: { share: 0.0", "control_group: { share: 0.2");
    std::fs::write(site.config_folder().join("offer_policy.yaml"), policy).expect("a settings file");
    std::fs::write(site.lake.at("raw/offer_outcomes.csv"), outcomes(&site.lake)).expect("the eighth file");
    let site = site.restart_worker();
    let second = site.score(&[]);
    assert_ne!(second["dataset"], first["dataset"], "the eighth file is part of the data");
    assert_eq!(text(&second["offers"]["policy"]), "value");
    let (table, report) = (recommendations(&site.lake), report(&site.lake));
    assert!(sum(&table, "max_offer_eur") <= 40.0 + 1e-9, "{report:#}");
    let value = |plan: &str| report[plan]["value_eur"].as_f64().expect("a figure");
    assert!(value("value") >= value("tier_within_limits"), "{report:#}");
    assert_eq!((&report["value"]["below_zero"], &report["value"]["after_renewal"]), (&Value::from(0), &Value::from(0)));
    let rate = &report["effects"]["by_action"]["offer_small"]["evaluated"]["save_rate"];
    let between = |end: &str| rate[end].as_f64().expect("an end");
    assert!(between("low") < 0.4 && 0.4 < between("high") && between("low") > 0.0, "{rate}");
    assert!(text(&report["words"]).contains("measured: offers save"), "{report:#}");
    let record = site.lake.json(&format!("runs/{}/run.json", text(&second["run_id"])));
    assert_eq!(text(&record["inputs"]["offer_outcomes"]["key"]), "raw/offer_outcomes.csv");

    // The same once more: nothing is made anew. Without the file only what is made of it.
    let made = |result: &Value| -> Vec<String> {
        let stages = result["stages"].as_array().expect("stages").iter().filter(|stage| stage["skipped"] == false);
        stages.map(|stage| text(&stage["name"]).to_owned()).collect()
    };
    assert_eq!(made(&site.score(&[])), ["raw"]);
    std::fs::remove_file(site.lake.at("raw/offer_outcomes.csv")).expect("the eighth file");
    let without = made(&site.score(&[]));
    assert_eq!(without, ["raw", "recommend", "publish"]);
}

#[test]
fn an_outcome_that_nobody_can_read_ends_the_run_with_its_place() {
    let site = Site::new(LENIENT);
    let bad = "customer_id,date,action,control,accepted,churned\nC00001,2024-05-01,offer_small,perhaps,,\n";
    std::fs::write(site.lake.at("raw/offer_outcomes.csv"), bad).expect("the eighth file");
    let failed = site.run(&["--mode", "train", "--json"]);
    assert_ne!(failed.code, Some(0), "{failed:#?}");
    assert!(failed.stdout.contains("offer_outcomes.csv, column control, row 2: not a flag"), "{failed:#?}");
}
