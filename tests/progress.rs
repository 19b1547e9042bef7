//! While a run is at work it tells how far it is: its stages by query, and within a long activity by
//! heartbeats.

use std::time::Duration;

use serde_json::Value;

use support::{A_RUN, LENIENT, Settings, Site, TestServer, eventually, text};

#[test]
fn a_running_training_tells_its_rounds() {
    // A minute of training; the test ends it.
    let site = Site::new(Settings { rounds: 20_000, ..LENIENT });
    let server = TestServer::shared();
    let id = site.start(Some(r#"{"mode":"train"}"#));

    let activity = eventually("the training tells its rounds", A_RUN, || {
        let described = server.temporal(&["workflow", "describe", "--workflow-id", &id]);
        let training =
            described["pendingActivities"].as_array()?.iter().find(|a| a["activityType"]["name"] == "train_model")?;
        (units(training, "done")? > 0).then(|| training.clone())
    });
    assert!(units(&activity, "total") >= units(&activity, "done"), "{activity:#}");

    let progress = server.progress(&id);
    assert_eq!(text(&progress["stage"]), "train");
    // Five of twelve stages are done.
    assert_eq!(progress["percent"], 41, "{progress:#}");
    let metadata = server.temporal(&["workflow", "metadata", "--workflow-id", &id]);
    assert!(metadata.to_string().contains("| train | running |"), "the UI shows the stages: {metadata:#}");

    server.temporal(&["workflow", "cancel", "--workflow-id", &id]);
    assert_eq!(server.await_end(&id, Duration::from_mins(1)), "CANCELED");
}

/// What the last heartbeat of a pending activity said.
fn units(activity: &Value, which: &str) -> Option<u64> {
    let details = &activity["heartbeatDetails"];
    // The CLI shows payloads as they are, or wrapped in a list.
    details[0][which].as_u64().or_else(|| details["payloads"][0][which].as_u64())
}
