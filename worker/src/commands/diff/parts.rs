//! What differs between two records, part by part.

use std::collections::BTreeMap;

use lake::documents::RunRecord;
use lake::{JsonChange, json_changes};
use protocol::progress::Stage;
use serde_json::{Map, Value, json};

use crate::lineage::stages_of;

/// The parts in which something differs.
pub fn differences(before: &RunRecord, after: &RunRecord) -> anyhow::Result<BTreeMap<&'static str, Vec<JsonChange>>> {
    let (mut was, is) = (parts(before)?, parts(after)?);
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
fn parts(record: &RunRecord) -> anyhow::Result<BTreeMap<&'static str, Value>> {
    let stages = stages_of(record)?;
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
        let differences = differences(&record(600, 0.75, "one"), &record(50, 0.7, "two")).unwrap();
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
        assert!(super::differences(&same, &same).unwrap().is_empty());
    }
}
