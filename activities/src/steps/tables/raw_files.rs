//! Which raw files a run reads, by their contents.

use std::collections::BTreeMap;
use std::path::Path;

use churn::raw::RawTable;
use churn::{SnapshotDate, Watch, hourly};
use lake::Lake;
use lake::documents::LastDate;
use protocol::{Digest, TableRef};

use super::raw_roles::is_parquet;
use crate::error::Result;

/// The tables that must be there, and those of the others that are.
pub(super) fn delivered(tables: &BTreeMap<String, TableRef>) -> Vec<RawTable> {
    let is_there = |table: &RawTable| tables.contains_key(table.as_str());
    RawTable::ALL.into_iter().chain(RawTable::OPTIONAL.into_iter().filter(is_there)).collect()
}

/// The raw files of a prefix, with their content's digests.
#[derive(Debug, Clone)]
pub struct RawFiles {
    /// The small files by table name: the six, and what a delivery may have beside them.
    pub tables: BTreeMap<String, TableRef>,
    /// The files of readings, in the order of their keys.
    pub readings: Vec<TableRef>,
    /// The identity of the tombstones, where somebody was erased: of the same files less is read then.
    pub tombstones: Option<Digest>,
}

impl RawFiles {
    /// The digest over all files: the identity of the data.
    pub fn digest(&self) -> Digest {
        let readings: Vec<_> = self.readings.iter().map(|file| &file.digest).collect();
        let tables: BTreeMap<_, _> = self.tables.iter().map(|(name, file)| (name, &file.digest)).collect();
        match &self.tombstones {
            None => Digest::of_json(&(tables, readings)),
            Some(tombstones) => Digest::of_json(&(tables, readings, tombstones)),
        }
    }

    /// One of the small files.
    pub(super) fn table(&self, table: RawTable) -> Result<&TableRef> {
        let missing = || churn::Error::data(table.file_name(), None, None, "the file is missing");
        Ok(self.tables.get(table.as_str()).ok_or_else(missing)?)
    }

    /// The same files, but for one of the small ones.
    pub(super) fn with(mut self, table: RawTable, file: TableRef) -> Self {
        self.tables.insert(table.as_str().to_owned(), file);
        self
    }

    /// The last date of the readings. Where no worker has noted it of this content, it is looked for: of CSV only the
    /// timestamps are read, since the raw stage converts it.
    pub async fn last_date(&self, lake: &Lake, scratch: &Path, watch: &dyn Watch) -> Result<SnapshotDate> {
        if let Some(noted) = LastDate::find(lake, &self.readings).await? {
            return Ok(noted.last_date);
        }
        let mut last = None;
        for file in &self.readings {
            let scratch =
                tempfile::TempDir::new_in(scratch).map_err(churn::Error::file("make a folder in", scratch))?;
            let pinned = lake.pin(file, scratch.path()).await?;
            let found = pinned.read(|path| {
                if !is_parquet(&file.key) {
                    return hourly::last_date_of_csv(path, &file.key, watch);
                }
                Ok(hourly::inspect_with_last_date(path, &file.key)?.1)
            })?;
            last = last.max(found);
        }
        Ok(SnapshotDate::new(last.ok_or_else(no_readings)?))
    }
}

/// No run can do without readings.
pub(super) fn no_readings() -> churn::Error {
    churn::Error::data("consumption_hourly", None, None, "there is no file of readings")
}
