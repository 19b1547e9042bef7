//! What the watcher of the raw files remembers, `monitoring/deliveries/<folder>.json`.

use std::collections::{BTreeMap, BTreeSet};

use protocol::raw_watcher::{DeliveryNote, Noted};
use protocol::{Digest, WorkflowId};
use serde::{Deserialize, Serialize};

use crate::{Lake, LakeError, Version, keys, to_json};

/// Contents that are remembered beside those that still lie in the folder; the oldest is forgotten first. A delivery a day
/// fills it in three years.
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
    /// When a look came to its end last, RFC 3339; nothing in documents of before that was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked_at: Option<String>,
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
    /// When they heard of it, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_at: Option<String>,
    /// Why no run can begin with these files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refusal>,
    /// Since when it could not be read for a reason that may pass, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable_since: Option<String>,
    /// Since when it waits for its run to be started, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_since: Option<String>,
}

/// Files that no run can begin with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The digest over all of them, where so much could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Digest>,
    /// Why.
    pub problem: String,
    /// When they were read, RFC 3339.
    pub at: String,
}

/// A content that has a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownContent {
    /// The digest over all files.
    pub content: Digest,
    /// The run's workflow.
    pub workflow_id: WorkflowId,
    /// The folder that the run was started for; nothing in documents of before that was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// When that was noted, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

impl SeenDelivery {
    /// Whether its files of now were not read yet.
    fn is_in_change(&self) -> bool {
        self.content.is_none() && self.refused.is_none()
    }
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

    /// The contents that have a run and lie in the lake, the newest first, each with its folder: one that holds it, or the
    /// one that its run was started for while that is being changed.
    pub fn lying(&self) -> impl Iterator<Item = (&KnownContent, &str)> {
        self.known.iter().rev().filter_map(|known| Some((known, self.folder_of(known)?)))
    }

    fn folder_of<'a>(&'a self, known: &'a KnownContent) -> Option<&'a str> {
        let own = known.prefix.as_deref();
        let holds = |seen: &SeenDelivery| seen.content.as_ref() == Some(&known.content);
        let own_is =
            |is: &dyn Fn(&SeenDelivery) -> bool| own.filter(|folder| self.deliveries.get(*folder).is_some_and(is));
        let holder = || self.deliveries.iter().find(|(_, seen)| holds(seen)).map(|(folder, _)| folder.as_str());
        own_is(&holds).or_else(holder).or_else(|| own_is(&SeenDelivery::is_in_change))
    }

    /// Remembers what came of a delivery.
    pub fn note(&mut self, note: &DeliveryNote, at: &str) {
        match &note.noted {
            Noted::Run { content, workflow_id } => {
                if let Some(seen) = self.deliveries.get_mut(&note.prefix) {
                    seen.ready_since = None;
                }
                if self.run_of(content).is_none() {
                    let (content, workflow_id) = (content.clone(), workflow_id.clone());
                    let (prefix, at) = (Some(note.prefix.clone()), Some(at.to_owned()));
                    self.known.push(KnownContent { content, workflow_id, prefix, at });
                    self.forget();
                }
            }
            Noted::Told => {
                if let Some(seen) = self.deliveries.get_mut(&note.prefix) {
                    (seen.told, seen.told_at) = (true, Some(at.to_owned()));
                }
            }
        }
    }

