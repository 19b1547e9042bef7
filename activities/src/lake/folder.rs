//! A lake in a folder of this machine.
//!
//! Writes go to a temporary name and are renamed, so a reader never sees half an object. Conditional
//! writes hold an operating-system file lock, which a dead process releases.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{LakeError, ObjectHead, ObjectMeta, Version};
use crate::digest::Digest;

/// Temporary files and locks live here, out of sight of listings.
const INTERNAL: &str = ".lake";

/// The folder adapter.
#[derive(Debug, Clone)]
pub struct FolderLake {
    root: PathBuf,
}

impl FolderLake {
    /// Opens (and makes) the folder.
    pub fn open(root: &Path) -> Result<Self, LakeError> {
        let lake = Self { root: root.to_owned() };
        fs::create_dir_all(root.join(INTERNAL)).map_err(|e| lake.io("make", INTERNAL, e))?;
        // An absolute root, so that a child process with another working folder finds it too.
        let root = root.canonicalize().map_err(|e| lake.io("open", "", e))?;
        Ok(Self { root })
    }

    pub(super) async fn get(&self, key: &str) -> Result<Option<(Vec<u8>, Version)>, LakeError> {
        let (lake, key) = (self.clone(), key.to_owned());
        blocking(move || lake.get_now(&key)).await
    }

    pub(super) async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), LakeError> {
        let (lake, key) = (self.clone(), key.to_owned());
        blocking(move || lake.put_now(&key, &bytes)).await
    }

    pub(super) async fn put_if_absent(&self, key: &str, bytes: Vec<u8>) -> Result<bool, LakeError> {
        let (lake, key) = (self.clone(), key.to_owned());
        blocking(move || {
            lake.locked(&key, || {
                let absent = !lake.path(&key).exists();
                if absent {
                    lake.put_now(&key, &bytes)?;
                }
                Ok(absent)
            })
        })
        .await
    }

    pub(super) async fn compare_and_swap(
        &self,
        key: &str,
        seen: Option<&Version>,
        bytes: Vec<u8>,
    ) -> Result<(), LakeError> {
        let (lake, key, seen) = (self.clone(), key.to_owned(), seen.cloned());
        blocking(move || {
            lake.locked(&key, || {
                let current = lake.get_now(&key)?.map(|(_, version)| version);
                if current != seen {
                    return Err(LakeError::Conflict { key: key.clone() });
                }
                lake.put_now(&key, &bytes)
            })
        })
        .await
    }

    pub(super) async fn put_file(&self, key: &str, path: &Path) -> Result<(), LakeError> {
        let (lake, key, path) = (self.clone(), key.to_owned(), path.to_owned());
        blocking(move || {
            lake.publish(&key, |temporary| {
                let mut source = File::open(&path)?;
                io::copy(&mut source, temporary).map(drop)
            })
        })
        .await
    }

    pub(super) async fn list(&self, prefix: &str) -> Result<Vec<ObjectMeta>, LakeError> {
        let (lake, prefix) = (self.clone(), prefix.to_owned());
        blocking(move || {
            let mut found = Vec::new();
            let folder = prefix.trim_end_matches('/');
            lake.walk(folder, &mut found).map_err(|e| lake.io("list", &prefix, e))?;
            found.sort_by(|a, b| a.key.cmp(&b.key));
            Ok(found)
        })
        .await
    }

    pub(super) async fn head(&self, key: &str) -> Result<Option<ObjectHead>, LakeError> {
        let object = self.get(key).await?;
        Ok(object.map(|(bytes, version)| ObjectHead {
            bytes: bytes.len() as u64,
            digest: Some(version.0.clone()),
            version,
            version_id: None,
        }))
    }

    pub(super) async fn local_path(&self, key: &str) -> Result<PathBuf, LakeError> {
        let (lake, key) = (self.clone(), key.to_owned());
        blocking(move || {
            let path = lake.path(&key);
            if path.is_file() { Ok(path) } else { Err(LakeError::Missing { lake: lake.to_string(), key }) }
        })
        .await
    }

    fn path(&self, key: &str) -> PathBuf {
        self.root.join(key)
    }

    fn get_now(&self, key: &str) -> Result<Option<(Vec<u8>, Version)>, LakeError> {
        match fs::read(self.path(key)) {
            Ok(bytes) => {
                let version = Version(Digest::of(&bytes).to_string());
                Ok(Some((bytes, version)))
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(self.io("read", key, e)),
        }
    }

    fn put_now(&self, key: &str, bytes: &[u8]) -> Result<(), LakeError> {
        self.publish(key, |temporary| temporary.write_all(bytes))
    }

    fn publish(&self, key: &str, write: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), LakeError> {
        let publish = || {
            let target = self.path(key);
            if let Some(folder) = target.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut temporary = tempfile::NamedTempFile::new_in(self.root.join(INTERNAL))?;
            write(temporary.as_file_mut())?;
            temporary.as_file().sync_all()?;
            temporary.persist(&target).map_err(|e| e.error)?;
            Ok(())
        };
        publish().map_err(|e| self.io("write", key, e))
    }

    fn locked<T>(&self, key: &str, act: impl FnOnce() -> Result<T, LakeError>) -> Result<T, LakeError> {
        let name = format!("{}.lock", Digest::of(key.as_bytes()).short());
        let lock = File::create(self.root.join(INTERNAL).join(name)).map_err(|e| self.io("lock", key, e))?;
        lock.lock().map_err(|e| self.io("lock", key, e))?;
        act()
    }

    fn walk(&self, folder: &str, found: &mut Vec<ObjectMeta>) -> io::Result<()> {
        let entries = match fs::read_dir(self.path(folder)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let key = format!("{folder}/{}", entry.file_name().to_string_lossy());
            // `metadata` of the path follows links: raw files are often linked into the lake.
            let meta = fs::metadata(entry.path())?;
            if meta.is_dir() {
                self.walk(&key, found)?;
            } else {
                found.push(ObjectMeta { key, bytes: meta.len() });
            }
        }
        Ok(())
    }

    fn io(&self, doing: &'static str, key: &str, source: io::Error) -> LakeError {
        LakeError::Io { doing, key: key.to_owned(), lake: self.to_string(), source }
    }
}

impl std::fmt::Display for FolderLake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "folder {}", self.root.display())
    }
}

/// Files block: keep them off the threads that talk to Temporal.
async fn blocking<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, LakeError> + Send + 'static,
) -> Result<T, LakeError> {
    match tokio::task::spawn_blocking(act).await {
        Ok(result) => result,
        Err(lost) => Err(LakeError::Io {
            doing: "finish the operation on",
            key: String::new(),
            lake: "folder".to_owned(),
            source: io::Error::other(lost),
        }),
    }
}
