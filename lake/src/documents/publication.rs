//! What the business reads: `published.json` and the two pointers that are derived from it.

use std::collections::BTreeMap;

use churn::SnapshotDate;
use protocol::steps::{PublishRun, Sight};
use protocol::{ModelVersion, Run, RunId, TableRef, WorkflowId};
use serde::{Deserialize, Serialize};

/// The outputs that belong to the monitoring pointer; all others are the scores'.
const MONITORING: [&str; 3] = ["drift", "drift_page", "performance"];

/// What `published.json` holds: one object, so that scores and monitoring never belong to two runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// The run that made the results.
    pub run_id: RunId,
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// When it started, RFC 3339.
    pub started: String,
    /// The date the results are for.
    pub as_of: SnapshotDate,
    /// The champion that scored.
    pub model_version: ModelVersion,
    /// When they were published, RFC 3339.
    pub published_at: String,
    /// The results by table.
    pub outputs: BTreeMap<String, TableRef>,
    /// The gold table of the run, which later runs are held against; nothing in publications of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<TableRef>,
    /// When the last run started that looked at the present and found these to be newer than its own, RFC 3339. It
    /// moves no order: another run that started before it may still replace them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found_newer: Option<String>,
}

/// What `scored/latest.json` and `monitoring/latest.json` hold: their part of the publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultsPointer {
    /// The run that made the results.
    pub run_id: RunId,
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// The date they are for.
    pub as_of: SnapshotDate,
    /// The champion that scored.
    pub model_version: ModelVersion,
    /// When they were published, RFC 3339; empty before that was noted.
    #[serde(default)]
    pub published_at: String,
    /// The results by table.
    pub outputs: BTreeMap<String, TableRef>,
}

impl Publication {
    /// What a run wants to publish.
    pub fn of(request: &PublishRun, published_at: String) -> Self {
        Self {
            run_id: request.run.run_id.clone(),
            workflow_id: request.run.workflow_id.clone(),
            started: request.run.started.clone(),
            as_of: request.as_of,
            model_version: request.version.clone(),
            published_at,
            outputs: request.outputs.clone(),
            features: request.features.clone(),
            found_newer: None,
        }
    }

    /// Whether they are the results of this run: it made them, or is the last that found them again. In a lake of before that
    /// was noted they may be.
    pub fn are_of(&self, run: &Run) -> bool {
        self.run_id == run.run_id || self.started == run.started || self.started.is_empty()
    }

    /// The same results, found again by a run that started later: an older start must not replace them any more.
    pub fn confirmed_by(&self, request: &PublishRun) -> Option<Self> {
        let later = request.run.started > self.started && !self.started.is_empty();
        later.then(|| Self { started: request.run.started.clone(), ..self.clone() })
    }

    /// The same results, which a run of the present found to be newer than its own; nothing where that is known.
    pub fn found_newer_by(&self, request: &PublishRun) -> Option<Self> {
        let started = &request.run.started;
        let is_known = self.started >= *started || self.found_newer.as_ref().is_some_and(|known| known >= started);
        let is_news = request.sight == Sight::Present && !self.started.is_empty() && !is_known;
        is_news.then(|| Self { found_newer: Some(started.clone()), ..self.clone() })
    }

    /// When the last run started that made them, found them again, or found them to be newer than its own, RFC 3339; in a
    /// lake of before that was noted, the moment of publication.
    pub fn confirmed_at(&self) -> &str {
        if self.started.is_empty() {
            return &self.published_at;
        }
        let started = self.started.as_str();
        self.found_newer.as_deref().map_or(started, |found| found.max(started))
    }

    /// The month of the date that the results are for, `YYYY-MM`.
    pub fn month(&self) -> String {
        self.as_of.date().format("%Y-%m").to_string()
    }

    /// The pointer to the scores and recommendations.
    pub fn scores(&self) -> ResultsPointer {
        self.part(|table| !MONITORING.contains(&table))
    }

    /// The pointer to the monitoring results.
    pub fn monitoring(&self) -> ResultsPointer {
        self.part(|table| MONITORING.contains(&table))
    }

    fn part(&self, belongs: impl Fn(&str) -> bool) -> ResultsPointer {
        let outputs = self.outputs.iter().filter(|(table, _)| belongs(table));
        ResultsPointer {
            run_id: self.run_id.clone(),
            workflow_id: self.workflow_id.clone(),
            as_of: self.as_of,
            model_version: self.model_version.clone(),
            published_at: self.published_at.clone(),
            outputs: outputs.map(|(table, output)| (table.clone(), output.clone())).collect(),
        }
    }
}
