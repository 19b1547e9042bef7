//! The settings that the workers of a task queue work with, noted in the lake: who starts a run may be elsewhere,
//! with another configuration folder or none.

use std::collections::BTreeSet;

use protocol::Digest;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::{Lake, keys};

/// What `settings/<queue>.json` holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SettingsInForce {
    /// The task queue.
    task_queue: String,
    /// The digest of the settings.
    digest: Digest,
}

/// Notes the settings of a worker that starts; the last one counts. The first worker of a lake gives it its identity.
pub async fn announce(lake: &Lake, task_queue: &str, settings: &Digest) -> Result<()> {
    lake.identity().await?;
    let note = SettingsInForce { task_queue: task_queue.to_owned(), digest: settings.clone() };
    Ok(lake.put_json(&key(task_queue), &note).await?)
}

/// The digest of the settings of a queue's workers, if one has ever started.
pub async fn of_queue(lake: &Lake, task_queue: &str) -> Result<Option<Digest>> {
    Ok(lake.get_json::<SettingsInForce>(&key(task_queue)).await?.map(|(note, _)| note.digest))
}

/// The task queues whose workers have ever started on this lake.
pub async fn queues(lake: &Lake) -> Result<BTreeSet<String>> {
    let mut queues = BTreeSet::new();
    for object in lake.list(keys::SETTINGS).await? {
        queues.insert(lake.read_json::<SettingsInForce>(&object.key).await?.task_queue);
    }
    Ok(queues)
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
        assert_eq!(of_queue(&lake, "a/queue").await.unwrap(), None);
        for settings in [Digest::of(b"usual"), Digest::of(b"the demo's floor")] {
            announce(&lake, "a/queue", &settings).await.unwrap();
            assert_eq!(of_queue(&lake, "a/queue").await.unwrap(), Some(settings));
        }
        assert_eq!(of_queue(&lake, "another").await.unwrap(), None);
        assert_eq!(queues(&lake).await.unwrap().into_iter().collect::<Vec<_>>(), ["a/queue"]);
    }
}
