//! A flipped bit in anything that is stored ends in identical bytes, said aloud, or in a clear failure:
//! never in other scores.

use std::collections::BTreeMap;

use serde_json::Value;

use support::history::{failure, retried_activities};
use support::{A_RUN, LENIENT, Site, TestServer, text};

/// Everything that a run stores by content, the model's files and its judgement among them.
const FOLDERS: [&str; 7] = ["bronze", "silver", "gold", "models", "evaluated", "scored", "monitoring/drift"];

/// The files that a training leaves.
const OF_A_MODEL: [&str; 12] = [
    "/model.ubj",
    "/preprocessing.json",
    "/calibrator.json",
    "/metadata.json",
    "/reference.parquet",
    "/training_rows.parquet",
    "/fold-0.ubj",
    "/fold-1.ubj",
    "/fold-2.ubj",
    "/fold-3.ubj",
    "/fold-4.ubj",
    "/files.json",
];

fn is_manifest(key: &str) -> bool {
    key.ends_with("/manifest.json")
}

/// What a stage makes. (Pointers and what the gate writes beside a model are no stage's.)
fn is_table(key: &str) -> bool {
    let of_the_gate = key.starts_with("models/") && !OF_A_MODEL.iter().any(|file| key.ends_with(file));
    !is_manifest(key) && !of_the_gate && !key.ends_with("latest.json")
}

fn contents(site: &Site, of_interest: fn(&str) -> bool) -> BTreeMap<String, Vec<u8>> {
    let keys = site.lake.keys(&FOLDERS).into_iter().filter(|key| of_interest(key));
    keys.map(|key| (key.clone(), site.lake.find(&key).expect("it was listed"))).collect()
}

/// Flips one bit of an object, in another place for every key.
fn flip(site: &Site, key: &str) {
    let path = site.lake.at(key);
    let mut bytes = std::fs::read(&path).expect("a stored object");
    let place = key.bytes().fold(7_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
    let bit = place % (bytes.len() * 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
    std::fs::write(path, bytes).expect("the lake can be written");
}

fn reasons(result: &Value) -> BTreeMap<String, String> {
    let stages = result["stages"].as_array().expect("stages are a list");
    stages
        .iter()
        .map(|stage| (text(&stage["name"]).to_owned(), stage["reason"].as_str().unwrap_or_default().to_owned()))
        .collect()
}

fn assert_same(site: &Site, whole: &BTreeMap<String, Vec<u8>>) {
    let now = contents(site, is_table);
    for (key, content) in whole {
        assert!(now.get(key) == Some(content), "{key} is not what it was");
    }
}

#[test]
fn every_damaged_table_and_every_damaged_manifest_is_made_again_and_told_of() {
    let site = Site::new(LENIENT);
    let first = site.train(&[]);
    let whole = contents(&site, is_table);
    assert!(whole.len() >= 17, "{:?}", whole.keys());

    // All at once: each stage is looked at on its own.
    for key in whole.keys() {
        flip(&site, key);
    }
    let healed = site.train(&[]);
    assert_eq!(healed["tiers"], first["tiers"]);
    assert_eq!(healed["model"], first["model"]);
    assert_same(&site, &whole);
    let stages = [
        "bronze_customer",
        "bronze_customer_month",
        "silver",
        "gold",
        "train",
        "evaluate",
        "score",
        "recommend",
        "drift",
    ];
    for stage in stages {
        let reason = &reasons(&healed)[stage];
        assert!(reason.starts_with("made again: ") && reason.contains("had SHA-256"), "{stage}: {reason}");
    }

    let manifests: Vec<_> = contents(&site, is_manifest).into_keys().collect();
    for key in &manifests {
        let mut bytes = site.lake.find(key).expect("a manifest");
        // Still JSON: the name of the first field is another one.
        bytes[6] ^= 1;
        std::fs::write(site.lake.at(key), bytes).expect("the lake can be written");
    }
    let healed = site.train(&[]);
    assert_same(&site, &whole);
    for stage in stages {
        let reason = &reasons(&healed)[stage];
        assert!(reason.starts_with("made again: ") && reason.contains("manifest.json"), "{stage}: {reason}");
    }
    let last = site.train(&[]);
    assert!(reasons(&last).values().all(|reason| !reason.starts_with("made again")), "{:?}", reasons(&last));
}

#[test]
fn a_damaged_copy_of_the_evaluation_changes_no_figure() {
    let site = Site::new(LENIENT);
    let trained = site.train(&[]);
    let key = format!("models/{}/evaluation.json", text(&trained["champion"]));
    let content = site.lake.find(&key).expect("the copy");
    for bit in [300, 3000, 30_000].map(|bit| bit % (content.len() * 8)) {
        let mut damaged = content.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(site.lake.at(&key), damaged).expect("the lake can be written");
        assert_eq!(site.score(&[])["model"]["metrics"], trained["model"]["metrics"], "bit {bit}");
    }
}

#[test]
fn a_damaged_model_scores_nobody_and_kills_no_worker() {
    let site = Site::new(LENIENT);
    let trained = site.train(&[]);
    let published = site.lake.find("scored/latest.json");
    let folder = format!("models/{}", text(&trained["champion"]));
    // With its list, and as models were stored before they had one: then the training's manifest knows.
    for list in ["is there", "was never written"] {
        if list == "was never written" {
            std::fs::remove_file(site.lake.at(&format!("{folder}/files.json"))).expect("the list");
            let training = site.lake.keys(&["models/train"]).pop_first().expect("a training");
            let mut manifest = site.lake.json(&training);
            assert!(manifest["outputs"].as_object_mut().expect("outputs").remove("files.json").is_some());
            manifest.as_object_mut().expect("fields").remove("seal");
            std::fs::write(site.lake.at(&training), manifest.to_string()).expect("the lake can be written");
        }
        for file in &OF_A_MODEL[..7] {
            let key = format!("{folder}{file}");
            let content = site.lake.find(&key).expect("a file of the model");
            flip(&site, &key);
            let id = site.start(Some(r#"{"mode":"score"}"#));
            assert_eq!(TestServer::shared().await_end(&id, A_RUN), "FAILED", "{key}, and the list {list}");
            let failure = failure(&id);
            assert_eq!(failure.type_name, "SG0029 TableDamaged", "{}", failure.message);
            assert!(failure.message.contains(&key), "{}", failure.message);
            assert_eq!(retried_activities(&id), 0, "{key}: no worker died of it");
            assert_eq!(site.lake.find("scored/latest.json"), published);
            std::fs::write(site.lake.at(&key), content).expect("the lake can be written");
        }
        assert_eq!(text(&site.score(&["--force"])["outcome"]), "scored");
    }
}
