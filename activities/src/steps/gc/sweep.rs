//! What nothing reaches: from the roots to the stages, and from each to what it was made of.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use protocol::Digest;

use super::inventory::{Inventory, Unit};
use super::roots::Roots;

/// What came of it.
#[derive(Debug, Default)]
pub struct Swept<'a> {
    /// Nothing reaches these, and they are old.
    pub unreached: Vec<&'a Unit>,
    /// How many are reached.
    pub reached: usize,
    /// How many nothing reaches, and are younger than the limit, or of unknown age.
    pub young: usize,
    /// What makes the answer doubtful.
    pub doubts: Vec<String>,
}

/// Divides an inventory. What was written after `limit` stays.
pub fn sweep<'a>(inventory: &'a Inventory, roots: &Roots, limit: DateTime<Utc>) -> Swept<'a> {
    let (reached, doubts) = reach(inventory, roots);
    let mut swept = Swept { doubts, ..Swept::default() };
    for unit in &inventory.units {
        if reached.contains(unit.name.as_str()) {
            swept.reached += 1;
        } else if unit.written().is_some_and(|written| written < limit) {
            swept.unreached.push(unit);
        } else {
            swept.young += 1;
        }
    }
    swept
}

/// The names of all that is reached.
fn reach<'a>(inventory: &'a Inventory, roots: &Roots) -> (BTreeSet<&'a str>, Vec<String>) {
    let by_content = by_content(&inventory.units);
    let mut doubts = Vec::new();
    let mut to_look_at: Vec<&Unit> = Vec::new();
    for unit in &inventory.units {
        let is_named = roots.keys.range(unit.name.clone()..).next().is_some_and(|key| key.starts_with(&unit.name));
        let is_evaluation = unit.name.strip_prefix("evaluated/").and_then(|rest| rest.split('/').next());
        if is_named || is_evaluation.is_some_and(|version| roots.evaluated.contains(version)) {
            if is_named && unit.manifest.is_none() && unit.name.ends_with('/') {
                doubts.push(format!("{} is named, and has no manifest: what it was made of is not known", unit.name));
            }
            to_look_at.push(unit);
        }
    }
    let is_kept = |key: &str| roots.trained.iter().any(|version| key.starts_with(&lake::keys::model(version)));
    for training in &inventory.trainings {
        if training.outputs.values().any(|output| is_kept(&output.key)) {
            to_look_at.extend(made_of(&by_content, training.spec.inputs.values()));
        }
    }
    let mut reached = BTreeSet::new();
    while let Some(unit) = to_look_at.pop() {
        if reached.insert(unit.name.as_str())
            && let Some(manifest) = &unit.manifest
        {
            to_look_at.extend(made_of(&by_content, manifest.spec.inputs.values()));
        }
    }
    (reached, doubts)
}

/// Several stages may have given the same bytes.
type ByContent<'a> = BTreeMap<&'a Digest, Vec<&'a Unit>>;

fn by_content(units: &[Unit]) -> ByContent<'_> {
    let mut by_content = ByContent::new();
    for unit in units {
        for output in unit.manifest.iter().flat_map(|manifest| manifest.outputs.values()) {
            by_content.entry(&output.digest).or_default().push(unit);
        }
    }
    by_content
}

fn made_of<'a>(by_content: &ByContent<'a>, inputs: impl Iterator<Item = &'a Digest>) -> Vec<&'a Unit> {
    inputs.filter_map(|input| by_content.get(input)).flatten().copied().collect()
}

#[cfg(test)]
mod tests {
    use lake::keys::TopFolder;
    use lake::{ObjectMeta, StageManifest, StageSpec};
    use protocol::TableRef;
    use serde_json::json;

    use super::*;

    const DIGEST: &str = "0123456789ab";

