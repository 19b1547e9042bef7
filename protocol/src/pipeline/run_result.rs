//! How a run ended, with its result or without one: what its record holds.

use std::collections::BTreeMap;

use churn::SnapshotDate;
use churn::quality::Finding;
use serde::{Deserialize, Serialize};

use super::input::Mode;
use super::result::{ModelResult, Outcome, PipelineResult, VerdictResult};
use super::stage_name::StageName;
use crate::progress::StageResult;
use crate::steps::DriftSummary;
use crate::{RunId, WorkflowId};

/// The end of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RunResult {
    /// It came to its result.
    Completed(Box<PipelineResult>),
    /// It did not.
    EndedEarly(Box<EarlyEnd>),
}

/// How a run without a result ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EarlyState {
    /// Something failed for good.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
}

/// What had happened by the early end of a run; the fields are those of a result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EarlyEnd {
    /// The run's ID.
    pub run_id: RunId,
    /// The workflow's ID.
    pub workflow_id: WorkflowId,
    /// How it ended.
    pub state: EarlyState,
    /// Always empty: a run without a result has no outcome.
    pub outcome: Option<Outcome>,
    /// The mode.
    pub mode: Mode,
    /// The date the run looked from, if it came to know it.
    pub as_of: Option<SnapshotDate>,
    /// The first characters of the raw files' digest, likewise.
    pub dataset: Option<String>,
    /// The stages that had ended.
    pub stages: Vec<StageResult<StageName>>,
    /// The challenger, if its verdict was a fact.
    pub model: Option<ModelResult>,
    /// The verdict, if it was a fact.
    pub verdict: Option<VerdictResult>,
    /// Always empty.
    pub tiers: BTreeMap<String, u64>,
    /// Always empty.
    pub drift: Option<DriftSummary>,
    /// What was found in the delivery by then, the worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quality: Vec<Finding>,
    /// Alerts that could not be delivered.
    #[serde(default)]
    pub undelivered_alerts: Vec<String>,
    /// Stored tables that were damaged and were made again.
    #[serde(default)]
    pub repairs: Vec<String>,
    /// Why a training that the run had started could not be stopped.
    #[serde(default)]
    pub not_stopped: Option<String>,
    /// Why it ended.
    pub error: RunError,
}

/// Why a run ended early.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunError {
    /// Number and name of the error list, or `cancelled`.
    #[serde(rename = "type")]
    pub error_type: String,
    /// What happened, and what to do.
    pub message: String,
}
