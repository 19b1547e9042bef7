//! The quality gate of a layer: nothing downstream is written when it blocks.

use std::sync::Arc;

use churn::DataFrame;
use churn::contract::{QualityReport, check};
use churn::hourly::ReadingsReport;
use lake::keys;
use protocol::steps::{CheckLayer, LayerChecked};

use super::months::READINGS_REPORT;
use crate::error::Result;
use crate::heartbeat::{Heartbeat, compute};
use crate::metrics;
use crate::steps::Environment;
use crate::steps::Inputs;

/// Checks a layer's tables against their contracts, stores the report, and fails on a `block`.
pub async fn check_layer(
    environment: &Environment,
    heartbeat: &Heartbeat,
    mut request: CheckLayer,
) -> Result<LayerChecked> {
    let layer = request.layer;
    let readings = match request.tables.remove(READINGS_REPORT) {
        Some(report) => Some(environment.lake.read_json_exactly::<ReadingsReport>(&report).await?),
        None => None,
    };
    let scratch = environment.scratch()?;
    let tables = environment.fetch(&request.tables, scratch.path()).await?;
    let related = environment.fetch(&request.related, scratch.path()).await?;
    let rules = Arc::clone(&environment.configuration);
    let names: (Vec<_>, Vec<_>) = (request.tables.into_keys().collect(), request.related.into_keys().collect());
    let report = compute(heartbeat, "the check of a layer", move |_| {
        let loaded = load(&tables, &names.0).and_then(|own| Ok((own, load(&related, &names.1)?)));
        tables.still_the_same().and_then(|()| related.still_the_same())?;
        let (tables, related) = loaded?;
        let report = check(&rules.registry, layer, &borrow(&tables), &borrow(&related));
        Ok(readings.into_iter().fold(report, QualityReport::with_readings))
    })
    .await?;
    let key = keys::quality_report(&request.run.run_id, layer);
    environment.lake.put_json(&key, &report).await?;
    environment.metrics.show(&metrics::of_layer(layer.as_str(), report.violations.len()));
    report.require()?;
    Ok(LayerChecked { report: key, warnings: report.warnings() as u64 })
}

fn load(inputs: &Inputs, names: &[String]) -> churn::Result<Vec<(String, DataFrame)>> {
    names.iter().map(|name| Ok((name.clone(), inputs.any_table(name)?))).collect()
}

fn borrow(tables: &[(String, DataFrame)]) -> Vec<(&str, &DataFrame)> {
    tables.iter().map(|(name, table)| (name.as_str(), table)).collect()
}
