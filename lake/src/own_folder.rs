//! A folder for the half-made files of one process: locked while the process lives, gone with it. What
//! a killed process left goes when the next one starts.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Folders of processes begin with it; nothing else in the parent is ever removed.
const PREFIX: &str = "process-";
/// In each of them: held as long as the process lives. The system frees it whatever ends the process,
/// which a process ID in the name would not tell across containers.
const LOCK: &str = ".alive";
/// In the parent: nobody looks for the dead while another one is being born.
const TURN: &str = ".processes.lock";

/// The folder; removed when dropped.
#[derive(Debug)]
pub struct OwnFolder {
    path: PathBuf,
    _alive: File,
}

impl OwnFolder {
    /// Makes a folder below `parent`.
    pub fn make_in(parent: &Path) -> io::Result<Self> {
        fs::create_dir_all(parent)?;
        let _turn = take_turn(parent)?;
        let path = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?.keep();
        let alive = lock_file(&path.join(LOCK))?;
        alive.lock()?;
        Ok(Self { path, _alive: alive })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for OwnFolder {
    fn drop(&mut self) {
        // What cannot be removed now goes when the next process starts.
        drop(fs::remove_dir_all(&self.path));
    }
}

/// Removes the folders of processes that live no more; tells how many. A folder that does not let
/// itself be removed stays: somebody else's, or on a disk that only reads.
pub fn remove_leftovers(parent: &Path) -> io::Result<usize> {
    let _turn = take_turn(parent)?;
    let mut removed = 0;
    for entry in fs::read_dir(parent)? {
        let path = entry?.path();
        let named = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
        if named && path.is_dir() && is_dead(&path) && fs::remove_dir_all(&path).is_ok() {
            removed += 1;
        }
    }
    Ok(removed)
}

fn is_dead(folder: &Path) -> bool {
    match OpenOptions::new().write(true).open(folder.join(LOCK)) {
        Ok(lock) => !matches!(lock.try_lock(), Err(TryLockError::WouldBlock)),
        // Killed between its first two steps.
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

fn take_turn(parent: &Path) -> io::Result<File> {
    let turn = lock_file(&parent.join(TURN))?;
    turn.lock()?;
    Ok(turn)
}

fn lock_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).truncate(false).write(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dead_process_left_goes_and_what_a_living_one_has_stays() {
        let parent = tempfile::tempdir().unwrap();
        let living = OwnFolder::make_in(parent.path()).unwrap();
        fs::write(living.path().join("half"), "made").unwrap();
        let dead = parent.path().join("process-dead");
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join(LOCK), "").unwrap();
        fs::write(dead.join("half"), "made").unwrap();
        fs::create_dir(parent.path().join("process-killed-at-birth")).unwrap();
        fs::create_dir(parent.path().join("of-somebody-else")).unwrap();

        assert_eq!(remove_leftovers(parent.path()).unwrap(), 2);
        assert!(!dead.exists() && living.path().join("half").exists());
        assert!(parent.path().join("of-somebody-else").exists());
        let path = living.path().to_owned();
        drop(living);
        assert!(!path.exists());
    }
}
