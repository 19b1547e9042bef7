//! The digests of raw files that a process before this one has read, kept in the lake's own folder: who starts a run and who
//! serves it read the same gigabytes once.
//!
//! A note is about one version of a file: its device, inode and size, and the times of its last write and of its last change
//! of any kind, in nanoseconds. It is taken only of a version that was at rest before it was read and was still the same
//! afterwards, and it counts only where the note itself was written later than the version, by the file system's own clock and
//! by more than one of its steps. So nothing is known of a file that is written in the same moment as it is read (git calls
//! such files racily clean), and every later write shows in the file's times.

use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use nix::unistd::geteuid;
use protocol::Digest;
use serde::{Deserialize, Serialize};

use crate::documents::sealed;
use crate::file_version::FileVersion;

/// The folder of the notes, in the lake's own.
const FOLDER: &str = "digests";
/// Nobody else has anything to do there; the notes in it have the mode of all temporary files, 0600.
const OURS_ALONE: u32 = 0o700;
/// The bits of a mode that let others write.
const OTHERS_WRITE: u32 = 0o022;
/// A disk may lose a bit, which no time of a file tells: after so long it is read again.
const COUNTS_FOR: Duration = Duration::from_hours(30 * 24);

/// The notes of one lake.
#[derive(Debug, Clone)]
pub(crate) struct DigestNotes {
    internal: PathBuf,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    file: FileVersion,
    digest: Digest,
}

impl DigestNotes {
    /// The notes below a lake's own folder, which need not be there.
    pub fn in_folder(internal: &Path) -> Self {
        Self { internal: internal.to_owned() }
    }

    /// The digest of a version, if it is noted. A note that cannot be trusted does not count, which is told.
    pub fn find(&self, version: &FileVersion, now: SystemTime) -> Option<Digest> {
        let path = self.path(version);
        match read(&path, version, now) {
            Ok(found) => found,
            Err(problem) => {
                let note = path.display();
                tracing::warn!(%note, problem, "a note of a file's digest does not count; the file is read again");
                None
            }
        }
    }

    /// Notes the digest of a version. Where nobody may write, the next process reads the file again.
    pub fn keep(&self, version: &FileVersion, digest: &Digest) {
        // Whoever only looks at a lake makes no folder in it.
        if !self.internal.is_dir() {
            return;
        }
        if let Err(error) = self.write(version, digest) {
            tracing::debug!(%error, lake = %self.internal.display(), "the digest of a raw file is not noted");
        }
    }

