//! `bronze_customer_month`: hourly readings fan out in slices, partial sums come back, one merge.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use churn::bronze::customer_month::bronze_customer_month;
use churn::cores;
use churn::hourly::{self, PartialSums, ReadingsFile, Slice};
use churn::raw::{RawTable, read};
use churn::watch::SideBySide;
use churn::{DataFrame, Watch};
use lake::keys::TopFolder;
use lake::{Fetched, LakeError, to_json};
use lake::{Made, StageSpec, digests};
use protocol::steps::{
    BuildStage, ListParts, MergeMonths, MonthsPlan, PlanMonths, ReadingsSlice, SliceToSum, StageOutcome,
};
use protocol::{Reuse, Run, TableRef};
use serde_json::json;

use super::lists;
use crate::configuration::Configuration;
use crate::error::Result;
use crate::heartbeat::{Heartbeat, compute};
use crate::steps::Inputs;
use crate::steps::{Environment, versions};

/// The output with the counts behind the sums, for the quality report.
pub const READINGS_REPORT: &str = "readings_report";

/// The output with the counts beside every sum, by customer and month.
pub const COVERAGE: &str = "coverage";

/// A list of slices holds no more than this, and so no history has more of them at once: Temporal
/// takes 2,000 pending activities and 51,200 events of a workflow, and a slice is 6 events.
pub const SLICES_PER_LIST: usize = 200;

/// Finds the finished table, or cuts the readings into slices.
///
/// The slices follow from the files alone, never from the machine, so that the sums come out the
/// same to the last bit wherever they are made.
pub async fn plan_months(environment: &Environment, heartbeat: &Heartbeat, request: PlanMonths) -> Result<MonthsPlan> {
    let files = lists::files(&environment.lake, &request.readings).await?;
    if let Some(found) = months_spec(&environment.configuration, &request.stage, &files)
        .find(&environment.lake, request.stage.reuse)
        .await?
    {
        return Ok(MonthsPlan::Unchanged(found));
    }
    let scratch = environment.scratch()?;
    let paths = environment.lake.pin_all(&files, scratch.path()).await?;
    let target_bytes = environment.configuration.pipeline.slice_mib << 20;
    let slices = compute(heartbeat, "the plan of the hourly slices", move |watch| {
        let whole = SideBySide::new(watch, files.len() as u64);
        let pinned: Vec<_> = files.iter().zip(paths).collect();
        let inspect = |(file, path): &(&TableRef, Fetched)| {
            whole.part(1, |part| {
                part.report(0, None)?;
                path.read(|path| hourly::inspect(path, &file.key))
            })
        };
        let inspected: Vec<ReadingsFile> = cores::try_map(&pinned, inspect)?;
        let by_key: BTreeMap<_, _> = files.into_iter().map(|file| (file.key.clone(), file)).collect();
        let slice = |slice: Slice| ReadingsSlice { file: by_key[&slice.file].clone(), slice };
        let planned = hourly::plan_slices(&inspected, target_bytes);
        Ok(planned.into_iter().map(|entry| entry.into_iter().map(slice).collect::<Vec<_>>()).collect::<Vec<_>>())
    })
    .await?;
    let mut listed = Vec::new();
    for part in slices.chunks(SLICES_PER_LIST) {
        listed.push(lists::store(&environment.lake, part).await?);
    }
    Ok(MonthsPlan::Listed(listed))
}

/// Sums one slice by customer, month and tariff tier.
pub async fn aggregate_slice(
    environment: &Environment,
    heartbeat: &Heartbeat,
    run: &Run,
    pack: Vec<ReadingsSlice>,
    reuse: Reuse,
) -> Result<TableRef> {
    let zone = environment.configuration.pipeline.time_zone;
    let spec = slice_spec(&pack, zone);
    let make = async |scratch: PathBuf| {
        let (files, slices): (Vec<_>, Vec<_>) = pack.into_iter().map(|part| (part.file, part.slice)).unzip();
        let pinned = environment.lake.pin_all(&files, &scratch).await?;
        let local: Vec<(Fetched, Slice)> = pinned.into_iter().zip(slices).collect();
        let path = scratch.join("hourly_sums.parquet");
        compute(heartbeat, "the aggregation of a slice", move |watch| {
            let sums = sum(&local, zone, watch)?;
            sums.write(&path)?;
            Ok(vec![Made::file("hourly_sums", "hourly_sums.parquet".to_owned(), path, sums.rows)?])
        })
        .await
    };
    Ok(environment.find_or_make(&spec, run, reuse, make).await?.output("hourly_sums")?)
}

