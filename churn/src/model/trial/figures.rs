//! What a trial gives: figures, and whom they are about.

use serde::{Deserialize, Serialize};

use super::algorithm::Algorithm;
use crate::model::measure::bootstrap::Interval;

/// What is tried, by name; the settings are those of who tries it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialName {
    /// The experiment of `feature_tiers.yaml`: which features.
    pub experiment: String,
    /// The algorithm.
    pub algorithm: Algorithm,
    /// Which point of the grid, counted from 0; none with the settings in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid_point: Option<u32>,
}

/// The figures of a trial on customers that it never saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrialFigures {
    /// Customers that it was fitted on.
    pub training_rows: u64,
    /// Churners among them.
    pub training_positives: u64,
    /// Customers that it was measured on.
    pub rows: u64,
    /// Churners among them; their share is the PR-AUC of whoever guesses.
    pub positives: u64,
    /// Average precision.
    pub pr_auc: f64,
    /// 95 % bootstrap interval; nothing when no resample had both classes.
    pub pr_auc_interval: Option<Interval>,
    /// Area under the ROC curve.
    pub roc_auc: f64,
    /// 95 % bootstrap interval; nothing when no resample had both classes.
    pub roc_auc_interval: Option<Interval>,
    /// Average precision out of fold on the training customers, by which a point of the grid is chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_of_fold_pr_auc: Option<f64>,
}

impl TrialFigures {
    /// The share of churners among those it was measured on.
    pub fn base_rate(&self) -> f64 {
        self.positives as f64 / self.rows.max(1) as f64
    }
}
