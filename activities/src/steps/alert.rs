//! Telling people.

use super::World;
use crate::error::Result;
use crate::messages::{Alert, AlertKind};
use crate::metrics;

/// Sends an alert once; a repeated activity finds it sent.
pub async fn send_alert(world: &World, alert: Alert, namespace: &str) -> Result<bool> {
    let sent = world.alerts.send(&world.lake, &alert, namespace).await;
    let is_news = !matches!(sent, Ok(false));
    // Whatever became of the message: an alarm may hear what people could not.
    if is_news && matches!(alert.kind, AlertKind::RunFailed | AlertKind::QualityBlocked) {
        count_failure(world, &alert).await;
    }
    sent
}

/// People have heard already: a count that is lost is a line in the log, no reason to tell them twice.
async fn count_failure(world: &World, alert: &Alert) {
    if let Err(error) = world.metrics.publish(&metrics::of_failure()).await {
        tracing::warn!(workflow_id = %alert.run.workflow_id, %error, "the failed run is not counted in the metrics");
    }
}
