//! `spanishgas plan` says what a run would do, by the rules of the run itself: what it plans to skip the run skips,
//! what it plans to make the run makes. It reads only, and needs neither worker nor server.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use support::lake::TestLake;
use support::{Finished, LENIENT, STRICT, Settings, Site, spanishgas, text};

/// A plan in train mode of a site's queue.
fn plan(site: &Site, more: &[&str]) -> Finished {
    site.command(&[&["plan", "--mode", "train", "--task-queue", site.queue()], more].concat())
}

/// The plan as JSON, whose exit code must be this.
fn planned(site: &Site, code: i32, more: &[&str]) -> Value {
    let finished = plan(site, &[&["--json"], more].concat());
    assert_eq!(finished.code, Some(code), "{finished:#?}");
    serde_json::from_str(&finished.stdout).unwrap_or_else(|error| panic!("{error}: {finished:#?}"))
}

fn by_stage<'a>(value: &'a Value, field: &str) -> BTreeMap<&'a str, &'a Value> {
    let stages = value["stages"].as_array().expect("a list of stages");
    stages.iter().map(|stage| (text(&stage["name"]), &stage[field])).collect()
}

fn with_action<'a>(plan: &'a Value, action: &str) -> BTreeSet<&'a str> {
    by_stage(plan, "action").into_iter().filter(|(_, is)| *is == action).map(|(name, _)| name).collect()
}

/// What was planned is what the run did; where the gate decides, both are right.
fn agree(plan: &Value, result: &Value) {
    for (stage, skipped) in by_stage(result, "skipped") {
        let action = text(by_stage(plan, "action")[stage]);
        let fits = match action {
            "skip" => *skipped == true,
            "run" | "look" => *skipped == false,
            _ => true,
        };
        assert!(fits, "{stage} was planned as {action}, and skipped is {skipped}:\n{plan:#}\n{result:#}");
    }
}

#[test]
fn the_run_does_what_was_planned_and_then_there_is_nothing_to_do() {
    let site = Site::new(LENIENT);
    let first = planned(&site, 2, &[]);
    assert!(by_stage(&first, "reason")["gold"].to_string().contains("silver is made anew"), "{first:#}");
    let result = site.run(&["--mode", "train", "--json"]).json();
    agree(&first, &result);
    assert_eq!(first["workflow_id"], result["workflow_id"], "the ID that the run got");
    assert_eq!(first["workflow"], "never");
    assert!(first["seconds"].is_null() && first["bytes"].is_null(), "what nothing tells is not 0: {first:#}");

    let second = planned(&site, 0, &[]);
    agree(&second, &site.train(&[]));
    assert_eq!(second["workflow"]["is"], "completed");
    assert_eq!(with_action(&second, "look"), BTreeSet::from(["raw"]));
    for (stage, reason) in by_stage(&second, "reason").into_iter().filter(|(stage, _)| *stage != "raw") {
        assert!(text(reason).contains(text(&result["workflow_id"])), "{stage} names the run that made it: {reason}");
    }
    assert!(second["seconds"].as_f64() > Some(0.0), "the last runs tell the seconds: {second:#}");
    let shown = plan(&site, &[]);
    assert!(shown.stdout.starts_with("NOTHING TO DO") && shown.stdout.contains("--force"), "{}", shown.stdout);

    let forced = planned(&site, 2, &["--force"]);
    agree(&forced, &site.train(&["--force"]));
}

