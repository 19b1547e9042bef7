//! The raw stage: which files are there, what is in them, and may the run go on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::Utc;
use churn::contract::{Layer, check_at};
use churn::hourly;
use churn::raw::{RawTable, read};
use churn::watch::PartOf;
use churn::{SnapshotDate, Watch};
use lake::documents::Tombstones;
use lake::keys::TopFolder;
use lake::{Lake, Listing, ObjectMeta, keys};
use lake::{Made, StageSpec};
use protocol::steps::{RawSnapshot, SnapshotRaw, StageOutcome};
use protocol::{Reuse, TableRef};

use super::label_snapshots::{label_snapshots, labels_for};
use super::lists;
pub use super::raw_files::RawFiles;
use super::raw_files::no_readings;
use super::without_erased::{require_none_erased, without_erased};
use crate::error::Result;
use crate::heartbeat::{Heartbeat, compute};
use crate::metrics;
use crate::steps::erasure::Sieve;
use crate::steps::run::{latest, require_dataset, require_place, run_settings};
use crate::steps::{Environment, versions};

/// Digests the raw files, checks the small ones against their contracts and the readings' columns,
/// and finds the last date.
pub async fn snapshot_raw(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: SnapshotRaw,
) -> Result<RawSnapshot> {
    let settings = run_settings(environment, request.experiment.as_deref())?;
    require_place(environment, &request.expected).await?;
    let raw_prefix = folder_of(environment, &request).await?;
    let listed = list_raw(&environment.lake, &raw_prefix).await?;
    let scratch = environment.scratch()?;
    let local = fetch_listed(&environment.lake, &listed, scratch.path()).await?;
    let lake = environment.lake.clone();
    let sieve = Sieve::find(&environment.lake).await?;
    let tombstones = sieve.as_ref().map(|sieve| sieve.digest.clone());
    let files = compute(heartbeat, "the digest of the raw files", move |watch| {
        Ok(RawFiles { tombstones, ..digest_files(&lake, &listed, &local, watch)? })
    })
    .await?;
    let digest = files.digest();
    require_dataset(&request.expected, &digest)?;
    let files = without_erased(environment, heartbeat, &request.run, sieve.as_ref(), files).await?;
    let labels = files.table(RawTable::ChurnLabel)?.clone();
    let label_snapshots = label_snapshots(environment, heartbeat, &request.run, &labels).await?;

    let readings = as_parquet(environment, heartbeat, &request, &files.readings).await?;
    let (readings, last_date) = inspect_readings(environment, heartbeat, readings).await?;
    let tolerance_days = environment.configuration.model.label.tolerance_days;
    let files = match labels_for(&label_snapshots, request.date.with_readings_to(last_date), tolerance_days) {
        Some(snapshot) => files.with(RawTable::ChurnLabel, snapshot.labels.clone()),
        None => files,
    };
    require_none_erased(environment, heartbeat, sieve.as_ref(), &files, &readings).await?;
    // Who left between two dates of labels is a customer of the other files all the same.
    let all_labels = Some(labels).filter(|_| label_snapshots.len() > 1);
    let as_of = request.date.with_readings_to(last_date);
    check_tables(environment, heartbeat, &request, &files, all_labels, as_of).await?;
    Ok(RawSnapshot {
        digest,
        raw_prefix: Some(raw_prefix),
        tables: files.tables,
        rows: readings.iter().map(|file| file.rows).sum(),
        readings: lists::told(&environment.lake, readings).await?,
        last_date,
        label_snapshots,
        settings,
    })
}

/// The folder that the run reads; which delivery is the latest is a question of now.
#[expect(clippy::disallowed_methods, reason = "whether a run may still be at work is a question of now")]
async fn folder_of(environment: &Environment, request: &SnapshotRaw) -> Result<String> {
    latest::folder(&environment.lake, &request.raw_prefix, Utc::now()).await
}

