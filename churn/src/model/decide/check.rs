//! What one check of the gate found.

use serde::{Deserialize, Serialize};

use super::check_name::CheckName;

/// One check of the gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Which one.
    pub name: CheckName,
    /// What was measured; nothing when there is nothing to measure.
    pub value: Option<f64>,
    /// What it must reach.
    pub limit: f64,
    /// Whether it does.
    pub passed: bool,
    /// The same for people, in one sentence.
    pub note: String,
}
