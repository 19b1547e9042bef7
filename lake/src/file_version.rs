//! Which version of a local file somebody saw, and the digests of the versions that were read before.
//!
//! A file that is worked on where it lies is read once for its digest, and its version is looked at
//! again after the work: a file that moved in between was perhaps not the one whose digest is known.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use churn::Watch;
use protocol::Digest;
use serde::{Deserialize, Serialize};

use crate::digest_notes::DigestNotes;
use crate::file_digest;

/// File systems count time in steps, the coarsest in use of two seconds: a younger change may hide a second one.
const STEP: Duration = Duration::from_secs(2);
/// A worker that has seen more versions than this begins anew; every file is then read once more.
const MOST_KNOWN: usize = 100_000;

/// What the file system tells of a file's content without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct FileVersion {
    device: u64,
    inode: u64,
    pub(crate) bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl FileVersion {
    /// The version of the file at a path, links followed. What is no file (a pipe would wait for ever) is an error.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let meta = fs::metadata(path)?;
        if meta.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !meta.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidFilename, "not a file: a pipe, a socket or a device"));
        }
        Ok(Self {
            device: meta.dev(),
            inode: meta.ino(),
            bytes: meta.len(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
        })
    }

    /// Whether a later change must show in the version.
    pub(crate) fn is_settled(&self, now: SystemTime) -> bool {
        let changed = u64::try_from(self.changed.0).unwrap_or(0);
        let changed = UNIX_EPOCH + Duration::new(changed, u32::try_from(self.changed.1).unwrap_or(0));
        now.duration_since(changed).is_ok_and(|age| age > STEP)
    }
}

/// Which files are read for their digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rehash {
    /// Those of which nobody has read this very version before.
    Changed,
    /// All of them.
    All,
}

impl Rehash {
    /// All of them, where somebody asks for it.
    pub fn all_if(is_asked: bool) -> Self {
        if is_asked { Self::All } else { Self::Changed }
    }
}

/// The digests of file versions, shared by everything that reads a lake in this process.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownDigests(Arc<Mutex<HashMap<FileVersion, Place>>>);

/// Held by whoever reads the version; the others wait for the result.
type Place = Arc<Mutex<Option<Digest>>>;

impl KnownDigests {
    /// The version of a file and its digest, read unless this very version was read before, by this process or, where
    /// there are `notes`, by another one.
    ///
    /// A version that is not settled, or that moved while it was read, is read again the next time.
    #[expect(clippy::disallowed_methods, reason = "whether a file may still change is a question of its age")]
    pub(crate) fn digest(
        &self,
        path: &Path,
        notes: Option<&DigestNotes>,
        rehash: Rehash,
        watch: &dyn Watch,
    ) -> churn::Result<(FileVersion, Digest)> {
        let look = || FileVersion::of(path).map_err(churn::Error::file("read", path));
        let (version, now) = (look()?, SystemTime::now());
        if !version.is_settled(now) {
            return Ok((version, file_digest::of_file(path, watch)?));
        }
        let place = self.place(version);
        let mut known = place.lock().unwrap_or_else(PoisonError::into_inner);
        if rehash == Rehash::Changed {
            if known.is_none() {
                *known = notes.and_then(|notes| notes.find(&version, now));
            }
            if let Some(digest) = &*known {
                return Ok((version, digest.clone()));
            }
        }
        let digest = file_digest::of_file(path, watch)?;
        if look()? == version {
            if let Some(notes) = notes {
                notes.keep(&version, &digest);
            }
            *known = Some(digest.clone());
        }
        Ok((version, digest))
    }

    fn place(&self, version: FileVersion) -> Place {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() > MOST_KNOWN {
            all.clear();
        }
        Arc::clone(all.entry(version).or_default())
    }
}

#[cfg(test)]
pub(crate) mod for_tests {
    use super::*;

