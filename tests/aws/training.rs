//! A training job is one job, whatever becomes of the worker that looks at it; it stops with its run; and
//! its failures are tried again or not as the error table says.

use std::time::Duration;

use super::site::{AwsSite, Choice};
use support::history::{failure, readable, retried_activities};
use support::{A_RUN, LENIENT, Settings, TestServer, eventually, text};

/// Long enough to be met at work, and to outlive a worker.
const SLOW: Settings = Settings { rounds: 4000, ..LENIENT };
/// A minute and more, unless somebody stops it.
pub const ENDLESS: Settings = Settings { rounds: 40_000, ..LENIENT };

pub fn train(site: &AwsSite) -> String {
    site.start(r#"{"mode":"train"}"#)
}

pub fn await_training(site: &AwsSite) -> String {
    eventually("a training job is at work", A_RUN, || {
        let jobs = site.sagemaker.jobs();
        jobs.iter().find(|job| job.pid.is_some()).map(|job| job.name.clone())
    })
}

/// A job that is at work until somebody ends it.
pub fn held_training(site: &AwsSite) -> String {
    let job = await_training(site);
    site.sagemaker.hold(&job);
    job
}

/// What the heartbeat of the training says now, as text.
fn heartbeat(id: &str) -> Option<String> {
    let described = TestServer::shared().temporal(&["workflow", "describe", "--workflow-id", id]);
    let pending = described["pendingActivities"].as_array()?;
    let training = pending.iter().find(|activity| activity["activityType"]["name"] == "train_model")?;
    Some(readable(training["heartbeatDetails"].to_string().as_bytes()))
}

#[test]
fn a_lost_worker_costs_no_second_job() {
    let mut site = AwsSite::new(SLOW);
    let id = train(&site);
    let job = await_training(&site);
    eventually("the heartbeat tells the job's status", A_RUN, || {
        assert_eq!(TestServer::shared().status(&id), "RUNNING", "it ended too soon to be looked at");
        heartbeat(&id).filter(|beat| beat.contains("Training"))
    });
    site.lose_worker();
    let result = TestServer::shared().result(&id);
    assert_eq!(text(&result["model"]["job"]["job"]), job);
    assert_eq!(site.sagemaker.jobs().len(), 1, "one job");
    assert!(retried_activities(&id) >= 1, "the attempt of the lost worker");
}

#[test]
fn an_upgrade_in_mid_training_leaves_the_job_at_work() {
    let mut site = AwsSite::new(SLOW);
    let id = train(&site);
    let job = await_training(&site);
    site.restart_worker();
    let result = TestServer::shared().result(&id);
    assert_eq!(text(&result["model"]["job"]["job"]), job);
    assert_eq!(site.sagemaker.jobs().len(), 1, "one job");
}

#[test]
fn a_cancelled_run_stops_its_job() {
    let site = AwsSite::new(ENDLESS);
    let id = train(&site);
    let job = await_training(&site);
    cancel(&id);
    let jobs = site.sagemaker.jobs();
    assert_eq!(jobs.len(), 1);
    assert_eq!((jobs[0].name.as_str(), jobs[0].status.as_str()), (job.as_str(), "Stopped"));
    assert!(site.find("models/champion.json").is_none());
}

#[test]
fn missing_capacity_is_tried_with_another_job() {
    let site = AwsSite::new(LENIENT);
    site.sagemaker.fail_next("CapacityError: Unable to provision requested ML compute capacity. Please retry.");
    let id = train(&site);
    let result = TestServer::shared().result(&id);
    assert_eq!(text(&result["outcome"]), "promoted");
    let jobs: Vec<_> = site.sagemaker.jobs().into_iter().map(|job| (job.name, job.status)).collect();
    assert_eq!(jobs.len(), 2, "{jobs:?}");
    assert!(jobs[0].0.ends_with("-1") && jobs[1].0.ends_with("-2"), "{jobs:?}");
    assert_eq!(retried_activities(&id), 1);
}

#[test]
fn throttling_is_not_seen_by_the_run() {
    let site = AwsSite::new(LENIENT);
    site.sagemaker.refuse_next("ThrottlingException", "Rate exceeded");
    let id = train(&site);
    assert_eq!(text(&TestServer::shared().result(&id)["outcome"]), "promoted");
    assert_eq!(retried_activities(&id), 0, "the client tried again");
}

#[test]
fn a_quota_and_a_failing_algorithm_end_the_run_and_say_what_to_do() {
    let site = AwsSite::new(LENIENT);
    site.sagemaker.refuse_next(
        "ResourceLimitExceeded",
        "The account-level service limit 'ml.m5.xlarge for training job usage' is 0 Instances",
    );
    let id = train(&site);
    assert_eq!(TestServer::shared().await_end(&id, A_RUN), "FAILED");
    let quota = failure(&id);
    assert_eq!(quota.type_name, "SG0023 QuotaReached");
    assert!(quota.message.contains("higher quota") && quota.message.contains("ml.m5.xlarge"), "{}", quota.message);
    assert_eq!(retried_activities(&id), 0);

    site.sagemaker.fail_next("AlgorithmError: model: could not calibrate: too few churners, exit code: 1");
    let id = train(&site);
    assert_eq!(TestServer::shared().await_end(&id, A_RUN), "FAILED");
    let failed = failure(&id);
    assert_eq!(failed.type_name, "SG0012 TrainingFailed");
    assert!(failed.message.contains("too few churners"), "{}", failed.message);
    let letters = site.letters(2);
    let kinds: Vec<_> = letters.iter().map(|letter| letter.attributes["kind"].as_str()).collect();
    assert_eq!(kinds, ["run_failed", "run_failed"]);
}

#[test]
fn jobs_are_started_until_their_money_is_spent() {
    // A second of it.
    let limit = "  max_cost_usd: 0.0001\n";
    let site = AwsSite::of(ENDLESS, &Choice { training: limit, ..Choice::default() });
    let id = train(&site);
    let job = held_training(&site);
    site.sagemaker.break_down(&job);
    assert_eq!(TestServer::shared().await_end(&id, A_RUN), "FAILED");
    let failure = failure(&id);
    assert_eq!(failure.type_name, "SG0037 BudgetReached");
    assert!(
        failure.message.contains("max_cost_usd is 0.0001") && failure.message.contains("USD"),
        "{}",
        failure.message
    );
    assert_eq!(site.sagemaker.jobs().len(), 1);
}

#[test]
fn an_interrupted_spot_job_goes_on_from_its_checkpoints() {
    let site = AwsSite::new(SLOW);
    let id = train(&site);
    let job = await_training(&site);
    let checkpoints = format!("training/checkpoints/{}/", job.rsplit_once('-').expect("a number").0);
    site.sagemaker.interrupt(&job);
    let result = TestServer::shared().result(&id);
    assert_eq!(text(&result["model"]["job"]["job"]), job);
    assert_eq!(site.sagemaker.jobs().len(), 1);
    assert!(!site.keys(&checkpoints).is_empty(), "no checkpoint below {checkpoints}");
}

#[test]
fn a_run_that_shared_the_job_of_a_cancelled_one_takes_another() {
    let site = AwsSite::new(ENDLESS);
    let [cancelled, other] = [(); 2].map(|()| train(&site));
    let job = held_training(&site);
    eventually("both runs look at one job", A_RUN, || (site.keys("training/runs/").len() == 2).then_some(()));
    cancel(&cancelled);
    let base = job.strip_suffix("-1").expect("the first");
    let names = || site.sagemaker.jobs().into_iter().map(|job| job.name).collect::<Vec<_>>();
    eventually("the other run has a job of its own", A_RUN, || (names().len() == 2).then_some(()));
    assert_eq!(names(), [format!("{base}-1"), format!("{base}-2")]);
    assert_eq!(TestServer::shared().status(&other), "RUNNING");
    cancel(&other);
}

pub fn cancel(id: &str) {
    TestServer::shared().temporal(&["workflow", "cancel", "--workflow-id", id]);
    assert_eq!(TestServer::shared().await_end(id, Duration::from_mins(1)), "CANCELED");
}
