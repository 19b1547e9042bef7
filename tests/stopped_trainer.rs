//! A training process that was stopped (SIGSTOP) cannot hear anybody: a cancelled run kills it when its
//! grace is over, and without progress it is killed, tried again, and in the end fails the run.

use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use support::history::failure;
use support::lake::TestLake;
use support::processes::{is_running, training_below};
use support::{A_RUN, LENIENT, Settings, Site, TestServer, eventually};

/// A minute of training, unless somebody stops it.
const LONG: Settings = Settings { rounds: 20_000, ..LENIENT };

fn stop_a_training(site: &Site) -> u32 {
    let scratch = site.scratch().to_str().expect("a UTF-8 path");
    let training = eventually("training has started", A_RUN, || training_below(scratch));
    kill(Pid::from_raw(training.cast_signed()), Signal::SIGSTOP).expect("the training can be stopped");
    training
}

#[test]
fn a_cancelled_run_ends_although_its_training_cannot_hear() {
    let site = Site::with_options(TestLake::new(), LONG, &["--training-grace-secs", "2"]);
    let id = site.start(Some(r#"{"mode":"train"}"#));
    let training = stop_a_training(&site);
    TestServer::shared().temporal(&["workflow", "cancel", "--workflow-id", &id]);
    assert_eq!(TestServer::shared().await_end(&id, Duration::from_mins(1)), "CANCELED");
    assert!(!is_running(training), "the run has ended and its training is still there");
}

#[test]
fn a_training_without_progress_is_tried_three_times() {
    let site = Site::with_options(TestLake::new(), LONG, &["--training-patience-secs", "6"]);
    let id = site.start(Some(r#"{"mode":"train"}"#));
    let mut stopped = Vec::new();
    eventually("the run ends", Duration::from_mins(2), || {
        let training = training_below(site.scratch().to_str()?);
        stopped.extend(training.filter(|pid| stopped.last() != Some(pid)).map(|_| stop_a_training(&site)));
        (TestServer::shared().status(&id) != "RUNNING").then_some(())
    });
    assert_eq!(stopped.len(), 3, "{stopped:?}");
    let failure = failure(&id);
    assert_eq!(failure.type_name, "SG0034 NoProgress", "{}", failure.message);
    for part in ["no progress for 6 s", "attempt 3", "--training-patience-secs"] {
        assert!(failure.message.contains(part), "{part} is not in: {}", failure.message);
    }
    assert!(stopped.into_iter().all(|pid| !is_running(pid)), "a training is still there");
}
