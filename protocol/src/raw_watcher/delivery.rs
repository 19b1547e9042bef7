//! `watch_raw` and `note_deliveries`: the deliveries of raw files, as they are now, and what came of them.

use serde::{Deserialize, Serialize};

use super::WatcherInput;
use crate::pipeline::PipelineInput;
use crate::silence::Silence;
use crate::{Digest, Run, WorkflowId};

/// Asks which deliveries there are, and which of them are new.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WatchRaw {
    /// The run of the watcher.
    pub run: Run,
    /// Where to look, and how patiently.
    pub input: WatcherInput,
}

/// What is there. Deliveries whose content has a run are only counted: their number grows for ever.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RawWatched {
    /// All deliveries that have no run yet; no more than a look may tell.
    pub deliveries: Vec<Delivery>,
    /// How many have one.
    pub known: u64,
    /// That nobody has looked whether the scores are fresh for too long, where people have not heard of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence: Option<Silence>,
}

/// A delivery without a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its folder in the lake.
    pub prefix: String,
    /// Since when it is as it is, RFC 3339.
    pub since: String,
    /// What it waits for.
    #[serde(flatten)]
    pub state: DeliveryState,
}

/// What a delivery without a run waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DeliveryState {
    /// Files of the seven are missing.
    Incomplete {
        /// Which.
        missing: Vec<String>,
        /// Whether people must hear of it now.
        tell: bool,
    },
    /// All are there, and something changed a moment ago.
    Settling,
    /// All are there and at rest, and cannot be read; those that may be read later are read again by the next look.
    Unusable {
        /// Why.
        problem: String,
        /// Whether people must hear of it now.
        tell: bool,
    },
    /// All are there and at rest, and their content has no run.
    Ready(Box<Ready>),
}

/// The run of a delivery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ready {
    /// The ID that `spanishgas run` would give it.
    pub workflow_id: WorkflowId,
    /// The digest over all its files.
    pub content: Digest,
    /// What it is started with.
    pub input: PipelineInput,
}

/// Asks that what came of deliveries is remembered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NoteDeliveries {
    /// The folder that was watched.
    pub raw_prefix: String,
    /// What came of which.
    pub notes: Vec<DeliveryNote>,
}

/// What came of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryNote {
    /// Its folder in the lake.
    pub prefix: String,
    /// What came of it.
    #[serde(flatten)]
    pub noted: Noted,
}

/// What is remembered of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "noted", rename_all = "snake_case")]
pub enum Noted {
    /// Its content has a run.
    Run {
        /// The digest over all its files.
        content: Digest,
        /// The run's workflow.
        workflow_id: WorkflowId,
    },
    /// People have heard of its trouble.
    Told,
}

/// What a look came to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WatcherResult {
    /// The runs that it started.
    pub started: Vec<WorkflowId>,
    /// The deliveries that have no run, and what they wait for.
    pub waiting: Vec<WatchedDelivery>,
    /// How many deliveries had a run before.
    pub known: u64,
    /// The alerts that could not be delivered.
    #[serde(default)]
    pub undelivered_alerts: Vec<String>,
}

/// A delivery that waits, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchedDelivery {
    /// Its folder in the lake.
    pub prefix: String,
    /// What it waits for.
    pub waits_for: String,
    /// Since when, RFC 3339.
    pub since: String,
}

impl RawWatched {
    /// Whether a delivery waits for nothing but a moment without changes.
    pub fn settles(&self) -> bool {
        self.deliveries.iter().any(|delivery| delivery.state == DeliveryState::Settling)
    }
}

impl DeliveryState {
    /// What it waits for, in words; nothing for one that has all.
    pub fn waits_for(&self) -> Option<String> {
        match self {
            Self::Incomplete { missing, .. } => Some(format!("missing: {}", missing.join(", "))),
            Self::Settling => Some("a moment without changes".to_owned()),
            Self::Unusable { problem, .. } => Some(format!("a corrected file: {problem}")),
            Self::Ready(_) => None,
        }
    }

    /// What people hear of its trouble, in a few words: the same words for the same trouble.
    pub fn subject(&self, prefix: &str) -> Option<String> {
        match self {
            Self::Incomplete { .. } => Some(subject_of_incomplete(prefix)),
            Self::Unusable { .. } => Some(subject_of_unusable(prefix)),
            Self::Settling | Self::Ready(_) => None,
        }
    }
}

/// All that people may have heard of a delivery.
pub fn subjects_of_delivery(prefix: &str) -> [String; 2] {
    [subject_of_incomplete(prefix), subject_of_unusable(prefix)]
}

fn subject_of_incomplete(prefix: &str) -> String {
    format!("delivery {prefix} is not complete")
}

fn subject_of_unusable(prefix: &str) -> String {
    format!("delivery {prefix} cannot be read")
}