#[test]
fn a_changed_setting_a_changed_file_and_a_lost_stage_are_named() {
    let site = Site::new(LENIENT);
    let first = site.train(&[]);

    // A setting of the training: all before it stays, and what scores depends on the gate.
    let site = site.change_settings(Settings { rounds: 50, ..LENIENT });
    let plan = planned(&site, 2, &[]);
    let reasons = by_stage(&plan, "reason");
    assert!(text(reasons["train"]).contains("training.xgboost.rounds 50, was 60"), "{plan:#}");
    assert!(text(reasons["evaluate"]).contains("train is made anew"), "{plan:#}");
    assert_eq!(with_action(&plan, "run"), BTreeSet::from(["train", "evaluate", "gate"]), "{plan:#}");
    assert_eq!(with_action(&plan, "depends"), BTreeSet::from(["score", "recommend", "drift", "publish"]));
    assert!(by_stage(&plan, "bytes")["train"].as_u64() > Some(1000), "as large as the model that is there");
    agree(&plan, &site.train(&[]));
    assert_eq!(planned(&site, 0, &[])["work"], false);

    // A stage that somebody deleted comes back, and nothing else.
    let gold = text(&first["stages"][4]["outputs"]["gold_master"]);
    let folder = site.lake.at(gold.rsplit_once('/').expect("a folder").0);
    std::fs::remove_dir_all(folder).expect("a stage can be deleted");
    let plan = planned(&site, 2, &[]);
    assert!(text(by_stage(&plan, "reason")["gold"]).contains("never made in this lake"), "{plan:#}");
    assert!(text(by_stage(&plan, "reason")["train"]).contains("gold is made anew"), "{plan:#}");
    site.train(&[]);

    // A price that was corrected.
    let prices = site.lake.at("raw/price_history.csv");
    let corrected = std::fs::read_to_string(&prices).expect("a raw file") + "\n";
    std::fs::remove_file(&prices).and_then(|()| std::fs::write(&prices, corrected)).expect("a raw file is replaced");
    let plan = planned(&site, 2, &[]);
    let reasons = by_stage(&plan, "reason");
    assert!(text(reasons["bronze_customer_month"]).contains("input price_history"), "{plan:#}");
    assert_eq!(by_stage(&plan, "action")["bronze_customer"], "skip");
    assert!(text(reasons["silver"]).contains("its input bronze_customer_month is made anew"), "{plan:#}");
}

#[test]
fn a_plan_looks_from_the_date_that_the_run_settled() {
    let site = Site::new(LENIENT);
    // As a UTC year has it that was put on Madrid's clock: one hour of the next month, which no day is covered by.
    let lone = "customer_id,timestamp,consumption_elec_kwh,consumption_gas_m3\nC00001,2025-01-01 00:00:00,0.123,0.0\n";
    std::fs::write(site.lake.at("raw/consumption_hourly_more.csv"), lone).expect("a raw file can be added");
    let before = planned(&site, 2, &[]);
    assert_eq!(before["as_of"], "2025-01-01", "as long as nobody has summed them");
    assert!(before["notes"].to_string().contains("2025-01-01 is the last date in the files"), "{before:#}");
    let result = site.run(&["--mode", "train", "--json"]).json();
    let plan = planned(&site, 0, &[]);
    agree(&plan, &site.train(&[]));
    assert_eq!((text(&plan["as_of"]), text(&result["as_of"])), ("2024-12-31", "2024-12-31"));
    assert_eq!(plan["workflow_id"], result["workflow_id"], "the ID has the date that the raw files alone tell");
    assert!(!plan["notes"].to_string().contains("is the last date in the files"), "it is settled: {plan:#}");
    let asked = planned(&site, 2, &["--as-of", "2025-01-01"]);
    assert_ne!(asked["workflow_id"], result["workflow_id"], "the answer to another question");
}

#[test]
fn without_a_champion_a_scoring_says_what_is_missing_and_that_it_would_publish_nothing() {
    let site = Site::new(STRICT);
    site.train(&[]);
    let score = ["plan", "--mode", "score", "--task-queue", site.queue()];
    let shown = site.command(&score);
    assert_eq!(shown.code, Some(1), "{shown:#?}");
    let begins = shown.stdout.starts_with("CANNOT SCORE: there is no champion");
    assert!(begins && shown.stdout.contains("missing    a champion: train one first"), "{}", shown.stdout);
    let finished = site.command(&[&score[..], &["--json"]].concat());
    let plan: Value = serde_json::from_str(&finished.stdout).expect("one JSON object");
    assert_eq!((finished.code, text(by_stage(&plan, "action")["score"])), (Some(1), "skip"), "{plan:#}");
    assert!(text(&plan["missing"][0]).contains("a champion"), "{plan:#}");
    agree(&plan, &site.score(&[]));
    // The same data trained again: judged before, by the same rules.
    agree(&planned(&site, 0, &[]), &site.train(&[]));
}

