//! What workflow `EraseCustomers` returns, and its last activity answers.

use serde::{Deserialize, Serialize};

use super::RequestId;
use crate::{ModelVersion, WorkflowId};

/// What came of the run that made anew what the business reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoredAnew {
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// Whether it came to its end; where not, nothing is published until the next run.
    pub completed: bool,
}

/// What was done for a request. It names no customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureReport {
    /// The request.
    pub request: RequestId,
    /// The certificate in the lake, with keys by layer.
    pub certificate: String,
    /// How many customers.
    pub customers: usize,
    /// How many of them had no tombstone before.
    pub new_tombstones: usize,
    /// Files and documents that were written anew.
    pub rewritten: usize,
    /// Rows of raw files that were left out.
    pub raw_rows: u64,
    /// Folders of stages and objects that were deleted.
    pub deleted: usize,
    /// Stored versions that were removed for good.
    pub versions: u64,
    /// Pointers that were taken away, since nothing without the customers was published in their place.
    #[serde(default)]
    pub unpublished: Vec<String>,
    /// Keys of what still names one of them: a person must look.
    #[serde(default)]
    pub left: Vec<String>,
    /// Models that learned, or may have learned, from them.
    #[serde(default)]
    pub learned: Vec<ModelVersion>,
    /// The run that scored the others anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scored: Option<ScoredAnew>,
    /// The run that trains a new model, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retrain: Option<WorkflowId>,
    /// The subjects of the alerts that could not be delivered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undelivered_alerts: Vec<String>,
}

impl ErasureReport {
    /// Whether nothing was there to do: all had their tombstones, and nothing named them.
    pub fn is_nothing(&self) -> bool {
        self.new_tombstones == 0 && self.rewritten == 0 && self.deleted == 0 && self.left.is_empty()
    }
}
