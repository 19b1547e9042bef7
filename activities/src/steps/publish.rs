//! Publication: the pointers move after all they point to is complete; the run is recorded.

use std::collections::BTreeMap;

use churn::SnapshotDate;
use serde::{Deserialize, Serialize};

use super::World;
use crate::digest::Digest;
use crate::error::Result;
use crate::lake::{keys, to_json};
use crate::messages::{PublishRun, RecordRun, StageOutcome, TableRef};
use crate::metrics;

/// What `scored/latest.json` and `monitoring/latest.json` hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResultsPointer {
    /// The run that made the results.
    pub run_id: String,
    /// Its workflow.
    pub workflow_id: String,
    /// The date they are for.
    pub as_of: SnapshotDate,
    /// The champion that scored.
    pub model_version: String,
    /// The results by table.
    pub outputs: BTreeMap<String, TableRef>,
}

/// Moves both pointers to this run's results, unless they show them already.
pub async fn publish_run(world: &World, request: PublishRun) -> Result<StageOutcome> {
    let (monitoring, scored): (BTreeMap<_, _>, BTreeMap<_, _>) = request
        .outputs
        .iter()
        .map(|(name, output)| (name.clone(), output.clone()))
        .partition(|(name, _)| name == "drift");
    let scores_moved = move_pointer(world, keys::LATEST_SCORES, &request, scored).await?;
    let monitoring_moved = move_pointer(world, keys::LATEST_MONITORING, &request, monitoring).await?;
    let skipped = match (scores_moved, monitoring_moved) {
        (Moved::Already(run), Moved::Already(_)) => Some(format!("published by run {run}")),
        _ => None,
    };
    let outputs = [("scored_latest", keys::LATEST_SCORES), ("monitoring_latest", keys::LATEST_MONITORING)];
    let digest = Digest::of_json(&request.outputs);
    let pointer = |key: &str| TableRef { key: key.to_owned(), digest: digest.clone(), rows: 0 };
    let outputs = outputs.into_iter().map(|(name, key)| (name.to_owned(), pointer(key))).collect();
    Ok(StageOutcome { digest, outputs, rows: 0, skipped, job: None, repaired: None })
}

enum Moved {
    Now,
    Already(String),
}

async fn move_pointer(
    world: &World,
    key: &str,
    request: &PublishRun,
    outputs: BTreeMap<String, TableRef>,
) -> Result<Moved> {
    let current = world.lake.get_json::<ResultsPointer>(key).await?;
    if let Some((pointer, _)) = &current
        && pointer.outputs == outputs
        && pointer.model_version == request.version
    {
        return Ok(Moved::Already(pointer.workflow_id.clone()));
    }
    let pointer = ResultsPointer {
        run_id: request.run.run_id.clone(),
        workflow_id: request.run.workflow_id.clone(),
        as_of: request.as_of,
        model_version: request.version.clone(),
        outputs,
    };
    let seen = current.map(|(_, version)| version);
    world.lake.compare_and_swap(key, seen.as_ref(), to_json(&pointer)).await?;
    Ok(Moved::Now)
}

/// Writes `runs/<run>/run.json`: lineage, durations, verdicts.
pub async fn record_run(world: &World, request: RecordRun) -> Result<()> {
    let metrics = publish_metrics(world, &request).await;
    let record = serde_json::json!({
        "run": request.run,
        "inputs": request.inputs,
        "result": request.result,
        "metrics": metrics,
        "code_version": env!("CARGO_PKG_VERSION"),
        "settings": {
            "intents": world.configuration.intents_digest,
            "sentiment": world.configuration.sentiment.digest(),
            "recommendations": world.configuration.recommendations_digest,
            "model": world.configuration.model,
            "drift": world.configuration.drift,
        },
    });
    Ok(world.lake.put_json(&keys::run_record(&request.run.run_id), &record).await?)
}

/// Metrics that cannot be published never fail a good run: its record says so.
async fn publish_metrics(world: &World, request: &RecordRun) -> serde_json::Value {
    match world.metrics.publish(&metrics::of_result(&request.result)).await {
        Ok(published) => serde_json::json!({ "published": published }),
        Err(error) => {
            tracing::warn!(workflow_id = %request.run.workflow_id, %error, "the metrics of a run are not published");
            serde_json::json!({ "published": 0, "undelivered": error.to_string() })
        }
    }
}