    fn time(day: u32) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(&format!("2026-11-{day:02}T00:00:00Z")).unwrap().to_utc()
    }

    /// The stage `name`, made of the outputs of others.
    fn manifest(name: &str, folder: &str, made_of: &[&str]) -> StageManifest {
        let inputs = made_of.iter().map(|input| ((*input).to_owned(), Digest::of(input.as_bytes()))).collect();
        let output = TableRef { key: format!("{folder}{name}.parquet"), digest: Digest::of(name.as_bytes()), rows: 1 };
        let spec =
            StageSpec { layer: TopFolder::Gold, stage: name.to_owned(), code_version: 1, inputs, settings: json!({}) };
        StageManifest { spec, made_by: "w".into(), outputs: BTreeMap::from([(name.to_owned(), output)]), rows: 1 }
    }

    fn unit(name: &str, made_of: &[&str], day: u32) -> Unit {
        let folder = format!("gold/{name}/{DIGEST}/");
        let object = ObjectMeta {
            key: format!("{folder}{name}.parquet"),
            bytes: 10,
            modified: Some(time(day)),
            stamp: String::new(),
        };
        Unit { objects: vec![object], manifest: Some(manifest(name, &folder, made_of)), name: folder }
    }

    fn roots(keys: &[&str]) -> Roots {
        let key = |name: &&str| format!("gold/{name}/{DIGEST}/{name}.parquet");
        Roots { keys: keys.iter().map(key).collect(), ..Roots::default() }
    }

    fn unreached(inventory: &Inventory, roots: &Roots) -> Vec<String> {
        let swept = sweep(inventory, roots, time(20));
        assert_eq!(swept.doubts, Vec::<String>::new());
        swept.unreached.iter().map(|unit| unit.name.split('/').nth(1).unwrap().to_owned()).collect()
    }

    #[test]
    fn what_a_named_stage_was_made_of_stays_and_old_ones_that_nothing_reaches_go() {
        let units = vec![
            unit("bronze", &["raw"], 1),
            unit("silver", &["bronze"], 1),
            unit("gold", &["silver"], 1),
            unit("old_gold", &["silver"], 1),
            unit("young", &[], 21),
        ];
        let inventory = Inventory { units, ..Inventory::default() };
        assert_eq!(unreached(&inventory, &roots(&["gold"])), ["old_gold"]);
        assert_eq!(unreached(&inventory, &roots(&[])), ["bronze", "silver", "gold", "old_gold"]);
        let swept = sweep(&inventory, &roots(&["gold"]), time(20));
        assert_eq!((swept.reached, swept.young), (3, 1));
    }

    #[test]
    fn what_a_model_was_trained_on_and_measured_with_stays() {
        let mut evaluation = unit("evaluation", &[], 1);
        evaluation.name = format!("evaluated/model-1/{DIGEST}/");
        let trained = unit("gold", &[], 1);
        let mut training = manifest("model", "models/model-1/", &["gold"]);
        training.spec.layer = TopFolder::Models;
        let inventory =
            Inventory { units: vec![evaluation, trained], trainings: vec![training], ..Inventory::default() };
        let kept = |name: &str| BTreeSet::from([name.to_owned()]);
        let both = Roots { evaluated: kept("model-1"), trained: kept("model-1"), ..Roots::default() };
        assert!(unreached(&inventory, &both).is_empty());
        let other = Roots { evaluated: kept("model-10"), trained: kept("model-10"), ..Roots::default() };
        assert_eq!(unreached(&inventory, &other).len(), 2, "another model's name may begin alike");
    }

    #[test]
    fn a_named_folder_without_a_manifest_is_a_doubt_and_one_of_unknown_age_stays() {
        let mut lost = unit("gold", &[], 1);
        lost.manifest = None;
        let mut ageless = unit("ageless", &[], 1);
        ageless.objects[0].modified = None;
        let inventory = Inventory { units: vec![lost, ageless], ..Inventory::default() };
        let swept = sweep(&inventory, &roots(&["gold"]), time(20));
        assert_eq!((swept.doubts.len(), swept.unreached.len(), swept.young), (1, 0, 1));
        // Not named, it is what a killed run left half-made.
        assert_eq!(unreached(&inventory, &roots(&[])), ["gold"]);
    }
}
