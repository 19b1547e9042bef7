//! `spanishgas plan` and `spanishgas gc` look at a bucket as at a folder, with what an operator may call.

use serde_json::Value;

use super::permissions::{calls_in, operations_of};
use super::site::AwsSite;
use support::{Finished, LENIENT, text};

fn json(finished: &Finished, code: i32) -> Value {
    assert_eq!(finished.code, Some(code), "{finished:#?}");
    serde_json::from_str(&finished.stdout).unwrap_or_else(|error| panic!("{error}: {finished:#?}"))
}

#[test]
fn a_plan_and_a_dry_run_of_gc_read_the_lake_and_nothing_more() {
    let site = AwsSite::new(LENIENT);
    let plan = || site.command(&["plan", "--mode", "train", "--json", "--task-queue", site.queue()]);
    json(&plan(), 2);
    let result = site.train();

    let after = plan();
    let planned = json(&after, 0);
    let gold = planned["stages"].as_array().expect("stages").iter().find(|stage| stage["name"] == "gold");
    assert!(text(&gold.expect("gold")["reason"]).contains(text(&result["workflow_id"])), "{planned:#}");

    // All of it is of today, by the times that the bucket tells.
    let collected = site.command(&["gc", "--older-than", "1", "--json"]);
    let collection = json(&collected, 0);
    assert_eq!(collection["folders"], Value::Array(Vec::new()), "{collection:#}");
    assert!(collection["kept_reached"].as_u64() > Some(5) && collection["kept_young"].as_u64() > Some(0));
    assert!(calls_in(&collected.stderr).is_subset(&operations_of("collector")), "{collected:#?}");
    let calls = calls_in(&(after.stderr + &collected.stderr));
    assert!(calls.is_subset(&operations_of("operator")), "{calls:?}");
}
