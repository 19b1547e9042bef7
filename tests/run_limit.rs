//! A run that is at work for longer than it may stops its work, says at which stage it was, and fails;
//! the night after it is not skipped.

use std::time::Duration;

use support::history::failure;
use support::processes::training_below;
use support::{LENIENT, Settings, Site, TestServer, text};

#[test]
fn it_fails_with_the_name_of_the_stage() {
    // A minute of training, and less for the whole run.
    let site = Site::new(Settings { rounds: 40_000, run_limit_secs: 12, ..LENIENT });
    let id = site.start(Some(r#"{"mode":"train"}"#));
    assert_eq!(TestServer::shared().await_end(&id, Duration::from_mins(2)), "FAILED");

    let failed = failure(&id);
    assert_eq!(failed.type_name, "SG0032 RunTimedOut");
    let progress = TestServer::shared().progress(&id);
    let stages = progress["stages"].as_array().expect("stages");
    let at_work = stages.iter().find(|stage| stage["state"] == "failed").expect("the stage that was at work");
    let says = format!("stopped after 12 s, its limit; stage {} was at work", text(&at_work["name"]));
    assert!(failed.message.contains(&says), "{}", failed.message);
    assert_eq!(at_work["reason"], "SG0032 RunTimedOut");

    let scratch = site.scratch().to_str().expect("a UTF-8 path");
    assert_eq!(training_below(scratch), None, "the run has ended and its training goes on");
    let kinds: Vec<_> = site.lake.alerts().iter().map(|alert| text(&alert["kind"]).to_owned()).collect();
    assert_eq!(kinds, ["run_failed"]);
    assert!(!site.lake.has("models/champion.json"));
}
