//! Drift: this run's customers against the champion's training data.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use churn::drift::{DriftReport, compare};
use churn::model::Bundle;
use lake::keys;
use lake::keys::TopFolder;
use lake::{Made, StageSpec, digests};
use protocol::steps::{DriftFound, DriftSummary, ScoreCustomers};
use serde_json::json;

use crate::configuration::Configuration;
use crate::error::Result;
use crate::heartbeat::{Heartbeat, compute};
use crate::steps::{Environment, versions};

/// The output's name.
const DRIFT: &str = "drift";

/// Compares features and predictions with the champion's reference.
pub async fn detect_drift(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: ScoreCustomers,
) -> Result<DriftFound> {
    let spec = spec(&environment.configuration, &request);
    let look = async |scratch: PathBuf| look(environment, heartbeat, &request, &scratch).await;
    let stage = environment.find_or_make(&spec, &request.stage.run, request.stage.reuse, look).await?;
    let report: DriftReport = environment.lake.read_json_exactly(&stage.output(DRIFT)?).await?;
    environment.lake.put_json(&keys::drift_report(&request.stage.run.run_id), &report).await?;
    Ok(DriftFound { stage, drift: summary(&report) })
}

pub(in crate::steps) fn spec(configuration: &Configuration, request: &ScoreCustomers) -> StageSpec {
    StageSpec {
        layer: TopFolder::Monitoring,
        stage: DRIFT.to_owned(),
        code_version: versions::DRIFT,
        inputs: digests(&request.stage.inputs),
        settings: json!({ "model_version": request.version, "rules": configuration.drift }),
    }
}

/// The comparison, written as a report to `scratch`.
async fn look(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: &ScoreCustomers,
    scratch: &Path,
) -> Result<Vec<Made>> {
    let inputs = environment.fetch(&request.stage.inputs, scratch).await?;
    let model = environment.registry.fetch_model(&request.version, scratch).await?;
    let configuration = Arc::clone(&environment.configuration);
    let path = scratch.join("drift.json");
    compute(heartbeat, "the drift comparison", move |watch| {
        let bundle = Bundle::load(&model)?;
        let gold = inputs.table("gold_master");
        inputs.still_the_same()?;
        let current = bundle.observe(&gold?)?;
        let report = compare(bundle.reference(), &current, &configuration.drift, watch)?;
        std::fs::write(&path, lake::to_json(&report)).map_err(churn::Error::file("write", &path))?;
        Ok(vec![Made::file(DRIFT, "drift.json".to_owned(), path, current.height() as u64)?])
    })
    .await
}

fn summary(report: &DriftReport) -> DriftSummary {
    let verdict = &report.verdict;
    DriftSummary {
        level: verdict.level,
        rule: verdict.rule,
        features: verdict.drifted.clone(),
        reason: verdict.reason.clone(),
    }
}
