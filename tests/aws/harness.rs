//! The harness plays SageMaker as the official SDK expects it: jobs that fail, complete, are refused,
//! are stopped, and end with the test.

use std::collections::BTreeSet;
use std::io::Read;

use support::aws::sdk::aws_sdk_sagemaker::error::ProvideErrorMetadata;
use support::aws::sdk::aws_sdk_sagemaker::types::{
    AlgorithmSpecification, Channel, DataSource, MetricDefinition, S3DataSource, S3DataType, StoppingCondition,
    TrainingInputMode,
};

use super::training_job::{SOON, Stage, course, model_uri, refused};
use support::aws::Emulators;
use support::eventually;
use support::processes::{is_running, processes_with};

/// A name that no job has.
const UNKNOWN: &str = "never-created";
/// Ends at once when it is asked to, with a model.
const PATIENT: &str = "trap 'echo late > model/model.txt; exit 0' TERM; echo ready; while :; do sleep 0.1; done";

#[tokio::test]
async fn a_job_without_hyperparameters_fails_in_its_own_words() {
    let stage = Stage::new().await;
    let name = stage.create(None).await;
    let job = stage.ended(&name).await;
    assert_eq!(job.training_job_status().map(AsRef::as_ref), Some("Failed"));
    let reason = job.failure_reason().expect("a failed job says why");
    assert!(reason.starts_with("AlgorithmError: ") && reason.ends_with(", exit code: 1"), "{reason}");
    assert!(reason.contains("hyperparameters.json"), "{reason}");
    assert_eq!(course(&job), ["Starting", "Downloading", "Training", "Failed"]);
    assert_eq!(model_uri(&job), None);
}

#[tokio::test]
async fn a_job_gets_its_channel_and_environment_and_leaves_a_model_and_metrics() {
    let stage = Stage::new().await;
    let s3 = Emulators::shared().s3().await;
    for key in ["in/features-1", "in/features-2", "in/other"] {
        let body = key.as_bytes().to_vec().into();
        s3.put_object().bucket(&stage.bucket).key(key).body(body).send().await.expect("an object can be put");
    }
    let script = "echo loss=0.5; cat input/data/train/* > model/model.txt; echo loss=$LOSS >&2; ls input/data/train";
    let algorithm = AlgorithmSpecification::builder().training_input_mode(TrainingInputMode::File);
    let metric = MetricDefinition::builder().name("loss").regex("loss=([0-9.]+)").build();
    let algorithm = algorithm.container_entrypoint("sh").container_arguments("-c").container_arguments(script);
    let source = S3DataSource::builder().s3_data_type(S3DataType::S3Prefix);
    let source = source.s3_uri(format!("s3://{}/in/features", stage.bucket)).build();
    let channel = Channel::builder().channel_name("train");
    let channel = channel.data_source(DataSource::builder().s3_data_source(source).build());
    let (name, request) = stage.job(None);
    let request = request.algorithm_specification(algorithm.metric_definitions(metric).build());
    let request = request.environment("LOSS", "0.25").enable_managed_spot_training(true);
    request.input_data_config(channel.build()).send().await.expect("a job can be created");

    let job = stage.ended(&name).await;
    assert_eq!(job.training_job_status().map(AsRef::as_ref), Some("Completed"), "{}", stage.part.log(&name));
    assert_eq!(course(&job), ["Starting", "Downloading", "Training", "Uploading", "Completed"]);
    let metrics = job.final_metric_data_list().iter().map(|metric| (metric.metric_name(), metric.value()));
    assert_eq!(metrics.collect::<Vec<_>>(), [(Some("loss"), Some(0.25))]);
    let (trained, billed) = (job.training_time_in_seconds(), job.billable_time_in_seconds());
    assert!(billed >= Some(1) && billed <= trained, "{trained:?} s, of which {billed:?} s are billed");
    assert!(stage.part.log(&name).ends_with("features-1\nfeatures-2\n"), "{}", stage.part.log(&name));
    let uri = format!("s3://{}/models/{name}/output/model.tar.gz", stage.bucket);
    assert_eq!(model_uri(&job), Some(&*uri));
    assert_eq!(model(&stage.bucket, &name).await, "in/features-1in/features-2");
}

#[tokio::test]
async fn the_name_of_a_job_is_taken_for_ever() {
    let stage = Stage::new().await;
    let (name, request) = stage.job(Some("exit 0"));
    request.clone().send().await.expect("a job can be created");
    stage.ended(&name).await;
    let error = refused(request).await;
    assert!(error.is_resource_in_use(), "{error:?}");
    let jobs = stage.part.jobs();
    assert_eq!(jobs.iter().map(|job| &job.name).collect::<Vec<_>>(), [&name]);
    assert_eq!(jobs[0].definition["StoppingCondition"]["MaxRuntimeInSeconds"], 600);
}

