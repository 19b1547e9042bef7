//! What the workers of a task queue work with, noted in the lake: who starts a run, or changes the registry without a
//! worker, may be elsewhere, with another configuration folder and other keys, or none.

use std::collections::BTreeSet;

use protocol::Digest;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::{Lake, keys};

/// What `settings/<queue>.json` holds: the worker that started last says it of all of its queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsInForce {
    /// The task queue.
    pub task_queue: String,
    /// The digest of the settings.
    pub digest: Digest,
    /// Their `time_zone`, whose clock decides which date is the last one of the readings. Unknown of a worker from before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The names of the keys that a model must be signed with one of; none where models are not signed. Unknown of a
    /// worker from before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_keys: Option<BTreeSet<String>>,
    /// The keys of payloads. Unknown of a worker from before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload_keys: Option<PayloadKeys>,
}

/// The names of the keys that a process has for the payloads of the Temporal server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayloadKeys {
    /// The one that encrypts; none where payloads are plain.
    pub encrypts: Option<String>,
    /// Those that decrypt.
    pub decrypts: BTreeSet<String>,
}

impl SettingsInForce {
    /// Notes what a worker that starts works with. The first worker of a lake gives it its identity.
    pub async fn announce(&self, lake: &Lake) -> Result<()> {
        lake.identity().await?;
        Ok(lake.put_json(&key(&self.task_queue), self).await?)
    }

    /// What a queue's workers work with, if one has ever started.
    pub async fn of_queue(lake: &Lake, task_queue: &str) -> Result<Option<Self>> {
        Ok(lake.get_json(&key(task_queue)).await?.map(|(note, _)| note))
    }

    /// What the workers of all queues work with that have ever started on this lake.
    pub async fn all(lake: &Lake) -> Result<Vec<Self>> {
        let mut notes = Vec::new();
        for object in lake.list(keys::SETTINGS).await? {
            notes.push(lake.read_json(&object.key).await?);
        }
        Ok(notes)
    }

    /// The task queues whose workers have ever started on this lake.
    pub async fn queues(lake: &Lake) -> Result<BTreeSet<String>> {
        Ok(Self::all(lake).await?.into_iter().map(|note| note.task_queue).collect())
    }
}

/// A queue's name may hold what a key may not.
fn key(task_queue: &str) -> String {
    keys::settings_in_force(&Digest::of(task_queue.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FolderLake;

    #[tokio::test]
    async fn the_settings_of_the_last_worker_of_a_queue_count() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        assert_eq!(SettingsInForce::of_queue(&lake, "a/queue").await.unwrap(), None);
        for settings in ["usual", "the demo's floor"] {
            let note = SettingsInForce {
                task_queue: "a/queue".to_owned(),
                digest: Digest::of(settings.as_bytes()),
                time_zone: Some("Europe/Madrid".to_owned()),
                model_keys: Some(BTreeSet::from([settings.to_owned()])),
                payload_keys: Some(PayloadKeys::default()),
            };
            note.announce(&lake).await.unwrap();
            assert_eq!(SettingsInForce::of_queue(&lake, "a/queue").await.unwrap(), Some(note));
        }
        assert_eq!(SettingsInForce::of_queue(&lake, "another").await.unwrap(), None);
        assert_eq!(SettingsInForce::queues(&lake).await.unwrap().into_iter().collect::<Vec<_>>(), ["a/queue"]);
    }

    #[tokio::test]
    async fn of_a_worker_from_before_it_is_not_known_what_it_did_not_say() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let note = format!(r#"{{"task_queue":"q","digest":"{}"}}"#, Digest::of(b"x"));
        lake.put(&key("q"), note.into_bytes()).await.unwrap();
        let read = SettingsInForce::of_queue(&lake, "q").await.unwrap().unwrap();
        assert_eq!((read.time_zone, read.model_keys, read.payload_keys), (None, None, None));
    }
}
