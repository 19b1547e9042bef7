//! The lake: where raw files arrive and every table, model and pointer lives.
//!
//! Objects have keys like paths. A stage's outputs are immutable; only the small pointers change,
//! by compare-and-swap. The adapter is chosen in the settings and built once at start-up.

mod file_version;
mod folder;
#[cfg(test)]
mod folder_test;
mod identity;
mod key;
pub mod keys;
mod listing;
#[cfg(feature = "aws")]
mod s3;
mod trouble;
mod verified;
#[cfg(test)]
mod verified_test;

use std::path::{Path, PathBuf};

pub use folder::FolderLake;
pub use identity::LakeId;
pub use key::{Key, UnsafeKey};
pub use listing::Listing;
#[cfg(feature = "aws")]
pub use s3::{Place, S3Lake};
use serde::Serialize;
use serde::de::DeserializeOwned;
pub use verified::Fetched;

use crate::digest::Digest;
use crate::remote::{RemoteError, Trouble};

/// Why the lake did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The object must exist and does not.
    #[error("{key} is not in {lake}; write it first, or correct the key")]
    Missing {
        /// The object's key.
        key: String,
        /// The lake, as it shows itself.
        lake: String,
    },
    /// A conditional write lost: somebody else wrote in between.
    #[error("{key} was changed by somebody else while this run prepared its own version; run again")]
    Conflict {
        /// The object's key.
        key: String,
    },
    /// The storage could not be reached or refused the operation.
    #[error("could not {doing} {key} in {lake}: {source}")]
    Io {
        /// The verb.
        doing: &'static str,
        /// The object's key.
        key: String,
        /// The lake, as it shows itself.
        lake: String,
        /// What the storage said.
        source: std::io::Error,
    },
    /// The storage refuses the operation until a person does something.
    #[error("could not {doing} {key} in {lake}: {source}; {remedy}; then start the run again")]
    Unusable {
        /// The verb.
        doing: &'static str,
        /// The object's key.
        key: String,
        /// The lake, as it shows itself.
        lake: String,
        /// What the storage said.
        source: std::io::Error,
        /// What to do.
        remedy: &'static str,
    },
    /// A text that is no key was to become a path.
    #[error("{0}; rename the object, or correct the key, and start again")]
    UnsafeKey(#[from] UnsafeKey),
    /// A raw file is not the one that the run began with.
    #[error(
        "{key} has changed since the snapshot of this run (expected SHA-256 {expected}, found {found}); nothing was made of the new content; start again: a run of its own takes the files as they are now"
    )]
    InputChanged {
        /// The file's key.
        key: String,
        /// The digest in the snapshot.
        expected: Digest,
        /// What is there now.
        found: String,
    },
    /// An object that the pipeline wrote has changed, which it never does by itself.
    #[error(
        "{key} is damaged (expected SHA-256 {expected}, found {found}); start again: a damaged table is made again; a model that is not is trained again with `force`, or restored"
    )]
    TableDamaged {
        /// The object's key.
        key: String,
        /// The digest of what was written.
        expected: Digest,
        /// What is there now.
        found: String,
    },
    /// A service on the other side of the network did not do it.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The object's content is not what its digest says, on the way or at rest.
    #[error(
        "{key} in {lake} arrived with other content than its digest says; it is loaded again; if that stays so, restore it"
    )]
    Damaged {
        /// The object's key.
        key: String,
        /// The lake, as it shows itself.
        lake: String,
    },
    /// The object is there and is not what it must be.
    #[error("{key} is not readable as {expected}: {problem}; restore it, or delete it to have it made again")]
    Unreadable {
        /// The object's key.
        key: String,
        /// What was expected.
        expected: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

impl LakeError {
    /// What the operating system said, told apart by what mends it: time or a person.
    pub(crate) fn io(doing: &'static str, key: &str, lake: String, source: std::io::Error) -> Self {
        let key = key.to_owned();
        match trouble::remedy(&source) {
            Some(remedy) => Self::Unusable { doing, key, lake, source, remedy },
            None => Self::Io { doing, key, lake, source },
        }
    }

    /// Whether the content was lost on the way, so that reading it once more may bring it.
    #[cfg_attr(not(feature = "aws"), expect(dead_code, reason = "a folder has no way to lose it on"))]
    fn broke_on_the_way(&self) -> bool {
        match self {
            Self::Remote(error) => error.trouble == Trouble::Unavailable,
            Self::Damaged { .. } => true,
            _ => false,
        }
    }
}

/// Which version of an object somebody saw; for compare-and-swap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(pub(crate) String);

/// What a listing tells of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectMeta {
    /// The key.
    pub key: String,
    /// The size in bytes.
    pub bytes: u64,
}

