//! The alerts port: people hear of an event once, however often its activity is retried, and not at all of what they know.

mod known;
#[cfg(feature = "aws")]
mod sns;
mod webhooks;

#[cfg(feature = "aws")]
pub use sns::SnsAlerts;
pub use webhooks::Webhooks;

use crate::error::Result;
use chrono::{DateTime, SecondsFormat, Utc};
use known::known_by;
use lake::documents::StoredAlert;
use lake::{Lake, keys, to_json};
use protocol::Digest;
use protocol::{Alert, AlertKind};

/// Where alerts go: to people, and to every webhook.
#[derive(Debug, Clone)]
pub struct Alerts {
    people: People,
    webhooks: Webhooks,
}

/// How people hear.
#[derive(Debug, Clone)]
enum People {
    /// A JSON file under `monitoring/alerts/`, and the log (`local` profile).
    Lake,
    /// An SNS topic; the JSON file says that it was sent (`aws` profile).
    #[cfg(feature = "aws")]
    Sns(SnsAlerts),
}

impl Alerts {
    /// Those of the `local` profile.
    pub fn in_lake() -> Self {
        Self { people: People::Lake, webhooks: Webhooks::default() }
    }

    /// Those of the `aws` profile.
    #[cfg(feature = "aws")]
    pub fn by_sns(topic: SnsAlerts) -> Self {
        Self { people: People::Sns(topic), webhooks: Webhooks::default() }
    }

    /// The same, and to these webhooks.
    pub fn with_webhooks(mut self, webhooks: Webhooks) -> Self {
        self.webhooks = webhooks;
        self
    }

    /// Sends the alert unless this event was sent before, or somebody has acknowledged it: then it is noted alone.
    /// Tells whether it was new. Who could not be told keeps it from nobody else.
    pub async fn send(&self, lake: &Lake, alert: &Alert, namespace: &str, now: DateTime<Utc>) -> Result<bool> {
        let event_id = event_id(alert);
        let known_by = known_by(lake, alert, now).await;
        let stored = StoredAlert {
            alert: alert.clone(),
            at: Some(now.to_rfc3339_opts(SecondsFormat::Millis, true)),
            event_id: event_id.clone(),
            message_id: None,
            acknowledged_by: known_by,
        };
        if stored.acknowledged_by.is_some() {
            return Ok(lake.put_if_absent(&keys::alert(&event_id), to_json(&stored)).await?);
        }
        let told = self.people.tell(lake, stored, namespace).await;
        if let Ok(true) = told {
            log(alert);
        }
        let webhooks = Box::pin(self.webhooks.send(lake, alert, &event_id, namespace, now)).await;
        let new = told?;
        webhooks?;
        Ok(new)
    }
}

impl People {
    /// Tells whether it was new.
    async fn tell(&self, lake: &Lake, stored: StoredAlert, namespace: &str) -> Result<bool> {
        let key = keys::alert(&stored.event_id);
        match self {
            Self::Lake => {
                let _ = namespace;
                Ok(lake.put_if_absent(&key, to_json(&stored)).await?)
            }
            // Sent first and noted then: an attempt that dies between the two sends twice rather than never.
            // A FIFO topic drops the second by its event ID. A lake out of reach may be the very news.
            #[cfg(feature = "aws")]
            Self::Sns(topic) => {
                if let Ok(Some(_)) = lake.head(&key).await {
                    return Ok(false);
                }
                let message_id = Box::pin(topic.publish(&stored.alert, &stored.event_id, namespace)).await?;
                let stored = StoredAlert { message_id: Some(message_id), ..stored };
                if let Err(error) = lake.put_if_absent(&key, to_json(&stored)).await {
                    tracing::warn!(%error, "an alert was sent and could not be noted in the lake");
                }
                Ok(true)
            }
        }
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
        | AlertKind::ModelReinstated
        | AlertKind::CustomersErased => {
            tracing::info!(workflow_id = %run.workflow_id, kind = kind.as_str(), "{subject}");
        }
        _ => tracing::warn!(workflow_id = %run.workflow_id, kind = kind.as_str(), "{subject}"),
    }
}

#[cfg(test)]
mod tests {
    use lake::FolderLake;
    use protocol::Run;

    use super::*;

    #[tokio::test]
    async fn the_time_of_an_alert_is_that_of_its_first_sending() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let run = Run { workflow_id: "w".into(), run_id: "r".into(), started: "2026-12-14T01:30:00.000Z".to_owned() };
        let (kind, subject, body) = (AlertKind::ModelPromoted, "the model is champion".to_owned(), String::new());
        let alert = Alert { run, kind, subject, body, features: Vec::new(), details: Vec::new() };
        let send = async |now: &str| {
            let now = now.parse().unwrap();
            Alerts::in_lake().send(&lake, &alert, "default", now).await.unwrap()
        };
        // In another zone, and finer than what is kept.
        assert!(send("2026-12-14T03:00:00.1234+01:00").await);
        assert!(!send("2026-12-14T02:05:00Z").await, "a repeated attempt finds it sent");
        let stored: StoredAlert = lake.read_json(&keys::alert(&event_id(&alert))).await.unwrap();
        assert_eq!(stored.at.as_deref(), Some("2026-12-14T02:00:00.123Z"));
        assert_eq!((stored.alert, stored.acknowledged_by), (alert, None));
    }
}
