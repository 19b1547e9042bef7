//! What a run read and made, as events of OpenLineage (<https://openlineage.io/spec>): a pure function of its record.

use std::collections::BTreeMap;

use churn::contract::TableProfile;
use lake::documents::RunRecord;
use protocol::progress::StageResult;
use serde_json::{Map, Value, json};

const SPEC: &str = "https://openlineage.io/spec";
/// What an event and every kind of facet must be.
const EVENTS: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json";
/// This program, by a name that nobody else has: its code has no public address, and one that somebody may take would
/// say that they made the event. The version of the code is beside it, in a facet.
const PRODUCER: &str = "urn:uuid:a76742a4-2ff7-4eb3-bae0-ee885e28d7db";

/// What is said beside the record.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The namespace of our jobs.
    pub namespace: &'a str,
    /// The namespace of our datasets: the lake.
    pub lake: &'a str,
    /// What the run's quality reports say of its tables: rows and columns.
    pub tables: &'a BTreeMap<String, TableProfile>,
}

/// The begin of the run, and its end. What a person cancelled is `ABORT`.
pub fn events(record: &RunRecord, context: Context<'_>) -> Vec<Value> {
    let inputs: Vec<_> = record
        .inputs
        .iter()
        .map(|(table, stored)| {
            let version = facet("1-0-1/DatasetVersionDatasetFacet", json!({ "datasetVersion": stored.digest }));
            let profile = context.tables.get(table);
            let facets = facets([schema(profile), Some(("version", version))]);
            let rows = profile.map_or(stored.rows, |profile| profile.rows);
            let counted = json!({ "rowCount": rows, "columnMetrics": {} });
            let counted = facet("1-0-2/DataQualityMetricsInputDatasetFacet", counted);
            json!({
                "namespace": context.lake, "name": stored.key, "facets": facets,
                "inputFacets": { "dataQualityMetrics": counted },
            })
        })
        .collect();
    let begin = event(record, context, "START", &record.run.started, &inputs, &[]);
    let ended = record.ended.as_deref().unwrap_or(&record.run.started);
    let end = event(record, context, ending(record), ended, &inputs, &outputs(record, context));
    vec![begin, end]
}

fn ending(record: &RunRecord) -> &'static str {
    let summary = record.summary();
    match (summary.state.as_str(), summary.error) {
        ("cancelled", _) => "ABORT",
        ("failed", _) | (_, Some(_)) => "FAIL",
        _ => "COMPLETE",
    }
}

/// The tables of every stage that ended, found ones too: they are what the run stands on.
fn outputs(record: &RunRecord, context: Context<'_>) -> Vec<Value> {
    // The stages of any workflow, and those that a newer version has.
    let stages = record.result.get("stages").cloned().unwrap_or_default();
    let stages: Vec<StageResult<String>> = serde_json::from_value(stages).unwrap_or_default();
    let tables = stages.iter().flat_map(|stage| stage.outputs.iter().map(move |(table, key)| (stage, table, key)));
    tables
        .map(|(stage, table, key)| {
            let profile = context.tables.get(table);
            // The rows of a stage are those of its table where it has one alone.
            let alone = (stage.outputs.len() == 1).then_some(stage.rows);
            let counted = profile.map(|profile| profile.rows).or(alone).map(|rows| {
                ("outputStatistics", facet("1-0-2/OutputStatisticsOutputDatasetFacet", json!({ "rowCount": rows })))
            });
            let made = own_facet("DatasetFacet", json!({ "stage": stage.name, "found": stage.skipped }));
            json!({
                "namespace": context.lake, "name": key,
                "facets": facets([schema(profile), Some(("spanishgas_stage", made))]),
                "outputFacets": facets([counted]),
            })
        })
        .collect()
}

fn event(record: &RunRecord, context: Context<'_>, kind: &str, at: &str, inputs: &[Value], outputs: &[Value]) -> Value {
    let summary = record.summary();
    let job = summary.mode.as_deref().map_or("spanishgas".to_owned(), |mode| format!("churn_pipeline.{mode}"));
    let job_type = json!({ "processingType": "BATCH", "integration": "SPANISHGAS", "jobType": "PIPELINE" });
    let engine = json!({ "name": "spanishgas", "version": record.code_version });
    let run = json!({
        "workflow_id": record.run.workflow_id, "as_of": summary.as_of, "outcome": summary.outcome,
        "model": summary.model.as_ref().map(|model| &model.version),
        "pr_auc": summary.model.as_ref().map(|model| model.metrics.pr_auc),
    });
    let error = summary.error.filter(|_| kind == "FAIL").map(|error| {
        let message = format!("{}: {}", error.error_type, error.message);
        let facet = facet("1-0-1/ErrorMessageRunFacet", json!({ "message": message, "programmingLanguage": "Rust" }));
        ("errorMessage", facet)
    });
    json!({
        "eventType": kind,
        "eventTime": at,
        "producer": PRODUCER,
        "schemaURL": format!("{EVENTS}#/$defs/RunEvent"),
        "run": {
            "runId": record.run.run_id,
            "facets": facets([
                Some(("processing_engine", facet("1-1-1/ProcessingEngineRunFacet", engine))),
                Some(("spanishgas_run", own_facet("RunFacet", run))),
                error,
            ]),
        },
        "job": {
            "namespace": context.namespace, "name": job,
            "facets": facets([Some(("jobType", facet("2-0-3/JobTypeJobFacet", job_type)))]),
        },
        "inputs": inputs,
        "outputs": outputs,
    })
}

