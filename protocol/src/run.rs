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

/// Between the parts of the ID of a batch.
const BATCH: &str = "-slices-";

impl Run {
    /// The ID of the workflow that sums the batch of slices at `place`, counted from 1. The run's own ID keeps it apart from the
    /// children of an earlier run of the same workflow.
    pub fn batch(&self, place: usize) -> WorkflowId {
        format!("{}{BATCH}{}-{place}", self.workflow_id, self.run_id).into()
    }
}

/// The ID of the run that a workflow sums a batch of slices for, if that is what it does.
pub fn run_of_batch(workflow_id: &str) -> Option<&str> {
    let (run_id, place) = workflow_id.rsplit_once(BATCH)?.1.rsplit_once('-')?;
    let is_place = !place.is_empty() && place.bytes().all(|byte| byte.is_ascii_digit());
    (is_place && !run_id.is_empty()).then_some(run_id)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_tells_the_run_that_it_works_for() {
        let run = Run { workflow_id: "nightly-slices-x".into(), run_id: "01a2-46".into(), started: String::new() };
        assert_eq!(run.batch(3).as_str(), "nightly-slices-x-slices-01a2-46-3");
        assert_eq!(run_of_batch(run.batch(3).as_str()), Some("01a2-46"));
        for other in ["nightly", "nightly-slices-x", "nightly-slices-", "a-slices--1"] {
            assert_eq!(run_of_batch(other), None, "{other}");
        }
    }
}
