//! The folder for temporary files: it goes away with its process, or at the next start when that was killed.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::Context;
use tempfile::TempDir;
use tracing::{info, warn};

/// What the folders of this program are called.
const PREFIX: &str = "spanishgas-";
/// Locked by the process that works in the folder, for as long as it lives: a lock is seen from
/// another container too, where a process ID means nothing.
const ALIVE: &str = "alive.lock";
/// What the lock is called until it is locked.
const NOT_YET: &str = "alive.new";

/// A folder for temporary files that goes away with the process.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
    // Unlocked after the folder is gone: fields are dropped in this order.
    _alive: File,
}

impl Scratch {
    /// Makes it, in the system's place or in another, and removes what dead processes left there.
    pub fn new(parent: Option<&Path>) -> anyhow::Result<Self> {
        let parent = parent.map_or_else(std::env::temp_dir, Path::to_owned);
        fs::create_dir_all(&parent).with_context(|| format!("could not make {}", parent.display()))?;
        for left in leftovers(&parent) {
            match fs::remove_dir_all(&left.folder) {
                Ok(()) => info!(folder = %left.folder.display(), "removed what a dead process left"),
                Err(error) => {
                    warn!(folder = %left.folder.display(), %error, "what a dead process left cannot be removed");
                }
            }
        }
        let make = || {
            let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(&parent)?;
            let alive = lock_alive(folder.path())?;
            Ok::<_, std::io::Error>(Self { folder, _alive: alive })
        };
        make().with_context(|| {
            format!("could not make a folder for temporary files in {}; give --scratch", parent.display())
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Under its name the lock is always locked while its process lives: nobody sees it in between.
fn lock_alive(folder: &Path) -> std::io::Result<File> {
    let alive = File::create(folder.join(NOT_YET))?;
    alive.lock()?;
    fs::rename(folder.join(NOT_YET), folder.join(ALIVE))?;
    Ok(alive)
}

/// The folder of a dead process. The lock is ours now, so that no other start removes it too.
struct Leftover {
    folder: PathBuf,
    _locked: File,
}

/// The folders of dead processes. One without a lock is not ours to judge, and neither is one that
/// we may not open: it is another user's.
fn leftovers(parent: &Path) -> Vec<Leftover> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let named = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX));
    named.filter_map(|entry| abandoned(entry.path())).collect()
}

fn abandoned(folder: PathBuf) -> Option<Leftover> {
    // A link would lead the removal elsewhere.
    if fs::symlink_metadata(&folder).is_ok_and(|meta| !meta.is_dir()) {
        return None;
    }
    let lock = File::open(folder.join(ALIVE)).ok()?;
    match lock.try_lock() {
        Ok(()) => Some(Leftover { folder, _locked: lock }),
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(parent: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(parent).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// As a crash would end it: the lock is free, and the folder is there.
    fn kill(scratch: Scratch) -> PathBuf {
        let Scratch { folder, .. } = scratch;
        folder.keep()
    }

    #[test]
    fn it_goes_away_with_its_owner_and_a_living_one_stays() {
        let parent = tempfile::tempdir().unwrap();
        let first = Scratch::new(Some(parent.path())).unwrap();
        fs::write(first.path().join("file"), "at work").unwrap();
        let second = Scratch::new(Some(parent.path())).unwrap();
        assert!(first.path().join("file").is_file());
        assert_eq!(names(parent.path()).len(), 2);
        drop((first, second));
        assert_eq!(names(parent.path()), Vec::<String>::new());
    }

    #[test]
    fn what_a_dead_process_left_goes_at_the_next_start_and_nothing_else() {
        let parent = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        for kept in ["spanishgas-without-a-lock", "other"] {
            fs::create_dir(parent.path().join(kept)).unwrap();
        }
        File::create(elsewhere.path().join(ALIVE)).unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), parent.path().join("spanishgas-link")).unwrap();
        let killed = Scratch::new(Some(parent.path())).unwrap();
        fs::create_dir(killed.path().join("a step's")).unwrap();
        let left = kill(killed);

        let next = Scratch::new(Some(parent.path())).unwrap();
        assert!(!left.exists());
        assert!(elsewhere.path().join(ALIVE).is_file());
        let own = next.path().file_name().unwrap().to_str().unwrap().to_owned();
        let mut expected =
            vec!["other".to_owned(), "spanishgas-link".to_owned(), "spanishgas-without-a-lock".to_owned(), own];
        expected.sort();
        assert_eq!(names(parent.path()), expected);
    }
}
