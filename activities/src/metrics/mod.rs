//! The metrics port: the figures of a run, for whoever draws curves and sets alarms.

#[cfg(feature = "aws")]
mod cloudwatch;
mod figures;

#[cfg(feature = "aws")]
pub use cloudwatch::CloudWatchMetrics;
pub use figures::{Figure, Unit, of_failure, of_freshness, of_result};

use crate::error::Result;

/// Where the figures of a run go.
#[derive(Debug, Clone)]
pub enum Metrics {
    /// Nowhere: they are in `run.json`, and Prometheus reads the worker's own (`local` profile).
    None,
    /// CloudWatch (`aws` profile).
    #[cfg(feature = "aws")]
    CloudWatch(CloudWatchMetrics),
}

impl Metrics {
    /// Publishes; how many were.
    #[cfg_attr(not(feature = "aws"), expect(clippy::unused_async, reason = "the same shape as with the feature"))]
    pub async fn publish(&self, figures: &[Figure]) -> Result<usize> {
        match self {
            Self::None => {
                let _ = figures;
                Ok(0)
            }
            #[cfg(feature = "aws")]
            Self::CloudWatch(metrics) => Box::pin(metrics.publish(figures)).await.map(|()| figures.len()),
        }
    }
}
