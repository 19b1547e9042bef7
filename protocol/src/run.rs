//! Which run something is said of, and what of the lake it may take as it is.

use serde::{Deserialize, Serialize};

use crate::{RunId, WorkflowId};

/// Which run an activity works for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The workflow's ID.
    pub workflow_id: WorkflowId,
    /// The run's ID, unique for ever.
    pub run_id: RunId,
    /// When the workflow started, RFC 3339, by the workflow's clock.
    pub started: String,
}

/// Whether stored outputs of the same content are taken as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reuse {
    /// A stage whose manifest exists is not run again.
    Unchanged,
    /// Every stage runs (input field `force`).
    Nothing,
}
