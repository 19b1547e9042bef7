//! What is published to a topic reaches its subscribers, and metrics can be read back: the emulator of
//! SNS, SQS and CloudWatch keeps what it takes.

use serde_json::json;
use support::aws::sdk::aws_sdk_cloudwatch::primitives::DateTime;
use support::aws::sdk::aws_sdk_cloudwatch::types::{Dimension, MetricDatum, Statistic};
use support::aws::sdk::aws_sdk_sns::types::MessageAttributeValue;

use support::aws::{Emulators, Inbox};
use support::new_name;

#[tokio::test]
async fn a_published_message_arrives_with_its_attributes() {
    let sns = Emulators::shared().sns().await;
    let topic = sns.create_topic().name(new_name("topic")).send().await.expect("a topic can be created");
    let topic = topic.topic_arn().expect("a topic has an ARN");
    let mut inbox = Inbox::subscribed_to(topic);
    let kind = MessageAttributeValue::builder().data_type("String").string_value("drift").build().expect("whole");
    let message = json!({ "psi": 0.3 });
    let publish = sns.publish().topic_arn(topic).message(message.to_string()).message_attributes("kind", kind);
    publish.send().await.expect("a message can be published");

    let letters = inbox.await_messages(1);
    assert_eq!(letters[0].json(), message);
    assert_eq!(letters[0].attributes.get("kind").map(String::as_str), Some("drift"));
    assert_eq!(inbox.so_far().len(), 1);
}

#[test]
fn a_child_process_finds_the_emulators_in_its_environment() {
    let variables = Emulators::variables("http://proxy", "http://part");
    let child = std::process::Command::new("env").envs(variables).output().expect("env can be run");
    let environment = String::from_utf8_lossy(&child.stdout).into_owned();
    for line in ["AWS_ENDPOINT_URL=http://proxy", "AWS_ENDPOINT_URL_SAGEMAKER=http://part", "AWS_REGION=eu-west-1"] {
        assert!(environment.lines().any(|found| found == line), "{line} is not in\n{environment}");
    }
}

#[tokio::test]
async fn a_metric_can_be_read_back() {
    let cloudwatch = Emulators::shared().cloudwatch().await;
    let namespace = new_name("SpanishGas");
    let dimension = || Dimension::builder().name("Snapshot").value("2026-01-31").build();
    let datum = MetricDatum::builder().metric_name("Customers").value(2000.0).dimensions(dimension()).build();
    let put = cloudwatch.put_metric_data().namespace(&namespace).metric_data(datum).send().await;
    put.expect("a metric can be put");

    let now = DateTime::from(std::time::SystemTime::now()).secs();
    let read = cloudwatch.get_metric_statistics().namespace(&namespace).metric_name("Customers");
    let read = read.start_time(DateTime::from_secs(now - 600)).end_time(DateTime::from_secs(now + 600));
    let read = read.period(60).statistics(Statistic::Maximum).dimensions(dimension()).send().await;
    let points = read.expect("a metric can be read").datapoints.expect("points");
    assert_eq!(points.iter().map(|point| point.maximum).collect::<Vec<_>>(), [Some(2000.0)]);
}
