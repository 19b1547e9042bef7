//! The lake as the pages see it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use lake::documents::RunRecord;
use lake::{Lake, LakeError, keys, outputs_of_manifest};
use polars::prelude::DataFrame;
use protocol::{Digest, Key, TableRef};
use serde::de::DeserializeOwned;

use super::DataError;
use super::blocking::blocking;
use super::by_run::ByRun;
use super::derived::Derived;
use super::documents::Documents;
use super::held::Held;
use super::registry_files::RegistryFiles;
use super::tables::{MOST_BYTES, Tables};

/// The record of a run, as it is kept.
pub type StoredRun = Arc<RunRecord>;

/// So many sums and distributions are kept.
const MOST_DERIVED: usize = 128;
/// So many selections of rows are kept: each has the number of every row that passed, 8 MB for a million.
const MOST_FILTERED: usize = 32;
/// None is kept of a table of more rows: a few readers of a long one would fill the memory of a small machine.
pub(super) const MOST_ROWS_FILTERED: usize = 1_000_000;

/// The lake, and what of it is in memory.
#[derive(Debug)]
pub struct Store {
    lake: Lake,
    /// Where a table lies while it is read.
    scratch: PathBuf,
    documents: Documents,
    tables: Tables,
    pub(super) derived: Derived,
    /// The rows that pass the filters of the last pages: more of them, and each larger.
    pub(super) filtered: Derived,
    pub(super) lists: Held,
    /// What could not be read just now, apart from the lists: there may be many of them, and no list may go for them.
    pub(super) unreadable: Held,
    pub(super) by_run: ByRun,
    pub(super) models: RegistryFiles,
    /// What manifests, and the lists of models' files, say of keys; what they name never changes.
    pub(super) references: Mutex<BTreeMap<String, TableRef>>,
}

impl Store {
    /// A lake of which nothing is in memory yet; tables are copied below `scratch` while they are read.
    pub fn new(lake: Lake, scratch: PathBuf) -> Self {
        let (documents, tables) = (Documents::default(), Tables::new(MOST_BYTES));
        Self {
            lake,
            scratch,
            documents,
            tables,
            derived: Derived::new(MOST_DERIVED),
            filtered: Derived::new(MOST_FILTERED),
            lists: Held::default(),
            unreadable: Held::default(),
            by_run: ByRun::default(),
            models: RegistryFiles::default(),
            references: Mutex::default(),
        }
    }

    /// The lake itself, for listings.
    pub fn lake(&self) -> &Lake {
        &self.lake
    }

    /// A JSON document, if there is one.
    pub async fn document<T>(&self, key: &str, now: DateTime<Utc>) -> Result<Option<Arc<T>>, DataError>
    where
        T: DeserializeOwned + Send + Sync + 'static,
    {
        let found = self.documents.find(&self.lake, key, now).await?;
        if found.is_none() {
            self.must_be_there().await?;
        }
        Ok(found)
    }

    /// Where nothing was found, the lake itself may be gone: that is no empty lake.
    pub(super) async fn must_be_there(&self) -> Result<(), DataError> {
        self.lake.must_be_there().await.map_err(|error| DataError::lake_gone(&self.lake, &error))
    }

    /// The record of a run, if there is one. A name that cannot be a run's has none.
    pub async fn run(&self, run_id: &str, now: DateTime<Utc>) -> Result<Option<StoredRun>, DataError> {
        let key = keys::run_record(run_id);
        if run_id.contains('/') || Key::parse(&key).is_err() {
            return Ok(None);
        }
        self.document(&key, now).await
    }

    /// A table with the content that its reference names.
    pub async fn table(&self, table: &TableRef) -> Result<Arc<DataFrame>, DataError> {
        self.tables.get(&table.digest, self.load(table)).await
    }

    /// The reference of a stage's output by its key, from the manifest beside it; none where the stage is gone.
    pub async fn reference(&self, key: &str) -> Result<Option<TableRef>, DataError> {
        if let Some(known) = self.references.lock().unwrap_or_else(PoisonError::into_inner).get(key) {
            return Ok(Some(known.clone()));
        }
        let found = self.find_reference(key).await?;
        if let Some(found) = &found {
            let mut references = self.references.lock().unwrap_or_else(PoisonError::into_inner);
            references.insert(key.to_owned(), found.clone());
        }
        Ok(found)
    }

    async fn find_reference(&self, key: &str) -> Result<Option<TableRef>, DataError> {
        let Some((folder, _)) = key.rsplit_once('/') else { return Ok(None) };
        let manifest = format!("{folder}/{}", keys::MANIFEST);
        let Some((bytes, _)) = self.lake.get(&manifest).await? else {
            self.must_be_there().await?;
            return Ok(None);
        };
        let outputs = outputs_of_manifest(&bytes).map_err(|problem| LakeError::Unreadable {
            key: manifest,
            expected: "the manifest of a stage",
            problem,
        })?;
        Ok(outputs.into_values().find(|output| output.key == key))
    }

    /// Something that is computed once of a table that never changes; `name` says what.
    pub async fn derive<T: Send + Sync + 'static>(
        &self,
        name: &str,
        of: &Digest,
        compute: impl FnOnce() -> Result<T, DataError> + Send + 'static,
    ) -> Result<Arc<T>, DataError> {
        self.derived.get(name, of, compute).await
    }

    /// Whether there is an object.
    pub async fn is_there(&self, key: &str) -> Result<bool, DataError> {
        let is_there = self.lake.head(key).await?.is_some();
        if !is_there {
            self.must_be_there().await?;
        }
        Ok(is_there)
    }

    pub(super) async fn load(&self, table: &TableRef) -> Result<DataFrame, DataError> {
        self.load_by(table, churn::table_file::read).await
    }

    /// Some columns of a table that is too large to be kept whole.
    pub(super) async fn load_columns(
        &self,
        table: &TableRef,
        columns: &'static [&'static str],
    ) -> Result<DataFrame, DataError> {
        self.load_by(table, move |path| churn::table_file::read_columns(path, columns)).await
    }

    async fn load_by(
        &self,
        table: &TableRef,
        read: impl Fn(&Path) -> churn::Result<DataFrame> + Send + 'static,
    ) -> Result<DataFrame, DataError> {
        let room = tempfile::tempdir_in(&self.scratch)
            .map_err(churn::Error::file("make a folder in", &self.scratch))
            .map_err(lake::Error::from)?;
        let fetched = self.lake.fetch(table, room.path()).await?;
        blocking("the reading of a table", move || {
            let read = fetched.read(read)?;
            drop(room);
            Ok(read)
        })
        .await
    }
}