fn sum(local: &[(Fetched, Slice)], zone: Tz, watch: &dyn Watch) -> Result<PartialSums> {
    if let [(readings, slice)] = local {
        return Ok(readings.read(|path| hourly::aggregate_slice(path, slice, zone, watch))?);
    }
    let paths: Vec<_> = local.iter().map(|(readings, slice)| (readings.path(), slice)).collect();
    let sums = hourly::aggregate_pack(&paths, zone, watch);
    local.iter().try_for_each(|(readings, _)| readings.still_the_same())?;
    Ok(sums?)
}

/// What is in a slice: part of one file, or several small files.
pub async fn find_slice(environment: &Environment, slice: SliceToSum) -> Result<Vec<ReadingsSlice>> {
    let (list, place) = match slice {
        SliceToSum::Told(slice) => return Ok(vec![slice]),
        SliceToSum::Listed { list, place } => (list, place),
    };
    let mut slices: Vec<Vec<ReadingsSlice>> = lists::load(&environment.lake, &list).await?;
    let place = usize::try_from(place).unwrap_or(usize::MAX);
    if place >= slices.len() {
        let problem = format!("entry {place} of {} was asked for; this is a bug", slices.len());
        return Err(LakeError::Unreadable { key: list.key, expected: "a list of slices", problem }.into());
    }
    Ok(slices.swap_remove(place))
}

/// What a slice reads, in words.
pub fn in_words(pack: &[ReadingsSlice]) -> String {
    let parts = pack.iter().map(|ReadingsSlice { file, slice }| {
        let last = slice.first_row_group + slice.row_groups.saturating_sub(1);
        format!("row groups {} to {last} of {}", slice.first_row_group, file.key)
    });
    parts.collect::<Vec<_>>().join(", ")
}

pub(in crate::steps) fn slice_spec(pack: &[ReadingsSlice], zone: Tz) -> StageSpec {
    let (inputs, settings) = match pack {
        [ReadingsSlice { file, slice }] => (
            BTreeMap::from([("readings".to_owned(), file.digest.clone())]),
            json!({
                "first_row_group": slice.first_row_group,
                "row_groups": slice.row_groups,
                "time_zone": zone.name(),
            }),
        ),
        files => (
            (0..).zip(files).map(|(place, part)| (readings_name(place), part.file.digest.clone())).collect(),
            json!({ "whole_files": files.len(), "time_zone": zone.name() }),
        ),
    };
    StageSpec {
        layer: TopFolder::Bronze,
        stage: "hourly_sums".to_owned(),
        code_version: versions::HOURLY_SUMS,
        inputs,
        settings,
    }
}

/// Puts the sums of one list of slices into a list of their own.
pub async fn list_parts(environment: &Environment, request: ListParts) -> Result<TableRef> {
    lists::store(&environment.lake, &request.parts).await
}

/// Merges the partial sums and joins prices and costs.
pub async fn merge_months(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: MergeMonths,
) -> Result<StageOutcome> {
    let files = lists::files(&environment.lake, &request.plan.readings).await?;
    let spec = months_spec(&environment.configuration, &request.plan.stage, &files);
    let scratch = environment.scratch()?;
    let inputs = environment.fetch(&request.plan.stage.inputs, scratch.path()).await?;
    let mut parts = request.parts;
    for list in &request.part_lists {
        parts.extend(lists::load::<TableRef>(&environment.lake, list).await?);
    }
    let mut fetched = Vec::new();
    for part in &parts {
        fetched.push(environment.lake.fetch(part, scratch.path()).await?);
    }
    let folder = scratch.path().to_owned();
    let zone = environment.configuration.pipeline.time_zone;
    let scaled_to = environment.configuration.registry.checks().nulls_scaled_to;
    let made = compute(heartbeat, "the merge of the sums", move |watch| {
        let all = fetched.len() as u64;
        let merge = || {
            PartialSums::merge((0..).zip(&fetched).map(|(done, part)| {
                watch.report(done, Some(all))?;
                PartialSums::read(part.path())
            }))
        };
        let (sums, beside) = cores::both(merge, || Beside::read(&inputs));
        fetched.iter().try_for_each(Fetched::still_the_same)?;
        let sums = sums?;
        inputs.still_the_same()?;
        let beside = beside?;
        let (months, counts) = cores::both(
            || Made::table("bronze_customer_month", &mut beside.join(&sums, scaled_to)?, &folder),
            || counts(&sums, zone, scaled_to, &folder),
        );
        let (months, [report, coverage]) = (months?, counts?);
        Ok(vec![months, report, coverage])
    })
    .await?;
    Ok(spec.publish(&environment.lake, &request.plan.stage.run, made).await?)
}

