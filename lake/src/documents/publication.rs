//! What the business reads: `published.json` and the two pointers that are derived from it.

use std::collections::BTreeMap;

use churn::SnapshotDate;
use protocol::steps::PublishRun;
use protocol::{ModelVersion, RunId, TableRef, WorkflowId};
use serde::{Deserialize, Serialize};

/// The output that belongs to the monitoring pointer; all others are the scores'.
const MONITORING: &str = "drift";

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
        }
    }

    /// The same results, found again by a run that started later: an older start must not replace them any more.
    pub fn confirmed_by(&self, request: &PublishRun) -> Option<Self> {
        let later = request.run.started > self.started && !self.started.is_empty();
        later.then(|| Self { started: request.run.started.clone(), ..self.clone() })
    }

    /// The pointer to the scores and recommendations.
    pub fn scores(&self) -> ResultsPointer {
        self.part(|table| table != MONITORING)
    }

    /// The pointer to the monitoring results.
    pub fn monitoring(&self) -> ResultsPointer {
        self.part(|table| table == MONITORING)
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
