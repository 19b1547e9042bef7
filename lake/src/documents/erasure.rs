//! What an erasure needs and leaves: the request while it is at work, the tombstones that keep a customer out, and the
//! certificate. The request alone holds IDs.

use std::collections::{BTreeMap, BTreeSet};

use churn::erasure::{CustomerNames, NotAName};
use protocol::erasure::RequestId;
use protocol::{Digest, ModelVersion, RunId, WorkflowId};
use serde::{Deserialize, Serialize};

use crate::{Lake, LakeError, Version, Versions, keys, to_json};

/// Whom a person wants erased, `erasure/requests/<request>.json`; removed at the end, with its versions.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureRequest {
    /// The customers.
    pub customer_ids: Vec<String>,
    /// Who wants it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When it was asked for, RFC 3339.
    pub at: String,
    /// Whether a new model is trained at the end.
    #[serde(default)]
    pub retrain: bool,
    /// The folder of the raw files that are scored anew; that of what is published when absent.
    #[serde(default)]
    pub raw_prefix: Option<String>,
}

impl ErasureRequest {
    /// The same, started again: what was asked for stays, and more may be.
    pub fn asked_again(self, retrain: bool, raw_prefix: Option<String>) -> Self {
        Self { retrain: self.retrain || retrain, raw_prefix: raw_prefix.or(self.raw_prefix), ..self }
    }

    /// The customers, checked anew.
    pub fn customers(&self) -> Result<CustomerNames, NotAName> {
        CustomerNames::parse(self.customer_ids.iter().map(String::as_str))
    }

    /// The name of a new request, which no other has and which says nothing of whom it is about.
    #[expect(clippy::disallowed_methods, reason = "a new request gets a name that no other has")]
    pub fn new_id() -> RequestId {
        RequestId::of(fastrand::u64(..))
    }

    /// Writes it.
    pub async fn store(&self, lake: &Lake, request: &RequestId) -> Result<(), LakeError> {
        lake.put(&keys::erasure_request(request.as_str()), to_json(self)).await
    }

    /// Reads it; none when it was done.
    pub async fn find(lake: &Lake, request: &RequestId) -> Result<Option<Self>, LakeError> {
        Ok(lake.get_json::<Self>(&keys::erasure_request(request.as_str())).await?.map(|(request, _)| request))
    }

    /// Removes it for good.
    pub async fn remove(lake: &Lake, request: &RequestId) -> Result<(), LakeError> {
        lake.remove_versions(&keys::erasure_request(request.as_str()), Versions::All).await.map(drop)
    }
}

impl std::fmt::Debug for ErasureRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "erasure of {} customers", self.customer_ids.len())
    }
}

/// The key of the hashes, `erasure/key.json`; made by the first erasure.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TombstoneKey {
    /// 32 bytes in hexadecimal.
    pub hmac_sha256: String,
}

/// Whom nothing may be made of any more, `erasure/tombstones.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstones {
    /// HMAC-SHA-256 of each customer's ID, in hexadecimal.
    pub hashes: BTreeSet<String>,
}

impl Tombstones {
    /// What is there, and the version to replace.
    pub async fn find(lake: &Lake) -> Result<(Self, Option<Version>), LakeError> {
        let stored = lake.get_json::<Self>(keys::TOMBSTONES).await?;
        Ok(stored.map_or_else(|| (Self::default(), None), |(tombstones, seen)| (tombstones, Some(seen))))
    }

    /// Adds to them; how many are new. A conflict where somebody else did at the same moment.
    pub async fn add(lake: &Lake, hashes: BTreeSet<String>) -> Result<usize, LakeError> {
        let (mut tombstones, seen) = Self::find(lake).await?;
        let before = tombstones.hashes.len();
        tombstones.hashes.extend(hashes);
        let new = tombstones.hashes.len() - before;
        if new > 0 {
            lake.compare_and_swap(keys::TOMBSTONES, seen.as_ref(), to_json(&tombstones)).await?;
        }
        Ok(new)
    }

    /// Their identity; none where nobody was ever erased, so that nothing changes there.
    pub fn digest(&self) -> Option<Digest> {
        (!self.hashes.is_empty()).then(|| Digest::of_json(&self.hashes))
    }
}

/// What was done, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureCounts {
    /// Files and documents that were written anew without the customers, by layer.
    #[serde(default)]
    pub rewritten: BTreeMap<String, Vec<String>>,
    /// Folders of stages and single objects that were deleted, by layer.
    #[serde(default)]
    pub deleted: BTreeMap<String, Vec<String>>,
    /// Rows of raw files that were left out.
    #[serde(default)]
    pub raw_rows: u64,
    /// Stored versions of objects that were removed for good.
    #[serde(default)]
    pub versions: u64,
    /// Pointers that were taken away, since nothing without the customers was published in their place.
    #[serde(default)]
    pub unpublished: Vec<String>,
}

