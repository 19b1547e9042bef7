//! Reading what a reference names, and nothing else: content and digest are compared before anything
//! is computed.
//!
//! Small objects are copied while they are hashed, so that what is computed on is what was hashed. A
//! large file of a folder is hashed where it lies, once per version of the file and process, and its
//! version is looked at again after it was read; one that others have written just now is copied as well.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use churn::{Watch, cores};
use protocol::Digest;
use protocol::TableRef;
use serde::de::DeserializeOwned;

use crate::digest_notes::DigestNotes;
use crate::error::{Error, Result};
use crate::file_digest;
use crate::file_version::FileVersion;
use crate::folder::FolderLake;
use crate::known_digests::{Rehash, Writer};
use crate::{Key, Lake, LakeError, keys};

/// Up to this size a copy costs less than it is worth.
const SMALL: u64 = 64 << 20;

/// A local file with the content that a reference names.
#[derive(Debug, Clone)]
pub struct Fetched {
    path: PathBuf,
    pinned: Option<Pinned>,
}

/// A file that is read where it lies, where others may change it.
#[derive(Debug, Clone)]
struct Pinned {
    lake: FolderLake,
    object: TableRef,
    version: FileVersion,
    scratch: PathBuf,
}

impl Fetched {
    fn copy(path: PathBuf) -> Self {
        Self { path, pinned: None }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// To be asked after the file was read: whether the bytes were the ones that were compared.
    pub fn still_the_same(&self) -> Result<()> {
        match &self.pinned {
            Some(pinned) if pinned.moved(&self.path) => {
                // Its content may be what it was: then only a further attempt knows what was read.
                pinned.copy()?;
                Err(LakeError::Conflict { key: pinned.object.key.clone() }.into())
            }
            _ => Ok(()),
        }
    }

    /// Reads the file; what was read from a file that moved meanwhile is thrown away and read again
    /// from a copy.
    pub fn read<T>(&self, read: impl Fn(&Path) -> churn::Result<T>) -> Result<T> {
        let result = read(&self.path);
        match &self.pinned {
            Some(pinned) if pinned.moved(&self.path) => Ok(read(&pinned.copy()?)?),
            _ => Ok(result?),
        }
    }
}

impl Pinned {
    fn moved(&self, path: &Path) -> bool {
        FileVersion::of(path).ok() != Some(self.version)
    }

    fn copy(&self) -> Result<PathBuf> {
        self.lake.copy_now(&self.object, &self.scratch, &churn::Unwatched)
    }
}

impl Lake {
    /// A local file with the object's content: a copy below `scratch`, or a large file where it lies.
    pub async fn fetch(&self, object: &TableRef, scratch: &Path) -> Result<Fetched> {
        match self {
            Self::Folder(lake) => {
                let (lake, object, scratch) = (lake.clone(), object.clone(), scratch.to_owned());
                blocking(move |watch| match lake.version(&object)?.bytes {
                    0..=SMALL => Ok(Fetched::copy(lake.copy_now(&object, &scratch, watch)?)),
                    _ => lake.pin_now(&object, &scratch, watch),
                })
                .await
            }
            #[cfg(feature = "s3")]
            Self::S3(_) => Ok(Fetched::copy(self.copy(object, scratch).await?)),
        }
    }

    /// The same, read where it lies whatever its size: for the readings, of which there may be many files.
    pub async fn pin(&self, object: &TableRef, scratch: &Path) -> Result<Fetched> {
        match self {
            Self::Folder(lake) => {
                let (lake, object, scratch) = (lake.clone(), object.clone(), scratch.to_owned());
                blocking(move |watch| lake.pin_now(&object, &scratch, watch)).await
            }
            #[cfg(feature = "s3")]
            Self::S3(_) => Ok(Fetched::copy(self.copy(object, scratch).await?)),
        }
    }

    /// The same of many objects, in their order; files of a folder are looked at side by side, and of several that are not
    /// as named the error is that of the first.
    pub async fn pin_all(&self, objects: &[TableRef], scratch: &Path) -> Result<Vec<Fetched>> {
        match self {
            Self::Folder(lake) => {
                let (lake, objects, scratch) = (lake.clone(), objects.to_vec(), scratch.to_owned());
                blocking(move |watch| cores::try_map(&objects, |object| lake.pin_now(object, &scratch, watch))).await
            }
            #[cfg(feature = "s3")]
            Self::S3(_) => {
                let mut copies = Vec::with_capacity(objects.len());
                for object in objects {
                    copies.push(Fetched::copy(self.copy(object, scratch).await?));
                }
                Ok(copies)
            }
        }
    }

