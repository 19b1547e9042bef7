//! An alert as it is stored, `monitoring/alerts/<event>.json`.

use protocol::Alert;
use serde::{Deserialize, Serialize};

/// An alert that was sent.
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
}
