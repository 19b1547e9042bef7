//! `spanishgas runs`, `explain` and `diff`: what was run, why each of its stages ran or was skipped, and what differs
//! between two runs, down to the customers whose tier changed, who are never shown.

use std::collections::BTreeMap;

use serde_json::Value;

use support::history::holds_customer_id;
use support::home::folder;
use support::{LENIENT, Settings, Site, spanishgas, text};

fn stages(explanation: &Value) -> BTreeMap<&str, &Value> {
    let stages = explanation["stages"].as_array().expect("a list of stages");
    stages.iter().map(|stage| (text(&stage["name"]), stage)).collect()
}

#[test]
fn every_run_is_listed_and_explained_and_two_are_compared() {
    let site = Site::new(LENIENT);
    let first = site.train(&[]);
    let again = site.score(&[]);
    let site = site.change_settings(Settings { rounds: 50, ..LENIENT });
    let changed = site.train(&[]);
    let failed = site.run(&["--mode", "train", "--experiment", "E99", "--workflow-id", &support::new_name("unknown")]);
    assert_eq!(failed.code, Some(1), "{failed:#?}");

    // The newest first, the failed one too.
    let listed = site.command(&["runs", "--json"]).json();
    let ids: Vec<_> = listed.as_array().expect("a list").iter().map(|run| run["run_id"].clone()).collect();
    assert_eq!(ids[1..], [changed["run_id"].clone(), again["run_id"].clone(), first["run_id"].clone()]);
    assert_eq!(listed[0]["state"], "failed");
    let month = text(&listed[1]["started"])[..7].to_owned();
    assert_eq!(
        site.command(&["runs", "--month", &month, "--limit", "2", "--json"]).json().as_array().unwrap().len(),
        2
    );
    assert!(site.command(&["runs", "--month", "2001-01"]).stdout.contains("no run is on record"));
    assert!(site.command(&["runs"]).stdout.contains(text(&changed["run_id"])));

    // Why each stage ran.
    let explain = |run: &str| site.command(&["explain", run, "--json"]).json();
    let fresh = explain(text(&first["run_id"]));
    assert_eq!(stages(&fresh)["gold"]["why"], "no run before it on record has one");
    assert!(stages(&fresh)["gold"]["inputs"]["silver_customer"].is_string(), "{fresh:#}");
    let scored = explain(text(&again["workflow_id"]));
    assert!(text(&stages(&scored)["score"]["why"]).contains(text(&first["workflow_id"])), "{scored:#}");
    let retrained = explain(text(&changed["run_id"]));
    let why = |stage: &str| text(&stages(&retrained)[stage]["why"]).to_owned();
    assert!(why("train").contains("setting training.xgboost.rounds 50, was 60"), "{}", why("train"));
    assert!(why("score").contains("setting model_version"), "{}", why("score"));
    assert!(why("gold").contains("unchanged since run"), "{}", why("gold"));
    let alerts = retrained["alerts"].as_array().expect("a list of alerts");
    assert!(alerts.iter().any(|alert| alert["kind"] == "model_promoted"), "{retrained:#}");
    assert_eq!(retrained["facts"]["promoted"], changed["model"]["version"]);
    let shown = site.command(&["explain", "latest"]);
    assert!(shown.stdout.starts_with("FAILED: SG"), "{}", shown.stdout);
    assert!(shown.stdout.contains(" failed: SG") && !shown.stdout.contains("made again"), "{}", shown.stdout);

    // What differs between two, and who moved.
    let (before, after) = (text(&first["run_id"]), text(&changed["run_id"]));
    let ids = folder("ids");
    let file = ids.path().join("moved.csv");
    let file_text = file.to_str().expect("a UTF-8 path");
    let compared = site.command(&["diff", before, after, "--ids", file_text, "--json"]);
    assert_eq!(compared.code, Some(2), "{compared:#?}");
    assert!(!holds_customer_id(&compared.stdout), "no customer on the screen");
    let diff: Value = serde_json::from_str(&compared.stdout).expect("one JSON object");
    let changes = |part: &str| diff["parts"][part].to_string();
    assert!(changes("settings").contains("model.train.xgboost.rounds"), "{diff:#}");
    assert!(changes("metrics").contains("pr_auc") && diff["parts"]["raw files"].is_null(), "{diff:#}");
    let moved = diff["tiers"]["changed"].as_u64().expect("a count");
    let both: u64 = diff["tiers"]["table"].as_object().expect("a table").values().flat_map(counts).sum();
    assert_eq!(both, support::lake::CUSTOMERS, "every customer is in the table");
    let written = std::fs::read_to_string(&file).expect("the file is written");
    assert_eq!(written.lines().count() as u64, moved + 1, "a line for each who moved, and the head");
    let refused = site.command(&["diff", before, after, "--ids", file_text]);
    let is_said = refused.stderr.contains("moved.csv is there already; give another name");
    assert!(refused.code == Some(1) && is_said, "a file that is there is not written over: {refused:#?}");
    let people = site.command(&["diff", before, after]);
    assert!(people.stdout.contains("customers changed theirs") && !holds_customer_id(&people.stdout), "{people:#?}");

    // The same data scored again differs in nothing that counts.
    let same = site.command(&["diff", before, before]);
    assert_eq!((same.code, same.stdout.starts_with("THE SAME")), (Some(0), true), "{same:#?}");
    let unknown = site.command(&["explain", "no-such-run"]);
    assert!(unknown.code == Some(1) && unknown.stderr.contains("spanishgas runs"), "{unknown:#?}");
}

fn counts(row: &Value) -> Vec<u64> {
    row.as_object().expect("a row").values().filter_map(Value::as_u64).collect()
}

#[test]
fn who_only_looks_makes_no_lake() {
    let above = folder("above");
    let lake = above.path().join("no-lake");
    let place = ["--lake", lake.to_str().expect("a UTF-8 path")];
    let commands: [&[&str]; 12] = [
        &["runs"],
        &["explain", "latest"],
        &["diff", "one", "latest"],
        &["alerts", "list"],
        &["models", "list"],
        &["models", "at", "2026-11-26"],
        &["models", "diff", "one", "other"],
        &["models", "verify", "--all"],
        &["gc", "--older-than", "30"],
        &["plan", "--mode", "train"],
        &["config", "check"],
        &["erase-customer", "--ids-from", "ids.txt", "--dry-run"],
    ];
    for command in commands {
        let refused = spanishgas(None, &[command, &place].concat());
        let said = format!("{}{}", refused.stdout, refused.stderr);
        assert_eq!(refused.code, Some(1), "{command:?}: {said}");
        assert!(said.contains("there is no lake at") && said.contains("SPANISHGAS_LAKE"), "{command:?}: {said}");
        assert!(!lake.exists(), "{command:?} made a lake");
    }
}