impl ErasureCounts {
    /// Notes a key or folder that was written anew.
    pub fn rewrote(&mut self, key: &str) {
        note(&mut self.rewritten, key);
    }

    /// Notes a key or folder that was deleted.
    pub fn deleted(&mut self, key: &str) {
        note(&mut self.deleted, key);
    }

    /// Whether nothing was found to do.
    pub fn is_nothing(&self) -> bool {
        self.rewritten.is_empty() && self.deleted.is_empty()
    }

    /// How many objects were written anew.
    pub fn rewritten_count(&self) -> usize {
        self.rewritten.values().map(Vec::len).sum()
    }

    /// How many folders and objects were deleted.
    pub fn deleted_count(&self) -> usize {
        self.deleted.values().map(Vec::len).sum()
    }
}

/// By layer, each key once: a repeated attempt finds less, and forgets nothing.
fn note(layers: &mut BTreeMap<String, Vec<String>>, key: &str) {
    let layer = key.split_once('/').map_or("", |(layer, _)| layer);
    let keys = layers.entry(layer.to_owned()).or_default();
    if !keys.iter().any(|known| known == key) {
        keys.push(key.to_owned());
    }
}

/// A model that learned from customers before they were erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnedModel {
    /// The version.
    pub version: ModelVersion,
    /// Whether it is champion now.
    pub is_champion: bool,
}

/// What an erasure has done so far, `erasure/at-work/<request>.json`; the certificate takes it over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureNotes {
    /// How many customers have a tombstone since it began.
    #[serde(default)]
    pub new_tombstones: usize,
    /// What was done.
    #[serde(default)]
    pub done: ErasureCounts,
    /// What still names a customer, and why nobody cleaned it.
    #[serde(default)]
    pub left: BTreeMap<String, String>,
    /// Raw files that were links, and what these led to.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outside: BTreeMap<String, String>,
    /// Models that learned from them, or may have.
    #[serde(default)]
    pub learned: Vec<LearnedModel>,
}

impl ErasureNotes {
    /// Whether nothing was found that names one of them.
    pub fn names_nobody(&self) -> bool {
        self.done.is_nothing() && self.left.is_empty()
    }

    /// What is noted; nothing at the beginning.
    pub async fn find(lake: &Lake, request: &RequestId) -> Result<Self, LakeError> {
        let stored = lake.get_json::<Self>(&keys::erasure_notes(request.as_str())).await?;
        Ok(stored.map(|(notes, _)| notes).unwrap_or_default())
    }

    /// Writes them.
    pub async fn store(&self, lake: &Lake, request: &RequestId) -> Result<(), LakeError> {
        lake.put_json(&keys::erasure_notes(request.as_str()), self).await
    }

    /// Removes them.
    pub async fn remove(lake: &Lake, request: &RequestId) -> Result<(), LakeError> {
        lake.remove_versions(&keys::erasure_notes(request.as_str()), Versions::All).await.map(drop)
    }
}

/// Which erasure takes customers out at this moment, `erasure/lock.json`: two at once would write over each other's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureLock {
    /// Its request.
    pub request: RequestId,
}

impl ErasureLock {
    /// Takes it for a request; the other request where one has it. A lock whose request is no more is taken over.
    pub async fn take(lake: &Lake, request: &RequestId) -> Result<Option<RequestId>, LakeError> {
        let lock = Self { request: request.clone() };
        if lake.put_if_absent(keys::ERASURE_LOCK, to_json(&lock)).await? {
            return Ok(None);
        }
        let Some((held, seen)) = lake.get_json::<Self>(keys::ERASURE_LOCK).await? else {
            return Err(LakeError::Conflict { key: keys::ERASURE_LOCK.to_owned() });
        };
        if held == lock {
            return Ok(None);
        }
        if ErasureRequest::find(lake, &held.request).await?.is_some() {
            return Ok(Some(held.request));
        }
        lake.compare_and_swap(keys::ERASURE_LOCK, Some(&seen), to_json(&lock)).await?;
        Ok(None)
    }

    /// Gives it free, where the request has it.
    pub async fn release(lake: &Lake, request: &RequestId) -> Result<(), LakeError> {
        let held = lake.get_json::<Self>(keys::ERASURE_LOCK).await?;
        if held.is_some_and(|(held, _)| held.request == *request) {
            lake.remove_versions(keys::ERASURE_LOCK, Versions::All).await?;
        }
        Ok(())
    }
}

