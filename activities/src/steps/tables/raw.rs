//! The raw stage: which files are there, what is in them, and may the run go on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::Utc;
use chrono_tz::Tz;
use churn::contract::{Layer, QualityReport, check, check_at};
use churn::cores;
use churn::delivery::{of_contacts, of_costs, of_html, of_ids, of_labels, of_outcomes, of_prices};
use churn::hourly;
use churn::quality::Finding;
use churn::raw::{RawTable, read, read_as_delivered};
use churn::{SnapshotDate, Watch};
use lake::documents::{LastDate, Tombstones};
use lake::keys::{self, TopFolder};
use lake::{Fetched, Lake, Rehash, to_json};
use lake::{Made, StageSpec};
use protocol::pipeline::{Mode, PipelineInput};
use protocol::steps::{RawSnapshot, SnapshotRaw, StageOutcome, worst};
use protocol::{Reuse, TableRef};
use serde_json::json;

pub use super::delivery::delivered_twice;
use super::delivery::look_at_readings;
use super::label_snapshots::{label_snapshots, labels_for};
use super::layer_check::LayerCheck;
use super::lists;
use super::raw_digests::Sources;
pub use super::raw_files::{Look, RawFiles};
use super::raw_files::{delivered, no_readings};
use super::raw_roles::{Roles, is_parquet, roles_of_listing};
use super::renumbered::Compared;
use super::without_erased::{require_none_erased, without_erased};
use crate::error::Result;
use crate::heartbeat::{Heartbeat, compute};
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
    let mode = if request.scores { Mode::Score } else { Mode::Train };
    let listed = list_raw(&environment.lake, &raw_prefix, mode).await?;
    let mut told = listed.passed_over.findings();
    told.extend(listed.stands_in());
    let sieve = Sieve::find(&environment.lake).await?;
    let tombstones = sieve.as_ref().map(|sieve| sieve.digest.clone());
    let files = RawFiles { tombstones, ..digest_files(environment, heartbeat, &listed, request.rehash).await? };
    let digest = files.digest();
    require_dataset(&request.expected, &digest)?;
    let files = without_erased(environment, heartbeat, &request.run, sieve.as_ref(), files).await?;
    let labels = files.table(RawTable::ChurnLabel)?.clone();
    let label_snapshots = label_snapshots(environment, heartbeat, &request.run, &labels).await?;

    let (readings, of_csv) = as_parquet(environment, heartbeat, &request, &files.readings).await?;
    told.extend(of_csv);
    let inspected = inspect_readings(environment, heartbeat, &files.readings, readings).await?;
    let zone = environment.configuration.pipeline.time_zone;
    LastDate { last_date: inspected.last_date }.note(&environment.lake, &files.readings, zone.name()).await?;
    told.extend(inspected.findings);
    let (readings, last_date) = (inspected.readings, inspected.last_date);
    let tolerance_days = environment.configuration.model.label.tolerance_days;
    let files = match labels_for(&label_snapshots, request.date.with_readings_to(last_date), tolerance_days) {
        Some(snapshot) => files.with(RawTable::ChurnLabel, snapshot.labels.clone()),
        None => files,
    };
    require_none_erased(environment, heartbeat, sieve.as_ref(), &files, &readings).await?;
    // Where nobody asks for a date, it is settled when the readings are summed: one reading may lie far beyond the others.
    let is_asked = request.date.as_of.is_some() || request.date.no_later_than.is_some();
    let as_of = is_asked.then(|| request.date.with_readings_to(last_date));
    // Who left between two dates of labels is a customer of the other files all the same.
    let all_labels = Some(labels).filter(|_| label_snapshots.len() > 1);
    let delivery = Delivered { files: &files, all_labels, customers: inspected.customers, told, as_of };
    let all = delivery.all_labels.iter().map(|labels| (RawTable::DatedLabel.as_str().to_owned(), labels.clone()));
    let others = (&delivery.customers, &delivery.told, as_of);
    let check = LayerCheck::of(environment, Layer::Raw, [&files.tables, &all.collect()], &others);
    let make = || check_tables(environment, heartbeat, &delivery);
    let (_, checked) = check.report(environment, &request.run, request.rehash, Compared::default(), make).await?;
    let findings = worst(checked.all_findings());
    Ok(RawSnapshot {
        digest,
        raw_prefix: Some(raw_prefix),
        tables: files.tables,
        rows: readings.iter().map(|file| file.rows).sum(),
        readings: lists::told(&environment.lake, readings).await?,
        last_date,
        label_snapshots,
        findings,
        settings,
    })
}

