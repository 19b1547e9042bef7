//! Local copies of large objects, shared by the activities of a worker, so that the readings are
//! loaded once and not once per slice. A slot is one version of one object, cut into parts of one size.

use std::collections::HashMap;
use std::fs::{self, File, FileTimes};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use protocol::Digest;

use crate::Version;
use crate::file_digest;

const WHOLE: &str = "object";
const PARTIAL: &str = "partial";
const JOURNAL: &str = "journal";
const LOCK: &str = "lock";

/// The folder of all copies, and how large it may grow.
#[derive(Debug, Clone)]
pub(super) struct Cache {
    folder: PathBuf,
    most_bytes: u64,
    known: Arc<Mutex<HashMap<PathBuf, Digest>>>,
}

/// The place of one version of one object.
#[derive(Debug)]
pub(super) struct Slot {
    folder: PathBuf,
}

impl Cache {
    pub fn new(folder: PathBuf, most_bytes: u64) -> Self {
        Self { folder, most_bytes, known: Arc::default() }
    }

    /// The slot of a version; its folder is made. The journal of a download counts parts, so their size is part
    /// of the name: after another size of the settings the download begins anew.
    pub fn slot(&self, uri: &str, version: &Version, part_bytes: u64) -> io::Result<Slot> {
        let name = Digest::of_json(&(uri, &version.0, part_bytes));
        let folder = self.folder.join(name.short());
        fs::create_dir_all(&folder)?;
        Ok(Slot { folder })
    }

    /// The digest of a slot's content, read once per process from a link of it. The caller holds the slot.
    pub fn digest(&self, slot: &Slot, link: &Path) -> churn::Result<Digest> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(digest) = known().get(&slot.folder) {
            return Ok(digest.clone());
        }
        let digest = file_digest::of_file(link, &churn::Unwatched)?;
        known().insert(slot.folder.clone(), digest.clone());
        Ok(digest)
    }

    /// The slot is about to be filled anew.
    pub fn forget(&self, slot: &Slot) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(&slot.folder);
    }

    /// Removes the copies that were used longest ago until the rest fits; never `kept`.
    pub fn trim(&self, kept: &Slot) -> io::Result<()> {
        let mut copies = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let slot = Slot { folder: entry?.path() };
            if let Ok(meta) = fs::metadata(slot.file()) {
                copies.push((meta.modified()?, meta.len(), slot.folder));
            }
        }
        copies.sort();
        let mut held: u64 = copies.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, bytes, folder) in copies {
            if held <= self.most_bytes || folder == kept.folder {
                continue;
            }
            let lock = File::create(folder.join(LOCK))?;
            // Somebody links it at this moment: it is not the one to go.
            if lock.try_lock().is_ok() {
                fs::remove_dir_all(&folder)?;
                held -= bytes;
            }
        }
        Ok(())
    }
}

impl Slot {
    /// The whole copy.
    pub fn file(&self) -> PathBuf {
        self.folder.join(WHOLE)
    }

    /// The copy in the making.
    pub fn partial(&self) -> PathBuf {
        self.folder.join(PARTIAL)
    }

    /// Which parts of it have arrived.
    pub fn journal(&self) -> PathBuf {
        self.folder.join(JOURNAL)
    }

    pub fn is_whole(&self) -> bool {
        self.file().is_file()
    }

    /// Waits until nobody else, in this process or another, works on the slot.
    pub async fn hold(&self) -> io::Result<File> {
        let path = self.folder.join(LOCK);
        let lock = move || {
            let file = File::create(path)?;
            file.lock()?;
            Ok(file)
        };
        tokio::task::spawn_blocking(lock).await.map_err(io::Error::other)?
    }

    /// The copy in the making is whole.
    pub fn finish(&self) -> io::Result<()> {
        fs::rename(self.partial(), self.file())?;
        fs::remove_file(self.journal())
    }

    /// Throws the copy in the making away.
    pub fn clear(&self) -> io::Result<()> {
        fs::remove_file(self.partial())?;
        fs::remove_file(self.journal())
    }

    /// It was used just now.
    #[expect(clippy::disallowed_methods, reason = "the copies used longest ago go first")]
    pub fn touch(&self) {
        // Only the order of removal suffers when this fails.
        drop(File::open(self.file()).and_then(|file| file.set_times(FileTimes::new().set_modified(SystemTime::now()))));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a file of a certain age")]
    fn the_copies_used_longest_ago_go_first_and_the_newest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().to_owned(), 25);
        let slots: Vec<_> =
            ["a", "b", "c"].iter().map(|uri| cache.slot(uri, &Version("1".into()), 5).unwrap()).collect();
        for (age, slot) in slots.iter().enumerate() {
            fs::write(slot.file(), [0; 10]).unwrap();
            let used = SystemTime::now() - Duration::from_secs(100 - age as u64);
            File::options().write(true).open(slot.file()).unwrap().set_modified(used).unwrap();
        }
        slots[0].touch();
        cache.trim(&slots[2]).unwrap();
        let left: Vec<_> = slots.iter().map(Slot::is_whole).collect();
        assert_eq!(left, [true, false, true]);
    }
}
