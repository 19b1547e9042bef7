//! What a run returns: an answer that a person can read and a program can parse.

use std::collections::BTreeMap;

use churn::SnapshotDate;
use churn::label::LabelDates;
use churn::model::{Check, Metrics, Verdict};
use churn::quality::Finding;
use serde::{Deserialize, Serialize};

use super::input::Mode;
use super::slice_result::SliceResult;
use super::stage_name::StageName;
use crate::progress::StageResult;
use crate::steps::{Applied, DriftSummary, Evaluated, JobUse, OffersSummary};
use crate::{ModelVersion, RunId, WorkflowId};

/// What became of the challenger, or of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The challenger passed the gate and is champion now.
    Promoted,
    /// The challenger is the champion: the same data gave the same model.
    AlreadyChampion,
    /// The challenger failed the gate; the champion stays and scored.
    Rejected,
    /// Nobody may score: no champion yet.
    NoChampion,
    /// Score mode: the champion scored.
    Scored,
}

impl Outcome {
    /// What became of a challenger. The champion itself stays champion, whatever a new judgement of it says.
    pub fn of(evaluated: &Evaluated, verdict: &Verdict, applied: &Applied) -> Self {
        let newly = applied.stage.skipped.is_none();
        match (evaluated.is_champion, verdict.passed, newly) {
            (true, _, _) | (false, true, false) => Self::AlreadyChampion,
            (false, true, true) => Self::Promoted,
            (false, false, _) => Self::Rejected,
        }
    }

    /// The word as the output shows it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Promoted => "promoted",
            Self::AlreadyChampion => "already_champion",
            Self::Rejected => "rejected",
            Self::NoChampion => "no_champion",
            Self::Scored => "scored",
        }
    }
}

/// The model that the run is about: in train mode the challenger, in score mode the champion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelResult {
    /// The version.
    pub version: ModelVersion,
    /// The experiment.
    pub experiment: Option<String>,
    /// Figures on the holdout: `pr_auc`, `roc_auc` and the rest.
    pub metrics: Metrics,
    /// For whom it works; of a challenger alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slices: Vec<SliceResult>,
    /// The remote job that trained it in this run, with its billable seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<JobUse>,
}

/// The gate's decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VerdictResult {
    /// What became of the challenger.
    pub outcome: Outcome,
    /// Every check.
    pub checks: Vec<Check>,
}

/// The result of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PipelineResult {
    /// The run's ID.
    pub run_id: RunId,
    /// The workflow's ID.
    pub workflow_id: WorkflowId,
    /// `completed`.
    pub state: String,
    /// What became of the run, in one word.
    pub outcome: Outcome,
    /// The mode.
    pub mode: Mode,
    /// The date the run looked from.
    pub as_of: SnapshotDate,
    /// The date and the horizon of the labels; not known of a run from before that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<LabelDates>,
    /// The first characters of the raw files' digest.
    pub dataset: String,
    /// Stage by stage.
    pub stages: Vec<StageResult<StageName>>,
    /// The model, if there is one.
    pub model: Option<ModelResult>,
    /// The verdict, in train mode.
    pub verdict: Option<VerdictResult>,
    /// The champion that scored.
    pub champion: Option<ModelVersion>,
    /// Customers by risk tier.
    pub tiers: BTreeMap<String, u64>,
    /// The offers, and whether their effect can be measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offers: Option<OffersSummary>,
    /// The drift verdict.
    pub drift: Option<DriftSummary>,
    /// What was found in the delivery and in the tables made of it, the worst first.
    #[serde(default)]
    pub quality: Vec<Finding>,
    /// Alerts that could not be delivered.
    pub undelivered_alerts: Vec<String>,
    /// Stored tables that were damaged and were made again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repairs: Vec<String>,
}
