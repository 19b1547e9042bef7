//! A folder for the half-made files of one process: locked while the process lives, gone with it. What
//! a killed process left goes when the next one starts.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// In each folder: held as long as the process lives. The system frees it whatever ends the process,
/// which a process ID in the name would not tell across containers.
const LOCK: &str = ".alive";
/// What the lock is called until it is held: under its own name nobody ever finds it free while its process lives.
const LOCK_AT_BIRTH: &str = ".alive.new";
/// In a parent that is ours alone: nobody looks for the dead while another one is being born.
const TURN: &str = ".processes.lock";

/// What the folders in a lake begin with.
const IN_LAKE: &str = "process-";

/// Whose the folder is in which processes make their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parent {
    /// Ours alone. A folder without a lock is of a process that was killed at its birth, and goes.
    Ours,
    /// Everybody's, as the system's temporary folder is. A folder without a lock is not ours to judge, nothing
    /// of ours is left beside the folders, and what we may not open is another user's.
    Everybodys,
}

/// The folders of processes in one parent.
#[derive(Debug, Clone, Copy)]
pub struct OwnFolders<'a> {
    /// Where they are.
    pub place: &'a Path,
    /// Whose that is.
    pub parent: Parent,
    /// What their names begin with; nothing else is ever removed.
    pub prefix: &'a str,
}

/// A folder; removed when dropped.
#[derive(Debug)]
pub struct OwnFolder {
    path: PathBuf,
    _alive: File,
}

/// What a dead process left, and what came of its removal.
#[derive(Debug)]
pub struct Leftover {
    /// The folder.
    pub folder: PathBuf,
    /// An error where it stays: on a disk that only reads, or somebody else's.
    pub removed: io::Result<()>,
}

/// The process of a folder.
enum Owner {
    /// It lives, for all we may know.
    Lives,
    /// It is dead; its lock is ours now.
    Dead(File),
    /// It did not come so far as to have a lock.
    KilledAtBirth,
}

impl OwnFolders<'_> {
    /// Makes a folder for this process.
    pub fn make(&self) -> io::Result<OwnFolder> {
        fs::create_dir_all(self.place)?;
        let _turn = self.take_turn()?;
        let folder = tempfile::Builder::new().prefix(self.prefix).tempdir_in(self.place)?;
        let alive = lock_alive(folder.path())?;
        Ok(OwnFolder { path: folder.keep(), _alive: alive })
    }

    /// Removes the folders of processes that live no more.
    pub fn remove_leftovers(&self) -> io::Result<Vec<Leftover>> {
        let _turn = self.take_turn()?;
        let mut leftovers = Vec::new();
        for entry in fs::read_dir(self.place)? {
            let entry = entry?;
            // The type of the entry itself: a link would lead the removal elsewhere.
            let is_named = entry.file_name().to_string_lossy().starts_with(self.prefix);
            if !is_named || !entry.file_type()?.is_dir() {
                continue;
            }
            let folder = entry.path();
            // Held while the folder goes, so that no other start removes it too.
            let _lock = match self.owner(&folder) {
                Owner::Lives => continue,
                Owner::Dead(lock) => Some(lock),
                Owner::KilledAtBirth => None,
            };
            leftovers.push(Leftover { removed: fs::remove_dir_all(&folder), folder });
        }
        Ok(leftovers)
    }

    fn owner(&self, folder: &Path) -> Owner {
        match OpenOptions::new().write(true).open(folder.join(LOCK)) {
            Ok(lock) if lock.try_lock().is_ok() => Owner::Dead(lock),
            Err(error) if self.parent == Parent::Ours && error.kind() == io::ErrorKind::NotFound => {
                Owner::KilledAtBirth
            }
            Ok(_) | Err(_) => Owner::Lives,
        }
    }

    fn take_turn(&self) -> io::Result<Option<File>> {
        if self.parent == Parent::Everybodys {
            return Ok(None);
        }
        let turn = OpenOptions::new().create(true).truncate(false).write(true).open(self.place.join(TURN))?;
        turn.lock()?;
        Ok(Some(turn))
    }
}

fn lock_alive(folder: &Path) -> io::Result<File> {
    let alive = File::create(folder.join(LOCK_AT_BIRTH))?;
    alive.lock()?;
    fs::rename(folder.join(LOCK_AT_BIRTH), folder.join(LOCK))?;
    Ok(alive)
}

impl OwnFolder {
    /// Makes a folder in a lake's internal one.
    pub fn make_in(parent: &Path) -> io::Result<Self> {
        in_lake(parent).make()
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

/// Removes what dead processes left in a lake's internal folder; tells how many folders.
pub fn remove_leftovers(parent: &Path) -> io::Result<usize> {
    let leftovers = in_lake(parent).remove_leftovers()?;
    Ok(leftovers.iter().filter(|leftover| leftover.removed.is_ok()).count())
}

fn in_lake(place: &Path) -> OwnFolders<'_> {
    OwnFolders { place, parent: Parent::Ours, prefix: IN_LAKE }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(parent: &Path) -> Vec<String> {
        let entries = fs::read_dir(parent).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = entries.collect();
        names.sort();
        names
    }

    /// As a crash would leave it: the lock is free, and the folder is there.
    fn dead(parent: &Path, name: &str) -> PathBuf {
        let folder = parent.join(name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join(LOCK), "").unwrap();
        fs::write(folder.join("half"), "made").unwrap();
        folder
    }

    #[test]
    fn what_a_dead_process_left_goes_and_what_a_living_one_has_stays() {
        let parent = tempfile::tempdir().unwrap();
        let living = OwnFolder::make_in(parent.path()).unwrap();
        fs::write(living.path().join("half"), "made").unwrap();
        let dead = dead(parent.path(), "process-dead");
        fs::create_dir(parent.path().join("process-killed-at-birth")).unwrap();
        fs::create_dir(parent.path().join("of-somebody-else")).unwrap();

        assert_eq!(remove_leftovers(parent.path()).unwrap(), 2);
        assert!(!dead.exists() && living.path().join("half").exists());
        assert!(parent.path().join("of-somebody-else").exists());
        let path = living.path().to_owned();
        drop(living);
        assert!(!path.exists());
    }

    #[test]
    fn in_everybodys_folder_only_what_was_surely_ours_goes_and_nothing_is_left_beside_it() {
        let (parent, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folders = OwnFolders { place: parent.path(), parent: Parent::Everybodys, prefix: "ours-" };
        dead(parent.path(), "ours-dead");
        dead(parent.path(), "theirs-dead");
        fs::create_dir(parent.path().join("ours-without-a-lock")).unwrap();
        let target = dead(elsewhere.path(), "target");
        std::os::unix::fs::symlink(&target, parent.path().join("ours-link")).unwrap();
        let living = folders.make().unwrap();

        let leftovers = folders.remove_leftovers().unwrap();
        assert_eq!(leftovers.len(), 1);
        assert!(leftovers[0].removed.is_ok() && leftovers[0].folder.ends_with("ours-dead"));
        assert!(target.join("half").is_file() && living.path().is_dir());
        drop(living);
        assert_eq!(names(parent.path()), ["ours-link", "ours-without-a-lock", "theirs-dead"]);
    }
}
