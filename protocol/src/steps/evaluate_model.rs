//! `evaluate_model`: the challenger beside the champion and the best one before.

use churn::SnapshotDate;
use churn::model::EvaluationSummary;
use serde::{Deserialize, Serialize};

use super::stage::StageOutcome;
use crate::{ModelVersion, Reuse, Run, TableRef};

/// Asks for the evaluation of a challenger.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EvaluateModel {
    /// The run.
    pub run: Run,
    /// The gold table.
    pub gold: TableRef,
    /// The challenger's version.
    pub version: ModelVersion,
    /// Whether a stored evaluation counts.
    pub reuse: Reuse,
    /// The date of the labels, where the data or the settings say one; an assumed one is none. Champions of labels of another
    /// date set no bar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_date: Option<SnapshotDate>,
}

/// A challenger's figures, and whom it was compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluated {
    /// The stage.
    pub stage: StageOutcome,
    /// The champion it was compared with, if any.
    pub champion: Option<ModelVersion>,
    /// Whether the challenger is the champion itself: the same data gave the same model.
    pub is_champion: bool,
    /// The figures the gate decides on.
    pub summary: EvaluationSummary,
}
