//! What is left of a stage when the run has ended.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{StageProgress, StageState};

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
    /// Why it was skipped, or what was damaged of it so that it was made again.
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