fn schema(profile: Option<&TableProfile>) -> Option<(&'static str, Value)> {
    let columns = profile?.schema.iter().map(|column| json!({ "name": column.name, "type": column.dtype }));
    let fields: Vec<_> = columns.collect();
    Some(("schema", facet("1-1-1/SchemaDatasetFacet", json!({ "fields": fields }))))
}

/// A facet of the specification, `version/Name`.
fn facet(spec: &str, content: Value) -> Value {
    let name = spec.rsplit('/').next().unwrap_or(spec);
    facet_by(&format!("{SPEC}/facets/{spec}.json#/$defs/{name}"), content)
}

/// A facet that the specification does not have: its schema is that of any facet of the kind, which leaves fields free.
fn own_facet(kind: &str, content: Value) -> Value {
    facet_by(&format!("{EVENTS}#/$defs/{kind}"), content)
}

fn facet_by(url: &str, content: Value) -> Value {
    let mut facet = Map::from_iter([("_producer".to_owned(), json!(PRODUCER)), ("_schemaURL".to_owned(), json!(url))]);
    if let Value::Object(fields) = content {
        facet.extend(fields);
    }
    Value::Object(facet)
}

fn facets<const N: usize>(facets: [Option<(&str, Value)>; N]) -> Value {
    Value::Object(facets.into_iter().flatten().map(|(name, facet)| (name.to_owned(), facet)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(state: &str, error: &Value) -> RunRecord {
        let digest = "a".repeat(64);
        serde_json::from_value(json!({
            "run": { "workflow_id": "nightly", "run_id": "01a209cb", "started": "2026-11-25T02:00:00.000Z" },
            "ended": "2026-11-25T02:00:23.000Z",
            "inputs": { "costs": { "key": "raw/costs.csv", "digest": digest, "rows": 0 } },
            "result": {
                "state": state, "mode": "train", "outcome": "promoted", "as_of": "2024-12-31", "error": error,
                "model": { "version": "v1", "metrics": { "pr_auc": 0.75 } },
                "stages": [
                    { "name": "gold", "seconds": 1.0, "rows": 7, "skipped": false, "reason": null,
                      "outputs": { "gold_master": "gold/gold_master/x/gold_master.parquet" } },
                    { "name": "gate", "seconds": 1.0, "rows": 0, "skipped": false, "reason": null, "outputs": {} },
                ],
            },
            "code_version": "abc", "settings": {},
        }))
        .unwrap()
    }

    fn of(record: &RunRecord) -> Vec<Value> {
        let column = |name: &str| json!({ "name": name, "dtype": "f64", "nulls": 0, "null_rate": 0.0 });
        let profile = json!({
            "table": "gold_master", "rows": 7, "columns": 2, "duplicate_keys": 0,
            "schema": [column("tenure_months"), column("margin")],
        });
        let tables = BTreeMap::from([("gold_master".to_owned(), serde_json::from_value(profile).unwrap())]);
        events(record, Context { namespace: "spanishgas", lake: "s3://lake/churn", tables: &tables })
    }

    #[test]
    fn a_run_is_two_events_with_all_that_it_read_and_made() {
        let events = of(&record("completed", &Value::Null));
        insta::assert_snapshot!("completed", serde_json::to_string_pretty(&events).unwrap());
    }

    #[test]
    fn nothing_is_said_to_be_made_by_an_address_that_somebody_else_may_own() {
        let error = json!({ "type": "SG0002 ContractViolation", "message": "a key is there twice" });
        for event in of(&record("failed", &error)) {
            assert!(event["producer"].as_str().is_some_and(|producer| producer.starts_with("urn:uuid:")), "{event}");
            let text = event.to_string();
            let addresses = text.split('"').filter(|text| text.starts_with("http"));
            let foreign: Vec<_> = addresses.filter(|address| !address.starts_with(SPEC)).collect();
            assert!(foreign.is_empty(), "{foreign:?}");
        }
    }

    #[test]
    fn a_failure_says_why_and_a_cancellation_is_none() {
        let error = json!({ "type": "SG0002 ContractViolation", "message": "a key is there twice" });
        let [begin, end] = <[Value; 2]>::try_from(of(&record("failed", &error))).unwrap();
        assert_eq!((&begin["eventType"], &end["eventType"]), (&json!("START"), &json!("FAIL")));
        let message = &end["run"]["facets"]["errorMessage"]["message"];
        assert_eq!(message, "SG0002 ContractViolation: a key is there twice");
        assert_eq!(begin["run"]["facets"].get("errorMessage"), None);
        let cancelled = json!({ "type": "cancelled", "message": "by a person" });
        assert_eq!(of(&record("cancelled", &cancelled))[1]["eventType"], "ABORT");
    }
}
