//! The metrics port: the figures of a run, for whoever draws curves and sets alarms.

#[cfg(feature = "aws")]
mod cloudwatch;
mod figures;
mod name;
#[cfg(test)]
mod observability_test;
mod prometheus;

use std::sync::Arc;

#[cfg(feature = "aws")]
pub use cloudwatch::CloudWatchMetrics;
pub use figures::{Figure, of_deliveries, of_events, of_failure, of_freshness, of_layer, of_result};
pub use name::{FigureName, Unit};
pub use prometheus::PrometheusMetrics;
use temporalio_common::telemetry::metrics::CoreMeter;

use crate::error::Result;

/// Where the figures go: to each of these, or nowhere; those of a run are in `run.json` anyway.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    /// The worker's own page, where it serves one.
    prometheus: Option<PrometheusMetrics>,
    /// CloudWatch (`aws` profile).
    #[cfg(feature = "aws")]
    cloudwatch: Option<CloudWatchMetrics>,
}

impl Metrics {
    /// Those of the `aws` profile.
    #[cfg(feature = "aws")]
    pub fn in_cloudwatch(metrics: CloudWatchMetrics) -> Self {
        Self { prometheus: None, cloudwatch: Some(metrics) }
    }

    /// The same, and shown by a meter.
    pub fn with_prometheus(mut self, meter: Arc<dyn CoreMeter>) -> Self {
        self.prometheus = Some(PrometheusMetrics::new(meter));
        self
    }

    /// Publishes everywhere; how many were: in CloudWatch, where figures go there.
    #[cfg_attr(not(feature = "aws"), expect(clippy::unused_async, reason = "the same shape as with the feature"))]
    pub async fn publish(&self, figures: &[Figure]) -> Result<usize> {
        // What CloudWatch does not take is shown nevertheless.
        let shown = self.show(figures);
        #[cfg(feature = "aws")]
        if let Some(cloudwatch) = &self.cloudwatch {
            return Box::pin(cloudwatch.publish(figures)).await;
        }
        Ok(shown)
    }

    /// Shows figures that Prometheus alone has; how many.
    pub fn show(&self, figures: &[Figure]) -> usize {
        self.prometheus.as_ref().map_or(0, |prometheus| prometheus.show(figures))
    }
}