/// Checks the small files against their contracts; a blocking violation ends the run here. `all_labels` are those of every
/// date, where the run works with those of one.
async fn check_tables(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: &SnapshotRaw,
    files: &RawFiles,
    all_labels: Option<TableRef>,
    as_of: SnapshotDate,
) -> Result<()> {
    let scratch = environment.scratch()?;
    let tables = environment.fetch(&files.tables, scratch.path()).await?;
    let all_labels = match all_labels {
        Some(labels) => Some(environment.lake.fetch(&labels, scratch.path()).await?),
        None => None,
    };
    let rules = Arc::clone(&environment.configuration);
    let report = compute(heartbeat, "the check of the raw files", move |_| {
        let frames = RawTable::ALL
            .iter()
            .map(|table| Ok((table.as_str(), read(*table, tables.path(table.as_str())?)?)))
            .collect::<churn::Result<Vec<_>>>()?;
        let all_labels =
            all_labels.map(|labels| labels.read(|path| read(RawTable::DatedLabel, path))).transpose()?;
        let frames: Vec<_> = frames.iter().map(|(name, frame)| (*name, frame)).collect();
        let mut related = frames.clone();
        if let Some(labels) = &all_labels {
            related.retain(|(name, _)| *name != RawTable::DatedLabel.as_str());
            related.push((RawTable::DatedLabel.as_str(), labels));
        }
        Ok(check_at(&rules.registry, Layer::Raw, &frames, &related, as_of))
    })
    .await?;
    environment.lake.put_json(&keys::quality_report(&request.run.run_id, Layer::Raw), &report).await?;
    environment.metrics.show(&metrics::of_layer(Layer::Raw.as_str(), report.violations.len()));
    Ok(report.require()?)
}

/// What `spanishgas run` needs for the workflow's ID: the files and the last date of the readings.
pub async fn identify_raw(lake: &Lake, prefix: &str, scratch: &Path, watch: &dyn Watch) -> Result<RawFiles> {
    let listed = list_raw(lake, prefix).await?;
    let scratch = tempfile::TempDir::new_in(scratch).map_err(churn::Error::file("make a folder in", scratch))?;
    let local = fetch_listed(lake, &listed, scratch.path()).await?;
    let tombstones = Tombstones::find(lake).await?.0.digest();
    Ok(RawFiles { tombstones, ..digest_files(lake, &listed, &local, watch)? })
}

/// Which raw files are not there, by name.
pub async fn missing_raw(lake: &Lake, prefix: &str) -> Result<Vec<String>> {
    Ok(look_for_raw(lake, prefix).await?.missing)
}

async fn list_raw(lake: &Lake, prefix: &str) -> Result<Roles> {
    let listed = look_for_raw(lake, prefix).await?;
    if listed.missing.is_empty() {
        return Ok(listed);
    }
    let rule = format!("missing in this folder of the lake: {}", listed.missing.join(", "));
    Err(churn::Error::data(format!("{}/", prefix.trim_end_matches('/')), None, None, rule).into())
}

async fn look_for_raw(lake: &Lake, prefix: &str) -> Result<Roles> {
    let prefix = format!("{}/", prefix.trim_end_matches('/'));
    let Listing { mut objects, passed_over } = lake.survey(&prefix).await?;
    for key in passed_over {
        tracing::warn!(key, "passed over: a link that leads nowhere or in a circle, or no file at all");
    }
    objects.retain(|object| !is_hidden(&object.key[prefix.len()..]));
    Ok(roles(&prefix, objects))
}

/// The raw files of a folder by role, and what is missing of the seven.
pub(in crate::steps) struct Roles {
    /// The small files by table name.
    pub tables: BTreeMap<String, ObjectMeta>,
    /// The files of readings, in the order of their keys.
    pub readings: Vec<ObjectMeta>,
    /// What is missing, in words.
    pub missing: Vec<String>,
}

/// The roles of the objects below a prefix that ends in `/`.
pub(in crate::steps) fn roles(prefix: &str, objects: Vec<ObjectMeta>) -> Roles {
    let mut missing = Vec::new();
    let mut tables = BTreeMap::new();
    for table in RawTable::ALL {
        let key = format!("{prefix}{}", table.file_name());
        match objects.iter().find(|object| object.key == key) {
            Some(object) => drop(tables.insert(table.as_str().to_owned(), object.clone())),
            None => missing.push(table.file_name().to_owned()),
        }
    }
    let readings: Vec<_> = objects.into_iter().filter(|object| is_readings(&object.key[prefix.len()..])).collect();
    if readings.is_empty() {
        missing.push("consumption_hourly_*.parquet (or .csv, .csv.gz, or a folder consumption/)".to_owned());
    }
    Roles { tables, readings, missing }
}

/// Names that begin with `_` or `.` are marks and unfinished files, never data.
pub fn is_hidden(name: &str) -> bool {
    name.split('/').any(|part| part.starts_with(['_', '.']))
}