/// What was done for a request, `erasure/certificates/<request>.json`. It names no customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The request.
    pub request: RequestId,
    /// Who wanted it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When it was asked for, RFC 3339.
    pub asked_at: String,
    /// When it was done, RFC 3339.
    pub done_at: String,
    /// The run that did it.
    pub run_id: RunId,
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// How many customers.
    pub customers: usize,
    /// How many of them had no tombstone before.
    pub new_tombstones: usize,
    /// What was done, with keys by layer.
    pub done: ErasureCounts,
    /// Objects that still name one of them, and what is wrong with them: a person must look.
    pub left: BTreeMap<String, String>,
    /// Raw files that were links and are files now, and what the links led to: it is not of the lake, names them and is as
    /// it was.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outside: BTreeMap<String, String>,
    /// Models whose trees and drift reference were made of a table with them.
    pub learned: Vec<LearnedModel>,
    /// Whether a new training was asked for.
    pub retrain: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FolderLake;

    #[tokio::test]
    async fn tombstones_are_added_once_and_none_change_nothing() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        assert_eq!(Tombstones::find(&lake).await.unwrap().0.digest(), None);
        let hashes = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(Tombstones::add(&lake, hashes(&["a", "b"])).await.unwrap(), 2);
        let first = Tombstones::find(&lake).await.unwrap().0.digest();
        assert_eq!(Tombstones::add(&lake, hashes(&["b"])).await.unwrap(), 0);
        assert_eq!(Tombstones::find(&lake).await.unwrap().0.digest(), first);
        assert_eq!(Tombstones::add(&lake, hashes(&["c"])).await.unwrap(), 1);
        assert_ne!(Tombstones::find(&lake).await.unwrap().0.digest(), first);
    }

    #[tokio::test]
    async fn one_erasure_at_a_time_holds_the_lock_and_none_that_is_over() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let (first, second) = (RequestId::of(1), RequestId::of(2));
        let wanted = ErasureRequest {
            customer_ids: vec!["C17".to_owned()],
            by: "ana".to_owned(),
            reason: "asked".to_owned(),
            at: String::new(),
            retrain: false,
            raw_prefix: None,
        };
        wanted.store(&lake, &first).await.unwrap();
        assert_eq!(ErasureLock::take(&lake, &first).await.unwrap(), None);
        assert_eq!(ErasureLock::take(&lake, &first).await.unwrap(), None, "a second attempt of the same erasure");
        assert_eq!(ErasureLock::take(&lake, &second).await.unwrap(), Some(first.clone()));
        ErasureLock::release(&lake, &second).await.unwrap();
        assert_eq!(
            ErasureLock::take(&lake, &second).await.unwrap(),
            Some(first.clone()),
            "only the holder gives it free"
        );
        ErasureRequest::remove(&lake, &first).await.unwrap();
        assert_eq!(ErasureLock::take(&lake, &second).await.unwrap(), None, "the first one is over");
        ErasureLock::release(&lake, &second).await.unwrap();
        assert!(lake.get(keys::ERASURE_LOCK).await.unwrap().is_none());
    }

    #[test]
    fn a_key_is_noted_once_by_its_layer_and_a_request_shows_no_id() {
        let mut counts = ErasureCounts::default();
        assert!(counts.is_nothing() && ErasureNotes::default().names_nobody());
        for key in ["gold/gold_master/a/", "gold/gold_master/a/", "raw/x.csv"] {
            counts.deleted(key);
        }
        assert!(!ErasureNotes { done: counts.clone(), ..ErasureNotes::default() }.names_nobody());
        assert_eq!((counts.deleted_count(), counts.deleted["gold"].len(), counts.rewritten_count()), (2, 1, 0));
        let request = ErasureRequest {
            customer_ids: vec!["C17".to_owned()],
            by: "ana".to_owned(),
            reason: "asked".to_owned(),
            at: String::new(),
            retrain: true,
            raw_prefix: Some("raw/2025-01".to_owned()),
        };
        assert_eq!(format!("{request:?}"), "erasure of 1 customers");
        assert_eq!(request.customers().unwrap().len(), 1);
    }

    #[test]
    fn what_was_asked_for_stays_when_a_request_is_started_again() {
        let of_before = r#"{"customer_ids":["C17"],"by":"ana","reason":"asked","at":""}"#;
        let request: ErasureRequest = serde_json::from_str(of_before).unwrap();
        assert!(!request.retrain && request.raw_prefix.is_none());
        let request = request.asked_again(true, Some("raw/2025-01".to_owned()));
        let stored: ErasureRequest = serde_json::from_slice(&to_json(&request)).unwrap();
        let again = stored.asked_again(false, None);
        assert_eq!((again.retrain, again.raw_prefix.as_deref()), (true, Some("raw/2025-01")));
        assert_eq!(again.asked_again(false, Some("raw".to_owned())).raw_prefix.as_deref(), Some("raw"));
    }
}
