//! `try_model`: a candidate that is measured and kept nowhere.

use churn::model::{TrialFigures, TrialName};
use serde::{Deserialize, Serialize};

use super::stage::StageOutcome;
use crate::{Reuse, Run, TableRef};

/// Asks for the figures of a candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TryModel {
    /// The run.
    pub run: Run,
    /// The gold table that it is fitted on.
    pub gold: TableRef,
    /// The gold table of a later date that it is measured on; the same one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub later: Option<TableRef>,
    /// The candidate.
    pub trial: TrialName,
    /// Whether stored figures count.
    pub reuse: Reuse,
}

/// The figures of a candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TriedModel {
    /// The stage.
    pub stage: StageOutcome,
    /// The figures.
    pub figures: TrialFigures,
}
