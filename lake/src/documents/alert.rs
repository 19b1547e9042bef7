//! An alert as it is stored, `monitoring/alerts/<event>.json`.

use protocol::Alert;
use serde::{Deserialize, Serialize};

use super::AcknowledgedBy;

/// An alert that was sent, or that somebody knew before it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredAlert {
    /// What people were told.
    #[serde(flatten)]
    pub alert: Alert,
    /// When it was sent first, RFC 3339; nothing in alerts from before that was noted.
    #[serde(default)]
    pub at: Option<String>,
    /// The event, by which a repeated sending finds the first.
    pub event_id: String,
    /// The message's ID at the service that sent it, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Who knew of it already, so that it was told to nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_by: Option<AcknowledgedBy>,
}

impl StoredAlert {
    /// The short ID: that of the cause, without the run.
    pub fn short_id(&self) -> &str {
        short_id(&self.event_id)
    }
}

/// The short form of an event's ID.
pub fn short_id(event_id: &str) -> &str {
    event_id.rsplit('-').next().unwrap_or(event_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_of_before_times_were_noted_has_none() {
        let read = |at: &str| {
            let json = format!(
                r#"{{"run":{{"workflow_id":"w","run_id":"r","started":""}},"kind":"scores_stale",
                    "subject":"late","body":"","event_id":"r-1"{at}}}"#
            );
            serde_json::from_str::<StoredAlert>(&json).unwrap()
        };
        assert_eq!(read("").at, None);
        let now = read(r#","at":"2026-12-14T02:00:00.123Z""#);
        assert_eq!((now.at.as_deref(), now.short_id()), (Some("2026-12-14T02:00:00.123Z"), "1"));
        assert_eq!(serde_json::to_value(&now).unwrap()["at"], "2026-12-14T02:00:00.123Z");
    }
}
