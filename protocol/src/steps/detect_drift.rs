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
    /// The columns that drifted: of rule `effect` what matters most first, of `ks` the lowest p-value.
    pub features: Vec<String>,
    /// The verdict in one sentence.
    #[serde(default)]
    pub reason: String,
    /// The drifted features' share of all that moves the model, 0 to 1; of rule `effect`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importance: Option<f64>,
    /// What the model promises, and what came to pass; none of runs from before that was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub performance: Option<PerformanceSummary>,
}

/// The performance of a run in short.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PerformanceSummary {
    /// The PR-AUC that the probabilities promise; null where there are too few customers that the model has not seen.
    pub estimated_pr_auc: Option<f64>,
    /// The lower end of its interval.
    pub estimated_low: Option<f64>,
    /// The upper end of its interval.
    pub estimated_high: Option<f64>,
    /// The PR-AUC of the run's own customers, where labels of its date are known.
    pub realised_pr_auc: Option<f64>,
    /// Which figures of which scores came out otherwise than promised, for example `pr_auc of 2024-12-31`.
    pub troubles: Vec<String>,
    /// The same in a sentence with their numbers; empty where all is as promised.
    pub reason: String,
}