/// The folder that the run reads; which delivery is the latest is a question of now.
#[expect(clippy::disallowed_methods, reason = "whether a run may still be at work is a question of now")]
async fn folder_of(environment: &Environment, request: &SnapshotRaw) -> Result<String> {
    latest::folder(&environment.lake, &request.raw_prefix, Utc::now()).await
}

/// What the check of the small files looks at.
struct Delivered<'a> {
    files: &'a RawFiles,
    /// The labels of every date, where the run works with those of one.
    all_labels: Option<TableRef>,
    /// Customers of the readings.
    customers: Vec<String>,
    /// What is told already.
    told: Vec<Finding>,
    /// The date of the run, where somebody asks for one.
    as_of: Option<SnapshotDate>,
}

/// Checks the small files against their contracts, and what is told of the delivery.
async fn check_tables(
    environment: &Environment,
    heartbeat: &Heartbeat,
    delivery: &Delivered<'_>,
) -> Result<QualityReport> {
    let files = delivery.files;
    let scratch = environment.scratch()?;
    let tables = environment.fetch(&files.tables, scratch.path()).await?;
    let all_labels = match &delivery.all_labels {
        Some(labels) => Some(environment.lake.fetch(labels, scratch.path()).await?),
        None => None,
    };
    let names: BTreeMap<String, String> =
        files.tables.iter().map(|(name, file)| (name.clone(), file.key.clone())).collect();
    let rules = Arc::clone(&environment.configuration);
    let delivered = delivered(&files.tables);
    let (customers, mut told, as_of) = (delivery.customers.clone(), delivery.told.clone(), delivery.as_of);
    compute(heartbeat, "the check of the raw files", move |_| {
        let mut frames = Vec::with_capacity(delivered.len());
        let contents = cores::map(&delivered, |table| {
            let key = names.get(table.as_str()).map_or(table.file_name(), String::as_str);
            read_as_delivered(*table, tables.path(table.as_str())?).map_err(|error| error.of_file(key))
        });
        for (table, content) in delivered.into_iter().zip(contents) {
            let (name, read) = (table.as_str(), content?);
            told.extend(read.findings);
            // A file that need not be there need not hold anything either.
            if read.frame.height() > 0 || !RawTable::OPTIONAL.contains(&table) {
                frames.push((name, read.frame));
            }
        }
        let all_labels = all_labels.map(|labels| labels.read(|path| read(RawTable::DatedLabel, path))).transpose()?;
        told.extend(of_ids(rules.registry.delivery(), &frames, all_labels.as_ref(), &customers)?);
        told.extend(of_costs(&frames)?);
        told.extend(of_prices(rules.registry.delivery(), &frames)?);
        told.extend(of_labels(&frames)?);
        told.extend(of_outcomes(&frames)?);
        told.extend(of_html(&frames)?);
        told.extend(of_contacts(rules.registry.delivery(), &frames, &rules.intents)?);
        let frames: Vec<_> = frames.iter().map(|(name, frame)| (*name, frame)).collect();
        let mut related = frames.clone();
        if let Some(labels) = &all_labels {
            related.retain(|(name, _)| *name != RawTable::DatedLabel.as_str());
            related.push((RawTable::DatedLabel.as_str(), labels));
        }
        let report = match as_of {
            Some(as_of) => check_at(&rules.registry, Layer::Raw, &frames, &related, as_of),
            None => check(&rules.registry, Layer::Raw, &frames, &related),
        };
        Ok(report.with_findings(told))
    })
    .await
}

