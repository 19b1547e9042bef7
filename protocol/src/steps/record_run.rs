//! `record_run`: what is on record of a run, whatever its end.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::progress::{Pause, StageState};
use crate::{ModelVersion, Run, TableRef};

/// Asks for the record of a run that has ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecordRun {
    /// The run.
    pub run: Run,
    /// The run's result, as the workflow returns it; of a run without one, what had happened by then.
    pub result: serde_json::Value,
    /// What the run was started with; nothing of runs from before it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<serde_json::Value>,
    /// Every raw input.
    pub inputs: BTreeMap<String, TableRef>,
    /// When people let the run wait, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Pause>,
    /// When its stages were at work; nothing of runs from before it was told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<StageTimes>,
}

/// When a stage was at work, by the workflow's clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageTimes {
    /// The stage's name.
    pub name: String,
    /// When it began, RFC 3339.
    pub started: String,
    /// How long it took.
    pub seconds: f64,
    /// Rows made (or found).
    pub rows: u64,
    /// How it ended.
    pub state: StageState,
}

/// What the lake says that a run did, whatever the run itself heard of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The version that the run made champion, if it did.
    pub promoted: Option<ModelVersion>,
    /// Whether the published results are the run's; nothing when that cannot be read.
    pub published: Option<bool>,
}
