//! What a run hears of an activity that is tried again and again.

use serde::{Deserialize, Serialize};

/// The signal that brings it.
pub const SIGNAL: &str = "trouble";

/// What a run hears of one of its activities from the third attempt on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryReport {
    /// The activity's type.
    pub activity: String,
    /// The attempt that failed, or that begins after others did not come to their end.
    pub attempt: u32,
    /// Number, name and message of the last failure.
    pub why: String,
}
