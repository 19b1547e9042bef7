//! What is left of a stage when the run has ended.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{StageProgress, StageState};

/// How the reason of a stage begins that was damaged and made again.
pub const MADE_AGAIN: &str = "made again: ";

/// One stage of a finished run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageResult<S> {
    /// The stage.
    pub name: S,
    /// Wall-clock seconds, by the workflow's clock.
    pub seconds: f64,
    /// Rows made (or found).
    pub rows: u64,
    /// Whether it was found unchanged.
    pub skipped: bool,
    /// Why it was skipped, what was damaged of it so that it was made again, or which failure ended it.
    pub reason: Option<String>,
    /// The tables by name, as keys in the lake.
    pub outputs: BTreeMap<String, String>,
}

impl<S: Clone> StageResult<S> {
    /// The result of a stage from its last progress line.
    pub fn of(line: &StageProgress<S>) -> Self {
        Self {
            name: line.name.clone(),
            seconds: line.seconds.unwrap_or_default(),
            rows: line.rows,
            skipped: line.state == StageState::Skipped,
            reason: line.reason.clone(),
            outputs: line.outputs.clone(),
        }
    }
}

impl<S> StageResult<S> {
    /// What was damaged of it, so that it was made again.
    pub fn repaired(&self) -> Option<&str> {
        self.reason_to_run()?.strip_prefix(MADE_AGAIN)
    }

    /// What ended it with its run: the failure's number and name, or `cancelled`.
    pub fn failed(&self) -> Option<&str> {
        self.reason_to_run().filter(|reason| !reason.starts_with(MADE_AGAIN))
    }

    fn reason_to_run(&self) -> Option<&str> {
        self.reason.as_deref().filter(|_| !self.skipped)
    }
}