    /// The clock of a file system may be behind by so much.
    const BEHIND: Duration = Duration::from_millis(100);

    /// A file that nobody has changed for long: only the system's own files are that old.
    #[expect(clippy::disallowed_methods, reason = "whether a file may still change is a question of its age")]
    pub(crate) fn settled_file() -> std::path::PathBuf {
        let own = std::env::current_exe().unwrap();
        let now = SystemTime::now();
        while !FileVersion::of(&own).unwrap().is_settled(now.max(SystemTime::now()) - BEHIND) {
            std::thread::yield_now();
        }
        own
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::for_tests::settled_file;
    use super::*;

    struct Reads(AtomicU32);

    impl Watch for Reads {
        fn report(&self, _done: u64, _total: Option<u64>) -> churn::Result<()> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
    }

    #[test]
    fn a_settled_version_is_read_once() {
        let (known, reads) = (KnownDigests::default(), Reads(AtomicU32::new(0)));
        let path = settled_file();
        let digest = |known: &KnownDigests, notes, rehash| known.digest(&path, notes, rehash, &reads).unwrap();
        let first = digest(&known, None, Rehash::Changed);
        let blocks = reads.0.load(Ordering::Relaxed);
        assert!(blocks > 0);
        assert_eq!(digest(&known, None, Rehash::Changed), first);
        assert_eq!(reads.0.load(Ordering::Relaxed), blocks, "it was read again");
        assert_eq!(digest(&known, None, Rehash::All), first);
        assert_eq!(reads.0.load(Ordering::Relaxed), 2 * blocks, "it was asked for");
    }

    #[test]
    fn what_one_process_has_read_another_one_finds_noted() {
        let (lake, reads) = (tempfile::tempdir().unwrap(), Reads(AtomicU32::new(0)));
        let (path, notes) = (settled_file(), DigestNotes::in_folder(lake.path()));
        let of_a_new_process = |rehash| KnownDigests::default().digest(&path, Some(&notes), rehash, &reads).unwrap();
        let first = of_a_new_process(Rehash::Changed);
        let blocks = reads.0.load(Ordering::Relaxed);
        assert!(blocks > 0);
        assert_eq!(of_a_new_process(Rehash::Changed), first);
        assert_eq!(reads.0.load(Ordering::Relaxed), blocks, "it was read again");
        assert_eq!(of_a_new_process(Rehash::All), first);
        assert_eq!(reads.0.load(Ordering::Relaxed), 2 * blocks, "it was asked for");
    }

    #[test]
    fn a_version_of_just_now_is_read_every_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("young");
        let known = KnownDigests::default();
        // The same size within one step of the file system's clock: only the bytes tell them apart.
        for content in ["one", "two"] {
            fs::write(&path, content).unwrap();
            let notes = DigestNotes::in_folder(folder.path());
            let found = known.digest(&path, Some(&notes), Rehash::Changed, &churn::Unwatched).unwrap().1;
            assert_eq!(found, Digest::of(content.as_bytes()));
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "and no note is taken of it");
    }

    #[test]
    fn every_change_of_a_file_is_another_version_and_a_pipe_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let [path, other] = ["one", "other"].map(|name| folder.path().join(name));
        fs::write(&path, "content").unwrap();
        let first = FileVersion::of(&path).unwrap();
        // The content and its time put back: the time of the change cannot be.
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        loop {
            fs::write(&path, "Content").unwrap();
            File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
            if FileVersion::of(&path).unwrap() != first {
                break;
            }
        }
        fs::write(&other, "content").unwrap();
        fs::rename(&other, &path).unwrap();
        assert_ne!(FileVersion::of(&path).unwrap(), first);
        assert_eq!(FileVersion::of(folder.path()).unwrap_err().kind(), io::ErrorKind::IsADirectory);
        assert_eq!(FileVersion::of(Path::new("/dev/null")).unwrap_err().kind(), io::ErrorKind::InvalidFilename);
    }
}
