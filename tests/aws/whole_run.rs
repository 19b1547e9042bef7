//! A whole run in the `aws` profile: data in S3, a training job that really trains, the package approved,
//! the message read by a subscriber, the metrics read back, and nothing of it costs a second call later.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use support::aws::sdk::aws_sdk_cloudwatch;
use support::aws::sdk::aws_sdk_cloudwatch::types::{Dimension, Statistic};
use support::aws::sdk::aws_sdk_sagemaker;
use support::aws::sdk::aws_sdk_sagemaker::types::ModelApprovalStatus;

use super::permissions::{calls_in, operations_of};
use super::site::AwsSite;
use support::aws::runtime::wait_for;
use support::aws::{Emulators, Fault, Misdeed};
use support::history::{fetch_history, holds_customer_id, readable};
use support::lake::CUSTOMERS;
use support::{LENIENT, STRICT, TestServer, text};

#[test]
fn a_run_trains_on_sagemaker_promotes_scores_and_tells() {
    let site = AwsSite::new(LENIENT);
    let id = site.start(r#"{"mode":"train"}"#);
    let result = TestServer::shared().result(&id);
    assert_eq!(text(&result["outcome"]), "promoted", "{result:#}");
    let version = text(&result["model"]["version"]).to_owned();

    the_results_are_in_the_bucket(&site, &result, &version);
    the_job_is_billed_in_the_record(&site, &result);
    the_job_was_asked_for_as_the_settings_say(&site);
    sagemaker_has_read_the_figures_in_its_log(&site, &result);
    the_package_is_approved_with_its_figures(&site, &version);
    a_subscriber_has_read_of_it_once(&site, &result);
    the_metrics_can_be_read(&result);
    nothing_in_the_history_names_a_customer_or_a_secret(&id);

    let again = site.train();
    assert_eq!(text(&again["outcome"]), "already_champion");
    assert!(again["model"]["job"].is_null(), "no second job: {again:#}");
    assert_eq!(again["tiers"], result["tiers"]);
    the_worker_may_call_what_it_calls(&site);
}

/// Calls that small data, a run that nobody cancels, and one without keys in KMS or events do not need; other tests here make them.
const ELSEWHERE: [&str; 11] = [
    "s3 CreateMultipartUpload",
    "s3 UploadPart",
    "s3 CompleteMultipartUpload",
    "s3 AbortMultipartUpload",
    "sagemaker StopTrainingJob",
    "kms GenerateMac",
    "kms VerifyMac",
    "kms GenerateDataKey",
    "kms Decrypt",
    "sqs ReceiveMessage",
    "sqs DeleteMessage",
];

fn the_worker_may_call_what_it_calls(site: &AwsSite) {
    let (allowed, called) = (operations_of("worker"), calls_in(&site.log()));
    let beyond: Vec<_> = called.difference(&allowed).collect();
    assert!(beyond.is_empty(), "called and not listed in permissions.yaml: {beyond:?}");
    let unused = allowed.difference(&called).filter(|operation| !ELSEWHERE.contains(&operation.as_str()));
    let unused: Vec<_> = unused.collect();
    assert!(unused.is_empty(), "listed in permissions.yaml and never called: {unused:?}");
}

async fn registry() -> aws_sdk_sagemaker::Client {
    let emulators = Emulators::shared();
    emulators.sagemaker(emulators.moto_url()).await
}

fn the_results_are_in_the_bucket(site: &AwsSite, result: &Value, version: &str) {
    let tiers: u64 = result["tiers"].as_object().expect("tiers").values().filter_map(Value::as_u64).sum();
    assert_eq!(tiers, CUSTOMERS);
    assert_eq!(text(&site.json("models/champion.json")["version"]), version);
    let scores = &site.json("scored/latest.json")["outputs"]["scores"];
    let bytes = site.find(text(&scores["key"])).expect("the scores");
    assert_eq!(protocol::Digest::of(&bytes).as_str(), text(&scores["digest"]));
}

fn the_job_is_billed_in_the_record(site: &AwsSite, result: &Value) {
    let job = &result["model"]["job"];
    let seconds = |field: &str| job[field].as_u64().unwrap_or_else(|| panic!("{field}: {job}"));
    assert_eq!(text(&job["service"]), "sagemaker");
    assert!(seconds("seconds") >= 1 && seconds("billable_seconds") <= seconds("seconds"), "{job}");
    let cost = job["cost_usd"].as_f64().expect("a cost");
    assert!((cost - seconds("billable_seconds") as f64 * 0.0001).abs() < 1e-9, "{job}");
    let record = site.json(&format!("runs/{}/run.json", text(&result["run_id"])));
    assert_eq!(&record["result"]["model"]["job"], job);
    assert!(record["metrics"]["published"].as_u64().is_some_and(|count| count > 10), "{}", record["metrics"]);
}

fn the_job_was_asked_for_as_the_settings_say(site: &AwsSite) {
    let jobs = site.sagemaker.jobs();
    let job = &jobs[0].definition;
    assert_eq!(job["EnableManagedSpotTraining"], true, "{job:#}");
    assert_eq!(job["StoppingCondition"], json!({ "MaxRuntimeInSeconds": 7200, "MaxWaitTimeInSeconds": 7200 }));
    assert_eq!(job["VpcConfig"], json!({ "Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"] }));
    assert_eq!(job["ResourceConfig"]["VolumeKmsKeyId"], "alias/volume");
    assert_eq!(job["OutputDataConfig"]["KmsKeyId"], "alias/output");
    assert_eq!(job["EnableNetworkIsolation"], true);
    assert_eq!(job["HyperParameters"]["xgboost.rounds"], "60");
}