/// What a lake tells of one object without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectHead {
    /// The size in bytes.
    pub bytes: u64,
    /// The version for compare-and-swap (S3: the ETag).
    pub version: Version,
    /// The version in a bucket that keeps old ones.
    pub version_id: Option<String>,
    /// The SHA-256, where the lake keeps it.
    pub digest: Option<String>,
}

/// The lake port. The calls of the SDK are boxed: their futures are large, and every step holds some.
#[derive(Debug, Clone)]
pub enum Lake {
    /// A folder of this machine (`local` profile).
    Folder(FolderLake),
    /// An S3 bucket, below a prefix (`aws` profile).
    #[cfg(feature = "aws")]
    S3(S3Lake),
}

/// Every key that comes from outside is checked here, so that adapters never meet another.
impl Lake {
    /// The object's bytes and version, or none when there is no such object.
    pub async fn get(&self, key: &str) -> Result<Option<(Vec<u8>, Version)>, LakeError> {
        let key = Key::parse(key)?;
        match self {
            Self::Folder(lake) => lake.get(&key).await,
            #[cfg(feature = "aws")]
            Self::S3(lake) => Box::pin(lake.get(key.as_str())).await,
        }
    }

    /// Writes the object, whole or not at all.
    pub async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), LakeError> {
        let key = Key::parse(key)?;
        match self {
            Self::Folder(lake) => lake.put(&key, bytes).await,
            #[cfg(feature = "aws")]
            Self::S3(lake) => Box::pin(lake.put(key.as_str(), bytes)).await,
        }
    }

    /// Writes the object unless it exists; tells whether it wrote.
    pub async fn put_if_absent(&self, key: &str, bytes: Vec<u8>) -> Result<bool, LakeError> {
        let key = Key::parse(key)?;
        match self {
            Self::Folder(lake) => lake.put_if_absent(&key, bytes).await,
            #[cfg(feature = "aws")]
            Self::S3(lake) => Box::pin(lake.put_if_absent(key.as_str(), bytes)).await,
        }
    }

    /// Writes the object if its version is still `seen` (none: it did not exist); else a conflict.
    pub async fn compare_and_swap(&self, key: &str, seen: Option<&Version>, bytes: Vec<u8>) -> Result<(), LakeError> {
        let key = Key::parse(key)?;
        match self {
            Self::Folder(lake) => lake.compare_and_swap(&key, seen, bytes).await,
            #[cfg(feature = "aws")]
            Self::S3(lake) => Box::pin(lake.compare_and_swap(key.as_str(), seen, bytes)).await,
        }
    }

    /// Copies a local file to the key, whole or not at all.
    pub async fn put_file(&self, key: &str, path: &Path) -> Result<(), LakeError> {
        let key = Key::parse(key)?;
        match self {
            Self::Folder(lake) => lake.put_file(&key, path).await,
            #[cfg(feature = "aws")]
            Self::S3(lake) => Box::pin(lake.put_file(key.as_str(), path)).await,
        }
    }

    /// Removes an object that is nothing but a mark; one that is not there is none the less gone.
    pub async fn remove(&self, key: &str) -> Result<(), LakeError> {
        let key = Key::parse(key)?;
        match self {
            Self::Folder(lake) => lake.remove(&key).await,
            #[cfg(feature = "aws")]
            Self::S3(lake) => Box::pin(lake.remove(key.as_str())).await,
        }
    }

    /// All objects whose key starts with `prefix` (a folder, ending in `/`), sorted by key.
    pub async fn list(&self, prefix: &str) -> Result<Vec<ObjectMeta>, LakeError> {
        Ok(self.survey(prefix).await?.objects)
    }

    /// The same, with what was passed over. A name that is no key is refused.
    pub async fn survey(&self, prefix: &str) -> Result<Listing, LakeError> {
        let folder = if prefix.is_empty() { None } else { Some(Key::of_folder(prefix)?) };
        match self {
            Self::Folder(lake) => lake.list(folder.as_ref()).await,
            #[cfg(feature = "aws")]
            Self::S3(lake) => {
                let prefix = folder.map_or_else(String::new, |folder| format!("{folder}/"));
                Listing::of_bucket(Box::pin(lake.list(&prefix)).await?)
            }
        }
    }

    /// What the lake tells of the object without its content, or none when there is no such object.
    pub async fn head(&self, key: &str) -> Result<Option<ObjectHead>, LakeError> {
        let key = Key::parse(key)?;
        match self {
            Self::Folder(lake) => lake.head(&key).await,
            #[cfg(feature = "aws")]
            Self::S3(lake) => Box::pin(lake.head(key.as_str())).await,
        }
    }

    /// A local path with the object's content, whatever that is now: for objects whose digest is not known
    /// yet. All others are read with [`Self::fetch`]. A remote lake downloads it to `scratch`.
    pub async fn local_copy(&self, key: &str, scratch: &Path) -> Result<PathBuf, LakeError> {
        let key = Key::parse(key)?;
        match self {
            Self::Folder(lake) => {
                let _ = scratch;
                lake.local_path(&key).await
            }
            #[cfg(feature = "aws")]
            Self::S3(lake) => Box::pin(lake.local_copy(&key, scratch)).await,
        }
    }

    /// The object's bytes; an error when there is none.
    pub async fn read(&self, key: &str) -> Result<Vec<u8>, LakeError> {
        let object = self.get(key).await?;
        object.map(|(bytes, _)| bytes).ok_or_else(|| self.missing(key))
    }

    /// A JSON object and its version, or none when there is no such object.
    pub async fn get_json<T: DeserializeOwned>(&self, key: &str) -> Result<Option<(T, Version)>, LakeError> {
        let Some((bytes, version)) = self.get(key).await? else {
            return Ok(None);
        };
        Ok(Some((parse_json(key, &bytes)?, version)))
    }

    /// A JSON object; an error when there is none.
    pub async fn read_json<T: DeserializeOwned>(&self, key: &str) -> Result<T, LakeError> {
        let stored = self.get_json(key).await?;
        stored.map(|(value, _)| value).ok_or_else(|| self.missing(key))
    }

    /// Writes a value as indented JSON.
    pub async fn put_json(&self, key: &str, value: &(impl Serialize + Sync)) -> Result<(), LakeError> {
        self.put(key, to_json(value)).await
    }

    fn missing(&self, key: &str) -> LakeError {
        LakeError::Missing { key: key.to_owned(), lake: self.to_string() }
    }
}

impl std::fmt::Display for Lake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(lake) => lake.fmt(f),
            #[cfg(feature = "aws")]
            Self::S3(lake) => lake.fmt(f),
        }
    }
}

fn parse_json<T: DeserializeOwned>(key: &str, bytes: &[u8]) -> Result<T, LakeError> {
    serde_json::from_slice(bytes).map_err(|e| LakeError::Unreadable {
        key: key.to_owned(),
        expected: "JSON of its kind",
        problem: e.to_string(),
    })
}

/// Indented JSON with a final newline, as people and `diff` like it.
pub fn to_json(value: &impl Serialize) -> Vec<u8> {
    let mut bytes =
        serde_json::to_vec_pretty(value).expect("plain structs of strings and finite numbers always serialise");
    bytes.push(b'\n');
    bytes
}
