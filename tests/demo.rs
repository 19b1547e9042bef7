//! `spanishgas demo`: one JSON object on standard output, nothing left running, and a second time
//! nothing is computed again.

use serde_json::Value;

use support::home::folder;
use support::lake::{CUSTOMERS, SEED};
use support::processes::processes_with;
use support::{Finished, LENIENT, spanishgas, text};

#[test]
fn it_does_it_all_and_cleans_up() {
    let lake = folder("demo");
    let lake = lake.path().to_str().expect("a UTF-8 path");
    let config = LENIENT.write();
    let config = config.path().to_str().expect("a UTF-8 path");
    let customers = CUSTOMERS.to_string();
    let demo = |extra: &[&str]| -> Finished {
        let arguments = ["demo", "--lake", lake, "--config", config, "--json"];
        spanishgas(None, &[&arguments, extra].concat())
    };

    let first = demo(&["--customers", &customers, "--seed", SEED]);
    let result = first.json();
    assert_eq!((text(&result["state"]), text(&result["outcome"])), ("completed", "promoted"));
    assert!(first.stderr.contains("NOTE: this demo's gate asks for PR-AUC >= 0.30 instead of 0.05"), "{first:#?}");
    assert_eq!(processes_with(lake), Vec::<u32>::new(), "something of the demo is still running");

    let second = demo(&["--no-generate"]).json();
    assert_eq!(second["workflow_id"], result["workflow_id"]);
    let skipped = |stage: &Value| stage["name"] == "raw" || stage["skipped"] == true;
    assert!(second["stages"].as_array().expect("stages").iter().all(skipped), "{second:#}");
    assert_eq!(processes_with(lake), Vec::<u32>::new(), "something of the demo is still running");
}

#[test]
fn without_raw_files_it_fails_and_names_them() {
    let lake = folder("demo-empty");
    let lake = lake.path().to_str().expect("a UTF-8 path");
    let ended = spanishgas(None, &["demo", "--lake", lake, "--no-generate", "--json"]);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert!(ended.stderr.contains("churn_label.csv") && ended.stderr.contains("missing"), "{ended:#?}");
    assert_eq!(processes_with(lake), Vec::<u32>::new(), "something of the demo is still running");
}
