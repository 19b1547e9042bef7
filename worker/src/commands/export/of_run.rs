//! What of a run's record goes into an experiment tracker: a pure function.

use std::collections::BTreeMap;

use anyhow::Context;
use chrono::DateTime;
use lake::documents::RunRecord;
use serde_json::Value;

/// MLflow takes no longer value of a parameter.
const LONGEST_VALUE: usize = 6000;

/// A run, as a tracker keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// Our run's ID, by which it is found again.
    pub run_id: String,
    /// What people read.
    pub name: String,
    /// When it began, in milliseconds since 1970.
    pub started_ms: i64,
    /// When it ended.
    pub ended_ms: i64,
    /// `FINISHED`, `FAILED` or `KILLED`.
    pub status: &'static str,
    /// What it is about.
    pub tags: BTreeMap<String, String>,
    /// What decided its result.
    pub parameters: BTreeMap<String, String>,
    /// What came out.
    pub metrics: BTreeMap<String, f64>,
    /// The version that it trained and that was judged.
    pub version: Option<String>,
}

impl Exported {
    /// All that a record has.
    pub fn of(record: &RunRecord) -> anyhow::Result<Self> {
        let summary = record.summary();
        let started_ms = milliseconds(&record.run.started)
            .with_context(|| format!("the record of run {} does not say when it began", record.run.run_id))?;
        let ended_ms = record.ended.as_deref().and_then(milliseconds).unwrap_or(started_ms);
        let status = match (summary.state.as_str(), &summary.error) {
            ("cancelled", _) => "KILLED",
            ("failed", _) | (_, Some(_)) => "FAILED",
            _ => "FINISHED",
        };
        let was_judged = summary.mode.as_deref() == Some("train") && record.result.get("verdict").is_some_and(is_said);
        let version = summary.model.filter(|_| was_judged).map(|model| model.version.to_string());
        Ok(Self {
            run_id: record.run.run_id.to_string(),
            name: record.run.workflow_id.to_string(),
            started_ms,
            ended_ms,
            status,
            tags: tags(record, version.as_deref()),
            parameters: parameters(record),
            metrics: metrics(&record.result),
            version,
        })
    }
}

fn milliseconds(time: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(time).ok().map(|time| time.timestamp_millis())
}

fn is_said(value: &Value) -> bool {
    !value.is_null()
}

fn tags(record: &RunRecord, version: Option<&str>) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::from([
        ("spanishgas.workflow_id".to_owned(), record.run.workflow_id.to_string()),
        ("mlflow.source.name".to_owned(), "spanishgas".to_owned()),
        ("mlflow.source.git.commit".to_owned(), record.code_version.clone()),
    ]);
    tags.extend(version.map(|version| ("spanishgas.model_version".to_owned(), version.to_owned())));
    let outcome = record.result.get("outcome").filter(|outcome| is_said(outcome));
    tags.extend(outcome.map(|outcome| ("spanishgas.outcome".to_owned(), text(outcome))));
    tags
}

/// The settings of the training, and what the run was asked.
fn parameters(record: &RunRecord) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::new();
    if let Some(settings) = record.settings.pointer("/model/train") {
        flatten("train", settings, &mut |name, value| {
            parameters.insert(name, text(value));
        });
    }
    for name in ["mode", "as_of", "dataset"] {
        let value = record.result.get(name).filter(|value| is_said(value));
        parameters.extend(value.map(|value| (name.to_owned(), text(value))));
    }
    let experiment = record.result.pointer("/model/experiment").filter(|value| is_said(value));
    parameters.extend(experiment.map(|value| ("experiment".to_owned(), text(value))));
    parameters
}

/// The figures of the holdout, and of each stage that ran.
fn metrics(result: &Value) -> BTreeMap<String, f64> {
    let mut metrics = BTreeMap::new();
    if let Some(figures) = result.pointer("/model/metrics") {
        flatten("", figures, &mut |name, value| {
            metrics.extend(value.as_f64().map(|value| (name, value)));
        });
    }
    let stages = result.get("stages").and_then(Value::as_array);
    for stage in stages.into_iter().flatten() {
        let (Some(name), Some(false)) = (stage["name"].as_str(), stage["skipped"].as_bool()) else { continue };
        for figure in ["seconds", "rows"] {
            metrics.extend(stage[figure].as_f64().map(|value| (format!("stage_{figure}.{name}"), value)));
        }
    }
    metrics
}

/// Every value of an object with the names that lead to it.
fn flatten(path: &str, value: &Value, found: &mut dyn FnMut(String, &Value)) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(&path, value, found);
            }
        }
        value => found(path.to_owned(), value),
    }
}

/// A text without its quotes; anything else as JSON.
fn text(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.chars().take(LONGEST_VALUE).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    pub fn record(mode: &str, state: &str) -> RunRecord {
        serde_json::from_value(json!({
            "run": { "workflow_id": "nightly", "run_id": "r1", "started": "2026-11-25T02:00:00.000Z" },
            "ended": "2026-11-25T02:00:23.500Z", "inputs": {}, "code_version": "abc",
            "settings": {
                "model": { "train": { "split": { "folds": 5 }, "xgboost": { "salt": "x" } }, "gate": { "floor": 1 } },
            },
            "result": {
                "state": state, "mode": mode, "outcome": "promoted", "as_of": "2024-12-31", "dataset": "d",
                "verdict": { "outcome": "promoted", "checks": [] },
                "model": {
                    "version": "v1", "experiment": "E5",
                    "metrics": { "pr_auc": 0.75, "confusion": { "true_positives": 3 } },
                },
                "stages": [
                    { "name": "train", "seconds": 2.5, "rows": 7, "skipped": false },
                    { "name": "gold", "seconds": 0.0, "rows": 7, "skipped": true },
                ],
            },
        }))
        .unwrap()
    }

    #[test]
    fn a_training_is_exported_with_its_settings_and_figures() {
        let exported = Exported::of(&record("train", "completed")).unwrap();
        assert_eq!((exported.status, exported.ended_ms - exported.started_ms), ("FINISHED", 23_500));
        assert_eq!(exported.version.as_deref(), Some("v1"));
        let parameters: Vec<_> = exported.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let wanted = ["as_of=2024-12-31", "dataset=d", "experiment=E5", "mode=train", "train.split.folds=5"];
        assert_eq!(parameters[..5], wanted);
        assert_eq!(parameters[5..], ["train.xgboost.salt=x"]);
        let metrics: Vec<_> = exported.metrics.into_iter().collect();
        let of_model = [("confusion.true_positives", 3.0), ("pr_auc", 0.75)];
        let of_stages = [("stage_rows.train", 7.0), ("stage_seconds.train", 2.5)];
        let wanted = [of_model, of_stages].concat();
        assert_eq!(metrics, wanted.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Vec<_>>());
    }

    #[test]
    fn a_scoring_makes_no_version_and_what_failed_is_no_success() {
        assert_eq!(Exported::of(&record("score", "completed")).unwrap().version, None);
        assert_eq!(Exported::of(&record("train", "failed")).unwrap().status, "FAILED");
        assert_eq!(Exported::of(&record("train", "cancelled")).unwrap().status, "KILLED");
    }
}