/// The tables that are joined to the sums.
struct Beside {
    prices: DataFrame,
    costs: DataFrame,
    attributes: DataFrame,
}

impl Beside {
    fn read(inputs: &Inputs) -> churn::Result<Self> {
        let raw = |table: RawTable| read(table, inputs.path(table.as_str())?);
        Ok(Self {
            prices: raw(RawTable::PriceHistory)?,
            costs: raw(RawTable::CostsByProvinceMonth)?,
            attributes: raw(RawTable::CustomerAttributes)?,
        })
    }

    fn join(&self, sums: &PartialSums, scaled_to: f64) -> churn::Result<DataFrame> {
        bronze_customer_month(&sums.to_frame(scaled_to)?, &self.prices, &self.costs, &self.attributes)
    }
}

/// The report of the readings and the counts beside the sums.
fn counts(sums: &PartialSums, zone: Tz, scaled_to: f64, folder: &Path) -> churn::Result<[Made; 2]> {
    let report = folder.join("readings_report.json");
    std::fs::write(&report, to_json(&sums.report(zone, scaled_to))).map_err(churn::Error::file("write", &report))?;
    let coverage = folder.join("coverage.parquet");
    churn::table_file::write(&mut sums.coverage_frame(zone)?, &coverage)?;
    Ok([
        Made::file(READINGS_REPORT, "readings_report.json".to_owned(), report, 0)?,
        // Its rows are those of the months, and are not counted twice.
        Made::file(COVERAGE, "coverage.parquet".to_owned(), coverage, 0)?,
    ])
}

/// The table does not depend on `as_of`: another date finds it again.
pub(in crate::steps) fn months_spec(
    configuration: &Configuration,
    stage: &BuildStage,
    files: &[TableRef],
) -> StageSpec {
    let mut inputs = digests(&stage.inputs);
    inputs.extend((0..).zip(files).map(|(place, file)| (readings_name(place), file.digest.clone())));
    // Sums do not depend on the cut any more; tables of before keep their place.
    let mut settings = json!({
        "slice_mib": configuration.pipeline.slice_mib,
        "time_zone": configuration.pipeline.time_zone.name(),
        "nulls_scaled_to": configuration.registry.checks().nulls_scaled_to,
    });
    // Tables from before small files shared a slice were cut otherwise.
    if files.len() != 1 {
        settings["small_files"] = "share".into();
    }
    StageSpec {
        layer: TopFolder::Bronze,
        stage: "bronze_customer_month".to_owned(),
        code_version: versions::BRONZE_CUSTOMER_MONTH,
        inputs,
        settings,
    }
}

fn readings_name(place: u32) -> String {
    format!("readings_{place:05}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Digest;

    fn part(name: &str) -> ReadingsSlice {
        let file = TableRef { key: format!("raw/{name}"), digest: Digest::of(name.as_bytes()), rows: 7 };
        ReadingsSlice { slice: Slice { file: file.key.clone(), first_row_group: 2, row_groups: 3, rows: 7 }, file }
    }

    #[test]
    fn the_sums_of_part_of_one_file_are_found_where_they_always_were() {
        // As stored by the seventh version of the sums.
        let stored = r#"{"layer":"bronze","stage":"hourly_sums","code_version":7,"inputs":{"readings":"DIGEST"},"settings":{"first_row_group":2,"row_groups":3,"time_zone":"Europe/Madrid"}}"#;
        let expected = stored.replace("DIGEST", Digest::of(b"a").as_str());
        assert_eq!(serde_json::to_string(&slice_spec(&[part("a")], hourly::RETAILER_ZONE)).unwrap(), expected);
    }

    #[test]
    fn the_sums_of_small_files_depend_on_each_of_them_and_on_their_order() {
        let pack = |names: &[&str]| names.iter().map(|name| part(name)).collect::<Vec<_>>();
        let digest = |names: &[&str]| slice_spec(&pack(names), hourly::RETAILER_ZONE).digest();
        let others: Vec<&[&str]> = vec![&["b", "a"], &["a", "c"], &["a", "b", "c"], &["a"]];
        for other in others {
            assert_ne!(digest(&["a", "b"]), digest(other), "{other:?}");
        }
    }
}
