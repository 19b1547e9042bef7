//! The record of a run, whatever its end: lineage, durations, verdicts, and what it changed.

use chrono::{SecondsFormat, Utc};
use lake::documents::{PublishedMetrics, RunRecord};
use protocol::pipeline::{PipelineResult, RunResult};
use protocol::steps::{Facts, RecordRun};
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::metrics;
use crate::steps::serving::publish;
use crate::steps::{Environment, versions};

/// Writes `runs/<run>/run.json` and the run's line in the index; answers what the lake says that the run did.
#[expect(clippy::disallowed_methods, reason = "when a run ended is a fact, not a computation")]
pub async fn record_run(environment: &Environment, request: RecordRun) -> Result<Facts> {
    let facts = facts(environment, &request.run.run_id).await?;
    let mut record = RunRecord {
        run: request.run,
        ended: Some(Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true)),
        input: request.input,
        inputs: request.inputs,
        result: request.result,
        pauses: request.pauses,
        facts: facts.clone(),
        metrics: PublishedMetrics::default(),
        lineage_undelivered: None,
        code_version: environment.revision.to_owned(),
        stage_versions: versions::all(),
        settings: settings(environment),
    };
    record.metrics = match record.pipeline_result() {
        Ok(RunResult::Completed(mut result)) => {
            if !publish::is_in_force(&environment.lake, &record.run).await {
                // A run for an older date says nothing of today's drift.
                result.drift = None;
            }
            publish_metrics(environment, &result).await
        }
        // A failed run is counted by its alert.
        Ok(RunResult::EndedEarly(_)) => PublishedMetrics::default(),
        // A newer worker's words: its figures are not ours to guess.
        Err(problem) => PublishedMetrics { published: 0, undelivered: Some(problem) },
    };
    record.lineage_undelivered = environment.lineage.tell(&environment.lake, &record).await;
    record.store(&environment.lake).await?;
    environment.traces.of_run(&record, &request.stages);
    Ok(facts)
}

/// The settings in force, or their digest where they are long.
fn settings(environment: &Environment) -> Value {
    let configuration = &environment.configuration;
    json!({
        "intents": configuration.intents_digest,
        "sentiment": configuration.sentiment.digest(),
        "recommendations": configuration.recommendations_digest,
        "model": configuration.model,
        "drift": configuration.drift,
    })
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
async fn publish_metrics(environment: &Environment, result: &PipelineResult) -> PublishedMetrics {
    match environment.metrics.publish(&metrics::of_result(result)).await {
        Ok(published) => PublishedMetrics { published, undelivered: None },
        Err(error) => {
            tracing::warn!(workflow_id = %result.workflow_id, %error, "the metrics of a run are not published");
            PublishedMetrics { published: 0, undelivered: Some(happened(&error)) }
        }
    }
}
