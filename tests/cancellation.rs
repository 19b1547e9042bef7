//! A run that is cancelled in mid-training ends as cancelled: its training stops first, its
//! temporary files are gone, nothing half-done is published.

use std::time::Duration;

use serde_json::Value;

use support::processes::{is_running, training_below};
use support::{A_RUN, LENIENT, Settings, Site, TestServer, eventually, new_name, text};

#[test]
fn training_stops_and_nothing_is_published() {
    // A minute of training, unless somebody stops it.
    let site = Site::new(Settings { rounds: 20_000, ..LENIENT });
    let scratch = site.scratch().to_str().expect("a UTF-8 path");
    let id = new_name("cancelled");
    let (training, ended) = std::thread::scope(|scope| {
        let run = scope.spawn(|| site.run(&["--mode", "train", "--workflow-id", &id, "--json"]));
        let training = eventually("training has started", A_RUN, || training_below(scratch));
        TestServer::shared().temporal(&["workflow", "cancel", "--workflow-id", &id]);
        assert_eq!(TestServer::shared().await_end(&id, Duration::from_mins(1)), "CANCELED");
        assert!(!is_running(training), "the run has ended and its training goes on");
        (training, run.join().expect("the run ends"))
    });
    assert_eq!(training_below(scratch), None, "another training than {training} was started");

    assert_eq!(ended.code, Some(1), "{ended:#?}");
    let object: Value = serde_json::from_str(&ended.stdout).expect("one JSON object, cancelled or not");
    assert_eq!((text(&object["state"]), text(&object["workflow_id"])), ("cancelled", id.as_str()));

    // The lock of the worker that lives.
    let of_a_step = |path: &std::path::PathBuf| path.is_file() && !path.ends_with(".alive");
    let left: Vec<_> = walk(site.scratch()).into_iter().filter(of_a_step).collect();
    assert!(left.is_empty(), "temporary files are left: {left:?}");
    assert_eq!(site.lake.keys(&["models", "evaluated", "scored"]), std::collections::BTreeSet::new());
    let record = site.lake.json(&format!("runs/{}/run.json", text(&object["run_id"])));
    assert_eq!((text(&record["result"]["state"]), &record["facts"]["promoted"]), ("cancelled", &Value::Null));
    assert!(!site.lake.has("monitoring/latest.json"));
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| if path.is_dir() { [vec![path.clone()], walk(&path)].concat() } else { vec![path] })
        .collect()
}