fn sagemaker_has_read_the_figures_in_its_log(site: &AwsSite, result: &Value) {
    let (url, name) = (site.sagemaker.url(), text(&result["model"]["job"]["job"]).to_owned());
    let job = wait_for(async move {
        let client = Emulators::shared().sagemaker(&url).await;
        client.describe_training_job().training_job_name(name).send().await.expect("the job")
    });
    let value = |name: &str| {
        let found = job.final_metric_data_list().iter().find(|metric| metric.metric_name() == Some(name));
        found.and_then(aws_sdk_sagemaker::types::MetricData::value)
    };
    assert!(value("train:oof_pr_auc").is_some_and(|value| value > 0.05), "{:?}", job.final_metric_data_list());
    assert!(value("train:progress").is_some());
}

fn the_package_is_approved_with_its_figures(site: &AwsSite, version: &str) {
    let registration = site.json(&format!("models/{version}/registration.json"));
    let arn = text(&registration["model_package_arn"]).to_owned();
    let group = site.group.clone();
    let (package, packages) = wait_for(async move {
        let sagemaker = registry().await;
        let package = sagemaker.describe_model_package().model_package_name(arn).send().await.expect("the package");
        let all = sagemaker.list_model_packages().model_package_group_name(group).send().await.expect("the group");
        (package, all.model_package_summary_list().len())
    });
    assert_eq!(packages, 1, "one version, one package");
    assert_eq!(package.model_approval_status(), Some(&ModelApprovalStatus::Approved));
    assert!(package.approval_description().is_some_and(|words| words.contains("pr_auc_floor passed")));
    let quality = package.model_metrics().and_then(|metrics| metrics.model_quality()?.statistics()?.s3_uri());
    assert!(quality.is_some_and(|uri| uri.starts_with(&site.lake())), "{quality:?}");
    let baselines = package.drift_check_baselines().and_then(|baselines| baselines.model_data_quality());
    assert!(baselines.is_some_and(|data| data.statistics().is_some()), "the drift reference is named");
}

fn a_subscriber_has_read_of_it_once(site: &AwsSite, result: &Value) {
    let letters = site.letters(1);
    let mut promoted = letters.iter().filter(|letter| letter.attributes["kind"] == "model_promoted");
    let letter = promoted.next().expect("a message of the promotion");
    assert!(promoted.next().is_none(), "it came twice");
    assert_eq!(letter.attributes["run_id"], text(&result["run_id"]));
    assert!(letter.body.contains("http://temporal.test/namespaces/default/workflows/"), "{}", letter.body);
}

fn the_metrics_can_be_read(result: &Value) {
    let read = |name: &'static str, stage: Option<&'static str>| {
        wait_for(async move {
            let now = aws_sdk_cloudwatch::primitives::DateTime::from;
            let request = Emulators::shared()
                .cloudwatch()
                .await
                .get_metric_statistics()
                .namespace("SpanishGas/MLOps")
                .metric_name(name)
                .set_dimensions(stage.map(|stage| vec![Dimension::builder().name("Stage").value(stage).build()]))
                .start_time(now(SystemTime::now() - Duration::from_hours(1)))
                .end_time(now(SystemTime::now() + Duration::from_mins(1)))
                .period(3600)
                .statistics(Statistic::Maximum);
            let answer = request.send().await.expect("metrics can be read");
            answer.datapoints().iter().filter_map(aws_sdk_cloudwatch::types::Datapoint::maximum).reduce(f64::max)
        })
    };
    let pr_auc = result["model"]["metrics"]["pr_auc"].as_f64().expect("a figure");
    // Other tests publish to the same namespace: theirs may be higher.
    assert!(read("PrAuc", None).is_some_and(|value| value >= pr_auc - 1e-9));
    assert!(read("RunSucceeded", None).is_some_and(|value| value >= 1.0));
    assert!(read("RowsProcessed", None).is_some_and(|value| value > CUSTOMERS as f64 * 8784.0));
    assert!(read("StageSeconds", Some("train")).is_some_and(|value| value > 0.0));
    assert!(read("DriftDetected", None).is_some());
    assert!(read("AlertsUndelivered", None).is_some());
}

fn nothing_in_the_history_names_a_customer_or_a_secret(id: &str) {
    let id = id.to_owned();
    let history = wait_for(async move { readable(&fetch_history(&id).await) });
    assert!(!holds_customer_id(&history), "the history names a customer");
    assert!(!history.contains("AWS_SECRET"));
}

