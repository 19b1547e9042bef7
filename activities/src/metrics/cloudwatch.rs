//! Figures in CloudWatch, one namespace; a stage's seconds have the dimension `Stage`.

use std::time::Duration;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{Dimension, MetricDatum, StandardUnit};
use lake::aws::explain;
use lake::{RemoteError, RemoteErrorKind};

use super::{Figure, FigureName, Unit};
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

    /// All figures that go there in one request, how many: a run has far fewer than the 1,000 that it may hold.
    pub(super) async fn publish(&self, figures: &[Figure]) -> Result<usize> {
        let data: Vec<_> = figures.iter().filter_map(datum).collect();
        let taken = data.len();
        if taken == 0 {
            return Ok(0);
        }
        let request = self.client.put_metric_data().namespace(&self.namespace).set_metric_data(Some(data));
        let Ok(sent) = tokio::time::timeout(PATIENCE, request.send()).await else {
            return Err(self.too_slow().into());
        };
        Ok(sent.map(|_| taken).map_err(|error| explain("cloudwatch", "PutMetricData", &self.namespace, &error))?)
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

/// Nothing of a figure that does not go there.
fn datum(figure: &Figure) -> Option<MetricDatum> {
    let (name, unit) = figure.name.in_cloudwatch()?;
    let unit = match unit {
        Unit::Count => StandardUnit::Count,
        Unit::Seconds => StandardUnit::Seconds,
        Unit::None => StandardUnit::None,
    };
    let stage = figure.of.as_ref().filter(|_| figure.name == FigureName::StageSeconds);
    let stage = stage.map(|stage| Dimension::builder().name("Stage").value(stage).build());
    let dimensions = stage.map(|stage| vec![stage]);
    Some(MetricDatum::builder().metric_name(name).value(figure.value).unit(unit).set_dimensions(dimensions).build())
}
