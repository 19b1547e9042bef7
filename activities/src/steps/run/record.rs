//! The record of a run, whatever its end: lineage, durations, verdicts, and what it changed.

use lake::keys;
use protocol::steps::{Facts, RecordRun};

use crate::error::{Error, Result};
use crate::metrics;
use crate::steps::Environment;
use crate::steps::serving::publish;

/// Writes `runs/<run>/run.json`; answers what the lake says that the run did.
pub async fn record_run(environment: &Environment, request: RecordRun) -> Result<Facts> {
    let facts = facts(environment, &request.run.run_id).await?;
    // A failed run is counted by its alert.
    let metrics = match request.result["state"].as_str() {
        Some("completed") => publish_metrics(environment, &request).await,
        _ => serde_json::json!({ "published": 0 }),
    };
    let record = serde_json::json!({
        "run": request.run,
        "inputs": request.inputs,
        "result": request.result,
        "facts": facts,
        "metrics": metrics,
        "code_version": env!("CARGO_PKG_VERSION"),
        "settings": {
            "intents": environment.configuration.intents_digest,
            "sentiment": environment.configuration.sentiment.digest(),
            "recommendations": environment.configuration.recommendations_digest,
            "model": environment.configuration.model,
            "drift": environment.configuration.drift,
        },
    });
    environment.lake.put_json(&keys::run_record(&request.run.run_id), &record).await?;
    Ok(facts)
}

/// A run that was cut off in an activity may not have heard what the activity still did.
async fn facts(environment: &Environment, run_id: &str) -> Result<Facts> {
    let moves = environment.registry.moves().await?;
    let promoted = moves.into_iter().rfind(|moved| moved.run_id.as_deref() == Some(run_id));
    let published = match publish::current(&environment.lake).await {
        Ok(published) => Some(published.is_some_and(|published| published.run_id == run_id)),
        Err(error) => {
            // What the run failed of, perhaps: its record must not fail of it too.
            tracing::warn!(run_id, %error, "what is published could not be read");
            None
        }
    };
    Ok(Facts { promoted: promoted.map(|moved| moved.version), published })
}

/// Nobody publishes them later: the record must not promise it.
fn happened(error: &Error) -> String {
    match error {
        Error::Remote(error) => error.happened(),
        other => other.to_string(),
    }
}

/// Metrics that cannot be published never fail a good run: its record says so.
async fn publish_metrics(environment: &Environment, request: &RecordRun) -> serde_json::Value {
    match environment.metrics.publish(&metrics::of_result(&request.result)).await {
        Ok(published) => serde_json::json!({ "published": published }),
        Err(error) => {
            tracing::warn!(workflow_id = %request.run.workflow_id, %error, "the metrics of a run are not published");
            serde_json::json!({ "published": 0, "undelivered": happened(&error) })
        }
    }
}
