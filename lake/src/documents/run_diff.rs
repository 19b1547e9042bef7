//! What differs between the records of two runs, part by part: what `spanishgas diff` prints and the dashboard shows.

use std::collections::BTreeMap;

use protocol::progress::Stage;
use serde_json::{Map, Value, json};

use super::run_record::{RunRecord, UnreadableResult};
use crate::{JsonChange, json_changes};

/// What differs, by the name of the part; parts in which nothing does are left out.
pub type RunDifferences = BTreeMap<&'static str, Vec<JsonChange>>;

/// The parts in which something differs.
pub fn run_differences(before: &RunRecord, after: &RunRecord) -> Result<RunDifferences, UnreadableResult> {
    let (mut was, is) = (run_parts(before)?, run_parts(after)?);
    let mut differences = BTreeMap::new();
    for (part, is) in is {
        let changes = json_changes(&was.remove(part).unwrap_or_default(), &is);
        if !changes.is_empty() {
            differences.insert(part, changes);
        }
    }
    Ok(differences)
}

/// What is compared: all that decides a result, and the result. Times, IDs and keys differ always.
pub fn run_parts(record: &RunRecord) -> Result<BTreeMap<&'static str, Value>, UnreadableResult> {
    let stages = record.stages()?;
    let rows: Map<_, _> = stages.iter().map(|stage| (stage.name.as_str().to_owned(), json!(stage.rows))).collect();
    let files: Map<_, _> =
        record.inputs.iter().map(|(name, file)| (name.clone(), json!(file.digest.short()))).collect();
    let result = |field: &str| record.result.get(field).cloned().unwrap_or_default();
    let model = result("model");
    let of_model = |field: &str| model.get(field).cloned().unwrap_or_default();
    Ok(BTreeMap::from([
        ("input", record.input.clone().unwrap_or_default()),
        ("raw files", files.into()),
        ("settings", record.settings.clone()),
        ("code", json!({ "revision": record.code_version, "stages": record.stage_versions })),
        ("rows", rows.into()),
        ("metrics", of_model("metrics")),
        ("checks", checks(&result("verdict"))),
        (
            "outcome",
            json!({
                "state": result("state"), "outcome": result("outcome"), "as_of": result("as_of"),
                "model": of_model("version"), "experiment": of_model("experiment"), "champion": result("champion"),
                "error": result("error"),
            }),
        ),
        ("drift", result("drift")),
        ("tiers", result("tiers")),
    ]))
}

/// The checks by name, so that each is compared with its own.
fn checks(verdict: &Value) -> Value {
    let list = verdict.get("checks").and_then(Value::as_array).into_iter().flatten();
    let named: Map<_, _> =
        list.map(|check| (check["name"].as_str().unwrap_or_default().to_owned(), check.clone())).collect();
    named.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(rounds: u32, pr_auc: f64, run: &str) -> RunRecord {
        serde_json::from_value(json!({
            "run": { "workflow_id": run, "run_id": run, "started": "2026-11-25T02:00:00.000Z" },
            "inputs": { "churn_label": { "key": "raw/churn_label.csv", "digest": "a".repeat(64), "rows": 0 } },
            "input": { "mode": "train" }, "code_version": "abc", "settings": { "model": { "rounds": rounds } },
            "result": {
                "run_id": run, "workflow_id": run, "state": "failed", "outcome": null, "mode": "train", "as_of": null,
                "dataset": null, "stages": [], "model": { "version": run, "experiment": "E5", "metrics": {
                    "pr_auc": pr_auc, "roc_auc": 0.9, "precision": 0.75, "recall": 0.8, "f1": 0.77, "accuracy": 0.9,
                    "confusion": { "true_positives": 8, "false_positives": 2, "false_negatives": 2, "true_negatives": 88 },
                    "threshold": 0.31, "brier": 0.07, "log_loss": 0.2, "ece": 0.01, "top_decile_lift": 5.0 } },
                "verdict": { "outcome": "rejected", "checks": [
                    { "name": "pr_auc_floor", "value": pr_auc, "limit": 0.7, "passed": false, "note": "n" }] },
                "tiers": {}, "drift": null, "error": { "type": "x", "message": "y" },
            },
        }))
        .unwrap()
    }

    #[test]
    fn a_setting_and_what_came_of_it_are_named_and_nothing_that_always_differs() {
        let differences = run_differences(&record(600, 0.75, "one"), &record(50, 0.7, "two")).unwrap();
        let words: Vec<_> = differences
            .iter()
            .flat_map(|(part, changes)| changes.iter().map(move |change| format!("{part}: {change}")))
            .collect();
        let expected = [
            "checks: pr_auc_floor.value 0.7, was 0.75",
            "metrics: pr_auc 0.7, was 0.75",
            "outcome: model two, was one",
            "settings: model.rounds 50, was 600",
        ];
        assert_eq!(words, expected);
        let same = record(600, 0.75, "one");
        assert!(run_differences(&same, &same).unwrap().is_empty());
    }
}
