//! The events port: somebody outside tells that raw files have changed. What an event says is not believed: it only starts a
//! look, which sees for itself. So it does no harm that events come twice, late, or not at all.

#[cfg(feature = "aws")]
mod message;
#[cfg(feature = "aws")]
mod sqs;

#[cfg(feature = "aws")]
pub use sqs::SqsEvents;

use crate::error::Result;

/// Who tells that raw files have changed.
#[derive(Debug, Clone, Default)]
pub enum Events {
    /// Nobody: the schedule looks every few minutes.
    #[default]
    Nobody,
    /// S3, by EventBridge and a queue in SQS (`aws` profile, with `events_queue`).
    #[cfg(feature = "aws")]
    Sqs(SqsEvents),
}

/// What removes an event that has been followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt(pub String);

impl Events {
    /// Whether anybody tells.
    pub fn are_told(&self) -> bool {
        !matches!(self, Self::Nobody)
    }

    /// Waits for events, 20 s at most for the first; what removes each of those that came together. What is not removed comes
    /// again after a while.
    pub async fn take(&self) -> Result<Vec<Receipt>> {
        match self {
            Self::Nobody => Ok(std::future::pending().await),
            #[cfg(feature = "aws")]
            Self::Sqs(queue) => Box::pin(queue.take()).await,
        }
    }

    /// Removes events that have been followed.
    #[cfg_attr(not(feature = "aws"), expect(clippy::unused_async, reason = "the same shape as with the feature"))]
    pub async fn remove(&self, receipts: &[Receipt]) -> Result<()> {
        match self {
            Self::Nobody => {
                let _ = receipts;
                Ok(())
            }
            #[cfg(feature = "aws")]
            Self::Sqs(queue) => Box::pin(queue.remove(receipts)).await,
        }
    }
}
