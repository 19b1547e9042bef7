//! Drift: this run's customers against the champion's training data.

use std::sync::Arc;

use churn::drift::{DriftReport, compare};
use churn::model::Bundle;
use lake::keys;
use lake::{Made, StageSpec, digests};
use protocol::steps::{DriftFound, DriftSummary, ScoreCustomers, StageOutcome};
use serde_json::json;

use super::model::fetch_model;
use super::{World, versions};
use crate::configuration::Configuration;
use crate::error::Result;
use crate::watched::{Pulse, compute};

/// The output's name.
const DRIFT: &str = "drift";

/// Compares features and predictions with the champion's reference.
pub async fn detect_drift(world: &World, pulse: &Pulse, request: ScoreCustomers) -> Result<DriftFound> {
    let spec = spec(&world.configuration, &request);
    let stage = match spec.find(&world.lake, request.stage.reuse).await? {
        Some(found) => found,
        None => look(world, pulse, &request, &spec).await?,
    };
    let report: DriftReport = world.lake.read_json_exactly(&stage.output(DRIFT)?).await?;
    world.lake.put_json(&keys::drift_report(&request.stage.run.run_id), &report).await?;
    Ok(DriftFound { stage, drift: summary(&report) })
}

pub(super) fn spec(configuration: &Configuration, request: &ScoreCustomers) -> StageSpec {
    StageSpec {
        layer: "monitoring".to_owned(),
        stage: DRIFT.to_owned(),
        code_version: versions::DRIFT,
        inputs: digests(&request.stage.inputs),
        settings: json!({ "model_version": request.version, "rules": configuration.drift }),
    }
}

async fn look(world: &World, pulse: &Pulse, request: &ScoreCustomers, spec: &StageSpec) -> Result<StageOutcome> {
    let scratch = world.scratch()?;
    let inputs = world.fetch(&request.stage.inputs, scratch.path()).await?;
    let model = fetch_model(&world.lake, &request.version, scratch.path()).await?;
    let configuration = Arc::clone(&world.configuration);
    let path = scratch.path().join("drift.json");
    let made = compute(pulse, "the drift comparison", move |watch| {
        let bundle = Bundle::load(&model)?;
        let gold = inputs.table("gold_master");
        inputs.still_the_same()?;
        let current = bundle.observe(&gold?)?;
        let report = compare(bundle.reference(), &current, &configuration.drift, watch)?;
        std::fs::write(&path, lake::to_json(&report)).map_err(churn::Error::file("write", &path))?;
        Ok(vec![Made::file(DRIFT, "drift.json".to_owned(), path, current.height() as u64)?])
    })
    .await?;
    Ok(spec.publish(&world.lake, &request.stage.run, made).await?)
}

fn summary(report: &DriftReport) -> DriftSummary {
    let verdict = &report.verdict;
    DriftSummary {
        level: verdict.level.name().to_owned(),
        rule: verdict.rule.name().to_owned(),
        features: verdict.drifted.clone(),
        reason: verdict.reason.clone(),
    }
}
