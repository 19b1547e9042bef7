//! Events in an SQS queue. A message that is none stays there: after some tries SQS puts it aside, and people hear of it.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::Message;
use lake::aws::explain;
use tokio::time::sleep;

use super::Receipt;
use super::message::tells_of_an_object;
use crate::error::Result;

/// As long as SQS lets somebody wait, in seconds; the client's patience with an answer is longer.
const LONGEST_WAIT: i32 = 20;
/// Whoever does not wait at all may miss what is there.
const SHORTEST_WAIT: i32 = 1;
/// SQS gives no more messages in one answer.
const AT_ONCE: i32 = 10;
/// Files are uploaded together: what comes so soon after the first is taken with it.
const TOGETHER: Duration = Duration::from_secs(3);
/// So many calls take what has come meanwhile; what is left then comes next.
const MOST_CALLS: usize = 10;

/// A queue that EventBridge fills.
#[derive(Debug, Clone)]
pub struct SqsEvents {
    client: Client,
    queue_url: String,
}

impl SqsEvents {
    /// The queue of the settings.
    pub fn new(client: Client, queue_url: String) -> Self {
        Self { client, queue_url }
    }

    /// Waits for an event; then takes it with all that come together with it, up to a limit.
    pub(super) async fn take(&self) -> Result<Vec<Receipt>> {
        let mut messages = self.receive(LONGEST_WAIT).await?;
        if messages.is_empty() {
            return Ok(Vec::new());
        }
        sleep(TOGETHER).await;
        for _ in 0..MOST_CALLS {
            let more = self.receive(SHORTEST_WAIT).await?;
            if more.is_empty() {
                break;
            }
            messages.extend(more);
        }
        Ok(messages.iter().filter_map(receipt).collect())
    }

    async fn receive(&self, wait_secs: i32) -> Result<Vec<Message>> {
        let request = self.client.receive_message().queue_url(&self.queue_url);
        let answer = request.max_number_of_messages(AT_ONCE).wait_time_seconds(wait_secs).send().await;
        let answer = answer.map_err(|error| explain("sqs", "ReceiveMessage", &self.queue_url, &error))?;
        Ok(answer.messages.unwrap_or_default())
    }

    /// Removes events; those before one that cannot be removed are gone.
    pub(super) async fn remove(&self, receipts: &[Receipt]) -> Result<()> {
        for Receipt(handle) in receipts {
            let removed = self.client.delete_message().queue_url(&self.queue_url).receipt_handle(handle).send().await;
            removed.map_err(|error| explain("sqs", "DeleteMessage", &self.queue_url, &error))?;
        }
        Ok(())
    }
}

/// What removes a message that is an event.
fn receipt(message: &Message) -> Option<Receipt> {
    if tells_of_an_object(message.body().unwrap_or_default()) {
        return message.receipt_handle().map(|handle| Receipt(handle.to_owned()));
    }
    let message_id = message.message_id().unwrap_or_default();
    tracing::warn!(message_id, "a message in the queue of events is none of S3; it stays there");
    None
}
