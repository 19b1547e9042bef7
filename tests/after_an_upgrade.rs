//! A worker that is stopped in mid-training (SIGTERM, as for an upgrade) stops the training and ends
//! well; the next worker takes the run up at once and completes it.

use std::time::{Duration, Instant};

use support::processes::{is_running, training_below};
use support::{A_RUN, LENIENT, Settings, Site, TestServer, eventually};

#[test]
fn the_next_worker_completes_the_run() {
    // Longer than the worker's grace, so that the training is met at work and does not end by itself.
    let site = Site::new(Settings { rounds: 40_000, ..LENIENT });
    let id = site.start(Some(r#"{"mode":"score"}"#));
    assert_eq!(TestServer::shared().result(&id)["outcome"], "no_champion");

    let id = site.start(Some(r#"{"mode":"train"}"#));
    let scratch = site.scratch().to_str().expect("a UTF-8 path").to_owned();
    let training = eventually("training has started", A_RUN, || training_below(&scratch));
    let site = site.restart_worker();
    assert!(!is_running(training), "the stopped worker's training goes on");
    let restarted = Instant::now();
    eventually("training has started again", A_RUN, || training_below(&scratch));
    // A lost worker is noticed after a minute; one that stops says so.
    assert!(restarted.elapsed() < Duration::from_secs(30), "the attempt was not handed back");
    assert_eq!(TestServer::shared().result(&id)["outcome"], "promoted");
    assert!(site.lake.has("scored/latest.json"));
}