    /// A copy below `scratch`, at the path that its key gives.
    pub async fn copy(&self, object: &TableRef, scratch: &Path) -> Result<PathBuf> {
        match self {
            Self::Folder(lake) => {
                let (lake, object, scratch) = (lake.clone(), object.clone(), scratch.to_owned());
                blocking(move |watch| lake.copy_now(&object, &scratch, watch)).await
            }
            #[cfg(feature = "s3")]
            Self::S3(lake) => {
                let key = Key::parse(&object.key).map_err(LakeError::from)?;
                let copied = Box::pin(lake.exact_copy(&key, scratch)).await;
                let (path, found) = copied.map_err(|error| gone(object, error))?;
                compare(object, &found)?;
                Ok(path)
            }
        }
    }

    /// The object's bytes.
    pub async fn read_exactly(&self, object: &TableRef) -> Result<Vec<u8>> {
        let stored = self.get(&object.key).await?;
        let (bytes, _) = stored.ok_or_else(|| not_the_same(object, None))?;
        compare(object, &Digest::of(&bytes))?;
        Ok(bytes)
    }

    /// A JSON object.
    pub async fn read_json_exactly<T: DeserializeOwned>(&self, object: &TableRef) -> Result<T> {
        Ok(crate::json::parse_json(&object.key, &self.read_exactly(object).await?)?)
    }

    /// Whether the object is there as the reference names it; the error says what is there instead.
    pub async fn verify(&self, object: &TableRef) -> Result<()> {
        match self {
            Self::Folder(lake) => {
                let (lake, object) = (lake.clone(), object.clone());
                blocking(move |watch| lake.digest_now(&object, watch).map(drop)).await
            }
            #[cfg(feature = "s3")]
            Self::S3(_) => Box::pin(self.verify_remote(object)).await,
        }
    }

    #[cfg(feature = "s3")]
    #[expect(clippy::disallowed_methods, reason = "only the name of the folder in the message")]
    async fn verify_remote(&self, object: &TableRef) -> Result<()> {
        let head = self.head(&object.key).await?.ok_or_else(|| not_the_same(object, None))?;
        match head.digest.as_deref().map(Digest::parse) {
            // Its bytes are compared by whoever reads it.
            Some(Some(digest)) if head.bytes > SMALL => Ok(compare(object, &digest)?),
            _ if head.bytes > SMALL => {
                let scratch =
                    tempfile::tempdir().map_err(churn::Error::file("make a folder in", &std::env::temp_dir()))?;
                self.copy(object, scratch.path()).await.map(drop)
            }
            _ => self.read_exactly(object).await.map(drop),
        }
    }

    /// The digest of a local path that [`Self::local_copy`] gave of a raw file: what is read here is not read again by
    /// [`Self::fetch`] and [`Self::pin`]. In a folder it is noted for the next process; what is noted of an object in a
    /// bucket, [`Self::noted_digest`] tells before it is loaded.
    pub fn digest_of_local(&self, path: &Path, rehash: Rehash, watch: &dyn Watch) -> churn::Result<Digest> {
        match self {
            Self::Folder(lake) => {
                let found = lake.known.digest(path, Writer::Others(&lake.notes()), rehash, watch);
                found.map(|(_, digest)| digest)
            }
            #[cfg(feature = "s3")]
            Self::S3(_) => file_digest::of_file(path, watch),
        }
    }
}

impl FolderLake {
    fn version(&self, object: &TableRef) -> Result<FileVersion> {
        let path = self.path(&Key::parse(&object.key).map_err(LakeError::from)?);
        FileVersion::of(&path).map_err(|error| self.blame(object, churn::Error::file("read", &path)(error)))
    }

