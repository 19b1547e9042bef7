//! The alerts port: people hear of an event once, however often its activity is retried, and not at all of what they know.

mod known;
#[cfg(feature = "aws")]
mod sns;

#[cfg(feature = "aws")]
pub use sns::SnsAlerts;

use crate::error::Result;
use chrono::{DateTime, SecondsFormat, Utc};
use known::known_by;
use lake::documents::StoredAlert;
use lake::{Lake, keys, to_json};
use protocol::Digest;
use protocol::{Alert, AlertKind};

/// Where alerts go.
#[derive(Debug, Clone)]
pub enum Alerts {
    /// A JSON file under `monitoring/alerts/`, and the log (`local` profile).
    Lake,
    /// An SNS topic; the JSON file says that it was sent (`aws` profile).
    #[cfg(feature = "aws")]
    Sns(SnsAlerts),
}

impl Alerts {
    /// Sends the alert unless this event was sent before, or somebody has acknowledged it: then it is noted alone.
    /// Tells whether it was new.
    pub async fn send(&self, lake: &Lake, alert: &Alert, namespace: &str, now: DateTime<Utc>) -> Result<bool> {
        let event_id = event_id(alert);
        let key = keys::alert(&event_id);
        let known_by = known_by(lake, alert, now).await;
        let is_known = known_by.is_some();
        let stored = |message_id| {
            to_json(&StoredAlert {
                alert: alert.clone(),
                at: Some(now.to_rfc3339_opts(SecondsFormat::Millis, true)),
                event_id: event_id.clone(),
                message_id,
                acknowledged_by: known_by.clone(),
            })
        };
        if is_known {
            return Ok(lake.put_if_absent(&key, stored(None)).await?);
        }
        let new = match self {
            Self::Lake => {
                let _ = namespace;
                lake.put_if_absent(&key, stored(None)).await?
            }
            // Sent first and noted then: an attempt that dies between the two sends twice rather than never.
            // A FIFO topic drops the second by its event ID. A lake out of reach may be the very news.
            #[cfg(feature = "aws")]
            Self::Sns(topic) => {
                if let Ok(Some(_)) = lake.head(&key).await {
                    return Ok(false);
                }
                let message_id = Box::pin(topic.publish(alert, &event_id, namespace)).await?;
                if let Err(error) = lake.put_if_absent(&key, stored(Some(message_id))).await {
                    tracing::warn!(%error, "an alert was sent and could not be noted in the lake");
                }
                true
            }
        };
        if new {
            log(alert);
        }
        Ok(new)
    }
}

/// One event per cause: the same run cannot raise the same kind twice with the same subject.
pub(crate) fn event_id(alert: &Alert) -> String {
    let cause = Digest::of_json(&(&alert.run.run_id, alert.kind, &alert.subject));
    format!("{}-{}", alert.run.run_id, cause.short())
}

fn log(alert: &Alert) {
    let Alert { run, kind, subject, .. } = alert;
    match kind {
        AlertKind::ModelPromoted
        | AlertKind::ApprovalRequested
        | AlertKind::ScoresRecovered
        | AlertKind::ChampionMoved
        | AlertKind::ModelReinstated => {
            tracing::info!(workflow_id = %run.workflow_id, kind = kind.as_str(), "{subject}");
        }
        _ => tracing::warn!(workflow_id = %run.workflow_id, kind = kind.as_str(), "{subject}"),
    }
}
