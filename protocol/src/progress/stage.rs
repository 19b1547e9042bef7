//! One stage: its name, what it is doing, its line of progress.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The names of a workflow's stages.
pub trait Stage: Copy + Eq + 'static {
    /// The name as the output shows it.
    fn as_str(self) -> &'static str;

    /// The stage that an activity works for; none for what is between the stages.
    fn of_activity(activity: &str) -> Option<Self>;
}

/// A stage whose activity counts, while it runs, what it has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The stage's name.
    pub stage: &'static str,
    /// The activity whose heartbeats tell how far the stage is.
    pub activity: &'static str,
    /// What it counts.
    pub unit: &'static str,
}

/// What a stage is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StageState {
    /// Not yet.
    Pending,
    /// At work.
    Running,
    /// Done by this run.
    Done,
    /// Found unchanged.
    Skipped,
    /// Ended the run.
    Failed,
}

/// One stage's line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageProgress<S> {
    /// Which.
    pub name: S,
    /// What it is doing.
    pub state: StageState,
    /// Rows made (or found).
    pub rows: u64,
    /// When it started, RFC 3339, by the workflow's clock.
    pub started: Option<String>,
    /// How long it took, when it has ended.
    pub seconds: Option<f64>,
    /// Slices finished and in all, where a stage has slices.
    pub slices: Option<(u32, u32)>,
    /// Why it was skipped, failed, or was made again.
    pub reason: Option<String>,
    /// The tables it made (or found) by name, as keys in the lake.
    #[serde(default)]
    pub outputs: BTreeMap<String, String>,
    /// What keeps it from going on: an activity that is tried for the third time or more, and why.
    #[serde(default)]
    pub trouble: Option<String>,
}

impl<S> StageProgress<S> {
    /// A stage that has not begun.
    pub fn pending(name: S) -> Self {
        Self {
            name,
            state: StageState::Pending,
            rows: 0,
            started: None,
            seconds: None,
            slices: None,
            reason: None,
            outputs: BTreeMap::new(),
            trouble: None,
        }
    }
}
