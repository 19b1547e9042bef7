//! What subscribers of an SNS topic get: an SQS queue of one test.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::emulators::Emulators;
use super::queue::sqs;
use super::runtime::wait_for;
use crate::{eventually, new_name, text};

/// A queue that gets everything that is published to a topic.
pub struct Inbox {
    queue_url: String,
    received: Vec<Letter>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The published text.
    pub body: String,
    /// The published attributes.
    pub attributes: BTreeMap<String, String>,
}

impl Inbox {
    /// A new queue, subscribed to the topic with raw delivery.
    pub fn subscribed_to(topic_arn: &str) -> Self {
        let created = sqs("CreateQueue", &json!({ "QueueName": new_name("inbox") }));
        let queue_url = text(&created["QueueUrl"]).to_owned();
        let asked = json!({ "QueueUrl": queue_url, "AttributeNames": ["QueueArn"] });
        let queue_arn = text(&sqs("GetQueueAttributes", &asked)["Attributes"]["QueueArn"]).to_owned();
        let topic_arn = topic_arn.to_owned();
        wait_for(async move {
            let sns = Emulators::shared().sns().await;
            let subscription = sns.subscribe().topic_arn(topic_arn).protocol("sqs").endpoint(queue_arn);
            let subscribed = subscription.attributes("RawMessageDelivery", "true").send().await;
            subscribed.expect("a queue can subscribe");
        });
        Self { queue_url, received: Vec::new() }
    }

    /// Waits until `count` messages have come in all; all of them, in the order of their arrival.
    pub fn await_messages(&mut self, count: usize) -> Vec<Letter> {
        eventually(&format!("{count} messages in the inbox"), Duration::from_secs(30), || {
            self.receive();
            (self.received.len() >= count).then(|| self.received.clone())
        })
    }

    /// All messages that have come until now.
    pub fn so_far(&mut self) -> Vec<Letter> {
        self.receive();
        self.received.clone()
    }

    fn receive(&mut self) {
        loop {
            let asked = json!({
                "QueueUrl": self.queue_url, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"],
                // Never again: nothing is deleted here.
                "VisibilityTimeout": 43_200,
            });
            let answer = sqs("ReceiveMessage", &asked);
            let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
            if messages.is_empty() {
                return;
            }
            self.received.extend(messages.iter().map(Letter::from_message));
        }
    }
}

impl Letter {
    /// The published text, which must be JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: no JSON: {}", self.body))
    }

    fn from_message(message: &Value) -> Self {
        let attributes = message["MessageAttributes"].as_object().cloned().unwrap_or_default();
        let attributes = attributes.iter().map(|(name, value)| (name.clone(), text(&value["StringValue"]).to_owned()));
        Self { body: text(&message["Body"]).to_owned(), attributes: attributes.collect() }
    }
}
