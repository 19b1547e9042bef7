//! The lake port: one set of calls, whatever keeps the objects.

use std::path::{Path, PathBuf};

use protocol::Key;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::LakeError;
use crate::folder::FolderLake;
use crate::json::{parse_json, to_json};
use crate::listing::Listing;
use crate::object::{ObjectHead, ObjectMeta, Version, Versions};
#[cfg(feature = "s3")]
use crate::s3::S3Lake;
use crate::whereabouts::Whereabouts;

/// The lake port. The calls of the SDK are boxed: their futures are large, and every step holds some.
#[derive(Debug, Clone)]
pub enum Lake {
    /// A folder of this machine (`local` profile).
    Folder(FolderLake),
    /// An S3 bucket, below a prefix (`aws` profile).
    #[cfg(feature = "s3")]
    S3(S3Lake),
}

/// Every key that comes from outside is checked here, so that adapters never meet another.
impl Lake {
    /// The object's bytes and version, or none when there is no such object.
    pub async fn get(&self, key: &str) -> Result<Option<(Vec<u8>, Version)>, LakeError> {
        let key = Key::parse(key)?;
        match self {
            Self::Folder(lake) => lake.get(&key).await,
            #[cfg(feature = "s3")]
            Self::S3(lake) => Box::pin(lake.get(key.as_str())).await,
        }
    }

    /// Writes the object, whole or not at all.
    pub async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), LakeError> {
        let key = Key::parse(key)?;
        match self {
            Self::Folder(lake) => lake.put(&key, bytes).await,
            #[cfg(feature = "s3")]
            Self::S3(lake) => Box::pin(lake.put(key.as_str(), bytes)).await,
        }
    }

    /// Writes the object unless it exists; tells whether it wrote.
    pub async fn put_if_absent(&self, key: &str, bytes: Vec<u8>) -> Result<bool, LakeError> {
        let key = Key::parse(key)?;
        match self {
            Self::Folder(lake) => lake.put_if_absent(&key, bytes).await,
            #[cfg(feature = "s3")]
            Self::S3(lake) => Box::pin(lake.put_if_absent(key.as_str(), bytes)).await,
        }
    }

    /// Writes the object if its version is still `seen` (none: it did not exist); else a conflict.
    pub async fn compare_and_swap(&self, key: &str, seen: Option<&Version>, bytes: Vec<u8>) -> Result<(), LakeError> {
        let key = Key::parse(key)?;
        match self {
            Self::Folder(lake) => lake.compare_and_swap(&key, seen, bytes).await,
            #[cfg(feature = "s3")]
            Self::S3(lake) => Box::pin(lake.compare_and_swap(key.as_str(), seen, bytes)).await,
        }
    }

    /// Copies a local file to the key, whole or not at all.
    pub async fn put_file(&self, key: &str, path: &Path) -> Result<(), LakeError> {
        let key = Key::parse(key)?;
        match self {
            Self::Folder(lake) => lake.put_file(&key, path).await,
            #[cfg(feature = "s3")]
            Self::S3(lake) => Box::pin(lake.put_file(key.as_str(), path)).await,
        }
    }

    /// Removes an object that is nothing but a mark; one that is not there is none the less gone.
    pub async fn remove(&self, key: &str) -> Result<(), LakeError> {
        let key = Key::parse(key)?;
        match self {
            Self::Folder(lake) => lake.remove(&key).await,
            #[cfg(feature = "s3")]
            Self::S3(lake) => Box::pin(lake.remove(key.as_str())).await,
        }
    }

    /// Removes what can be read of an object: of [`Versions::Older`] all but what is there now, of [`Versions::All`] the object
    /// with every version that the lake keeps. How many versions went; a folder keeps none but the one of now.
    pub async fn remove_versions(&self, key: &str, which: Versions) -> Result<usize, LakeError> {
        let key = Key::parse(key)?;
        match (self, which) {
            (Self::Folder(_), Versions::Older) => Ok(0),
            (Self::Folder(lake), Versions::All) => {
                let is_there = lake.exists(&key).await?;
                lake.remove(&key).await?;
                Ok(usize::from(is_there))
            }
            #[cfg(feature = "s3")]
            (Self::S3(lake), which) => Box::pin(lake.remove_versions(key.as_str(), which)).await,
        }
    }

    /// Removes all that a bucket keeps besides the objects of now below a folder (ending in `/`): older versions, and those of
    /// deleted objects. How many versions went; a folder of a machine keeps none.
    #[cfg_attr(not(feature = "s3"), expect(clippy::unused_async, reason = "only a bucket is asked"))]
    pub async fn remove_history(&self, folder: &str) -> Result<usize, LakeError> {
        let folder = Key::of_folder(folder)?;
        match self {
            Self::Folder(_) => {
                let _ = folder;
                Ok(0)
            }
            #[cfg(feature = "s3")]
            Self::S3(lake) => Box::pin(lake.remove_history(&format!("{folder}/"))).await,
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
            #[cfg(feature = "s3")]
            Self::S3(lake) => {
                let prefix = folder.map_or_else(String::new, |folder| format!("{folder}/"));
                Listing::of_bucket(Box::pin(lake.list(&prefix)).await?)
            }
        }
    }

    /// That the lake is there at all: of a folder that was taken away, or whose disk was, every object is missing, and
    /// nothing tells it from an empty one. A bucket that is not there says so to every call.
    pub async fn must_be_there(&self) -> Result<(), LakeError> {
        match self {
            Self::Folder(lake) => lake.must_be_there().await,
            #[cfg(feature = "s3")]
            Self::S3(_) => Ok(()),
        }
    }

    /// What the lake tells of the object without its content, or none when there is no such object.
    pub async fn head(&self, key: &str) -> Result<Option<ObjectHead>, LakeError> {
        let key = Key::parse(key)?;
        match self {
            Self::Folder(lake) => lake.head(&key).await,
            #[cfg(feature = "s3")]
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
            #[cfg(feature = "s3")]
            Self::S3(lake) => Box::pin(lake.local_copy(&key, scratch)).await,
        }
    }

    /// Where the object's content lies: a folder may have links, a bucket has none.
    pub async fn whereabouts(&self, key: &str) -> Result<Whereabouts, LakeError> {
        let key = Key::parse(key)?;
        match self {
            Self::Folder(lake) => lake.whereabouts(&key).await,
            #[cfg(feature = "s3")]
            Self::S3(_) => Ok(Whereabouts::Inside),
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
            #[cfg(feature = "s3")]
            Self::S3(lake) => lake.fmt(f),
        }
    }
}
