//! `publish_run`: the pointers that the business reads.

use std::collections::BTreeMap;

use churn::SnapshotDate;
use serde::{Deserialize, Serialize};

use super::stage::StageOutcome;
use crate::{ModelVersion, Run, TableRef};

/// Asks for the pointers to move to this run's results.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PublishRun {
    /// The run.
    pub run: Run,
    /// The date the run is for.
    pub as_of: SnapshotDate,
    /// The champion that scored.
    pub version: ModelVersion,
    /// The outputs that the pointers name, by table.
    pub outputs: BTreeMap<String, TableRef>,
    /// The gold table of the run: later runs are held against it. Runs of before did not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<TableRef>,
    /// What the run looked at; of runs from before it was said, the past.
    #[serde(default)]
    pub sight: Sight,
}

/// What a run looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sight {
    /// A date that is over, while there is newer data: such a run says nothing of today.
    #[default]
    Past,
    /// The newest date that its data, or the day that it was scheduled for, allow.
    Present,
}

/// What came of a publication.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Published {
    /// The stage; skipped when the pointers did not move.
    #[serde(flatten)]
    pub stage: StageOutcome,
    /// Whether nothing was published, since another model is champion by now: score again.
    #[serde(default)]
    pub champion_changed: bool,
}
