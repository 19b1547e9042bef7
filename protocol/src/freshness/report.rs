//! `judge_freshness` and `note_freshness`: whether the day's scores are there, and what people have heard of it.

use churn::SnapshotDate;
use serde::{Deserialize, Serialize};

use super::FreshnessInput;
use crate::silence::Silence;
use crate::{ModelVersion, WorkflowId};

/// Whether the scores of the day are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FreshnessState {
    /// They are.
    Fresh,
    /// They are not, and it is not yet time.
    Due,
    /// They are not, and they should be.
    Stale,
    /// They came late; until the day ends.
    Recovered,
}

impl FreshnessState {
    /// The word in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Due => "due",
            Self::Stale => "stale",
            Self::Recovered => "recovered",
        }
    }

    /// What people hear of it, in a few words; nothing where it is no news.
    pub fn subject(self) -> Option<&'static str> {
        match self {
            Self::Stale => Some("the scores of the day are not there"),
            Self::Recovered => Some("the scores of the day have come"),
            Self::Fresh | Self::Due => None,
        }
    }
}

/// Asks whether the scores of the day are there.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JudgeFreshness {
    /// What is promised.
    pub promise: FreshnessInput,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FreshnessJudged {
    /// How it stands.
    #[serde(flatten)]
    pub report: FreshnessReport,
    /// Whether people must hear of it now.
    pub tell: bool,
    /// What the raw watcher has not done for too long, where people have not heard of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence: Option<Silence>,
}

/// How the promise stands; the lake keeps it as `monitoring/freshness.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FreshnessReport {
    /// Whether the scores of the day are there.
    pub state: FreshnessState,
    /// Since when it is so, RFC 3339.
    pub since: String,
    /// When this was looked at, RFC 3339.
    pub looked_at: String,
    /// When the scores of the day are promised for, RFC 3339.
    pub deadline: String,
    /// The scores that are published, if any are.
    pub scores: Option<ScoresInForce>,
    /// The last state that people heard of, until it is fresh again.
    pub told: Option<FreshnessState>,
    /// When they heard of it, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_at: Option<String>,
}

/// The scores that the business reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoresInForce {
    /// When the run began that made them, or that found them to be so still, RFC 3339.
    pub confirmed_at: String,
    /// The hours since then.
    pub age_hours: f64,
    /// The date they are for.
    pub as_of: SnapshotDate,
    /// The model that scored.
    pub model_version: ModelVersion,
    /// The workflow of the run that made them.
    pub workflow_id: WorkflowId,
}

/// Asks that what people heard is remembered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NoteFreshness {
    /// The state that they heard of.
    pub told: FreshnessState,
}
