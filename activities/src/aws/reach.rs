//! Whether the account's resources are there and where the settings say: reads only.

use aws_sdk_s3::Client as S3;
use aws_sdk_sns::Client as Sns;
use aws_sdk_sqs::Client as Sqs;
use churn::Kind;
use lake::aws::explain;
use lake::{RemoteError, RemoteErrorKind};

use super::clients::Clients;
use super::settings::AwsSettings;

/// What was looked at, and what was found or is wrong.
pub type Looked = (&'static str, Result<String, String>);

/// Looks at everything that a role of an operator may read.
pub async fn reach(clients: &Clients, settings: &AwsSettings, bucket: &str, region: &str) -> Vec<Looked> {
    let group = &settings.registry.model_package_group;
    let queue = async {
        match &settings.events_queue {
            Some(queue) => Some(look_at_queue(&clients.sqs, queue).await),
            None => None,
        }
    };
    let (bucket, topic, found_group, queue) = tokio::join!(
        look_at_bucket(&clients.s3, bucket, region),
        look_at_topic(&clients.sns, &settings.alerts.topic_arn),
        look_at_group(&clients.sagemaker, group),
        queue,
    );
    let always = [("bucket", bucket), ("topic", topic), ("model package group", found_group)];
    let looked = always.into_iter().chain(queue.map(|queue| ("queue of events", queue)));
    looked.map(|(name, found)| (name, found.map_err(|error| in_words(&error)))).collect()
}

/// Nobody tries again here.
fn in_words(error: &RemoteError) -> String {
    match error.kind.kind() {
        Kind::Retry => error.happened(),
        Kind::Permanent => error.to_string(),
    }
}

async fn look_at_bucket(s3: &S3, bucket: &str, region: &str) -> Result<String, RemoteError> {
    // A listing first: its errors have words, and every role may list.
    let listed = s3.list_objects_v2().bucket(bucket).max_keys(1).send().await;
    listed.map_err(|error| explain("s3", "ListObjectsV2", bucket, &error))?;
    let answer = s3.head_bucket().bucket(bucket).send().await;
    let answer = answer.map_err(|error| explain("s3", "HeadBucket", bucket, &error))?;
    match answer.bucket_region() {
        // An access point or a redirecting client may reach a bucket of another region; SageMaker does not.
        Some(place) if place != region => Err(RemoteError {
            service: "s3",
            operation: "HeadBucket",
            target: bucket.to_owned(),
            kind: RemoteErrorKind::WrongRegion,
            said: format!("the bucket is in {place}, the region in force is {region}"),
        }),
        _ => Ok(format!("{bucket} in {region}")),
    }
}

async fn look_at_topic(sns: &Sns, topic: &str) -> Result<String, RemoteError> {
    let answer = sns.get_topic_attributes().topic_arn(topic).send().await;
    let answer = answer.map_err(|error| explain("sns", "GetTopicAttributes", topic, &error))?;
    let key = answer.attributes().and_then(|attributes| attributes.get("KmsMasterKeyId")).filter(|key| !key.is_empty());
    Ok(match key {
        Some(key) => {
            format!("{topic}, encrypted with {key}: the worker needs kms:GenerateDataKey and kms:Decrypt on it")
        }
        None => topic.to_owned(),
    })
}

async fn look_at_group(sagemaker: &aws_sdk_sagemaker::Client, group: &str) -> Result<String, RemoteError> {
    let answer = sagemaker.describe_model_package_group().model_package_group_name(group).send().await;
    answer.map(|_| group.to_owned()).map_err(|error| explain("sagemaker", "DescribeModelPackageGroup", group, &error))
}

async fn look_at_queue(sqs: &Sqs, queue: &str) -> Result<String, RemoteError> {
    let answer = sqs.get_queue_attributes().queue_url(queue).send().await;
    answer.map(|_| queue.to_owned()).map_err(|error| explain("sqs", "GetQueueAttributes", queue, &error))
}
