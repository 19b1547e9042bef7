//! `note_silence`: what a schedule should do again and again has come to no end for too long, and people have heard of it.
//!
//! Whoever fails at every look cannot tell of it. So the watchers look at each other: `Freshness` at the last looks of
//! `RawWatcher`, and `RawWatcher` at those of `Freshness`.

use serde::{Deserialize, Serialize};

/// How long a watcher may be silent, where nobody says otherwise: twelve looks of `RawWatcher`, four of `Freshness`, as
/// `schedules.yaml` has them.
pub const USUAL_PATIENCE_SECS: u64 = 3600;

/// Who has been silent, and since when, RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "silent", rename_all = "snake_case")]
pub enum Silence {
    /// No look of `RawWatcher` at a folder has come to its end.
    RawWatcher {
        /// The folder.
        raw_prefix: String,
        /// The last look that did.
        since: String,
    },
    /// `RawWatcher` looks, and the run of a delivery that is ready could not be started.
    DeliveryWithoutRun {
        /// The delivery's folder.
        prefix: String,
        /// When it was ready.
        since: String,
    },
    /// No look of `Freshness` has come to its end.
    Freshness {
        /// The last look that did.
        since: String,
    },
}

/// Asks that what people heard is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteSilence {
    /// What they heard of.
    pub silence: Silence,
}

impl Silence {
    /// It in a few words: the same words for the same trouble, whenever it began.
    pub fn subject(&self) -> String {
        match self {
            Self::RawWatcher { raw_prefix, .. } => format!("the raw watcher does not look at {raw_prefix}/"),
            Self::DeliveryWithoutRun { prefix, .. } => format!("delivery {prefix} is ready and gets no run"),
            Self::Freshness { .. } => "nobody looks whether the scores are fresh".to_owned(),
        }
    }

    /// Since when.
    pub fn since(&self) -> &str {
        match self {
            Self::RawWatcher { since, .. } | Self::DeliveryWithoutRun { since, .. } | Self::Freshness { since } => {
                since
            }
        }
    }
}

/// Whether a patience is the usual one, which goes without saying: older workers do not know the word.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
pub(crate) fn is_usual(patience_secs: &u64) -> bool {
    *patience_secs == USUAL_PATIENCE_SECS
}
