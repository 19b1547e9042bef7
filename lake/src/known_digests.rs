//! The digests of the versions of local files that were read before.
//!
//! A file that is worked on where it lies is read once for its digest, and its version is looked at
//! again after the work: a file that moved in between was perhaps not the one whose digest is known.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use churn::Watch;
use protocol::Digest;

use crate::digest_notes::DigestNotes;
use crate::file_digest;
use crate::file_version::FileVersion;

/// A worker that has seen more versions than this begins anew; every file is then read once more.
const MOST_KNOWN: usize = 100_000;

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

/// Who writes a file.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Writer<'a> {
    /// Others, at any time. What is read is noted for the next process.
    Others(&'a DigestNotes),
    /// This program alone, which puts it there whole and changes nothing in it. Nothing is noted: every process reads it
    /// once, so that a lost bit shows.
    Ourselves,
}

impl Writer<'_> {
    /// Whether a change of just now may hide another one of the same moment.
    pub(crate) fn may_hide_a_change(self, version: &FileVersion, now: SystemTime) -> bool {
        matches!(self, Self::Others(_)) && !version.is_settled(now)
    }

    fn notes(&self) -> Option<&DigestNotes> {
        match self {
            Self::Others(notes) => Some(notes),
            Self::Ourselves => None,
        }
    }
}

/// The digests of file versions, shared by everything that reads a lake in this process.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownDigests(Arc<Mutex<HashMap<FileVersion, Place>>>);

/// Held by whoever reads the version; the others wait for the result.
type Place = Arc<Mutex<Option<Digest>>>;

impl KnownDigests {
    /// The version of a file and its digest, read unless this very version was read before, by this process or, where that
    /// is noted, by another one.
    ///
    /// A version that may hide a change, or that moved while it was read, is read again the next time.
    #[expect(clippy::disallowed_methods, reason = "whether a file may still change is a question of its age")]
    pub(crate) fn digest(
        &self,
        path: &Path,
        writer: Writer<'_>,
        rehash: Rehash,
        watch: &dyn Watch,
    ) -> churn::Result<(FileVersion, Digest)> {
        let look = || FileVersion::of(path).map_err(churn::Error::file("read", path));
        let (version, now) = (look()?, SystemTime::now());
        if writer.may_hide_a_change(&version, now) {
            return Ok((version, file_digest::of_file(path, watch)?));
        }
        let place = self.place(version);
        let mut known = place.lock().unwrap_or_else(PoisonError::into_inner);
        if rehash == Rehash::Changed {
            if known.is_none() {
                *known = writer.notes().and_then(|notes| notes.find(&version, now));
            }
            if let Some(digest) = &*known {
                return Ok((version, digest.clone()));
            }
        }
        let digest = file_digest::of_file(path, watch)?;
        if look()? == version {
            if let Some(notes) = writer.notes() {
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
mod tests {
    use std::fs;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::file_version::for_tests::settled_file;

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
        let digest = |known: &KnownDigests, rehash| known.digest(&path, Writer::Ourselves, rehash, &reads).unwrap();
        let first = digest(&known, Rehash::Changed);
        let blocks = reads.0.load(Ordering::Relaxed);
        assert!(blocks > 0);
        assert_eq!(digest(&known, Rehash::Changed), first);
        assert_eq!(reads.0.load(Ordering::Relaxed), blocks, "it was read again");
        assert_eq!(digest(&known, Rehash::All), first);
        assert_eq!(reads.0.load(Ordering::Relaxed), 2 * blocks, "it was asked for");
    }

    #[test]
    fn what_one_process_has_read_another_one_finds_noted() {
        let (lake, reads) = (tempfile::tempdir().unwrap(), Reads(AtomicU32::new(0)));
        let (path, notes) = (settled_file(), DigestNotes::in_folder(lake.path()));
        let others = Writer::Others(&notes);
        let of_a_new_process = |rehash| KnownDigests::default().digest(&path, others, rehash, &reads).unwrap();
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
            let found = known.digest(&path, Writer::Others(&notes), Rehash::Changed, &churn::Unwatched).unwrap().1;
            assert_eq!(found, Digest::of(content.as_bytes()));
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "and no note is taken of it");
    }

    #[test]
    fn what_we_have_just_put_there_is_read_once_and_again_when_another_file_takes_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let (path, new) = (folder.path().join("table"), folder.path().join("new"));
        let (known, reads) = (KnownDigests::default(), Reads(AtomicU32::new(0)));
        for content in ["one", "two"] {
            fs::write(&new, content).unwrap();
            fs::rename(&new, &path).unwrap();
            for _ in 0..2 {
                let found = known.digest(&path, Writer::Ourselves, Rehash::Changed, &reads).unwrap().1;
                assert_eq!(found, Digest::of(content.as_bytes()));
            }
        }
        assert_eq!(reads.0.load(Ordering::Relaxed), 2, "each file has one block");
    }
}
