//! `spanishgas rerun` asks a run's question again: what is whole is found, named stages run whatever is stored and give the
//! same bytes, and what would be another question is refused. `spanishgas backfill` runs the dates that have no result.

use std::collections::BTreeSet;

use serde_json::Value;

use support::{LENIENT, STRICT, Site, text};

fn ran(result: &Value) -> BTreeSet<&str> {
    let stages = result["stages"].as_array().expect("a list of stages");
    stages.iter().filter(|stage| stage["skipped"] == false).map(|stage| text(&stage["name"])).collect()
}

fn outputs(result: &Value) -> Vec<&Value> {
    result["stages"].as_array().expect("a list of stages").iter().map(|stage| &stage["outputs"]).collect()
}

#[test]
fn a_rerun_finds_what_is_whole_and_makes_what_it_is_told_to() {
    let site = Site::new(LENIENT);
    let first = site.run(&["--mode", "train", "--as-of", "2024-12-30", "--json"]).json();
    let run = text(&first["run_id"]);
    let rerun = |more: &[&str]| site.command(&[&["rerun", run, "--task-queue", site.queue(), "--json"], more].concat());

    let again = rerun(&[]).json();
    assert_eq!((ran(&again), &again["as_of"]), (BTreeSet::from(["raw"]), &first["as_of"]));
    assert_ne!(again["run_id"], first["run_id"], "it is a run of its own");

    let from_train = rerun(&["--from", "train"]).json();
    assert_eq!(ran(&from_train), BTreeSet::from(["raw", "train", "evaluate", "score", "recommend", "drift"]));
    assert_eq!(outputs(&from_train), outputs(&first), "the same question has the same answer");
    let months = rerun(&["--only", "bronze_customer_month,gold"]).json();
    assert_eq!(ran(&months), BTreeSet::from(["raw", "bronze_customer_month", "gold"]));
    let explained = site.command(&["explain", text(&months["run_id"]), "--json"]).json();
    assert_eq!(explained["stages"][4]["why"], "forced: the run was started so", "{explained:#}");

    for (arguments, words) in [
        (&["--from", "golden"][..], "bronze_customer_month"),
        (&["--only", "gate"], "gate decides anew"),
        (&["--set", "model.train.xgboost.rounds=50"], "spanishgas worker --config FOLDER"),
    ] {
        let refused = rerun(arguments);
        assert_ne!(refused.code, Some(0), "{refused:#?}");
        assert!(refused.stderr.contains(words), "{words} in {}", refused.stderr);
    }
    // The same question needs the same files.
    let prices = site.lake.at("raw/price_history.csv");
    let corrected = std::fs::read_to_string(&prices).expect("a raw file") + "\n";
    std::fs::remove_file(&prices).and_then(|()| std::fs::write(&prices, corrected)).expect("a raw file is replaced");
    let refused = rerun(&[]);
    assert!(refused.code == Some(1) && refused.stderr.contains("not those of the run any more"), "{refused:#?}");
}

#[test]
fn a_backfill_runs_the_dates_that_have_no_result() {
    let site = Site::new(LENIENT);
    site.train(&[]);
    let backfill = |from: &str| {
        let span = ["backfill", "--mode", "score", "--from", from, "--to", "2024-12-30", "--every", "month"];
        site.command(&[&span[..], &["--task-queue", site.queue(), "--json"]].concat()).json()
    };
    let published = site.lake.find("published.json");
    let first = backfill("2024-11-30");
    let dates: Vec<_> = first.as_array().expect("a list").iter().map(|date| text(&date["as_of"])).collect();
    assert_eq!(dates, ["2024-11-30", "2024-12-30"]);
    assert!(first.as_array().unwrap().iter().all(|date| date["outcome"] == "scored" && date["ran_before"] == false));
    assert_eq!(site.lake.find("published.json"), published, "older dates leave what is published alone");

    let more = backfill("2024-10-30");
    let before: Vec<_> = more.as_array().expect("a list").iter().map(|date| &date["ran_before"]).collect();
    assert_eq!(before, [false, true, true], "only the date that has no result is run: {more:#}");
}

#[test]
fn dates_that_failed_are_run_again_by_the_same_command() {
    let site = Site::new(STRICT);
    let labels = site.lake.at("raw/churn_label.csv");
    let whole = std::fs::read(&labels).expect("a raw file");
    let replace = |content: &[u8]| {
        std::fs::remove_file(&labels).and_then(|()| std::fs::write(&labels, content)).expect("a raw file is replaced");
    };
    let backfill = || {
        let span = ["backfill", "--mode", "score", "--from", "2024-12-29", "--to", "2024-12-30"];
        site.command(&[&span[..], &["--task-queue", site.queue()]].concat())
    };
    replace(b"not a table\n");
    let failed = backfill();
    assert_eq!(failed.code, Some(1), "{failed:#?}");
    assert!(failed.stderr.contains("2 of 2 dates have no result"), "{failed:#?}");
    let again = backfill();
    assert!(again.code == Some(1) && !again.stdout.contains("ran before"), "failed ones run again: {again:#?}");
    replace(&whole);
    assert_eq!(backfill().code, Some(0));
}
