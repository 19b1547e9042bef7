//! Which crate may know which: what the compiler takes from the manifests, compared with the plan of the house;
//! and that no file of a snapshot outlives its test.

#[path = "architecture/snapshots.rs"]
mod snapshots;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Every crate with all that it may know. What is not here is no crate of ours.
const PLAN: [(&str, &[&str]); 7] = [
    ("churn", &[]),
    ("protocol", &["churn"]),
    // Documents say what messages say.
    ("lake", &["churn", "protocol"]),
    ("activities", &["churn", "lake", "protocol"]),
    // In what order: nothing of how it is done, nor where it is kept.
    ("workflows", &["churn", "protocol"]),
    // It looks, and asks the workflows by their messages: what they do is nothing to it.
    ("dashboard", &["churn", "lake", "protocol"]),
    ("worker", &["activities", "churn", "dashboard", "lake", "protocol", "workflows"]),
];

/// Who may call AWS by itself.
const WITH_AWS: [&str; 2] = ["activities", "lake"];

fn metadata() -> Value {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let asked = ["metadata", "--format-version", "1", "--no-deps", "--offline", "--manifest-path", manifest];
    let answer = Command::new(env!("CARGO")).args(asked).output().expect("cargo can be started");
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    serde_json::from_slice(&answer.stdout).expect("cargo answers with JSON")
}

/// What the library or program of every crate depends on; what only its tests need is no arrow.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("a list of packages");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let shipped = packages.iter().filter(|package| text(&package["name"]) != "support");
    shipped
        .map(|package| {
            let all = package["dependencies"].as_array().expect("a list of dependencies");
            let own = all.iter().filter(|dependency| dependency["kind"].is_null());
            (text(&package["name"]), own.map(|dependency| text(&dependency["name"])).collect())
        })
        .collect()
}

#[test]
fn every_arrow_between_our_crates_is_in_the_plan() {
    let planned: BTreeMap<_, BTreeSet<_>> =
        PLAN.iter().map(|(name, may)| (*name, may.iter().copied().collect())).collect();
    let found = dependencies();
    assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), planned.keys().copied().collect::<Vec<_>>());
    for (name, dependencies) in &found {
        let ours = dependencies.iter().map(String::as_str).filter(|name| planned.contains_key(name));
        let wrong: Vec<_> = ours.filter(|other| !planned[name.as_str()].contains(other)).collect();
        assert!(wrong.is_empty(), "{name} must not know {wrong:?}; move what it wants to a crate that both may know");
    }
}

#[test]
fn an_aws_sdk_is_known_only_where_it_is_called() {
    for (name, dependencies) in dependencies() {
        let sdks: Vec<_> = dependencies.iter().filter(|name| name.starts_with("aws-")).collect();
        assert!(sdks.is_empty() || WITH_AWS.contains(&name.as_str()), "{name} must not know {sdks:?}");
    }
}

/// Only what is said touches Temporal's types below the two siblings, and the workflows never see the client.
#[test]
fn the_computations_and_the_lake_ask_nothing_of_temporal_themselves() {
    for name in ["churn", "lake"] {
        let found = dependencies();
        let temporal: Vec<_> = found[name].iter().filter(|name| name.starts_with("temporalio")).collect();
        assert!(temporal.is_empty(), "{name} must not know {temporal:?}");
    }
    assert!(!dependencies()["workflows"].contains("temporalio-client"), "a workflow calls nothing by itself");
}

/// `workflows/clippy.toml` replaces the root's: whatever is banned there is banned here.
#[test]
fn the_workflows_ban_all_that_the_others_ban() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let banned = |file: &str| -> BTreeSet<String> {
        let text = std::fs::read_to_string(root.join(file)).expect("the settings of clippy can be read");
        text.lines().filter_map(|line| Some(line.split_once("path = \"")?.1.split_once('"')?.0.to_owned())).collect()
    };
    let missing: Vec<_> = banned("clippy.toml").difference(&banned("workflows/clippy.toml")).cloned().collect();
    assert!(missing.is_empty(), "workflows/clippy.toml lacks {missing:?}");
}