    /// The oldest of those that lie nowhere any more: what lies there would be read, and run, once more.
    fn forget(&mut self) {
        let lies: BTreeSet<_> = self.deliveries.values().filter_map(|seen| seen.content.clone()).collect();
        let mut too_many = self.known.iter().filter(|known| !lies.contains(&known.content)).count();
        self.known.retain(|known| {
            let is_forgotten = too_many > MOST_KNOWN && !lies.contains(&known.content);
            too_many -= usize::from(is_forgotten);
            !is_forgotten
        });
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

    const AT: &str = "2025-01-02T03:00:00.000Z";

    fn run(number: usize, prefix: &str) -> DeliveryNote {
        let (content, workflow_id) = (Digest::of_json(&number), format!("w{number}").into());
        DeliveryNote { prefix: prefix.to_owned(), noted: Noted::Run { content, workflow_id } }
    }

    fn seen(content: Option<usize>) -> SeenDelivery {
        SeenDelivery {
            listing: Digest::of(b"listing"),
            unchanged_since: AT.to_owned(),
            incomplete_since: None,
            content: content.map(|number| Digest::of_json(&number)),
            told: false,
            told_at: None,
            refused: None,
            unreadable_since: None,
            ready_since: None,
        }
    }

    #[tokio::test]
    async fn what_is_noted_is_found_again_and_the_oldest_is_forgotten_unless_it_lies_there() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let (mut watch, seen_version) = RawWatch::find(&lake, "raw").await.unwrap();
        assert_eq!(seen_version, None);
        watch.deliveries.insert("raw/first".to_owned(), seen(Some(0)));
        (0..=MOST_KNOWN + 1).chain([7]).for_each(|number| watch.note(&run(number, "raw"), AT));
        watch.store(&lake, None).await.unwrap();
        assert!(watch.store(&lake, None).await.is_err(), "another look was faster");
        let (found, _) = RawWatch::find(&lake, "raw").await.unwrap();
        assert_eq!(found, watch);
        let run_of = |number: usize| found.run_of(&Digest::of_json(&number)).map(ToString::to_string);
        assert_eq!((run_of(0), run_of(1)), (Some("w0".to_owned()), None), "the first still lies in the bucket");
        assert_eq!((run_of(7), found.known.len()), (Some("w7".to_owned()), MOST_KNOWN + 1));
    }

    #[test]
    fn a_note_says_when_and_where_and_ends_the_wait_for_a_run() {
        let mut watch = RawWatch::default();
        watch.deliveries.insert("raw".to_owned(), SeenDelivery { ready_since: Some(AT.to_owned()), ..seen(Some(1)) });
        watch.note(&run(1, "raw"), AT);
        assert_eq!((watch.known[0].prefix.as_deref(), watch.known[0].at.as_deref()), (Some("raw"), Some(AT)));
        assert_eq!(watch.deliveries["raw"].ready_since, None);
        watch.note(&DeliveryNote { prefix: "raw".to_owned(), noted: Noted::Told }, AT);
        assert_eq!((watch.deliveries["raw"].told, watch.deliveries["raw"].told_at.as_deref()), (true, Some(AT)));
    }

    #[test]
    fn what_lies_there_comes_newest_first_with_its_folder() {
        let mut watch = RawWatch::default();
        for (number, prefix) in [(1, "raw"), (2, "raw/2025-01"), (3, "raw/2025-02"), (4, "raw/2025-03"), (5, "raw")] {
            watch.note(&run(number, prefix), AT);
        }
        let refused = Refusal { content: None, problem: "no footer".to_owned(), at: AT.to_owned() };
        watch.deliveries = BTreeMap::from([
            // The first files once more, in the place of the fifth ones.
            ("raw".to_owned(), seen(Some(1))),
            // The third delivery was renamed, the second is being changed, and the fourth was changed into nothing good.
            ("raw/february".to_owned(), seen(Some(3))),
            ("raw/2025-01".to_owned(), seen(None)),
            ("raw/2025-03".to_owned(), SeenDelivery { refused: Some(refused), ..seen(None) }),
        ]);
        let lying: Vec<_> = watch.lying().map(|(known, folder)| (known.workflow_id.to_string(), folder)).collect();
        let wanted = [("w3", "raw/february"), ("w2", "raw/2025-01"), ("w1", "raw")];
        assert_eq!(lying, wanted.map(|(id, folder)| (id.to_owned(), folder)));
    }

    #[test]
    fn a_document_of_before_is_read() {
        let before = r#"{"raw_prefix":"raw","deliveries":{"raw":{"listing":"LISTING","unchanged_since":"t","told":true}},
            "known":[{"content":"LISTING","workflow_id":"w"}]}"#;
        let before = before.replace("LISTING", Digest::of(b"listing").as_str());
        let watch: RawWatch = serde_json::from_str(&before).unwrap();
        assert_eq!((watch.looked_at, watch.deliveries["raw"].told_at.as_deref()), (None, None));
        assert_eq!(watch.known[0].prefix, None);
    }
}
