//! `spanishgas models diff A B`: what differs between two versions, part by part.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::ExitCode;

use lake::{JsonChange, json_changes};
use protocol::ModelVersion;
use serde::Serialize;
use serde_json::Value;

use super::facts::Facts;
use crate::environment::EnvironmentOptions;
use crate::scratch::Scratch;

/// As `diff` says it: they are not the same.
const DIFFERENT: u8 = 2;
/// So many changes of importance are shown; `--json` has all.
const SHOWN_IMPORTANCE: usize = 10;
/// The part whose changes are many and small.
const IMPORTANCE: &str = "importance";

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: spanishgas models diff 0123456789abcdef fedcba9876543210\n\
    Exit code: 0 nothing differs, 2 something does, 1 an error")]
pub struct Diff {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// The version to compare with, as `models list` shows it.
    #[arg(value_name = "A")]
    pub before: String,
    /// The version to compare.
    #[arg(value_name = "B")]
    pub after: String,
    /// Print the differences as one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// What `models diff --json` prints.
#[derive(Debug, Serialize)]
struct ModelDiff {
    before: ModelVersion,
    after: ModelVersion,
    /// Whether anything differs.
    different: bool,
    /// What differs, by part.
    parts: BTreeMap<&'static str, Vec<JsonChange>>,
    /// What could not be compared.
    notes: Vec<String>,
}

pub async fn run(diff: &Diff) -> anyhow::Result<ExitCode> {
    let scratch = Scratch::new(None)?;
    let lake = diff.places.open_lake(scratch.path()).await?;
    let registry = diff.places.open_registry(scratch.path()).await?;
    let before = Facts::of(&lake, &registry, &diff.before).await?;
    let after = Facts::of(&lake, &registry, &diff.after).await?;
    let parts = differences(&before, &after);
    let notes = before.notes.into_iter().chain(after.notes).collect::<Vec<_>>();
    let found = ModelDiff {
        before: diff.before.as_str().into(),
        after: diff.after.as_str().into(),
        different: !parts.is_empty(),
        parts,
        notes,
    };
    if diff.json {
        println!("{}", serde_json::to_string_pretty(&found)?);
    } else {
        print!("{}", text(&found));
    }
    Ok(if found.different { ExitCode::from(DIFFERENT) } else { ExitCode::SUCCESS })
}

fn differences(before: &Facts, after: &Facts) -> BTreeMap<&'static str, Vec<JsonChange>> {
    let names = before.parts.keys().chain(after.parts.keys());
    let nothing = Value::Null;
    let changes = names.map(|name| {
        let of = |facts: &Facts| facts.parts.get(name).unwrap_or(&nothing).clone();
        (*name, json_changes(&of(before), &of(after)))
    });
    changes.filter(|(_, changes)| !changes.is_empty()).collect()
}

fn text(diff: &ModelDiff) -> String {
    let mut text = String::new();
    let same = if diff.different { "DIFFERENT:" } else { "THE SAME:" };
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{same} model {} compared with {}", diff.after, diff.before);
    for (part, changes) in &diff.parts {
        let shown = if *part == IMPORTANCE { largest(changes) } else { changes.iter().collect() };
        let _ = writeln!(text, "\n{part}");
        for change in &shown {
            let _ = writeln!(text, "  {change}");
        }
        if shown.len() < changes.len() {
            let _ = writeln!(text, "  and {} smaller changes (--json shows all)", changes.len() - shown.len());
        }
    }
    for note in &diff.notes {
        let _ = writeln!(text, "\nnote  {note}");
    }
    text
}

/// The largest changes, the largest first.
fn largest(changes: &[JsonChange]) -> Vec<&JsonChange> {
    let mut sorted: Vec<_> = changes.iter().collect();
    sorted.sort_by(|a, b| size_of(b).total_cmp(&size_of(a)));
    sorted.truncate(SHOWN_IMPORTANCE);
    sorted
}

fn size_of(change: &JsonChange) -> f64 {
    let number = |value: &Option<Value>| value.as_ref().and_then(Value::as_f64).unwrap_or_default();
    (number(&change.is) - number(&change.was)).abs()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn facts(rounds: u32, importance: &Value) -> Facts {
        let parts = BTreeMap::from([
            ("settings", json!({ "training": { "xgboost": { "rounds": rounds } } })),
            (IMPORTANCE, importance.clone()),
        ]);
        Facts { parts, notes: Vec::new() }
    }

    #[test]
    fn what_differs_is_named_and_of_importance_the_largest_first() {
        let many: serde_json::Map<_, _> = (0..20).map(|place| (format!("feature_{place:02}"), json!(0.5))).collect();
        let mut other = many.clone();
        for (place, value) in other.values_mut().enumerate() {
            *value = json!(0.5 + 0.01 * place as f64);
        }
        let (before, after) = (facts(600, &many.into()), facts(50, &other.into()));
        let parts = differences(&before, &after);
        assert_eq!(parts["settings"][0].to_string(), "training.xgboost.rounds 50, was 600");
        assert_eq!(parts[IMPORTANCE].len(), 19);
        let diff =
            ModelDiff { before: "a".into(), after: "b".into(), different: true, parts, notes: vec!["gone".to_owned()] };
        let shown = text(&diff);
        assert!(shown.starts_with("DIFFERENT: model b compared with a"), "{shown}");
        let lines: Vec<_> = shown.lines().filter(|line| line.contains("feature_")).collect();
        assert!(lines.len() == 10 && lines[0].contains("feature_19"), "{shown}");
        assert!(shown.contains("and 9 smaller changes") && shown.contains("note  gone"), "{shown}");
        assert!(differences(&before, &before).is_empty());
    }
}
