//! The digests of raw objects in a bucket, noted in the lake by a worker that has read them: whoever starts a run of the same
//! objects then neither loads nor hashes them. The notes of a folder are its own: [`crate::digest_notes`].

use protocol::{Digest, Key};
use serde::{Deserialize, Serialize};

use crate::documents::sealed;
use crate::{Lake, LakeError, keys};

/// Which version of an object in a bucket somebody saw: its ETag, version ID, size and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenObject {
    key: String,
    version: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    object: SeenObject,
    digest: Digest,
}

impl SeenObject {
    fn note(&self) -> String {
        keys::digest_note(&Digest::of_json(self))
    }
}

impl Lake {
    /// The version of an object that is there now; none in a folder, and of what is not there.
    #[cfg_attr(not(feature = "s3"), expect(clippy::unused_async, reason = "only a bucket is asked"))]
    pub async fn seen_object(&self, key: &str) -> Result<Option<SeenObject>, LakeError> {
        let key = Key::parse(key)?;
        match self {
            Self::Folder(_) => {
                let _ = key;
                Ok(None)
            }
            #[cfg(feature = "s3")]
            Self::S3(lake) => {
                let version = Box::pin(lake.version_in_words(key.as_str())).await?;
                Ok(version.map(|version| SeenObject { key: key.to_string(), version }))
            }
        }
    }

    /// The digest of a version, if a worker has noted it. A note that cannot be read does not count, which is told.
    pub async fn noted_digest(&self, object: &SeenObject) -> Result<Option<Digest>, LakeError> {
        let note = object.note();
        let Some((bytes, _)) = self.get(&note).await? else { return Ok(None) };
        match open(&bytes, object) {
            Ok(digest) => Ok(Some(digest)),
            Err(problem) => {
                tracing::warn!(note, problem, "a note of an object's digest does not count; the object is read again");
                Ok(None)
            }
        }
    }

    /// Notes the digest that was found, unless the object is another one by now: then nobody knows which was read.
    pub async fn note_digest(&self, object: &SeenObject, digest: &Digest) -> Result<(), LakeError> {
        if self.seen_object(&object.key).await?.as_ref() != Some(object) {
            return Ok(());
        }
        let note = Note { object: object.clone(), digest: digest.clone() };
        self.put(&object.note(), sealed::seal(&note)).await
    }
}

fn open(bytes: &[u8], object: &SeenObject) -> Result<Digest, String> {
    let note: Note = sealed::open(bytes)?;
    if note.object != *object || Digest::parse(note.digest.as_str()).is_none() {
        return Err("it is of another object, or holds no digest".to_owned());
    }
    Ok(note.digest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FolderLake;

    fn seen(version: &str) -> SeenObject {
        SeenObject { key: "raw/a.csv".to_owned(), version: version.to_owned() }
    }

    #[tokio::test]
    async fn a_note_is_found_for_its_version_alone_and_a_damaged_one_does_not_count() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let (object, digest) = (seen("\"e1\" v1 7 2024"), Digest::of(b"content"));
        let note = Note { object: object.clone(), digest: digest.clone() };
        lake.put(&object.note(), sealed::seal(&note)).await.unwrap();
        assert_eq!(lake.noted_digest(&object).await.unwrap(), Some(digest));
        let other = seen("\"e1\" v2 7 2024");
        assert_eq!(lake.noted_digest(&other).await.unwrap(), None);
        lake.put(&other.note(), sealed::seal(&note)).await.unwrap();
        assert_eq!(lake.noted_digest(&other).await.unwrap(), None, "it is of another version");
        let mut damaged = sealed::seal(&note);
        damaged[20] ^= 1;
        lake.put(&object.note(), damaged).await.unwrap();
        assert_eq!(lake.noted_digest(&object).await.unwrap(), None);
        // A folder has notes of its own.
        lake.note_digest(&other, &Digest::of(b"x")).await.unwrap();
        assert_eq!(lake.seen_object("raw/a.csv").await.unwrap(), None);
        assert_eq!(lake.noted_digest(&other).await.unwrap(), None);
    }
}
