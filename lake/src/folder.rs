//! A lake in a folder of this machine.
//!
//! Writes go to a temporary name and are renamed, so a reader never sees half an object. Conditional
//! writes hold an operating-system file lock, which a dead process releases.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use protocol::Digest;

use crate::digest_notes::DigestNotes;
use crate::file_version::FileVersion;
use crate::known_digests::KnownDigests;
use crate::own_folder::{OwnFolder, remove_leftovers};
use crate::{Key, LakeError, ObjectHead, Version};

/// Temporary files and locks live here, out of sight of listings.
pub(crate) const INTERNAL: &str = ".lake";
/// No writing of one object takes so long.
pub(crate) const NOBODYS_AFTER: Duration = Duration::from_hours(24);
/// The umask of the process decides who else may read what is published.
const EVERYBODY: u32 = 0o666;

/// The folder adapter.
#[derive(Debug, Clone)]
pub struct FolderLake {
    root: PathBuf,
    unfinished: Arc<Mutex<Option<OwnFolder>>>,
    pub(crate) known: KnownDigests,
}

impl FolderLake {
    /// Opens (and makes) the folder. What killed processes left half written in it goes.
    pub fn open(root: &Path) -> Result<Self, LakeError> {
        fs::create_dir_all(root.join(INTERNAL)).map_err(|e| Self::at(root).io("make", INTERNAL, e))?;
        Self::open_existing(root)
    }

    /// The same of a folder that is there, where nothing is made: whoever only looks leaves no lake behind.
    pub fn open_existing(root: &Path) -> Result<Self, LakeError> {
        // An absolute root, so that a child process with another working folder finds it too.
        let lake = Self::at(&root.canonicalize().map_err(|e| Self::at(root).io("open", "", e))?);
        let internal = lake.root.join(INTERNAL);
        if !internal.is_dir() {
            return Ok(lake);
        }
        if let Err(error) = lake.notes().tidy(now()) {
            tracing::debug!(%error, lake = %lake, "old notes of digests stay");
        }
        let removed = remove_leftovers(&internal).and_then(|folders| Ok(folders + remove_nameless(&internal)?));
        match removed {
            Ok(0) => {}
            Ok(leftovers) => tracing::info!(leftovers, lake = %lake, "removed what killed processes left half written"),
            // Whoever only reads may not do that, and need not.
            Err(error) => tracing::debug!(%error, lake = %lake, "leftovers of killed processes stay"),
        }
        Ok(lake)
    }

    fn at(root: &Path) -> Self {
        Self { root: root.to_owned(), unfinished: Arc::default(), known: KnownDigests::default() }
    }

    pub(crate) async fn must_be_there(&self) -> Result<(), LakeError> {
        let lake = self.clone();
        blocking(move || fs::read_dir(&lake.root).map(drop).map_err(|e| lake.io("open", "", e))).await
    }

    pub(crate) async fn get(&self, key: &Key) -> Result<Option<(Vec<u8>, Version)>, LakeError> {
        let (lake, key) = (self.clone(), key.clone());
        blocking(move || lake.get_now(&key)).await
    }

    pub(crate) async fn put(&self, key: &Key, bytes: Vec<u8>) -> Result<(), LakeError> {
        let (lake, key) = (self.clone(), key.clone());
        blocking(move || lake.put_now(&key, &bytes)).await
    }

