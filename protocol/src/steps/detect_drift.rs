//! `detect_drift`: today's customers against the champion's training data.

use churn::drift::{DriftLevel, DriftRule};
use serde::{Deserialize, Serialize};

use super::stage::StageOutcome;

/// The drift verdict and where its report is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DriftFound {
    /// The stage.
    pub stage: StageOutcome,
    /// The verdict in short.
    pub drift: DriftSummary,
}

/// The drift verdict in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DriftSummary {
    /// `none`, `warn`, `critical` or `not_enough_data`.
    pub level: DriftLevel,
    /// The rule that decided.
    pub rule: DriftRule,
    /// The columns that drifted, lowest p-value first.
    pub features: Vec<String>,
    /// The verdict in one sentence.
    #[serde(default)]
    pub reason: String,
}
