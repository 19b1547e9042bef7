//! Which lake this is: a small object with a random name for the lake, made once.
//!
//! A path or a bucket's name does not say it: a folder is moved, mounted elsewhere or copied, and two lakes
//! may hold the same data. What a run is started for and where it is served are held against each other by it.

use chrono::{SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use crate::{Lake, LakeError, keys, to_json};

/// The lake's own identity: 16 hexadecimal characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LakeId(String);

impl LakeId {
    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for LakeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What `lake.json` holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct LakeMarker {
    id: LakeId,
    /// When it was made, RFC 3339; for people.
    made_at: String,
}

impl Lake {
    /// The lake's identity, if it has one; asks only.
    pub async fn known_identity(&self) -> Result<Option<LakeId>, LakeError> {
        Ok(self.get_json::<LakeMarker>(keys::IDENTITY).await?.map(|(marker, _)| marker.id))
    }

    /// The lake's identity; the first who asks makes it, usually its first worker.
    #[expect(clippy::disallowed_methods, reason = "a new lake gets a name that no other has, and its birthday")]
    pub async fn identity(&self) -> Result<LakeId, LakeError> {
        if let Some(id) = self.known_identity().await? {
            return Ok(id);
        }
        let made_at = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
        let marker = LakeMarker { id: LakeId(format!("{:016x}", fastrand::u64(..))), made_at };
        // Somebody else may be the first: then theirs counts.
        self.put_if_absent(keys::IDENTITY, to_json(&marker)).await?;
        Ok(self.read_json::<LakeMarker>(keys::IDENTITY).await?.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FolderLake;

    fn lake(root: &std::path::Path) -> Lake {
        Lake::Folder(FolderLake::open(root).unwrap())
    }

    #[tokio::test]
    async fn a_lake_keeps_its_identity_and_no_other_has_it() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let first = lake(one.path()).identity().await.unwrap();
        assert_eq!(lake(one.path()).identity().await.unwrap(), first);
        assert_ne!(lake(other.path()).identity().await.unwrap(), first);
        assert_eq!(first.as_str().len(), 16);
    }
}
