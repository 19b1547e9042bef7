//! Which version of a local file somebody saw.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// File systems count time in steps, the coarsest in use of two seconds: a younger change may hide a second one.
const STEP: Duration = Duration::from_secs(2);

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

    use super::*;

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
