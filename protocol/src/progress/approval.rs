//! A promotion that waits for a person, as the run tells of it.

use churn::model::Check;
use serde::{Deserialize, Serialize};

use crate::ModelVersion;

/// The update that lets a promotion go ahead, with a [`crate::pipeline::Decision`].
pub const APPROVE: &str = "approve";
/// The update that turns it down, with a [`crate::pipeline::Decision`].
pub const REJECT: &str = "reject";

/// A promotion that waits for a person: what is asked, and until when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaitingApproval {
    /// The challenger's version.
    pub version: ModelVersion,
    /// The experiment that it was trained by.
    pub experiment: String,
    /// The champion that it was compared with, if there is one.
    pub champion: Option<ModelVersion>,
    /// Its PR-AUC on the holdout.
    pub pr_auc: f64,
    /// Its ROC-AUC on the holdout.
    pub roc_auc: f64,
    /// Its Brier score on the holdout.
    pub brier: f64,
    /// The champion's PR-AUC on the same customers, if there is one.
    pub champion_pr_auc: Option<f64>,
    /// The gate's checks; it passed them all.
    pub checks: Vec<Check>,
    /// When people were asked, RFC 3339, by the workflow's clock.
    pub asked: String,
    /// When people are reminded, unless somebody decides before.
    pub remind_at: String,
    /// When they were reminded, if they were.
    #[serde(default)]
    pub reminded: Option<String>,
    /// When silence rejects it.
    pub expires_at: String,
}