    fn copy_now(&self, object: &TableRef, scratch: &Path, watch: &dyn Watch) -> Result<PathBuf> {
        let key = Key::parse(&object.key).map_err(LakeError::from)?;
        self.version(object)?;
        let target = key.below(scratch);
        let folder = target.parent().unwrap_or(scratch);
        std::fs::create_dir_all(folder).map_err(churn::Error::file("make", folder))?;
        let copied = file_digest::while_copying(&self.path(&key), &target, watch);
        compare(object, &copied.map_err(|error| self.blame(object, error))?)?;
        Ok(target)
    }

    #[expect(clippy::disallowed_methods, reason = "whether a file may still change is a question of its age")]
    fn pin_now(&self, object: &TableRef, scratch: &Path, watch: &dyn Watch) -> Result<Fetched> {
        let (path, version) = self.digest_now(object, watch)?;
        if writer_of(object, &self.notes()).may_hide_a_change(&version, SystemTime::now()) {
            return Ok(Fetched::copy(self.copy_now(object, scratch, watch)?));
        }
        let pinned = Pinned { lake: self.clone(), object: object.clone(), version, scratch: scratch.to_owned() };
        Ok(Fetched { path, pinned: Some(pinned) })
    }

    fn digest_now(&self, object: &TableRef, watch: &dyn Watch) -> Result<(PathBuf, FileVersion)> {
        let path = self.path(&Key::parse(&object.key).map_err(LakeError::from)?);
        let blame = |error| self.blame(object, error);
        // The file itself, whatever becomes of the links that lead to it.
        let path = path.canonicalize().map_err(churn::Error::file("read", &path)).map_err(blame)?;
        let known = self.known.digest(&path, writer_of(object, &self.notes()), Rehash::Changed, watch);
        let (version, digest) = known.map_err(blame)?;
        compare(object, &digest)?;
        Ok((path, version))
    }

    /// What is wrong with the object when its file cannot be read.
    fn blame(&self, object: &TableRef, error: churn::Error) -> Error {
        match error {
            // The copy could not be written: that is the scratch space's trouble.
            churn::Error::File { doing: "write", .. } => error.into(),
            churn::Error::File { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                not_the_same(object, None).into()
            }
            churn::Error::File { doing, source, .. } => self.io(doing, &object.key, source).into(),
            other => other.into(),
        }
    }
}

fn writer_of<'a>(object: &TableRef, notes: &'a DigestNotes) -> Writer<'a> {
    if keys::is_made_here(&object.key) { Writer::Ourselves } else { Writer::Others(notes) }
}

fn compare(object: &TableRef, found: &Digest) -> Result<(), LakeError> {
    if *found == object.digest { Ok(()) } else { Err(not_the_same(object, Some(found))) }
}

/// What it means that an object is not the one that was asked for: the pipeline's own does not change by
/// itself, files that arrive from outside do.
fn not_the_same(object: &TableRef, found: Option<&Digest>) -> LakeError {
    let (key, expected) = (object.key.clone(), object.digest.clone());
    let found = found.map_or_else(|| "nothing".to_owned(), |digest| format!("SHA-256 {digest}"));
    if keys::is_made_here(&key) {
        LakeError::TableDamaged { key, expected, found }
    } else {
        LakeError::InputChanged { key, expected, found }
    }
}

#[cfg(feature = "s3")]
fn gone(object: &TableRef, error: LakeError) -> LakeError {
    match error {
        LakeError::Missing { .. } => not_the_same(object, None),
        other => other,
    }
}

/// Stops reading when nobody waits for the result any more.
struct UntilDropped(Arc<AtomicBool>);

impl Drop for UntilDropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

struct Unwanted(Arc<AtomicBool>);

impl Watch for Unwanted {
    fn report(&self, _done: u64, _total: Option<u64>) -> churn::Result<()> {
        if self.0.load(Ordering::Relaxed) { Err(churn::Error::Cancelled) } else { Ok(()) }
    }
}

async fn blocking<T: Send + 'static>(act: impl FnOnce(&dyn Watch) -> Result<T> + Send + 'static) -> Result<T> {
    let dropped = UntilDropped(Arc::default());
    let watch = Unwanted(Arc::clone(&dropped.0));
    let work = tokio::task::spawn_blocking(move || act(&watch));
    work.await.map_err(|source| Error::TaskLost { doing: "the reading of an object", source })?
}
