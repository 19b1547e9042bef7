//! `judge_model` and `apply_verdict`: the gate.

use churn::SnapshotDate;
use churn::model::{EvaluationSummary, GateSettings, Verdict};
use serde::{Deserialize, Serialize};

use super::stage::StageOutcome;
use crate::{ModelVersion, Run, TableRef};

/// Asks for a challenger's verdict.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JudgeModel {
    /// The challenger's version.
    pub version: ModelVersion,
    /// Its figures on the holdout, beside the champion's.
    pub summary: EvaluationSummary,
    /// The limits that the run began with, as far as this version knows them.
    #[serde(deserialize_with = "churn::model::known_limits")]
    pub gate: GateSettings,
    /// The date that it was trained for; none of a run from before that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<SnapshotDate>,
}

/// Asks for the registration of a verdict, and the promotion if it passed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ApplyVerdict {
    /// The run.
    pub run: Run,
    /// The challenger's version.
    pub version: ModelVersion,
    /// The champion the challenger was compared with.
    pub champion: Option<ModelVersion>,
    /// The evaluation's key.
    pub evaluation: TableRef,
    /// The gate's decision.
    pub verdict: Verdict,
    /// The date that the challenger was trained for; none of a run from before that was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<SnapshotDate>,
    /// The date of its labels, where the data or the settings say one; an assumed one is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_date: Option<SnapshotDate>,
}

/// What came of a verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    /// The stage.
    #[serde(flatten)]
    pub stage: StageOutcome,
    /// Whether nothing was done, since another model is champion by now: the comparison must be made again.
    #[serde(default)]
    pub champion_changed: bool,
}
