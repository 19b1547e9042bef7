//! A worker that is told to stop ends in bounded time, also when a call inside an activity never comes back:
//! it says what still was at work, and its exit code is one of its own.

use std::fs::File;
use std::time::Duration;

use support::lake::TestLake;
use support::{A_RUN, LENIENT, TestServer, Worker, eventually, home, new_name};

#[test]
fn a_call_that_hangs_does_not_keep_the_worker() {
    let (lake, config, scratch, queue) = (TestLake::new(), LENIENT.write(), home::folder("scratch"), new_name("queue"));
    let [config, scratch] = [config.path(), scratch.path()].map(|path| path.to_str().expect("a UTF-8 path"));
    let worker = Worker::start(TestServer::shared(), lake.path(), &queue, &["--config", config, "--scratch", scratch]);
    // A worker that has no folder for unfinished objects makes one, and waits for this lock: here for ever.
    let turn = File::options().write(true).open(lake.at(".lake/.processes.lock")).expect("the worker made it");
    turn.lock().expect("nobody holds it");
    for entry in std::fs::read_dir(lake.at(".lake")).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            std::fs::remove_dir_all(path).expect("the worker's folder can be removed");
        }
    }

    let id = new_name("hangs");
    let start = ["workflow", "start", "--type", "ChurnPipeline", "--task-queue", &queue, "--workflow-id", &id];
    TestServer::shared().temporal(&[&start[..], &["--input", r#"{"mode":"score"}"#]].concat());
    eventually("the activity is at work", A_RUN, || {
        let described = TestServer::shared().temporal(&["workflow", "describe", "--workflow-id", &id]);
        let started = |activity: &serde_json::Value| {
            activity["activityType"]["name"] == "snapshot_raw" && activity["state"] == "PENDING_ACTIVITY_STATE_STARTED"
        };
        described["pendingActivities"].as_array()?.iter().any(started).then_some(())
    });
    // 5 s for what ends by itself, 20 s for what is cancelled, 2 s for the rest.
    let (code, log) = worker.terminate(Duration::from_secs(40));
    assert_eq!(code, Some(75), "{log}");
    assert!(log.contains("worker is cut off") && log.contains(&format!("snapshot_raw of {id}")), "{log}");
    TestServer::shared().temporal(&["workflow", "terminate", "--workflow-id", &id]);
}
