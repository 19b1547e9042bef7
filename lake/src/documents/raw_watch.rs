//! What the watcher of the raw files remembers, `monitoring/deliveries/<folder>.json`.

use std::collections::BTreeMap;

use protocol::raw_watcher::{DeliveryNote, Noted};
use protocol::{Digest, WorkflowId};
use serde::{Deserialize, Serialize};

use crate::{Lake, LakeError, Version, keys, to_json};

/// Contents that are remembered; the oldest is forgotten first. A delivery a day fills it in three years.
const MOST_KNOWN: usize = 1000;

/// What is known of the deliveries of one folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawWatch {
    /// The folder.
    pub raw_prefix: String,
    /// The deliveries that were there at the last look, by their folders.
    pub deliveries: BTreeMap<String, SeenDelivery>,
    /// The contents that have a run, the oldest first.
    pub known: Vec<KnownContent>,
}

/// A delivery as it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenDelivery {
    /// The digest of its listing: names, sizes, times.
    pub listing: Digest,
    /// Since when the listing is so, RFC 3339.
    pub unchanged_since: String,
    /// Since when files are missing, RFC 3339, if some are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incomplete_since: Option<String>,
    /// The digest over all its files, when they were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Digest>,
    /// Whether people have heard that it is incomplete, or cannot be read.
    #[serde(default)]
    pub told: bool,
}

/// A content that has a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownContent {
    /// The digest over all files.
    pub content: Digest,
    /// The run's workflow.
    pub workflow_id: WorkflowId,
}

impl RawWatch {
    /// What is remembered of a folder, and the version to replace.
    pub async fn find(lake: &Lake, raw_prefix: &str) -> Result<(Self, Option<Version>), LakeError> {
        let stored = lake.get_json::<Self>(&key(raw_prefix)).await?;
        let nothing = || Self { raw_prefix: raw_prefix.to_owned(), ..Self::default() };
        Ok(stored.map_or_else(|| (nothing(), None), |(watch, seen)| (watch, Some(seen))))
    }

    /// Replaces what was remembered; a conflict where another look was faster.
    pub async fn store(&self, lake: &Lake, seen: Option<&Version>) -> Result<(), LakeError> {
        lake.compare_and_swap(&key(&self.raw_prefix), seen, to_json(self)).await
    }

    /// The run of a content.
    pub fn run_of(&self, content: &Digest) -> Option<&WorkflowId> {
        self.known.iter().find(|known| known.content == *content).map(|known| &known.workflow_id)
    }

    /// Remembers what came of a delivery.
    pub fn note(&mut self, note: &DeliveryNote) {
        match &note.noted {
            Noted::Run { content, workflow_id } if self.run_of(content).is_none() => {
                self.known.push(KnownContent { content: content.clone(), workflow_id: workflow_id.clone() });
                let forgotten = self.known.len().saturating_sub(MOST_KNOWN);
                self.known.drain(..forgotten);
            }
            Noted::Run { .. } => {}
            Noted::Told => {
                if let Some(seen) = self.deliveries.get_mut(&note.prefix) {
                    seen.told = true;
                }
            }
        }
    }
}

/// A folder's name may be long; its digest is not.
fn key(raw_prefix: &str) -> String {
    keys::deliveries(&Digest::of(raw_prefix.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FolderLake;

    #[tokio::test]
    async fn what_is_noted_is_found_again_and_the_oldest_is_forgotten() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let (mut watch, seen) = RawWatch::find(&lake, "raw").await.unwrap();
        assert_eq!(seen, None);
        let note = |number: usize| DeliveryNote {
            prefix: "raw".to_owned(),
            noted: Noted::Run { content: Digest::of_json(&number), workflow_id: format!("w{number}").into() },
        };
        (0..=MOST_KNOWN).chain([7]).for_each(|number| watch.note(&note(number)));
        watch.store(&lake, None).await.unwrap();
        assert!(watch.store(&lake, None).await.is_err(), "another look was faster");
        let (found, _) = RawWatch::find(&lake, "raw").await.unwrap();
        assert_eq!(found, watch);
        let run_of = |number: usize| found.run_of(&Digest::of_json(&number)).map(ToString::to_string);
        assert_eq!((run_of(0), run_of(7), found.known.len()), (None, Some("w7".to_owned()), MOST_KNOWN));
    }
}
