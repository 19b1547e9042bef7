//! The answer of one comparison.

use serde::{Deserialize, Serialize};

use super::settings::DriftRule;

/// How serious it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftLevel {
    /// Compared, and nothing drifted that matters.
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
    /// Features that count (without the prediction): of rule `ks` the numeric ones.
    pub features_compared: u64,
    /// Of these, the drifted ones.
    pub features_drifted: u64,
    /// Whether the prediction counts. In verdicts of before, `false` says nothing.
    #[serde(default)]
    pub prediction_compared: bool,
    /// Whether the prediction drifted.
    pub prediction_drifted: bool,
    /// The drifted columns, prediction included: of rule `ks` the lowest p-value first, of `effect` what matters most.
    pub drifted: Vec<String>,
    /// Columns of the reference that are missing or only null now; each is a warning of its own.
    pub lost: Vec<String>,
    /// Features that move with the calendar and were not counted.
    #[serde(default)]
    pub features_not_counted: u64,
    /// The drifted and lost features' share of all that moves the model, 0 to 1; of rule `effect`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importance_drifted: Option<f64>,
    /// The share of those that were not counted; of rule `effect`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importance_not_counted: Option<f64>,
    /// The verdict in one sentence.
    pub reason: String,
}