    pub(crate) async fn put_if_absent(&self, key: &Key, bytes: Vec<u8>) -> Result<bool, LakeError> {
        let (lake, key) = (self.clone(), key.clone());
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

    pub(crate) async fn compare_and_swap(
        &self,
        key: &Key,
        seen: Option<&Version>,
        bytes: Vec<u8>,
    ) -> Result<(), LakeError> {
        let (lake, key, seen) = (self.clone(), key.clone(), seen.cloned());
        blocking(move || {
            lake.locked(&key, || {
                let current = lake.get_now(&key)?.map(|(_, version)| version);
                if current != seen {
                    return Err(LakeError::Conflict { key: key.to_string() });
                }
                lake.put_now(&key, &bytes)
            })
        })
        .await
    }

    pub(crate) async fn put_file(&self, key: &Key, path: &Path) -> Result<(), LakeError> {
        let (lake, key, path) = (self.clone(), key.clone(), path.to_owned());
        blocking(move || {
            lake.publish(&key, |temporary| {
                let mut source = File::open(&path)?;
                io::copy(&mut source, temporary).map(drop)
            })
        })
        .await
    }

    pub(crate) async fn remove(&self, key: &Key) -> Result<(), LakeError> {
        let (lake, key) = (self.clone(), key.clone());
        blocking(move || match fs::remove_file(lake.path(&key)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(lake.io("remove", key.as_str(), e)),
            _ => Ok(()),
        })
        .await
    }

    pub(crate) async fn exists(&self, key: &Key) -> Result<bool, LakeError> {
        let path = self.path(key);
        blocking(move || Ok(path.is_file())).await
    }

    pub(crate) async fn head(&self, key: &Key) -> Result<Option<ObjectHead>, LakeError> {
        let object = self.get(key).await?;
        Ok(object.map(|(bytes, version)| ObjectHead {
            bytes: bytes.len() as u64,
            digest: Some(version.0.clone()),
            version,
            version_id: None,
        }))
    }

    pub(crate) async fn local_path(&self, key: &Key) -> Result<PathBuf, LakeError> {
        let (lake, key) = (self.clone(), key.clone());
        blocking(move || {
            let path = lake.path(&key);
            if path.is_file() {
                Ok(path)
            } else {
                Err(LakeError::Missing { lake: lake.to_string(), key: key.to_string() })
            }
        })
        .await
    }

    /// Where an object lies.
    pub(crate) fn path(&self, key: &Key) -> PathBuf {
        key.below(&self.root)
    }

    /// The lake's folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// What is noted of the digests of raw files.
    pub(crate) fn notes(&self) -> DigestNotes {
        DigestNotes::in_folder(&self.root.join(INTERNAL))
    }

    pub(crate) fn get_now(&self, key: &Key) -> Result<Option<(Vec<u8>, Version)>, LakeError> {
        let path = self.path(key);
        match FileVersion::of(&path).and_then(|_| fs::read(&path)) {
            Ok(bytes) => {
                let version = Version(Digest::of(&bytes).to_string());
                Ok(Some((bytes, version)))
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(self.io("read", key.as_str(), e)),
        }
    }

    pub(crate) fn put_now(&self, key: &Key, bytes: &[u8]) -> Result<(), LakeError> {
        self.publish(key, |temporary| temporary.write_all(bytes))
    }

    fn publish(&self, key: &Key, write: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), LakeError> {
        let publish = || {
            let target = self.path(key);
            let folder = target.parent().unwrap_or(&self.root);
            make_durable(folder)?;
            let mut temporary = self.temporary_file()?;
            write(temporary.as_file_mut())?;
            temporary.as_file().sync_all()?;
            temporary.persist(&target).map_err(|e| e.error)?;
            // Without it a power cut may take the name back, and with it a manifest that others have seen.
            sync_folder(folder)
        };
        publish().map_err(|e| self.io("write", key.as_str(), e))
    }

    /// A file in this process' own folder of unfinished objects.
    fn temporary_file(&self) -> io::Result<tempfile::NamedTempFile> {
        let mut unfinished = self.unfinished.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody tidied up by hand.
        let gone = unfinished.as_ref().is_some_and(|own| !own.path().is_dir());
        let own = match unfinished.take() {
            Some(own) if !gone => own,
            _ => OwnFolder::make_in(&self.root.join(INTERNAL))?,
        };
        let own = unfinished.insert(own);
        tempfile::Builder::new().permissions(Permissions::from_mode(EVERYBODY)).tempfile_in(own.path())
    }

    fn locked<T>(&self, key: &Key, act: impl FnOnce() -> Result<T, LakeError>) -> Result<T, LakeError> {
        let name = format!("{}.lock", Digest::of(key.as_str().as_bytes()).short());
        let internal = self.root.join(INTERNAL);
        // A lake that was copied without it, and opened by somebody who makes none.
        let made = fs::create_dir_all(&internal).and_then(|()| File::create(internal.join(name)));
        let lock = made.map_err(|e| self.io("lock", key.as_str(), e))?;
        lock.lock().map_err(|e| self.io("lock", key.as_str(), e))?;
        act()
    }

    pub(crate) fn io(&self, doing: &'static str, key: &str, source: io::Error) -> LakeError {
        LakeError::io(doing, key, self.to_string(), source)
    }
}

impl std::fmt::Display for FolderLake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "folder {}", self.root.display())
    }
}

/// Makes a folder; its name is on disk before anything is in it.
fn make_durable(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = folder.parent();
    if let Some(above) = above {
        make_durable(above)?;
    }
    match fs::create_dir(folder) {
        // Another one made it at the same moment.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        made => made.and_then(|()| above.map_or(Ok(()), sync_folder)),
    }
}

/// Earlier versions wrote to files that do not tell whose they are: an old one is nobody's any more.
fn remove_nameless(internal: &Path) -> io::Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(internal)? {
        let entry = entry?;
        let nameless = entry.file_name().to_string_lossy().starts_with(".tmp");
        if nameless && entry.metadata()?.modified()?.elapsed().is_ok_and(|age| age > NOBODYS_AFTER) {
            fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

#[expect(clippy::disallowed_methods, reason = "which notes are old is a question of now")]
fn now() -> SystemTime {
    SystemTime::now()
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Files block: keep them off the threads that talk to Temporal.
pub(crate) async fn blocking<T: Send + 'static>(
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