#[test]
fn a_rejected_challenger_is_registered_as_rejected_with_the_reasons() {
    let site = AwsSite::new(STRICT);
    let result = site.train();
    assert_eq!(text(&result["outcome"]), "no_champion");
    let version = text(&result["model"]["version"]);
    let registration = site.json(&format!("models/{version}/registration.json"));
    let arn = text(&registration["model_package_arn"]).to_owned();
    let package = wait_for(async move {
        let sagemaker = registry().await;
        sagemaker.describe_model_package().model_package_name(arn).send().await.expect("the package")
    });
    assert_eq!(package.model_approval_status(), Some(&ModelApprovalStatus::Rejected));
    let words = package.approval_description().expect("the reasons");
    assert!(words.contains("pr_auc_floor FAILED"), "{words}");
    assert!(site.find("models/champion.json").is_none());
}

#[test]
fn a_package_waits_while_a_person_is_asked() {
    let site = AwsSite::new(LENIENT);
    let id = site.start(r#"{"mode":"train","require_approval":true}"#);
    let letters = site.letters(1);
    assert_eq!(letters[0].attributes["kind"], "approval_requested");
    let (group, status) = (site.group, ModelApprovalStatus::PendingManualApproval);
    let package = wait_for(async move {
        let sagemaker = registry().await;
        let request = sagemaker.list_model_packages().model_package_group_name(group).model_approval_status(status);
        let waiting = request.send().await.expect("the group");
        let arn = waiting.model_package_summary_list()[0].model_package_arn().expect("its ARN");
        sagemaker.describe_model_package().model_package_name(arn).send().await.expect("the package")
    });
    // Here and not after the decision, because the emulator forgets them with it.
    let properties = package.customer_metadata_properties().expect("properties");
    assert!(package.model_package_description().is_some_and(|words| words.contains(&properties["version"])));
    assert!(properties["pr_auc"].parse::<f64>().is_ok_and(|value| value > 0.05));
    support::people::decide(&id, "approve", r#"{"by":"ana"}"#).expect("a decision");
    assert_eq!(text(&TestServer::shared().result(&id)["outcome"]), "promoted");
}

#[test]
fn alerts_and_metrics_that_cannot_be_sent_do_not_fail_a_good_run() {
    let site = AwsSite::new(LENIENT);
    site.proxy.inject(Fault::on_operation(Misdeed::AccessDenied, u32::MAX, "Publish"));
    site.proxy.inject(Fault::on_operation(Misdeed::AccessDenied, u32::MAX, "PutMetricData"));
    let result = site.train();
    assert_eq!(text(&result["outcome"]), "promoted");
    assert!(!result["undelivered_alerts"].as_array().expect("a list").is_empty(), "{result:#}");
    let record = site.json(&format!("runs/{}/run.json", text(&result["run_id"])));
    assert_eq!(record["result"]["undelivered_alerts"], result["undelivered_alerts"]);
    let undelivered = text(&record["metrics"]["undelivered"]);
    assert!(undelivered.contains("PutMetricData") && !undelivered.contains("again"), "{undelivered}");
}

#[test]
fn a_failed_run_is_counted_once_while_nobody_can_be_told() {
    let site = AwsSite::new(LENIENT);
    site.proxy.inject(Fault::on_operation(Misdeed::InternalError, u32::MAX, "Publish"));
    let id = site.start(r#"{"mode":"train","experiment":"E99"}"#);
    assert_eq!(TestServer::shared().await_end(&id, support::A_RUN), "FAILED");
    let called = |operation: &str| site.proxy.seen().iter().filter(|seen| seen.operation == operation).count();
    assert!(called("Publish") >= 5, "every attempt has tried");
    assert_eq!(called("PutMetricData"), 1);
}

#[test]
fn a_run_comes_through_a_bad_day_of_the_network() {
    let site = AwsSite::new(LENIENT);
    for (misdeed, times) in [(Misdeed::Throttled, 12), (Misdeed::InternalError, 8), (Misdeed::CutBefore, 4)] {
        // Every third call meets trouble until it has been met so often.
        let calls = AtomicU32::new(0);
        site.proxy.inject(Fault::new(misdeed, times, move |_| calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(3)));
    }
    site.sagemaker.refuse_next("ThrottlingException", "Rate exceeded");
    let result = site.train();
    assert_eq!(text(&result["outcome"]), "promoted");
    let record = site.json(&format!("runs/{}/run.json", text(&result["run_id"])));
    assert_eq!(record["result"]["undelivered_alerts"], json!([]));
    let failed =
        site.proxy.seen().into_iter().filter(|seen| seen.status.is_none_or(|status| status >= 400 && status != 404));
    assert!(failed.count() >= 24, "the trouble was met");
    let kinds: Vec<_> = site.letters(1).into_iter().map(|letter| letter.attributes["kind"].clone()).collect();
    assert_eq!(kinds, ["model_promoted"], "told once");
}
