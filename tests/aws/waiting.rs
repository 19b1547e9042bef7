//! A job of another machine keeps no slot of this one: other runs compute while it works.

use super::site::{AwsSite, Choice};
use super::training::{ENDLESS, await_training, cancel, train};
use support::{TestServer, text};

#[test]
fn a_worker_with_one_slot_serves_another_run_while_a_job_is_at_work() {
    let site = AwsSite::of(ENDLESS, &Choice { worker: &["--cpu-slots", "1"], ..Choice::default() });
    let waiting = train(&site);
    await_training(&site);
    let result = TestServer::shared().result(&site.start(r#"{"mode":"score"}"#));
    assert_eq!(text(&result["outcome"]), "no_champion");
    assert_eq!(TestServer::shared().status(&waiting), "RUNNING");
    cancel(&waiting);
}
