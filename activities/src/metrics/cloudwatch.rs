//! Figures in CloudWatch, one namespace; a stage's seconds have the dimension `Stage`.

use std::time::Duration;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{Dimension, MetricDatum, StandardUnit};
use lake::aws::explain;
use lake::{RemoteError, RemoteErrorKind};

use super::{Figure, Unit};
use crate::error::Result;

/// A run does not wait longer for its figures to be taken.
const PATIENCE: Duration = Duration::from_secs(30);

/// The CloudWatch adapter.
#[derive(Debug, Clone)]
pub struct CloudWatchMetrics {
    client: Client,
    namespace: String,
}

impl CloudWatchMetrics {
    /// Metrics in a namespace.
    pub fn new(client: Client, namespace: String) -> Self {
        Self { client, namespace }
    }

    /// All figures in one request: a run has far fewer than the 1,000 that it may hold.
    pub(super) async fn publish(&self, figures: &[Figure]) -> Result<()> {
        let data = figures.iter().map(datum).collect();
        let request = self.client.put_metric_data().namespace(&self.namespace).set_metric_data(Some(data));
        let Ok(sent) = tokio::time::timeout(PATIENCE, request.send()).await else {
            return Err(self.too_slow().into());
        };
        Ok(sent.map(drop).map_err(|error| explain("cloudwatch", "PutMetricData", &self.namespace, &error))?)
    }

    fn too_slow(&self) -> RemoteError {
        RemoteError {
            service: "cloudwatch",
            operation: "PutMetricData",
            target: self.namespace.clone(),
            kind: RemoteErrorKind::Unavailable,
            said: format!("no answer within {} s", PATIENCE.as_secs()),
        }
    }
}

fn datum(figure: &Figure) -> MetricDatum {
    let unit = match figure.unit {
        Unit::Count => StandardUnit::Count,
        Unit::Seconds => StandardUnit::Seconds,
        Unit::None => StandardUnit::None,
    };
    let stage = figure.stage.as_ref().map(|stage| Dimension::builder().name("Stage").value(stage).build());
    MetricDatum::builder()
        .metric_name(figure.name)
        .value(figure.value)
        .unit(unit)
        .set_dimensions(stage.map(|stage| vec![stage]))
        .build()
}
