//! Worker deployment versioning: a run stays with the version of the code that began it, new runs take the current
//! one, and going back is one command.

use std::time::Duration;

use serde_json::Value;

use support::history::{build_ids, said_by_tasks};
use support::lake::TestLake;
use support::people::{await_request, decide};
use support::versions::make_current;
use support::{LENIENT, Site, TestServer, new_name, spanishgas, text};

fn drainage(deployment: &str, build_id: &str) -> String {
    let options = ["--deployment-name", deployment, "--build-id", build_id];
    let described: Value =
        TestServer::shared().temporal(&[&["worker", "deployment", "describe-version"], &options[..]].concat());
    described["drainageInfo"]["drainageStatus"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_run_ends_on_the_version_that_began_it_and_new_runs_take_the_current_one() {
    let site = Site::with_options(TestLake::new(), LENIENT, &["--deployment", "churn-upgrade", "--build-id", "v1"]);
    make_current("churn-upgrade", "v1");
    let waiting = site.start(Some(r#"{"mode":"train","require_approval":true}"#));
    await_request(&site, &waiting);

    // The upgrade: workers of both versions are at work.
    let next = site.another_worker(&["--deployment", "churn-upgrade", "--build-id", "v2"]);
    make_current("churn-upgrade", "v2");
    let new = site.start(Some(r#"{"mode":"score"}"#));
    assert_eq!(TestServer::shared().result(&new)["outcome"], "no_champion");
    assert_eq!(build_ids(&new), ["v2"]);
    assert_eq!(drainage("churn-upgrade", "v1"), "draining", "its run still waits for a person");

    decide(&waiting, "approve", r#"{"by":"ana"}"#).unwrap();
    assert_eq!(TestServer::shared().result(&waiting)["outcome"], "promoted");
    assert_eq!(build_ids(&waiting), ["v1"]);

    // And back.
    make_current("churn-upgrade", "v1");
    let back = site.start(Some(r#"{"mode":"score"}"#));
    assert_eq!(TestServer::shared().result(&back)["outcome"], "scored");
    assert_eq!(build_ids(&back), ["v1"]);

    // Three ways to run it once more. The old code, whichever is current:
    let rerun = |more: &[&str]| {
        let again = site.command(&[&["rerun", &back, "--task-queue", site.queue(), "--json"], more].concat()).json();
        (build_ids(text(&again["workflow_id"])), again)
    };
    make_current("churn-upgrade", "v2");
    let (versions, old) = rerun(&["--deployment", "churn-upgrade", "--build-id", "v1"]);
    assert_eq!((versions, &old["outcome"]), (vec!["v1".to_owned()], &Value::from("scored")));
    // the code of now, and named stages whatever is stored.
    let (versions, new) = rerun(&[]);
    assert_eq!((versions, &new["outcome"]), (vec!["v2".to_owned()], &Value::from("scored")));
    let (versions, forced) = rerun(&["--only", "score"]);
    assert_eq!(versions, ["v2"]);
    let stages = forced["stages"].as_array().expect("a list of stages");
    let score = stages.iter().find(|stage| stage["name"] == "score").expect("the stage");
    assert_eq!(score["skipped"], false, "{forced:#}");
    let (code, log) = next.terminate(Duration::from_secs(40));
    assert_eq!(code, Some(0), "{log}");
}

#[test]
fn without_a_deployment_histories_name_the_revision_and_any_worker_takes_any_run() {
    let site = Site::new(LENIENT);
    let id = new_name("unversioned");
    site.run(&["--mode", "score", "--workflow-id", &id, "--json"]).json();
    assert!(build_ids(&id).is_empty(), "no version that the server keeps the run on");
    let revision = spanishgas(None, &["--version"]).stdout;
    let said = said_by_tasks(&id, "/workflowTaskStartedEventAttributes/workerVersion/buildId");
    assert_eq!(said, [revision.trim().rsplit(' ').next().expect("a revision")]);
}
