//! What has become of a training job.

use std::time::{Duration, Instant, SystemTime};

/// What `DescribeTrainingJob` says beside the definition.
#[derive(Debug, Clone)]
pub struct State {
    /// The status.
    pub status: &'static str,
    /// The secondary status and those before it, each with its beginning.
    pub transitions: Vec<(&'static str, SystemTime)>,
    /// The process.
    pub pid: Option<u32>,
    /// When the first process started, on the clocks for people and for measuring.
    pub started: Option<(SystemTime, Instant)>,
    /// When the training ended, and how long it took.
    pub trained: Option<(SystemTime, Duration)>,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// Where its model is.
    pub artifacts: Option<String>,
}

impl State {
    /// Of a job that is about to start.
    #[expect(clippy::new_without_default, reason = "it looks at the clock")]
    pub fn new() -> Self {
        Self {
            status: "InProgress",
            transitions: vec![("Starting", SystemTime::now())],
            pid: None,
            started: None,
            trained: None,
            failure_reason: None,
            artifacts: None,
        }
    }

    /// The next secondary status.
    pub fn enter(&mut self, secondary: &'static str) {
        if self.secondary_status() != secondary {
            self.transitions.push((secondary, SystemTime::now()));
        }
    }

    /// The latest.
    pub fn secondary_status(&self) -> &'static str {
        self.transitions.last().expect("there is a first one").0
    }

    /// Whether nothing will change any more.
    pub fn has_ended(&self) -> bool {
        matches!(self.status, "Completed" | "Failed" | "Stopped")
    }
}
