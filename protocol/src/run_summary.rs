//! What every run's result has in common, whatever its workflow, and whatever a newer version adds to it.

use churn::SnapshotDate;
use serde::{Deserialize, Serialize};

use crate::ModelVersion;
use crate::pipeline::RunError;

/// A result in a few words. Words stay texts: an older reader must not stumble over a newer one's.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RunSummary {
    /// `completed`, `failed` or `cancelled`.
    pub state: String,
    /// The mode, of a workflow that has modes.
    pub mode: Option<String>,
    /// What became of it, if it came to a result.
    pub outcome: Option<String>,
    /// The date it looked from.
    pub as_of: Option<SnapshotDate>,
    /// The model that it is about.
    pub model: Option<SummaryModel>,
    /// Why it ended early, if it did.
    pub error: Option<RunError>,
}

/// A model in a few words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SummaryModel {
    /// The version.
    pub version: ModelVersion,
    /// Its figures on the holdout.
    pub metrics: SummaryMetrics,
}

/// The figure that people look for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SummaryMetrics {
    /// The area under the precision-recall curve.
    pub pr_auc: f64,
}