#[test]
fn a_champion_that_is_damaged_is_told_before_a_scoring_fails_on_it() {
    let site = Site::new(LENIENT);
    let trained = site.train(&[]);
    let plan = || site.command(&["plan", "--mode", "score", "--task-queue", site.queue()]);
    assert_eq!(plan().code, Some(0), "all is there: {:#?}", plan());
    let model = site.lake.at(&format!("models/{}/model.ubj", text(&trained["champion"])));
    let mut bytes = std::fs::read(&model).expect("the model's trees");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&model, bytes).expect("the lake can be written");
    let refused = plan();
    assert_eq!(refused.code, Some(1), "{refused:#?}");
    assert!(refused.stderr.contains("model.ubj") && refused.stdout.is_empty(), "{refused:#?}");
    let ran = site.run(&["--mode", "score"]);
    assert!(ran.code != Some(0) && ran.stderr.contains("SG0029"), "as the plan says: {ran:#?}");

    // A challenger that is trained, and has still to be compared with it.
    let other = ["--mode", "train", "--experiment", "E0_baseline", "--task-queue", site.queue()];
    let ran = site.command(&[&["run"], &other[..]].concat());
    assert!(ran.code != Some(0) && ran.stderr.contains("SG0029"), "{ran:#?}");
    let refused = site.command(&[&["plan"], &other[..]].concat());
    assert!(refused.code == Some(1) && refused.stderr.contains("model.ubj"), "as the run says: {refused:#?}");
}

#[test]
fn readings_delivered_twice_and_files_that_are_passed_over_are_said_before_a_run() {
    let lake = TestLake::new();
    let path = lake.path().to_str().expect("a UTF-8 path");
    let plan = |more: &[&str]| {
        let usual = ["plan", "--mode", "train", "--lake", path, "--address", "127.0.0.1:1"];
        spanishgas(None, &[&usual[..], more].concat())
    };
    std::fs::write(lake.at("raw/churn_label (1).csv"), "customer_id,churn\n").expect("a file beside another");
    let shown = plan(&[]);
    assert_eq!(shown.code, Some(2), "{shown:#?}");
    let told = "quality    warn churn_label: raw/churn_label.csv is read alone";
    assert!(shown.stdout.contains(told) && shown.stdout.contains("raw/churn_label (1).csv"), "{}", shown.stdout);

    let readings = "raw/consumption_hourly_2024.parquet";
    std::fs::copy(lake.at(readings), lake.at("raw/consumption_hourly_copy.parquet")).expect("a copy");
    let refused = plan(&[]);
    assert_eq!(refused.code, Some(1), "{refused:#?}");
    assert!(refused.stdout.starts_with("CANNOT RUN: a run in mode train would refuse the raw files"), "{refused:#?}");
    let plan: Value = serde_json::from_str(&plan(&["--json"]).stdout).expect("one JSON object");
    let worst = &plan["quality"][0];
    assert_eq!((text(&worst["rule"]), text(&worst["severity"])), ("same_readings_twice", "block"), "{plan:#}");
}

#[test]
fn a_plan_only_reads_and_says_which_raw_file_is_missing() {
    let lake = TestLake::new();
    let path = lake.path().to_str().expect("a UTF-8 path");
    let plan = || spanishgas(None, &["plan", "--mode", "train", "--lake", path, "--address", "127.0.0.1:1"]);
    let files = || lake.keys(&["."]).into_iter().filter(|key| !key.contains(".lake/")).collect::<BTreeSet<_>>();
    let before = files();
    let fresh = plan();
    assert_eq!(fresh.code, Some(2), "{fresh:#?}");
    assert!(fresh.stdout.contains("never made in this lake") && fresh.stdout.contains("no identity yet"), "{fresh:#?}");
    assert_eq!(files(), before, "a plan writes nothing");

    std::fs::remove_file(lake.at("raw/churn_label.csv")).expect("a raw file can be taken away");
    let lacking = plan();
    assert_eq!(lacking.code, Some(1), "{lacking:#?}");
    assert!(lacking.stdout.starts_with("CANNOT RUN") && lacking.stdout.contains("raw/churn_label.csv"), "{lacking:#?}");
}
