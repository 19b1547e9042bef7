//! A raw file that holds erased customers is read from a copy without them, so that a delivery that brings them again
//! brings them nowhere; and the tables that a run's own readers make of it are looked through once more. Where nobody was
//! ever erased, nothing of this is done.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use churn::erasure::{count, leave_out, rows_in_table};
use churn::raw::read;
use lake::keys::TopFolder;
use lake::{Made, StageSpec};
use protocol::{Digest, Reuse, Run, TableRef};
use serde_json::json;

use super::raw_files::{RawFiles, delivered};
use crate::error::{Error, Result};
use crate::heartbeat::{Heartbeat, compute};
use crate::steps::erasure::Sieve;
use crate::steps::{Environment, versions};

/// The name of the one output.
const FILE: &str = "file";
/// What readings are once they are converted.
const CONVERTED: &str = "readings.parquet";

/// The same files, each that holds erased customers in a copy without them.
pub(super) async fn without_erased(
    environment: &Environment,
    heartbeat: &Heartbeat,
    run: &Run,
    sieve: Option<&Sieve>,
    mut files: RawFiles,
) -> Result<RawFiles> {
    let Some(sieve) = sieve else { return Ok(files) };
    for file in files.tables.values_mut().chain(&mut files.readings) {
        if let Some(copy) = cleaned(environment, heartbeat, run, sieve, file).await? {
            tracing::warn!(key = %file.key, "a raw file holds customers who were erased; they are left out");
            *file = copy;
        }
    }
    Ok(files)
}

/// The second look: somebody erased whom the readers see all the same ends the run. `readings` are those of the files, in
/// their order, converted where they came as CSV.
pub(super) async fn require_none_erased(
    environment: &Environment,
    heartbeat: &Heartbeat,
    sieve: Option<&Sieve>,
    files: &RawFiles,
    readings: &[TableRef],
) -> Result<()> {
    let Some(sieve) = sieve else { return Ok(()) };
    let scratch = environment.scratch()?;
    let tables = environment.fetch(&files.tables, scratch.path()).await?;
    let mut converted = Vec::new();
    // A Parquet file is read by the same reader there and here.
    for (file, made) in files.readings.iter().zip(readings).filter(|(file, made)| file.key != made.key) {
        converted.push((file.key.clone(), environment.lake.pin(made, scratch.path()).await?));
    }
    let erased = Arc::clone(&sieve.erased);
    let names: BTreeMap<String, String> =
        files.tables.iter().map(|(name, file)| (name.clone(), file.key.clone())).collect();
    let delivered = delivered(&files.tables);
    compute(heartbeat, "the second look for erased customers", move |watch| {
        for table in delivered {
            let key = names.get(table.as_str()).map_or(table.file_name(), String::as_str);
            let frame = read(table, tables.path(table.as_str())?).map_err(|error| error.of_file(key))?;
            require_none(table.file_name(), rows_in_table(&frame, &erased)? as u64)?;
        }
        for (key, made) in &converted {
            require_none(key, made.read(|path| count(path, CONVERTED, &erased, watch))?)?;
        }
        Ok(())
    })
    .await
}

fn require_none(key: &str, rows: u64) -> Result<()> {
    if rows == 0 { Ok(()) } else { Err(Error::ErasedCustomers { key: key.to_owned(), rows }) }
}

/// The copy; none where the file holds nobody who was erased, which is found out once for a file and these tombstones.
async fn cleaned(
    environment: &Environment,
    heartbeat: &Heartbeat,
    run: &Run,
    sieve: &Sieve,
    file: &TableRef,
) -> Result<Option<TableRef>> {
    let name = file.key.rsplit_once('/').map_or(file.key.as_str(), |(_, name)| name).to_owned();
    let make = async |scratch: PathBuf| {
        let source = environment.lake.pin(file, &scratch).await?;
        let (erased, name, target) = (Arc::clone(&sieve.erased), name.clone(), scratch.join("without_erased"));
        compute(heartbeat, "the removal of erased customers", move |watch| {
            if source.read(|path| count(path, &name, &erased, watch))? == 0 {
                return Ok(Vec::new());
            }
            source.read(|path| leave_out(path, &name, &target, &erased, watch))?;
            Ok(vec![Made::file(FILE, name, target, 0)?])
        })
        .await
    };
    let outcome = environment.find_or_make(&spec(file, &name, &sieve.digest), run, Reuse::Unchanged, make).await?;
    Ok(outcome.outputs.get(FILE).cloned())
}

fn spec(file: &TableRef, name: &str, tombstones: &Digest) -> StageSpec {
    StageSpec {
        layer: TopFolder::Bronze,
        stage: "without_erased".to_owned(),
        code_version: versions::WITHOUT_ERASED,
        inputs: BTreeMap::from([(FILE.to_owned(), file.digest.clone())]),
        settings: json!({ "name": name, "tombstones": tombstones }),
    }
}

#[cfg(test)]
mod tests {
    use churn::erasure::Erased;
    use churn::raw::RawTable;

    use super::*;

    #[test]
    fn an_erased_customer_in_a_table_that_was_read_ends_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("churn_label.csv");
        std::fs::write(&path, "customer_id,churn\nC00017,0\nC00018,1\n").unwrap();
        let table = read(RawTable::ChurnLabel, &path).unwrap();
        let rows_of = |id: &'static str| {
            let erased: Erased = Arc::new(move |customer: &str| customer == id);
            rows_in_table(&table, &erased).unwrap() as u64
        };
        assert!(require_none("churn_label.csv", rows_of("C00019")).is_ok());
        let refused = require_none("churn_label.csv", rows_of("C00017")).unwrap_err();
        assert_eq!(refused.type_name(), "SG0001 BadData");
        let message = refused.to_string();
        assert!(message.starts_with("1 rows of churn_label.csv") && !message.contains("C00017"), "{message}");
    }
}
