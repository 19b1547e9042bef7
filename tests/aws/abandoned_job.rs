//! Whatever a run has started for its training, the run stops: also when the worker that looked at the job is
//! lost, and also when the run fails.

use std::time::Duration;

use super::site::AwsSite;
use super::training::{ENDLESS, held_training, train};
use support::history::failure;
use support::{TestServer, text};

/// The activity whose worker is lost ends by its missing heartbeats, after 30 s.
const SOON: Duration = Duration::from_mins(2);

#[test]
fn a_run_that_is_cancelled_while_its_worker_is_lost_stops_its_job() {
    let mut site = AwsSite::new(ENDLESS);
    let id = train(&site);
    let job = held_training(&site);
    site.without_worker();
    // Before anybody has missed the worker.
    TestServer::shared().temporal(&["workflow", "cancel", "--workflow-id", &id]);
    site.take_up();
    assert_eq!(TestServer::shared().await_end(&id, SOON), "CANCELED");
    site.sagemaker.await_end(&job, SOON);
    let jobs = site.sagemaker.jobs();
    assert_eq!((jobs.len(), jobs[0].status.as_str()), (1, "Stopped"));
}

#[test]
fn a_run_that_fails_stops_its_job() {
    let site = AwsSite::new(ENDLESS);
    let id = train(&site);
    let job = held_training(&site);
    site.sagemaker.deny("DescribeTrainingJob", 1);
    assert_eq!(TestServer::shared().await_end(&id, SOON), "FAILED");
    assert_eq!(failure(&id).type_name, "SG0021 AccessDenied");
    assert_eq!(site.sagemaker.await_end(&job, SOON).status, "Stopped");
}

#[test]
fn a_job_that_cannot_be_stopped_is_named_to_people() {
    let mut site = AwsSite::new(ENDLESS);
    let id = train(&site);
    let job = held_training(&site);
    site.without_worker();
    TestServer::shared().temporal(&["workflow", "cancel", "--workflow-id", &id]);
    site.sagemaker.deny("StopTrainingJob", u32::MAX);
    site.take_up();
    assert_eq!(TestServer::shared().await_end(&id, SOON), "CANCELED");
    let letter = site.letters(1).remove(0);
    assert_eq!(letter.attributes["kind"], "training_not_stopped");
    assert!(letter.body.contains(&job) && letter.body.contains("StopTrainingJob"), "{}", letter.body);
    let record = site.json(&format!("runs/{}/run.json", letter.attributes["run_id"]));
    assert!(text(&record["result"]["not_stopped"]).contains(&job), "{record:#}");
}