/// What `spanishgas run` needs for the workflow's ID: the files and the last date of the readings.
///
/// Files are read only where nobody has read this very version before, or where the input asks for it.
pub async fn identify_raw(lake: &Lake, input: &PipelineInput, scratch: &Path, watch: &dyn Watch) -> Result<RawFiles> {
    let listed = list_raw(lake, input.raw_prefix(), input.mode).await?;
    let scratch = tempfile::TempDir::new_in(scratch).map_err(churn::Error::file("make a folder in", scratch))?;
    let sources = Sources::find(lake, &listed, Rehash::all_if(input.looks_anew()), scratch.path()).await?;
    let tombstones = Tombstones::find(lake).await?.0.digest();
    Ok(RawFiles { tombstones, ..sources.digest(lake, watch)? })
}

/// What is below a raw prefix, for people who ask before they run.
#[derive(Debug, Clone, PartialEq)]
pub struct RawSurvey {
    /// How many files are of the delivery.
    pub files: usize,
    /// Which of the seven are missing, in words.
    pub missing: Vec<String>,
    /// Whether folders below it look like deliveries of their own.
    pub has_deliveries_below: bool,
    /// What is told of the rest.
    pub findings: Vec<Finding>,
}

/// Lists the files of a prefix by their roles, for a run of this mode; reads none of them.
pub async fn survey_raw(lake: &Lake, prefix: &str, mode: Mode) -> Result<RawSurvey> {
    let roles = look_for_raw(lake, prefix).await?.needed_by(mode);
    let label = format!("/{}", RawTable::ChurnLabel.file_name());
    Ok(RawSurvey {
        files: roles.tables.len() + roles.readings.len(),
        missing: roles.missing,
        has_deliveries_below: roles.passed_over.others.iter().any(|key| key.ends_with(&label)),
        findings: roles.passed_over.findings(),
    })
}

async fn list_raw(lake: &Lake, prefix: &str, mode: Mode) -> Result<Roles> {
    let listed = look_for_raw(lake, prefix).await?.needed_by(mode);
    if listed.missing.is_empty() {
        return Ok(listed);
    }
    let missing = listed.missing.join(", ");
    let rule =
        format!("missing below this prefix of {lake}: {missing}; put them there, or name another one (raw_prefix)");
    Err(churn::Error::data(format!("{}/", prefix.trim_end_matches('/')), None, None, rule).into())
}

async fn look_for_raw(lake: &Lake, prefix: &str) -> Result<Roles> {
    let prefix = format!("{}/", prefix.trim_end_matches('/'));
    if keys::is_made_here(&prefix) {
        let rule = "the pipeline keeps its own tables there, which nobody else writes; deliver to another folder of the lake, and name that";
        return Err(churn::Error::settings(format!("raw_prefix {prefix}"), rule).into());
    }
    let listing = lake.survey(&prefix).await?;
    for key in &listing.passed_over {
        tracing::warn!(key, "passed over: a link that leads nowhere or in a circle, or no file at all");
    }
    Ok(roles_of_listing(&prefix, listing))
}

/// The files with their digests; what was read of objects in a bucket is noted for whoever starts the next run.
async fn digest_files(
    environment: &Environment,
    heartbeat: &Heartbeat,
    listed: &Roles,
    rehash: bool,
) -> Result<RawFiles> {
    let scratch = environment.scratch()?;
    let sources = Sources::find(&environment.lake, listed, Rehash::all_if(rehash), scratch.path()).await?;
    let lake = environment.lake.clone();
    let (sources, files) = compute(heartbeat, "the digest of the raw files", move |watch| {
        let files = sources.digest(&lake, watch)?;
        Ok((sources, files))
    })
    .await?;
    sources.note(&environment.lake, &files).await?;
    Ok(files)
}

