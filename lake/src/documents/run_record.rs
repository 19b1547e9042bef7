//! The record of a run, `runs/<run>/run.json`: what went in, what came out, by which code and settings.

use std::collections::BTreeMap;

use protocol::pipeline::{RunResult, StageName};
use protocol::progress::{Pause, StageResult};
use protocol::steps::Facts;
use protocol::{Run, RunId, RunSummary, TableRef};
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
    /// The result, or what had happened by an early end, as the workflow gave it: newer words are kept.
    pub result: Value,
    /// When people let the run wait, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Pause>,
    /// What the lake says that the run did.
    #[serde(default)]
    pub facts: Facts,
    /// What became of its figures.
    #[serde(default)]
    pub metrics: PublishedMetrics,
    /// Why its lineage is not everywhere where it should be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage_undelivered: Option<String>,
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

/// A result that this version does not understand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the result of run {run_id} cannot be read ({problem}): it is of another workflow, or of a newer version")]
pub struct UnreadableResult {
    /// The run.
    pub run_id: RunId,
    /// What is not understood.
    pub problem: String,
}

impl RunRecord {
    /// Stores the record, and the run's line in the index. The index is made of the records: that it cannot be
    /// written is never the run's trouble.
    pub async fn store(&self, lake: &Lake) -> Result<(), LakeError> {
        lake.put_json(&keys::run_record(&self.run.run_id), self).await?;
        if let Err(error) = super::run_index::add(lake, &super::RunLine::of(self)).await {
            tracing::warn!(run_id = %self.run.run_id, %error, "the index of runs lacks a run");
        }
        Ok(())
    }

    /// The record of a run, if there is one.
    pub async fn find(lake: &Lake, run_id: &str) -> Result<Option<Self>, LakeError> {
        Ok(lake.get_json(&keys::run_record(run_id)).await?.map(|(record, _)| record))
    }

    /// The result in a few words, of any workflow. One that this version cannot read has the state `unreadable`.
    pub fn summary(&self) -> RunSummary {
        serde_json::from_value(self.result.clone())
            .unwrap_or_else(|_| RunSummary { state: "unreadable".to_owned(), ..RunSummary::default() })
    }

    /// The result of a `ChurnPipeline` as its type; the error says what this version does not understand.
    pub fn pipeline_result(&self) -> Result<RunResult, String> {
        serde_json::from_value(self.result.clone()).map_err(|error| error.to_string())
    }

    /// The stages that had ended, of a run of `ChurnPipeline`.
    pub fn stages(&self) -> Result<Vec<StageResult<StageName>>, UnreadableResult> {
        match self.pipeline_result() {
            Ok(RunResult::Completed(result)) => Ok(result.stages),
            Ok(RunResult::EndedEarly(end)) => Ok(end.stages),
            Err(problem) => Err(UnreadableResult { run_id: self.run.run_id.clone(), problem }),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(result: &Value) -> RunRecord {
        serde_json::from_value(json!({
            "run": { "workflow_id": "w", "run_id": "r", "started": "2026-11-25T02:00:00.000Z" },
            "inputs": {}, "result": result, "code_version": "0.0.0", "settings": {},
        }))
        .unwrap()
    }

    #[test]
    fn a_record_of_before_and_one_with_newer_words_are_read() {
        let newer = record(&json!({
            "state": "completed", "mode": "backtest", "outcome": "measured", "stages": [{ "name": "segments" }],
            "as_of": "2024-12-31", "model": { "version": "v", "metrics": { "pr_auc": 0.7, "lift": 3 } }, "new": 1,
        }));
        let summary = newer.summary();
        assert_eq!((summary.mode.as_deref(), summary.outcome.as_deref()), (Some("backtest"), Some("measured")));
        assert_eq!(summary.model.unwrap().metrics.pr_auc, 0.7);
        assert!(newer.pipeline_result().is_err(), "who needs every field is told that it cannot have it");
        // Stored again, nothing of it is lost.
        let stored: RunRecord = serde_json::from_value(serde_json::to_value(&newer).unwrap()).unwrap();
        assert_eq!((&stored.result["new"], stored.ended), (&json!(1), None));
    }
}