#[tokio::test]
async fn a_stopped_job_gets_a_signal_and_keeps_its_model() {
    let stage = Stage::new().await;
    let name = stage.create(Some(PATIENT)).await;
    eventually("the script traps", SOON, || stage.part.log(&name).contains("ready").then_some(()));
    let pid = stage.part.await_process(&name);
    let seen = &stage.part.jobs()[0];
    assert_eq!((&*seen.secondary_status, seen.pid), ("Training", Some(pid)));
    stage.client.stop_training_job().training_job_name(&name).send().await.expect("a job can be stopped");
    let job = stage.ended(&name).await;
    assert_eq!(job.training_job_status().map(AsRef::as_ref), Some("Stopped"));
    assert_eq!(stage.part.jobs()[0].status, "Stopped");
    assert_eq!(course(&job), ["Starting", "Downloading", "Training", "Stopping", "Uploading", "Stopped"]);
    assert_eq!(model(&stage.bucket, &name).await, "late\n");
    assert!(!is_running(pid));
    let again = stage.client.stop_training_job().training_job_name(&name).send().await;
    assert_eq!(again.expect_err("it has ended").code(), Some("ValidationException"));
}

#[tokio::test]
async fn a_job_that_takes_too_long_is_stopped() {
    let stage = Stage::new().await;
    let (name, request) = stage.job(Some("exec sleep 600"));
    let short = StoppingCondition::builder().max_runtime_in_seconds(1).build();
    request.stopping_condition(short).send().await.expect("a job can be created");
    let job = stage.ended(&name).await;
    let ends = (job.training_job_status(), job.secondary_status());
    assert_eq!((ends.0.map(AsRef::as_ref), ends.1.map(AsRef::as_ref)), (Some("Stopped"), Some("MaxRuntimeExceeded")));
    assert_eq!(model_uri(&job), None);
}

#[tokio::test]
async fn an_unknown_job_is_an_error_and_the_rest_is_moto() {
    let stage = Stage::new().await;
    let described = stage.client.describe_training_job().training_job_name(UNKNOWN).send().await;
    assert_eq!(described.expect_err("it is unknown").code(), Some("ValidationException"));
    let stopped = stage.client.stop_training_job().training_job_name(UNKNOWN).send().await;
    assert_eq!(stopped.expect_err("it is unknown").code(), Some("ValidationException"));
    stage.client.list_training_jobs().send().await.expect("moto lists jobs");
    let asked = ["DescribeTrainingJob", "ListTrainingJobs", "StopTrainingJob"].map(str::to_owned);
    assert_eq!(stage.part.operations(), BTreeSet::from(asked));
}

#[tokio::test]
async fn trouble_comes_as_scripted() {
    let stage = Stage::new().await;
    stage.part.refuse_next("ResourceLimitExceeded", "no more instances");
    let error = refused(stage.job(None).1).await;
    assert!(error.is_resource_limit_exceeded(), "{error:?}");
    stage.part.fail_next("CapacityError: no capacity");
    let name = stage.create(Some("exit 0")).await;
    let job = stage.ended(&name).await;
    assert_eq!(job.failure_reason(), Some("CapacityError: no capacity"));
    assert_eq!(course(&job), ["Starting", "Failed"]);
}

#[tokio::test]
async fn no_job_outlives_the_harness() {
    let stage = Stage::new().await;
    let command = "sleep 600.125";
    stage.create(Some(&format!("{command}; exit 0"))).await;
    // Its watcher, the shell and the shell's child.
    eventually("the job is at work", SOON, || (processes_with(command).len() >= 3).then_some(()));
    drop(stage);
    eventually("the processes are gone", SOON, || processes_with(command).is_empty().then_some(()));
}

/// The one file of a job's model.
async fn model(bucket: &str, job: &str) -> String {
    let s3 = Emulators::shared().s3().await;
    let object = s3.get_object().bucket(bucket).key(format!("models/{job}/output/model.tar.gz")).send().await;
    let bytes = object.expect("there is a model").body.collect().await.expect("it can be read").into_bytes();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&*bytes));
    let mut entries = archive.entries().expect("an archive");
    let mut entry = entries.next().expect("one file").expect("a whole entry");
    assert_eq!(entry.path().expect("a path").to_str(), Some("model.txt"));
    let mut text = String::new();
    entry.read_to_string(&mut text).expect("text");
    assert!(entries.next().is_none(), "more than one file");
    text
}