/// Readings that arrive as CSV are converted once; the result is stored by content, with what is told of the file.
async fn as_parquet(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: &SnapshotRaw,
    readings: &[TableRef],
) -> Result<(Vec<TableRef>, Vec<Finding>)> {
    let (mut converted, mut told) = (Vec::new(), Vec::new());
    for file in readings {
        if is_parquet(&file.key) {
            converted.push(file.clone());
            continue;
        }
        let outcome = convert(environment, heartbeat, request, file).await?;
        converted.push(outcome.output("readings")?);
        told.extend(environment.lake.read_json_exactly::<Vec<Finding>>(&outcome.output("told")?).await?);
    }
    Ok((converted, told))
}

async fn convert(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: &SnapshotRaw,
    file: &TableRef,
) -> Result<StageOutcome> {
    let (name, zone) = (file.key.clone(), environment.configuration.pipeline.time_zone);
    let make = async |scratch: PathBuf| {
        let csv = environment.lake.pin(file, &scratch).await?;
        let (parquet, told) = (scratch.join("readings.parquet"), scratch.join("told.json"));
        let name = name.clone();
        compute(heartbeat, "the conversion of CSV readings", move |watch| {
            let converted = csv.read(|path| hourly::convert_csv(path, &name, &parquet, zone, watch))?;
            std::fs::write(&told, to_json(&converted.findings)).map_err(churn::Error::file("write", &told))?;
            Ok(vec![
                Made::file("readings", "readings.parquet".to_owned(), parquet, converted.rows)?,
                Made::file("told", "told.json".to_owned(), told, 0)?,
            ])
        })
        .await
    };
    environment.find_or_make(&conversion_spec(file, zone), &request.run, Reuse::Unchanged, make).await
}

/// An instant in CSV is put on the clock of `zone` when it is converted.
pub(in crate::steps) fn conversion_spec(csv: &TableRef, zone: Tz) -> StageSpec {
    StageSpec {
        layer: TopFolder::Bronze,
        stage: "readings".to_owned(),
        code_version: versions::READINGS_FROM_CSV,
        inputs: BTreeMap::from([("csv".to_owned(), csv.digest.clone())]),
        settings: json!({ "time_zone": zone.name() }),
    }
}

/// What the readings are, before they are summed.
struct Inspected {
    /// The files with their rows.
    readings: Vec<TableRef>,
    /// The last date in them.
    last_date: SnapshotDate,
    /// What is told of them.
    findings: Vec<Finding>,
    /// Some of the customers that they name.
    customers: Vec<String>,
}

/// Looks at the files of readings; `delivered` are the same files as they arrived, whose names people know.
async fn inspect_readings(
    environment: &Environment,
    heartbeat: &Heartbeat,
    delivered: &[TableRef],
    readings: Vec<TableRef>,
) -> Result<Inspected> {
    let scratch = environment.scratch()?;
    let paths = environment.lake.pin_all(&readings, scratch.path()).await?;
    let names: Vec<String> = delivered.iter().map(|file| file.key.clone()).collect();
    let zone = environment.configuration.pipeline.time_zone;
    compute(heartbeat, "the inspection of the readings", move |watch| {
        let named: Vec<_> = paths.iter().zip(&names).collect();
        let inspect =
            |(path, name): &(&Fetched, &String)| path.read(|path| hourly::inspect_with_last_date(path, name, zone));
        let mut last = None;
        let mut counted = Vec::new();
        for (file, (inspected, date)) in readings.into_iter().zip(cores::try_map(&named, inspect)?) {
            last = last.max(date);
            counted.push(TableRef { rows: inspected.rows(), ..file });
        }
        let looked = look_at_readings(&counted, &paths, &names, zone, watch)?;
        Ok(Inspected {
            readings: counted,
            last_date: SnapshotDate::new(last.ok_or_else(no_readings)?),
            findings: looked.findings,
            customers: looked.customers,
        })
    })
    .await
}
