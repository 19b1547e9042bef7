//! Which raw files a run reads, by their contents.

use std::collections::BTreeMap;
use std::path::Path;

use chrono_tz::Tz;
use churn::raw::RawTable;
use churn::{SnapshotDate, Watch, cores, hourly};
use lake::documents::LastDate;
use lake::{Fetched, Lake};
use protocol::{Digest, TableRef};

use super::raw_roles::is_parquet;
use crate::error::Result;

/// So many files of a bucket are on the disk at once, where somebody looks at one after the other.
const COPIED_AT_ONCE: usize = 16;

/// The tables that must be there, and those of the others that are.
pub(super) fn delivered(tables: &BTreeMap<String, TableRef>) -> Vec<RawTable> {
    let is_there = |table: &RawTable| tables.contains_key(table.as_str());
    RawTable::ALL.into_iter().chain(RawTable::OPTIONAL.into_iter().filter(is_there)).collect()
}

/// How somebody looks into raw files who asks before a run.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// Instants are put on its clock: `time_zone` of the settings that the run is served by.
    pub zone: Tz,
    /// Copies of remote objects go below it.
    pub scratch: &'a Path,
    /// Hears of the progress.
    pub watch: &'a dyn Watch,
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
    pub async fn last_date(&self, lake: &Lake, look: Look<'_>) -> Result<SnapshotDate> {
        let Look { zone, scratch, watch } = look;
        if let Some(noted) = LastDate::find(lake, &self.readings, zone.name()).await? {
            return Ok(noted.last_date);
        }
        let mut last = None;
        for files in self.readings.chunks(COPIED_AT_ONCE) {
            let scratch =
                tempfile::TempDir::new_in(scratch).map_err(churn::Error::file("make a folder in", scratch))?;
            let pinned = lake.pin_all(files, scratch.path()).await?;
            let (parquet, csv): (Vec<_>, Vec<_>) =
                files.iter().zip(&pinned).partition(|(file, _)| is_parquet(&file.key));
            let of_parquet = |(file, pinned): &(&TableRef, &Fetched)| {
                pinned.read(|path| Ok(hourly::inspect_with_last_date(path, &file.key, zone)?.1))
            };
            last = last.max(cores::try_map(&parquet, of_parquet)?.into_iter().max().flatten());
            // One of them takes all cores.
            for (file, pinned) in csv {
                last = last.max(pinned.read(|path| hourly::last_date_of_csv(path, &file.key, zone, watch))?);
            }
        }
        Ok(SnapshotDate::new(last.ok_or_else(no_readings)?))
    }
}

/// No run can do without readings.
pub(super) fn no_readings() -> churn::Error {
    churn::Error::data("consumption_hourly", None, None, "there is no file of readings")
}

#[cfg(test)]
mod tests {
    use churn::Unwatched;
    use lake::FolderLake;

    use super::*;

    #[tokio::test]
    async fn the_last_date_is_that_of_the_clock_of_the_settings() {
        let (root, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let (key, csv) = (
            "raw/consumption_hourly.csv",
            "customer_id,timestamp,consumption_elec_kwh,consumption_gas_m3\nC1,2024-12-31T23:30:00Z,1.5,0\n",
        );
        lake.put(key, csv.into()).await.unwrap();
        let readings = vec![TableRef { key: key.to_owned(), digest: Digest::of(csv.as_bytes()), rows: 0 }];
        let files = RawFiles { tables: BTreeMap::new(), readings: readings.clone(), tombstones: None };
        let last_date = async |zone: Tz| {
            let look = Look { zone, scratch: scratch.path(), watch: &Unwatched };
            files.last_date(&lake, look).await.unwrap().to_string()
        };
        assert_eq!(last_date(Tz::Europe__Madrid).await, "2025-01-01");
        assert_eq!(last_date(Tz::Atlantic__Canary).await, "2024-12-31");
        // What is noted for one clock is no answer for another one.
        let noted = LastDate { last_date: SnapshotDate::parse("2020-02-29").unwrap() };
        noted.note(&lake, &readings, Tz::Europe__Madrid.name()).await.unwrap();
        assert_eq!(last_date(Tz::Europe__Madrid).await, "2020-02-29");
        assert_eq!(last_date(Tz::Atlantic__Canary).await, "2024-12-31");
    }
}