    /// Removes the notes that count no more; how many there were.
    pub fn tidy(&self, now: SystemTime) -> io::Result<usize> {
        let entries = match fs::read_dir(self.folder()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            entries => entries?,
        };
        let mut removed = 0;
        for entry in entries {
            let entry = entry?;
            if is_old(entry.metadata()?.modified()?, now) {
                fs::remove_file(entry.path())?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    fn write(&self, version: &FileVersion, digest: &Digest) -> io::Result<()> {
        let folder = self.folder();
        match DirBuilder::new().mode(OURS_ALONE).create(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let note = Note { file: *version, digest: digest.clone() };
        let mut temporary = tempfile::NamedTempFile::new_in(&folder)?;
        // Opened a second time to be written, it would be flushed to the disk: a thousand files took seconds.
        temporary.write_all(&sealed::seal(&note))?;
        temporary.persist(self.path(version)).map(drop).map_err(|error| error.error)
    }

    fn folder(&self) -> PathBuf {
        self.internal.join(FOLDER)
    }

    fn path(&self, version: &FileVersion) -> PathBuf {
        self.folder().join(format!("{}.json", Digest::of_json(version).short()))
    }
}

/// The digest of a note; none where there is no note, an old one, or one of the moment of the last change. The error says why it cannot be trusted.
fn read(path: &Path, version: &FileVersion, now: SystemTime) -> Result<Option<Digest>, String> {
    let meta = match fs::symlink_metadata(path) {
        Ok(meta) => meta,
        // The notes of another user are nobody else's to read.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => {
            return Ok(None);
        }
        Err(error) => return Err(error.to_string()),
    };
    if !meta.is_file() || meta.uid() != geteuid().as_raw() || meta.mode() & OTHERS_WRITE != 0 {
        return Err("it is not a file of this user alone".to_owned());
    }
    let noted = meta.modified().map_err(|error| error.to_string())?;
    if is_old(noted, now) || !version.is_settled(noted) {
        return Ok(None);
    }
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    let note: Note = sealed::open(&bytes)?;
    if note.file != *version || Digest::parse(note.digest.as_str()).is_none() {
        return Err("it is of another file, or holds no digest".to_owned());
    }
    Ok(Some(note.digest))
}

fn is_old(noted: SystemTime, now: SystemTime) -> bool {
    now.duration_since(noted).is_ok_and(|age| age > COUNTS_FOR)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a note counts for a time")]

    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::file_version::for_tests::settled_file;

    struct Noted {
        root: tempfile::TempDir,
        notes: DigestNotes,
        version: FileVersion,
        digest: Digest,
    }

    fn noted() -> Noted {
        let root = tempfile::tempdir().unwrap();
        let (notes, version) = (DigestNotes::in_folder(root.path()), FileVersion::of(&settled_file()).unwrap());
        let digest = Digest::of(b"content");
        notes.keep(&version, &digest);
        Noted { root, notes, version, digest }
    }

    #[test]
    fn a_note_is_found_for_its_version_until_it_is_old_and_nobody_else_may_write_it() {
        let it = noted();
        let (notes, version, digest) = (&it.notes, it.version, it.digest.clone());
        let now = SystemTime::now();
        assert_eq!(notes.find(&version, now), Some(digest));
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!((mode(&notes.folder()), mode(&notes.path(&version))), (0o700, 0o600));
        let later = now + COUNTS_FOR + Duration::from_hours(1);
        assert_eq!(notes.find(&version, later), None);
        assert_eq!((notes.tidy(now).unwrap(), notes.tidy(later).unwrap()), (0, 1));
        assert_eq!(notes.find(&version, now), None);
    }

    #[test]
    fn a_note_that_is_damaged_or_that_others_may_have_written_does_not_count() {
        let it = noted();
        let (notes, version) = (&it.notes, it.version);
        let (path, now) = (notes.path(&version), SystemTime::now());
        let good = fs::read(&path).unwrap();
        let forged = String::from_utf8(good.clone()).unwrap().replace(Digest::of(b"content").as_str(), &"0".repeat(64));
        let cut = good[..good.len() / 2].to_vec();
        for damaged in [forged.into_bytes(), cut, Vec::new(), b"{}".to_vec()] {
            fs::write(&path, damaged).unwrap();
            assert_eq!(notes.find(&version, now), None);
        }
        fs::write(&path, &good).unwrap();
        assert!(notes.find(&version, now).is_some());
        fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
        assert_eq!(notes.find(&version, now), None);
        let elsewhere = path.with_extension("elsewhere");
        fs::rename(&path, &elsewhere).unwrap();
        fs::set_permissions(&elsewhere, Permissions::from_mode(0o600)).unwrap();
        symlink(&elsewhere, &path).unwrap();
        assert_eq!(notes.find(&version, now), None, "a link may lead anywhere");
    }

    #[test]
    fn a_note_of_another_file_or_of_the_moment_of_its_change_does_not_count() {
        let it = noted();
        let (notes, version) = (&it.notes, it.version);
        let of_other = FileVersion::of(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))).unwrap();
        fs::copy(notes.path(&version), notes.path(&of_other)).unwrap();
        assert_eq!(notes.find(&of_other, SystemTime::now()), None);
        notes.keep(&of_other, &it.digest);
        assert_eq!(notes.find(&of_other, SystemTime::now()), Some(it.digest.clone()));

        let young = it.root.path().join("young.csv");
        fs::write(&young, "content").unwrap();
        let of_young = FileVersion::of(&young).unwrap();
        notes.keep(&of_young, &it.digest);
        let much_later = SystemTime::now() + Duration::from_hours(1);
        assert_eq!(notes.find(&of_young, much_later), None, "noted in the moment of the change, whoever looks when");
        let nowhere = it.root.path().join("nothing");
        DigestNotes::in_folder(&nowhere).keep(&version, &Digest::of(b""));
        assert!(!nowhere.exists());
    }
}
