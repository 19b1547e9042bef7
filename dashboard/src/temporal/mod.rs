//! What the Temporal server knows of the runs, within two seconds or not at all: a page without an answer says so, and
//! shows the rest.

mod approvals;
mod progress;
mod runs;
mod schedules;
mod server;
mod stopped;

pub use approvals::Waiting;
pub use progress::Work;
pub use runs::{Counts, RunFilter, RunState, RunsPage, ServerRun};
pub use schedules::{LastStart, Scheduled};
pub use server::{ANSWER_WITHIN, Connect, Temporal};
pub use stopped::Stopped;

/// What came of a question.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer<T> {
    /// The server, or a worker, says so.
    Known(T),
    /// The server is out of reach, slow, or refuses.
    Down {
        /// What it said, or that it said nothing.
        reason: String,
    },
    /// The server is there, and no worker answers for the run.
    NoWorker,
}

impl<T> Answer<T> {
    /// What is known, if anything is.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Down { .. } | Self::NoWorker => None,
        }
    }

    /// Why nothing is known of the server, if it is out of reach.
    pub fn down(&self) -> Option<&str> {
        match self {
            Self::Down { reason } => Some(reason),
            Self::Known(_) | Self::NoWorker => None,
        }
    }
}