fn is_readings(name: &str) -> bool {
    let known = [".parquet", ".csv", ".csv.gz"].iter().any(|ending| name.ends_with(ending));
    known && (name.starts_with("consumption_hourly") || name.starts_with("consumption/"))
}

/// Local paths in the order: tables by name, then readings.
async fn fetch_listed(lake: &Lake, listed: &Roles, scratch: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for object in listed.tables.values().chain(&listed.readings) {
        paths.push(lake.local_copy(&object.key, scratch).await?);
    }
    Ok(paths)
}

fn digest_files(lake: &Lake, listed: &Roles, local: &[PathBuf], watch: &dyn Watch) -> churn::Result<RawFiles> {
    let total = listed.tables.values().chain(&listed.readings).map(|object| object.bytes).sum();
    let mut finished = 0;
    let mut digest = |object: &ObjectMeta, path: &PathBuf| {
        let part = PartOf { watch, before: finished, total };
        let digest = lake.digest_of_local(path, &part)?;
        finished += object.bytes;
        Ok(TableRef { key: object.key.clone(), digest, rows: 0 })
    };
    let (small, large) = local.split_at(listed.tables.len());
    let mut tables = BTreeMap::new();
    for ((name, object), path) in listed.tables.iter().zip(small) {
        tables.insert(name.clone(), digest(object, path)?);
    }
    let readings: churn::Result<Vec<_>> = listed.readings.iter().zip(large).map(|(o, p)| digest(o, p)).collect();
    Ok(RawFiles { tables, readings: readings?, tombstones: None })
}

/// Readings that arrive as CSV are converted once; the result is stored by content.
async fn as_parquet(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: &SnapshotRaw,
    readings: &[TableRef],
) -> Result<Vec<TableRef>> {
    let mut converted = Vec::new();
    for file in readings {
        converted.push(if file.key.ends_with(".parquet") {
            file.clone()
        } else {
            convert(environment, heartbeat, request, file).await?.output("readings")?
        });
    }
    Ok(converted)
}

async fn convert(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: &SnapshotRaw,
    file: &TableRef,
) -> Result<StageOutcome> {
    let make = async |scratch: PathBuf| {
        let csv = environment.lake.pin(file, &scratch).await?;
        let parquet = scratch.join("readings.parquet");
        compute(heartbeat, "the conversion of CSV readings", move |watch| {
            let rows = csv.read(|path| hourly::convert_csv(path, &parquet, watch))?;
            Ok(vec![Made::file("readings", "readings.parquet".to_owned(), parquet, rows)?])
        })
        .await
    };
    environment.find_or_make(&conversion_spec(file), &request.run, Reuse::Unchanged, make).await
}

pub(in crate::steps) fn conversion_spec(csv: &TableRef) -> StageSpec {
    StageSpec {
        layer: TopFolder::Bronze,
        stage: "readings".to_owned(),
        code_version: versions::READINGS_FROM_CSV,
        inputs: BTreeMap::from([("csv".to_owned(), csv.digest.clone())]),
        settings: serde_json::Value::Null,
    }
}

async fn inspect_readings(
    environment: &Environment,
    heartbeat: &Heartbeat,
    readings: Vec<TableRef>,
) -> Result<(Vec<TableRef>, SnapshotDate)> {
    let scratch = environment.scratch()?;
    let mut paths = Vec::new();
    for file in &readings {
        paths.push(environment.lake.pin(file, scratch.path()).await?);
    }
    compute(heartbeat, "the inspection of the readings", move |_| {
        let mut last = None;
        let mut counted = Vec::new();
        for (file, path) in readings.into_iter().zip(paths) {
            let (inspected, date) =
                path.read(|path| Ok((hourly::inspect(path, &file.key)?, hourly::last_date(path)?)))?;
            let rows = inspected.row_groups.iter().map(|group| group.rows).sum();
            last = last.max(Some(date));
            counted.push(TableRef { rows, ..file });
        }
        Ok((counted, SnapshotDate::new(last.ok_or_else(no_readings)?)))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_unfinished_files_are_no_raw_files() {
        for hidden in
            ["_generated.json", ".incomplete/churn_label.csv", "consumption/_SUCCESS", "consumption/.part.csv"]
        {
            assert!(is_hidden(hidden), "{hidden}");
        }
        assert!(!is_hidden("consumption/part_0.csv") && !is_hidden("consumption_hourly_2024.parquet"));
    }
}
