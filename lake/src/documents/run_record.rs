//! The record of a run, `runs/<run>/run.json`: what went in, what came out, by which code and settings.

use std::collections::BTreeMap;

use protocol::pipeline::RunResult;
use protocol::steps::Facts;
use protocol::{Run, TableRef};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Lake, LakeError, keys};

/// Everything that is on record of a run, whatever its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// The run and when it started.
    pub run: Run,
    /// When it was recorded, which is the last thing a run does, RFC 3339; nothing in records of before.
    #[serde(default)]
    pub ended: Option<String>,
    /// What the run was started with; nothing in records of before.
    #[serde(default)]
    pub input: Option<Value>,
    /// Every raw input.
    pub inputs: BTreeMap<String, TableRef>,
    /// The result, or what had happened by an early end.
    pub result: RunResult,
    /// What the lake says that the run did.
    pub facts: Facts,
    /// What became of its figures.
    pub metrics: PublishedMetrics,
    /// The revision of the code that recorded it.
    pub code_version: String,
    /// The version of every computation in that code, by stage.
    #[serde(default)]
    pub stage_versions: BTreeMap<String, u32>,
    /// The settings in force, by part.
    pub settings: Value,
}

/// What became of the figures of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedMetrics {
    /// How many were published.
    pub published: usize,
    /// Why some were not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undelivered: Option<String>,
}

impl RunRecord {
    /// Stores the record, and the run's line in the index.
    pub async fn store(&self, lake: &Lake) -> Result<(), LakeError> {
        lake.put_json(&keys::run_record(&self.run.run_id), self).await?;
        super::run_index::add(lake, &super::RunLine::of(self)).await
    }

    /// The record of a run, if there is one.
    pub async fn find(lake: &Lake, run_id: &str) -> Result<Option<Self>, LakeError> {
        Ok(lake.get_json(&keys::run_record(run_id)).await?.map(|(record, _)| record))
    }
}
