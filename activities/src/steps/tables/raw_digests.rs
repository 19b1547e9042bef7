//! The digests of the raw files: a file is loaded and read for it where nobody has read this very version before, or where
//! somebody asks for it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use churn::watch::SideBySide;
use churn::{Watch, cores};
use lake::{Lake, ObjectMeta, Rehash, SeenObject};
use protocol::{Digest, TableRef};

use super::raw_files::RawFiles;
use super::raw_roles::Roles;
use crate::error::Result;

/// The files of a delivery, where they are read for their digests.
pub(super) struct Sources {
    tables: BTreeMap<String, Source>,
    readings: Vec<Source>,
    rehash: Rehash,
}

struct Source {
    key: String,
    bytes: u64,
    origin: Origin,
}

/// Where the digest of a file comes from.
enum Origin {
    /// A worker has noted it of this version of the object.
    Note(Digest),
    /// The file or a copy of the object is read; of an object in a bucket with the version that was there before.
    Content(PathBuf, Option<SeenObject>),
}

impl Sources {
    /// Copies to `scratch` what is in a bucket and not noted there.
    pub async fn find(lake: &Lake, listed: &Roles, rehash: Rehash, scratch: &Path) -> Result<Self> {
        let mut tables = BTreeMap::new();
        for (name, object) in &listed.tables {
            tables.insert(name.clone(), Source::find(lake, object, rehash, scratch).await?);
        }
        let mut readings = Vec::new();
        for object in &listed.readings {
            readings.push(Source::find(lake, object, rehash, scratch).await?);
        }
        Ok(Self { tables, readings, rehash })
    }

    /// The files with their digests, which are read side by side; `watch` hears the bytes of all of them.
    pub fn digest(&self, lake: &Lake, watch: &dyn Watch) -> churn::Result<RawFiles> {
        let all: Vec<&Source> = self.all().collect();
        let whole = SideBySide::new(watch, all.iter().map(|source| source.bytes).sum());
        let digest = |source: &&Source| {
            let digest = whole.part(source.bytes, |part| match &source.origin {
                Origin::Note(digest) => Ok(digest.clone()),
                Origin::Content(path, _) => lake.digest_of_local(path, self.rehash, part),
            })?;
            Ok(TableRef { key: source.key.clone(), digest, rows: 0 })
        };
        let mut files: Vec<TableRef> = cores::try_map(&all, digest)?;
        let readings = files.split_off(self.tables.len());
        let tables = self.tables.keys().cloned().zip(files).collect();
        Ok(RawFiles { tables, readings, tombstones: None })
    }

    /// Notes what was read of objects in a bucket; a folder's files are noted where they are read.
    pub async fn note(&self, lake: &Lake, files: &RawFiles) -> Result<()> {
        for (source, file) in self.all().zip(files.tables.values().chain(&files.readings)) {
            if let Origin::Content(_, Some(seen)) = &source.origin {
                lake.note_digest(seen, &file.digest).await?;
            }
        }
        Ok(())
    }

    fn all(&self) -> impl Iterator<Item = &Source> {
        self.tables.values().chain(&self.readings)
    }
}

impl Source {
    async fn find(lake: &Lake, object: &ObjectMeta, rehash: Rehash, scratch: &Path) -> Result<Self> {
        let (key, bytes) = (object.key.clone(), object.bytes);
        let seen = lake.seen_object(&key).await?;
        let noted = match &seen {
            Some(seen) if rehash == Rehash::Changed => lake.noted_digest(seen).await?,
            _ => None,
        };
        let origin = match noted {
            Some(digest) => Origin::Note(digest),
            None => Origin::Content(lake.local_copy(&key, scratch).await?, seen),
        };
        Ok(Self { key, bytes, origin })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::SystemTime;

    use churn::raw::RawTable;
    use lake::FolderLake;
    use protocol::pipeline::{Mode, PipelineInput};

    use super::*;
    use crate::steps::tables::raw::identify_raw;

    /// How often something was read.
    #[derive(Default)]
    struct Blocks(AtomicU64);

    impl Watch for Blocks {
        fn report(&self, _done: u64, _total: Option<u64>) -> churn::Result<()> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
    }

    impl Blocks {
        fn taken(&self) -> u64 {
            self.0.swap(0, Ordering::Relaxed)
        }
    }

    /// A delivery of files with one letter each.
    fn delivery() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        FolderLake::open(root.path()).unwrap();
        fs::create_dir(root.path().join("raw")).unwrap();
        let files = RawTable::ALL.map(RawTable::file_name);
        for name in files.into_iter().chain(["consumption_hourly.parquet"]) {
            fs::write(root.path().join("raw").join(name), "x").unwrap();
        }
        root
    }

    /// Waits until what was written last is older than the steps in which any file system counts time.
    #[expect(clippy::disallowed_methods, reason = "whether a file may still change is a question of its age")]
    fn wait_until_settled(root: &Path) {
        let last = root.join("raw/last_of_all");
        fs::write(&last, "").unwrap();
        let written = fs::metadata(&last).unwrap().modified().unwrap();
        fs::remove_file(last).unwrap();
        while !SystemTime::now().duration_since(written).is_ok_and(|age| age.as_millis() > 2_100) {
            std::thread::yield_now();
        }
    }

    /// As a process does that has just started: it has read nothing yet.
    async fn identify(root: &Path, input: &PipelineInput, blocks: &Blocks) -> Digest {
        let lake = Lake::Folder(FolderLake::open(root).unwrap());
        let scratch = tempfile::tempdir().unwrap();
        identify_raw(&lake, input, scratch.path(), blocks).await.unwrap().digest()
    }

    #[tokio::test]
    async fn unchanged_files_are_read_once_for_all_processes_unless_somebody_asks() {
        let (root, blocks) = (delivery(), Blocks::default());
        let usual = PipelineInput::new(Mode::Train);
        wait_until_settled(root.path());
        let first = identify(root.path(), &usual, &blocks).await;
        let all = blocks.taken();
        assert_eq!(all, RawTable::ALL.len() as u64 + 1, "each file is one block");
        assert_eq!(identify(root.path(), &usual, &blocks).await, first);
        assert_eq!(blocks.taken(), 0, "nothing is read again");
        for asked in [PipelineInput { rehash: true, ..usual.clone() }, PipelineInput { force: true, ..usual.clone() }] {
            assert_eq!(identify(root.path(), &asked, &blocks).await, first);
            assert_eq!(blocks.taken(), all, "{asked:?}");
        }
    }

    #[tokio::test]
    async fn a_file_of_the_same_size_and_time_with_another_letter_is_found() {
        let (root, blocks) = (delivery(), Blocks::default());
        let usual = PipelineInput::new(Mode::Train);
        wait_until_settled(root.path());
        let first = identify(root.path(), &usual, &blocks).await;
        let path = root.path().join("raw/consumption_hourly.parquet");
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, "y").unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(before).unwrap();
        blocks.taken();
        assert_ne!(identify(root.path(), &usual, &blocks).await, first);
        assert_eq!(blocks.taken(), 1, "the others are known");
    }
}
