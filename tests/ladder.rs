//! The ladder ranks candidates beside each other, tries points of the grid only when asked, and touches no champion.

use serde_json::Value;

use support::{Finished, LENIENT, STRICT, Settings, Site, text};

/// Few trees, so that a ladder takes seconds.
const SHORT: Settings = Settings { rounds: 20, ..LENIENT };

fn ladder(site: &Site, more: &[&str]) -> Finished {
    let few = ["--experiment", "E0_baseline", "--experiment", "E7_market_only"];
    let algorithms = ["dummy_most_frequent", "logistic_regression", "xgboost"];
    let algorithms = algorithms.map(|name| ["--algorithm", name]).concat();
    site.command(&[&["ladder", "--task-queue", site.queue()][..], &few[..], &algorithms[..], more].concat())
}

fn named(row: &Value) -> (&str, &str) {
    (text(&row["trial"]["experiment"]), text(&row["trial"]["algorithm"]))
}

#[test]
fn every_candidate_has_its_place_with_an_interval_and_no_champion_comes_of_it() {
    let site = Site::new(SHORT);
    let board = ladder(&site, &["--grid", "2", "--json"]).json();
    let rows = board["rows"].as_array().expect("a list");
    let mut names: Vec<_> = rows.iter().map(named).collect();
    names.sort_unstable();
    let expected = [
        ("E0_baseline", "dummy_most_frequent"),
        ("E0_baseline", "logistic_regression"),
        ("E0_baseline", "xgboost"),
        ("E7_market_only", "logistic_regression"),
        ("E7_market_only", "xgboost"),
    ];
    assert_eq!(names, expected, "to a dummy all features are the same");
    let areas: Vec<f64> = rows.iter().map(|row| row["figures"]["pr_auc"].as_f64().expect("a figure")).collect();
    assert!(areas.is_sorted_by(|a, b| a >= b), "{areas:?}");
    for row in rows {
        assert!(row["figures"]["pr_auc_interval"]["low"].is_number(), "{row}");
        let is_dummy = named(row).1 == "dummy_most_frequent";
        let [positives, all] = ["positives", "rows"].map(|name| row["figures"][name].as_f64().expect("a count"));
        let area = row["figures"]["pr_auc"].as_f64().expect("a figure");
        assert!(!is_dummy || (area - positives / all).abs() < 1e-9, "a dummy reaches the churn rate: {row}");
    }
    let grid = board["grid"].as_array().expect("a list");
    assert_eq!(grid.len(), 2);
    let is_point = |row: &Value| row["trial"]["grid_point"].is_u64() && row["figures"]["out_of_fold_pr_auc"].is_f64();
    assert!(grid.iter().all(is_point), "{grid:#?}");

    assert_eq!(site.lake.json("monitoring/ladder.json")["run_id"], board["run_id"]);
    assert!(!site.lake.has("models/champion.json") && site.lake.keys(&["models", "scored"]).is_empty());

    // Asked again, every candidate is found; without the budget there is no grid.
    let made = site.lake.keys(&["evaluated"]);
    let again = ladder(&site, &["--json"]).json();
    assert_eq!((&again["rows"], &again["grid"]), (&board["rows"], &Value::Null));
    assert_eq!(site.lake.keys(&["evaluated"]), made);
    let shown = site.command(&["ladder", "--show"]);
    assert!(shown.code == Some(0) && shown.stdout.starts_with("LADDER: 5 candidates as of 2024-12-31"), "{shown:#?}");
}

#[test]
fn a_ladder_that_lost_its_worker_goes_on_with_the_candidates_that_are_left() {
    let site = Site::new(SHORT);
    let server = support::TestServer::shared();
    let id = support::new_name("ladder");
    let input = r#"{"experiments":["E0_baseline","E1_lifecycle_market","E2_add_risk"],"algorithms":["xgboost"]}"#;
    let start = ["workflow", "start", "--type", "ExperimentLadder", "--task-queue", site.queue(), "--workflow-id", &id];
    server.temporal(&[&start[..], &["--input", input]].concat());
    support::eventually("a candidate was tried", support::A_RUN, || {
        (!site.lake.keys(&["evaluated"]).is_empty()).then_some(())
    });
    let _site = site.lose_worker();
    let board = server.result(&id);
    assert_eq!(board["rows"].as_array().expect("a list").len(), 3);
}

#[test]
fn an_experiment_that_nobody_knows_is_refused_before_anything_is_computed() {
    let site = Site::new(STRICT);
    let refused = site.command(&["ladder", "--task-queue", site.queue(), "--experiment", "E99", "--json"]);
    assert_eq!(refused.code, Some(1), "{refused:#?}");
    let object: Value = serde_json::from_str(&refused.stdout).expect("one JSON object");
    assert_eq!(text(&object["error"]["type"]), "SG0003 UnusableSettings");
    assert!(text(&object["error"]["message"]).contains("E99"), "{object}");
    assert!(site.lake.keys(&["bronze", "evaluated"]).is_empty());
}
