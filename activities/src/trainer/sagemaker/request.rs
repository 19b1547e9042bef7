//! The job as SageMaker is asked for it.

use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::operation::create_training_job::builders::CreateTrainingJobFluentBuilder;
use aws_sdk_sagemaker::types::{
    AlgorithmSpecification, Channel as InputChannel, CheckpointConfig, DataSource, MetricDefinition, OutputDataConfig,
    ResourceConfig, S3DataDistribution, S3DataSource, S3DataType, StoppingCondition, Tag, TrainingInputMode,
    TrainingInstanceType, VpcConfig,
};
use lake::{S3Lake, keys};

use super::super::entry_point::METRICS;
use super::super::{Channel, TrainingJob};
use crate::aws::settings::TrainingSettings;

/// The request for the job `name`; `base` is what all attempts at the same training share.
pub(super) fn create(
    client: &Client,
    lake: &S3Lake,
    settings: &TrainingSettings,
    name: &str,
    base: &str,
    job: &TrainingJob,
) -> CreateTrainingJobFluentBuilder {
    client
        .create_training_job()
        .training_job_name(name)
        .role_arn(&settings.role_arn)
        .algorithm_specification(algorithm(settings))
        .set_hyper_parameters(Some(job.hyperparameters.clone().into_iter().collect()))
        .set_input_data_config(Some(job.channels.iter().map(|(name, from)| input(lake, base, name, from)).collect()))
        .output_data_config(output(lake, settings))
        .resource_config(resources(settings))
        .stopping_condition(limits(settings))
        .enable_managed_spot_training(settings.spot.is_some())
        .checkpoint_config(CheckpointConfig::builder().s3_uri(lake.uri(&keys::training_checkpoints(base))).build())
        .set_vpc_config(settings.vpc.as_ref().map(|vpc| {
            let vpc = vpc.clone();
            VpcConfig::builder()
                .set_subnets(Some(vpc.subnets))
                .set_security_group_ids(Some(vpc.security_groups))
                .build()
        }))
        .enable_network_isolation(settings.network_isolation)
        .set_tags(tags(settings))
}

/// The image's entry point is `spanishgas`; SageMaker calls it with `train`.
fn algorithm(settings: &TrainingSettings) -> AlgorithmSpecification {
    let metric = |(name, regex): &(&str, &str)| MetricDefinition::builder().name(*name).regex(*regex).build();
    AlgorithmSpecification::builder()
        .training_image(&settings.image)
        .training_input_mode(TrainingInputMode::File)
        .set_metric_definitions(Some(METRICS.iter().map(metric).collect()))
        .build()
}

fn input(lake: &S3Lake, base: &str, name: &str, from: &Channel) -> InputChannel {
    let key = match from {
        Channel::Object(object) => object.key.clone(),
        Channel::Text { file, .. } => keys::training_input(base, name, file),
    };
    let source = S3DataSource::builder()
        .s3_data_type(S3DataType::S3Prefix)
        .s3_data_distribution_type(S3DataDistribution::FullyReplicated)
        .s3_uri(lake.uri(&key))
        .build();
    InputChannel::builder()
        .channel_name(name)
        .input_mode(TrainingInputMode::File)
        .data_source(DataSource::builder().s3_data_source(source).build())
        .build()
}

fn output(lake: &S3Lake, settings: &TrainingSettings) -> OutputDataConfig {
    let key = settings.output_kms_key.clone().or_else(|| lake.kms_key().map(str::to_owned));
    OutputDataConfig::builder().s3_output_path(lake.uri(keys::TRAINING_OUTPUT)).set_kms_key_id(key).build()
}

fn resources(settings: &TrainingSettings) -> ResourceConfig {
    ResourceConfig::builder()
        .instance_type(TrainingInstanceType::from(settings.instance_type.as_str()))
        .instance_count(1)
        .volume_size_in_gb(settings.volume_gib)
        .set_volume_kms_key_id(settings.volume_kms_key.clone())
        .build()
}

fn limits(settings: &TrainingSettings) -> StoppingCondition {
    StoppingCondition::builder()
        .max_runtime_in_seconds(settings.max_runtime_secs)
        .set_max_wait_time_in_seconds(settings.spot.map(|spot| spot.max_wait_secs))
        .build()
}

/// None rather than an empty list: an empty list would need the permission to tag all the same.
fn tags(settings: &TrainingSettings) -> Option<Vec<Tag>> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    (!settings.tags.is_empty()).then(|| settings.tags.iter().map(tag).collect())
}
