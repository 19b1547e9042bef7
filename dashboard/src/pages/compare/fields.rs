//! Two records side by side, field by field: what decides a result, the result, and how long it took.

use std::collections::{BTreeMap, BTreeSet};

use churn::model::RiskTier;
use lake::documents::{RunRecord, UnreadableResult, run_parts};
use protocol::progress::Stage;
use serde_json::{Map, Value, json};

/// The parts in the order of the page, by their names in `spanishgas diff`.
pub const PARTS: [&str; 11] =
    ["outcome", "metrics", "checks", TIERS, "drift", "rows", SECONDS, "input", "raw files", "settings", "code"];
/// Only here: a command that says whether two runs differ leaves out what differs always.
pub const SECONDS: &str = "seconds";
/// Customers by tier.
pub const TIERS: &str = "tiers";

/// A field of two runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The names from the top to the leaf, joined by `.`.
    pub path: String,
    /// In the run before; none where it is not there.
    pub was: Option<Value>,
    /// In the run after.
    pub is: Option<Value>,
}

impl Field {
    /// Whether the two differ.
    pub fn differs(&self) -> bool {
        self.was != self.is
    }
}

/// Which fields are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Those that differ.
    Differences,
    /// All.
    Everything,
}

/// The fields of two runs by part, in the order of [`PARTS`]; parts without one are left out.
pub fn compared(
    before: &RunRecord,
    after: &RunRecord,
    shown: Shown,
) -> Result<Vec<(&'static str, Vec<Field>)>, UnreadableResult> {
    let (mut was, mut is) = (parts(before)?, parts(after)?);
    let mut compared = Vec::new();
    for part in PARTS {
        let both = (was.remove(part).unwrap_or_default(), is.remove(part).unwrap_or_default());
        let mut fields = fields(&both.0, &both.1);
        if part == TIERS {
            fields.sort_by_key(|field| std::cmp::Reverse(RiskTier::from_label(&field.path)));
        }
        if shown == Shown::Differences {
            fields.retain(Field::differs);
        }
        if !fields.is_empty() {
            compared.push((part, fields));
        }
    }
    Ok(compared)
}

/// How many fields differ; how long a run took is no difference.
pub fn differences(compared: &[(&str, Vec<Field>)]) -> usize {
    let deciding = compared.iter().filter(|(part, _)| *part != SECONDS);
    deciding.flat_map(|(_, fields)| fields).filter(|field| field.differs()).count()
}

fn parts(record: &RunRecord) -> Result<BTreeMap<&'static str, Value>, UnreadableResult> {
    let mut parts = run_parts(record)?;
    let stages = record.stages()?;
    let seconds = |seconds: f64| json!((seconds * 10.0).round() / 10.0);
    let by_stage: Map<_, _> =
        stages.iter().map(|stage| (stage.name.as_str().to_owned(), seconds(stage.seconds))).collect();
    parts.insert(SECONDS, by_stage.into());
    Ok(parts)
}

fn fields(was: &Value, is: &Value) -> Vec<Field> {
    let (was, is) = (leaves(was), leaves(is));
    let paths: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let field = |path: &String| Field { path: path.clone(), was: was.get(path).cloned(), is: is.get(path).cloned() };
    paths.into_iter().map(field).collect()
}

/// A list is a leaf, and so is what is empty.
fn leaves(value: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    collect("", value, &mut found);
    found
}

fn collect(path: &str, value: &Value, found: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                collect(&inner, value, found);
            }
        }
        Value::Null => {}
        leaf => drop(found.insert(path.to_owned(), leaf.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(rounds: u32, gold: u64, seconds: f64) -> RunRecord {
        serde_json::from_value(json!({
            "run": { "workflow_id": "w", "run_id": "r", "started": "2026-11-25T02:00:00.000Z" },
            "inputs": {}, "input": { "mode": "score" }, "code_version": "abc", "settings": { "model": { "rounds": rounds } },
            "result": {
                "run_id": "r", "workflow_id": "w", "state": "failed", "outcome": null, "mode": "score", "as_of": null,
                "dataset": null, "model": null, "verdict": null, "tiers": {}, "drift": null,
                "stages": [{ "name": "gold", "seconds": seconds, "rows": gold, "skipped": false, "reason": null, "outputs": {} }],
                "error": { "type": "x", "message": "y" },
            },
        }))
        .unwrap()
    }

    #[test]
    fn only_what_differs_is_shown_unless_everything_is_asked_for() {
        let (before, after) = (record(600, 400, 1.0), record(50, 400, 2.04));
        let only = compared(&before, &after, Shown::Differences).unwrap();
        let paths: Vec<_> = only
            .iter()
            .flat_map(|(part, fields)| fields.iter().map(move |field| format!("{part}: {}", field.path)))
            .collect();
        assert_eq!(paths, ["seconds: gold", "settings: model.rounds"]);
        assert_eq!(differences(&only), 1, "the seconds are shown and not counted");
        let all = compared(&before, &after, Shown::Everything).unwrap();
        let rows = all.iter().find(|(part, _)| *part == "rows").unwrap();
        assert_eq!(rows.1, [Field { path: "gold".to_owned(), was: Some(json!(400)), is: Some(json!(400)) }]);
        assert_eq!(differences(&all), 1);
        assert!(compared(&before, &before, Shown::Differences).unwrap().is_empty());
    }

    #[test]
    fn tiers_stand_from_the_highest_risk_to_the_lowest() {
        let mut record = record(1, 1, 1.0);
        record.result["tiers"] =
            RiskTier::ALL.into_iter().map(|tier| (tier.as_str().to_owned(), json!(1))).collect::<Map<_, _>>().into();
        let all = compared(&record, &record, Shown::Everything).unwrap();
        let (_, fields) = all.iter().find(|(part, _)| *part == TIERS).unwrap();
        let order: Vec<_> = fields.iter().map(|field| field.path.as_str()).collect();
        assert_eq!(order, ["Critical (>80%)", "High (60-80%)", "Medium (40-60%)", "Low (<40%)"]);
    }

    #[test]
    fn every_part_of_the_command_has_its_place_here() {
        let record = record(1, 1, 1.0);
        for part in run_parts(&record).unwrap().into_keys() {
            assert!(PARTS.contains(&part), "{part}");
        }
    }
}
