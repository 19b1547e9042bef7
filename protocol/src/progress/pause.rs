//! A pause: people let a run wait before its next stage, and let it go on.

use serde::{Deserialize, Serialize};

/// The update that lets a run wait before its next stage, with a [`PauseRequest`].
pub const PAUSE: &str = "pause";
/// The update that lets it go on, with a [`PauseRequest`].
pub const RESUME: &str = "resume";

/// What a person says to a run that is to wait, or to go on; both are needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PauseRequest {
    /// Who asks for it.
    #[serde(default)]
    pub by: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// A pause of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Who asked for it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Since when, RFC 3339, by the workflow's clock.
    pub since: String,
    /// The end of the pause; nothing while it lasts, or where the run ended in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumed: Option<Resumed>,
}

/// The end of a pause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumed {
    /// Who let the run go on.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When, RFC 3339, by the workflow's clock.
    pub at: String,
}
