//! A worker that is lost in mid-training costs its attempt and nothing else: another one completes the run.

use std::time::Duration;

use support::history::retried_activities;
use support::processes::training_below;
use support::{A_RUN, LENIENT, Settings, Site, TestServer, eventually};

#[test]
fn another_worker_completes_the_run() {
    // Long enough to be met at work.
    let site = Site::new(Settings { rounds: 600, ..LENIENT });
    let id = site.start(Some(r#"{"mode":"train"}"#));
    let scratch = site.scratch().to_str().expect("a UTF-8 path").to_owned();
    eventually("training has started", A_RUN, || training_below(&scratch));
    let site = site.lose_worker();
    // Temporal gives the training up when its heartbeat is a minute late.
    assert_eq!(TestServer::shared().await_end(&id, A_RUN + Duration::from_mins(1)), "COMPLETED");
    assert_eq!(retried_activities(&id), 1, "one attempt was lost");
    assert!(site.lake.has("scored/latest.json"));
    assert_eq!(training_below(&scratch), None, "the lost worker's training is still at work");
}
