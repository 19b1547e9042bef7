//! The alerts port: people hear of an event once, however often its activity is retried.

use serde::Serialize;

use crate::digest::Digest;
use crate::lake::{Lake, LakeError, keys};
use crate::messages::{Alert, AlertKind};

/// Where alerts go.
#[derive(Debug, Clone)]
pub enum Alerts {
    /// A JSON file under `monitoring/alerts/`, and the log (`local` profile).
    Lake,
}

#[derive(Serialize)]
struct StoredAlert<'a> {
    #[serde(flatten)]
    alert: &'a Alert,
    event_id: &'a str,
}

impl Alerts {
    /// Sends the alert unless this event was sent before; tells whether it was new.
    pub async fn send(&self, lake: &Lake, alert: &Alert) -> Result<bool, LakeError> {
        let event_id = event_id(alert);
        match self {
            Self::Lake => {
                let stored = crate::lake::to_json(&StoredAlert { alert, event_id: &event_id });
                let new = lake.put_if_absent(&keys::alert(&event_id), stored).await?;
                if new {
                    log(alert);
                }
                Ok(new)
            }
        }
    }
}

/// One event per cause: the same run cannot raise the same kind twice with the same subject.
fn event_id(alert: &Alert) -> String {
    let cause = Digest::of_json(&(&alert.run.run_id, alert.kind, &alert.subject));
    format!("{}-{}", alert.run.run_id, cause.short())
}

fn log(alert: &Alert) {
    let Alert { run, kind, subject, .. } = alert;
    match kind {
        AlertKind::ModelPromoted | AlertKind::ApprovalRequested => {
            tracing::info!(workflow_id = %run.workflow_id, ?kind, "{subject}");
        }
        _ => tracing::warn!(workflow_id = %run.workflow_id, ?kind, "{subject}"),
    }
}
