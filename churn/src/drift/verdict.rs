//! The answer of one comparison.

use serde::{Deserialize, Serialize};

use super::settings::DriftRule;

/// How serious it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftLevel {
    /// Compared, and nothing drifted.
    None,
    /// Something drifted: people should look.
    Warn,
    /// Drift large enough to act on. The rule `ks` cannot tell and never says so.
    Critical,
    /// Nothing can be said. This is not "no drift".
    NotEnoughData,
}

impl DriftLevel {
    /// The name in reports, search attributes and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Warn => "warn",
            Self::Critical => "critical",
            Self::NotEnoughData => "not_enough_data",
        }
    }
}

/// The answer of one comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DriftVerdict {
    /// How serious it is.
    pub level: DriftLevel,
    /// The rule that decided.
    pub rule: DriftRule,
    /// Its limit for p-values.
    pub alpha: f64,
    /// Numeric features with statistics (without the prediction).
    pub features_compared: u64,
    /// Of these, the drifted ones.
    pub features_drifted: u64,
    /// Whether the prediction drifted.
    pub prediction_drifted: bool,
    /// The drifted columns, prediction included, lowest p-value first.
    pub drifted: Vec<String>,
    /// Columns of the reference that are missing or only null now; each is a warning of its own.
    pub lost: Vec<String>,
    /// The verdict in one sentence.
    pub reason: String,
}
