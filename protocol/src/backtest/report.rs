//! What a backtest found: skill by lead time, and out of time.

use churn::SnapshotDate;
use churn::label::LabelDates;
use churn::model::{Algorithm, LeadTime, OutOfTime};
use serde::{Deserialize, Serialize};

use crate::{RunId, WorkflowId};

/// What workflow `Backtest` returns, and what the lake keeps of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BacktestReport {
    /// The run's ID.
    pub run_id: RunId,
    /// The workflow's ID.
    pub workflow_id: WorkflowId,
    /// When it started, RFC 3339.
    pub started: String,
    /// The first characters of the raw files' digest.
    pub dataset: String,
    /// The experiment that was fitted.
    pub experiment: String,
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The labels that it was measured with.
    pub label: LabelDates,
    /// Skill by lead time, the label's own date first.
    pub lead: Vec<LeadTime>,
    /// Ends of months before the readings begin, which nobody asked for by name: nothing is known of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<SnapshotDate>,
    /// Skill at a later date with the labels of that date; none where the labels are of one date.
    pub out_of_time: Vec<OutOfTime>,
}
