//! `bronze_customer_month`: hourly readings fan out in slices, partial sums come back, one merge.

use std::collections::BTreeMap;

use churn::DataFrame;
use churn::bronze::customer_month::bronze_customer_month;
use churn::hourly::{self, PartialSums};
use churn::raw::{RawTable, read};
use serde_json::json;

use super::world::Inputs;
use super::{World, versions};
use crate::configuration::Configuration;
use crate::error::Result;
use crate::lake::{Fetched, to_json};
use crate::messages::{AggregateSlice, MergeMonths, MonthsPlan, PlanMonths, ReadingsSlice, StageOutcome, TableRef};
use crate::stage::{Made, StageSpec, digests};
use crate::watched::{Pulse, compute};

/// The output with the counts behind the sums, for the quality report.
pub const READINGS_REPORT: &str = "readings_report";

/// Finds the finished table, or cuts the readings into slices.
///
/// The slices follow from the files alone, never from the machine, so that the sums come out the
/// same to the last bit wherever they are made.
pub async fn plan_months(world: &World, pulse: &Pulse, request: PlanMonths) -> Result<MonthsPlan> {
    if let Some(found) = months_spec(&world.configuration, &request).find(&world.lake, request.stage.reuse).await? {
        return Ok(MonthsPlan::Unchanged(found));
    }
    let scratch = world.scratch()?;
    let mut paths = Vec::new();
    for file in &request.readings {
        paths.push(world.lake.pin(file, scratch.path()).await?);
    }
    let target_bytes = world.configuration.pipeline.slice_mib << 20;
    compute(pulse, "the plan of the hourly slices", move |_| {
        let mut slices = Vec::new();
        for (file, path) in request.readings.iter().zip(paths) {
            let inspected = path.read(|path| hourly::inspect(path, &file.key))?;
            let cut = hourly::plan_slices(&[inspected], target_bytes);
            slices.extend(cut.into_iter().map(|slice| ReadingsSlice { file: file.clone(), slice }));
        }
        Ok(MonthsPlan::Aggregate(slices))
    })
    .await
}

/// Sums one slice by customer, month and tariff tier.
pub async fn aggregate_slice(world: &World, pulse: &Pulse, request: AggregateSlice) -> Result<TableRef> {
    let spec = slice_spec(&request);
    if let Some(found) = spec.find(&world.lake, request.reuse).await? {
        return found.output("hourly_sums");
    }
    let scratch = world.scratch()?;
    let readings = world.lake.pin(&request.slice.file, scratch.path()).await?;
    let path = scratch.path().join("hourly_sums.parquet");
    let slice = request.slice.slice;
    let made = compute(pulse, "the aggregation of a slice", move |watch| {
        let sums = readings.read(|path| hourly::aggregate_slice(path, &slice, watch))?;
        sums.write(&path)?;
        Ok(vec![Made::file("hourly_sums", "hourly_sums.parquet".to_owned(), path, sums.rows)?])
    })
    .await?;
    spec.publish(&world.lake, &request.run, made).await?.output("hourly_sums")
}

pub(super) fn slice_spec(request: &AggregateSlice) -> StageSpec {
    StageSpec {
        layer: "bronze".to_owned(),
        stage: "hourly_sums".to_owned(),
        code_version: versions::HOURLY_SUMS,
        inputs: BTreeMap::from([("readings".to_owned(), request.slice.file.digest.clone())]),
        settings: json!({
            "first_row_group": request.slice.slice.first_row_group,
            "row_groups": request.slice.slice.row_groups,
        }),
    }
}

/// Merges the partial sums in slice order and joins prices and costs.
pub async fn merge_months(world: &World, pulse: &Pulse, request: MergeMonths) -> Result<StageOutcome> {
    let spec = months_spec(&world.configuration, &request.plan);
    let scratch = world.scratch()?;
    let inputs = world.fetch(&request.plan.stage.inputs, scratch.path()).await?;
    let mut parts = Vec::new();
    for part in &request.parts {
        parts.push(world.lake.fetch(part, scratch.path()).await?);
    }
    let folder = scratch.path().to_owned();
    let made = compute(pulse, "the merge of the sums", move |_| {
        let sums = PartialSums::merge(parts.iter().map(|part| PartialSums::read(part.path())));
        parts.iter().try_for_each(Fetched::still_the_same)?;
        let sums = sums?;
        let months = join_months(&sums, &inputs);
        inputs.still_the_same()?;
        let mut months = months?;
        let report = folder.join("readings_report.json");
        std::fs::write(&report, to_json(&sums.report())).map_err(churn::Error::file("write", &report))?;
        Ok(vec![
            Made::table("bronze_customer_month", &mut months, &folder)?,
            Made::file(READINGS_REPORT, "readings_report.json".to_owned(), report, 0)?,
        ])
    })
    .await?;
    spec.publish(&world.lake, &request.plan.stage.run, made).await
}

fn join_months(sums: &PartialSums, inputs: &Inputs) -> churn::Result<DataFrame> {
    let raw = |table: RawTable| read(table, inputs.path(table.name())?);
    bronze_customer_month(
        &sums.to_frame()?,
        &raw(RawTable::PriceHistory)?,
        &raw(RawTable::CostsByProvinceMonth)?,
        &raw(RawTable::CustomerAttributes)?,
    )
}

/// The table does not depend on `as_of`: another date finds it again.
pub(super) fn months_spec(configuration: &Configuration, request: &PlanMonths) -> StageSpec {
    let mut inputs = digests(&request.stage.inputs);
    for (place, file) in request.readings.iter().enumerate() {
        inputs.insert(format!("readings_{place:05}"), file.digest.clone());
    }
    StageSpec {
        layer: "bronze".to_owned(),
        stage: "bronze_customer_month".to_owned(),
        code_version: versions::BRONZE_CUSTOMER_MONTH,
        inputs,
        // Another cut adds the same numbers in another order: the last bit of a sum may differ.
        settings: json!({ "slice_mib": configuration.pipeline.slice_mib }),
    }
}
