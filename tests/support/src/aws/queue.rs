//! An SQS queue of one test. SQS is spoken to without its SDK, a few operations are not worth its build here.

use bytes::Bytes;
use hyper::Request;
use serde_json::{Value, json};

use super::clients::REGION;
use super::emulators::Emulators;
use super::http::forward;
use super::runtime::wait_for;
use crate::{new_name, text};

/// A queue; its messages are given again after half a minute where nobody deletes them.
pub struct Queue {
    url: String,
}

impl Queue {
    /// A new one.
    pub fn create() -> Self {
        let made = sqs("CreateQueue", &json!({ "QueueName": new_name("queue") }));
        Self { url: text(&made["QueueUrl"]).to_owned() }
    }

    /// Its URL, as AWS names queues.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Somebody sends a message.
    pub fn send(&self, body: &str) {
        sqs("SendMessage", &json!({ "QueueUrl": self.url, "MessageBody": body }));
    }

    /// How many messages it has, those that somebody is at included.
    pub fn len(&self) -> usize {
        let counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
        let answer = sqs("GetQueueAttributes", &json!({ "QueueUrl": self.url, "AttributeNames": counts }));
        let count = |name: &str| text(&answer["Attributes"][name]).parse::<usize>().expect("a count");
        counts.into_iter().map(count).sum()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// AWS JSON 1.0. The signature's scope tells the emulator the region; it checks nothing else of it.
pub(super) fn sqs(operation: &str, body: &Value) -> Value {
    let scope = format!("AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/sqs/aws4_request");
    let request = Request::post("/")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", format!("AmazonSQS.{operation}"))
        .header("authorization", format!("{scope}, SignedHeaders=host, Signature=none"))
        .body(Bytes::from(body.to_string()))
        .expect("a request");
    let answer = wait_for(forward(Emulators::shared().s3_url(), request)).expect("ministack answers");
    assert!(answer.status().is_success(), "{operation}: {answer:?}");
    // Some operations answer nothing.
    serde_json::from_slice(answer.body()).unwrap_or_default()
}
