//! The same run twice: nothing is computed again, every stage says why, nothing published moves; and
//! forced, the same bytes come out again.

use serde_json::Value;

use support::{LENIENT, Site, text};

const POINTERS: [&str; 3] = ["scored/latest.json", "models/champion.json", "monitoring/latest.json"];

fn stages(result: &Value) -> &Vec<Value> {
    result["stages"].as_array().expect("stages are a list")
}

fn outputs(result: &Value) -> Vec<Value> {
    stages(result).iter().map(|stage| stage["outputs"].clone()).collect()
}

#[test]
fn a_second_run_skips_every_stage_and_says_why() {
    let site = Site::new(LENIENT);
    let first = site.train(&[]);
    let before = POINTERS.map(|pointer| site.lake.find(pointer).expect("published"));

    let second = site.train(&[]);
    assert_eq!(text(&second["outcome"]), "already_champion");
    assert_ne!(second["run_id"], first["run_id"], "it is a run of its own");
    for stage in stages(&second) {
        // The raw files are always looked at: only their content says whether anything changed.
        let looked_at = stage["name"] == "raw";
        assert_eq!(stage["skipped"], Value::Bool(!looked_at), "{stage}");
        let reason = stage["reason"].as_str().unwrap_or_default();
        let names_first = reason.contains(text(&first["workflow_id"]));
        assert!(looked_at || names_first, "a skipped stage says since when: {stage}");
    }
    assert_eq!(outputs(&second), outputs(&first));
    assert_eq!(second["model"], first["model"]);
    assert_eq!(second["tiers"], first["tiers"]);
    assert_eq!(POINTERS.map(|pointer| site.lake.find(pointer).expect("published")), before);
    let checked_in = |run: &Value, layer: &str| {
        let report = site.lake.json(&format!("monitoring/{}/quality_{layer}.json", text(&run["run_id"])));
        report["checked_in"].as_str().map(str::to_owned)
    };
    for layer in ["raw", "bronze", "silver", "gold"] {
        assert_eq!(checked_in(&first, layer), None, "{layer}");
        assert_eq!(checked_in(&second, layer).as_deref(), Some(text(&first["run_id"])), "{layer} is checked once");
    }
    assert_eq!(second["quality"], first["quality"], "what was found is told again");

    let folders = ["bronze", "silver", "gold", "scored"];
    let is_table = |key: &String| key.ends_with(".parquet");
    let tables: Vec<_> = site.lake.keys(&folders).into_iter().filter(is_table).collect();
    let contents: Vec<_> = tables.iter().map(|key| site.lake.find(key)).collect();
    let forced = site.train(&["--force"]);
    assert_eq!(checked_in(&forced, "bronze"), None, "it is checked again");
    for stage in stages(&forced).iter().filter(|stage| !["gate", "publish"].contains(&text(&stage["name"]))) {
        assert_eq!(stage["skipped"], Value::Bool(false), "{stage}");
    }
    assert_eq!(outputs(&forced), outputs(&first), "the same data gives the same keys");
    let again: Vec<_> = site.lake.keys(&folders).into_iter().filter(is_table).collect();
    assert_eq!(again, tables);
    let same_bytes = tables.iter().zip(&contents).all(|(key, content)| site.lake.find(key) == *content);
    assert!(same_bytes, "the same data gives the same bytes");
}
