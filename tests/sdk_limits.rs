//! What we know of the limits of the SDK 1.1.1, and live with: the runbook says what they mean for people. A test that
//! fails after an upgrade says that a limit is gone, or has changed.

use std::path::Path;

use support::people::{await_request, decide};
use support::{A_RUN, LENIENT, Site, TestServer};

/// The types of the events of a run.
fn events(id: &str) -> Vec<String> {
    let shown = TestServer::shared().temporal(&["workflow", "show", "--workflow-id", id]);
    let events = shown["events"].as_array().expect("a history");
    events.iter().map(|event| event["eventType"].as_str().expect("a type").to_owned()).collect()
}

fn updates(id: &str) -> usize {
    events(id).iter().filter(|kind| kind.contains("WORKFLOW_EXECUTION_UPDATE")).count()
}

#[test]
fn a_refused_update_leaves_nothing_in_the_history_and_a_taken_one_does() {
    let site = Site::new(LENIENT);
    let id = site.start(Some(r#"{"mode":"train","require_approval":true}"#));
    await_request(&site, &id);
    for refused in [r#"{"by":" "}"#, r#"{"by":""}"#] {
        decide(&id, "approve", refused).expect_err("nobody decides");
        decide(&id, "resume", r#"{"by":"ana","reason":"it is not paused"}"#).expect_err("it is not paused");
    }
    assert_eq!(updates(&id), 0, "{:?}", events(&id));
    decide(&id, "approve", r#"{"by":"ana"}"#).expect("a decision");
    assert_eq!(TestServer::shared().await_end(&id, A_RUN), "COMPLETED");
    assert_eq!(updates(&id), 2, "accepted and completed: {:?}", events(&id));
}

/// Their SDK calls exist, and are not to be relied on yet: short activities go through the server as all others.
#[test]
fn no_workflow_of_ours_uses_local_activities() {
    fn look(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder of sources").flatten() {
            let path = entry.path();
            if path.is_dir() {
                look(&path, found);
            } else if std::fs::read_to_string(&path).is_ok_and(|source| source.contains("local_activity(")) {
                found.push(path.display().to_string());
            }
        }
    }
    let mut found = Vec::new();
    look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../workflows/src"), &mut found);
    assert!(found.is_empty(), "{found:?}");
}
