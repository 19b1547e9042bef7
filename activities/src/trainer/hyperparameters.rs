//! Hyperparameters: the training settings as SageMaker carries them, flat and as text.
//!
//! SageMaker takes at most 100 keys and 256 characters per value. So every leaf of the settings has a key
//! of its own, its dotted path (`xgboost.rounds`), and its value is the leaf's JSON (`600`, `"fold-1"`).
//! A leaf can then be tuned by SageMaker, too.

use std::collections::BTreeMap;

use churn::model::TrainSettings;
use serde::Deserialize;
use serde_json::Value;

/// The key that names the experiment; its value is plain text.
pub const EXPERIMENT: &str = "experiment";
/// How the keys begin that SageMaker adds by itself, for example `_tuning_objective_metric`.
const ADDED_BY_SAGEMAKER: [&str; 2] = ["_", "sagemaker_"];

/// The hyperparameters of a training.
pub fn flatten(experiment: &str, settings: &TrainSettings) -> BTreeMap<String, String> {
    let mut flat: BTreeMap<String, String> =
        leaves(settings).into_iter().map(|(key, leaf)| (key, leaf.to_string())).collect();
    flat.insert(EXPERIMENT.to_owned(), experiment.to_owned());
    flat
}

/// Reads `hyperparameters.json`: the experiment, and the settings; a setting without a key has its default.
///
/// One message names every key that is unknown or has an unusable value.
pub fn parse(json: &[u8]) -> churn::Result<(String, TrainSettings)> {
    let mut values: BTreeMap<String, String> = serde_json::from_slice(json).map_err(|e| unusable(&[e.to_string()]))?;
    values.retain(|key, _| !ADDED_BY_SAGEMAKER.iter().any(|prefix| key.starts_with(prefix)));

    let mut problems = Vec::new();
    let experiment = values.remove(EXPERIMENT).map(plain);
    if experiment.is_none() {
        problems.push(format!("`{EXPERIMENT}` is missing"));
    }
    let mut settings = TrainSettings::default();
    for (key, text) in values {
        match with(&settings, &key, &text) {
            Ok(changed) => settings = changed,
            Err(problem) => problems.push(format!("`{key}`: {problem}")),
        }
    }
    match experiment {
        Some(experiment) if problems.is_empty() => Ok((experiment, settings)),
        _ => Err(unusable(&problems)),
    }
}

/// The settings with another value for one key.
fn with(settings: &TrainSettings, key: &str, text: &str) -> Result<TrainSettings, String> {
    let known = leaves(settings);
    let Some(leaf) = known.get(key) else {
        return Err("no such setting".to_owned());
    };
    let mut changed = tree(settings);
    let pointer = format!("/{}", key.replace('.', "/"));
    *changed.pointer_mut(&pointer).expect("a leaf is at its own path") = read(text, leaf);
    TrainSettings::deserialize(changed).map_err(|e| e.to_string())
}

/// A value as JSON. What is no JSON is a text, and so is what looks like a number where a text is wanted.
fn read(text: &str, leaf: &Value) -> Value {
    match serde_json::from_str(text) {
        Ok(value) if !leaf.is_string() || matches!(value, Value::String(_)) => value,
        _ => Value::String(text.to_owned()),
    }
}

/// Plain text, or the text of a JSON string.
fn plain(text: String) -> String {
    serde_json::from_str(&text).unwrap_or(text)
}

/// Every setting by its dotted path.
fn leaves(settings: &TrainSettings) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    collect(String::new(), tree(settings), &mut found);
    found
}

fn collect(path: String, value: Value, found: &mut BTreeMap<String, Value>) {
    let Value::Object(fields) = value else {
        found.insert(path, value);
        return;
    };
    for (name, value) in fields {
        let path = if path.is_empty() { name } else { format!("{path}.{name}") };
        collect(path, value, found);
    }
}

fn tree(settings: &TrainSettings) -> Value {
    serde_json::to_value(settings).expect("plain structs of strings and numbers always serialise")
}

fn unusable(problems: &[String]) -> churn::Error {
    churn::Error::settings("hyperparameters.json", problems.join("; "))
}

#[cfg(test)]
mod tests {
    use churn::model::ModelSettings;

    use super::*;

    fn shipped() -> TrainSettings {
        ModelSettings::parse(include_str!("../../../configs/model.yaml")).unwrap().train
    }

    fn parse_pairs(pairs: &[(&str, &str)]) -> churn::Result<(String, TrainSettings)> {
        parse(&serde_json::to_vec(&pairs.iter().copied().collect::<BTreeMap<_, _>>()).unwrap())
    }

    fn problem(pairs: &[(&str, &str)]) -> String {
        parse_pairs(pairs).unwrap_err().to_string()
    }

    #[test]
    fn the_shipped_settings_come_back() {
        let flat = flatten("E5_full", &shipped());
        assert_eq!((flat["xgboost.rounds"].as_str(), flat["split.fold_salt"].as_str()), ("600", "\"fold-1\""));
        assert_eq!(parse(&serde_json::to_vec(&flat).unwrap()).unwrap(), ("E5_full".to_owned(), shipped()));
    }

    #[test]
    fn every_setting_comes_back_to_the_bit_whatever_its_value() {
        let mut settings = TrainSettings { threads: 3, ..TrainSettings::default() };
        settings.split.holdout_salt = "17".to_owned();
        settings.split.fold_salt = "a \"quoted\" salt, ñ".to_owned();
        settings.learner.xgboost.eta = 0.1 + 0.2;
        settings.bootstrap.seed = u64::MAX;
        let flat = flatten("\"E\" 5", &settings);
        assert_eq!(parse(&serde_json::to_vec(&flat).unwrap()).unwrap(), ("\"E\" 5".to_owned(), settings));
    }

    #[test]
    fn sagemaker_can_carry_them() {
        let flat = flatten("E5_full", &shipped());
        assert!(flat.len() <= 100, "{} keys", flat.len());
        for (key, value) in flat {
            assert!(key.chars().count() <= 256 && value.chars().count() <= 256, "{key} is too long");
        }
    }

    #[test]
    fn what_sagemaker_adds_is_left_alone_and_a_setting_without_a_key_has_its_default() {
        let added = [("_tuning_objective_metric", "train:oof_pr_auc"), ("sagemaker_region", "eu-south-2")];
        let (experiment, settings) = parse_pairs(&[added[0], added[1], ("experiment", "E5_full")]).unwrap();
        assert_eq!((experiment, settings), ("E5_full".to_owned(), TrainSettings::default()));
    }

    #[test]
    fn a_text_may_come_without_quotes_and_look_like_a_number() {
        let pairs = [("experiment", "\"E5_full\""), ("split.holdout_salt", "2024"), ("split.fold_salt", "f")];
        let (experiment, settings) = parse_pairs(&pairs).unwrap();
        assert_eq!((experiment, settings.split.holdout_salt, settings.split.fold_salt), owned("E5_full", "2024", "f"));
    }

    fn owned(a: &str, b: &str, c: &str) -> (String, String, String) {
        (a.to_owned(), b.to_owned(), c.to_owned())
    }

    #[test]
    fn every_unknown_key_and_unusable_value_is_named_at_once() {
        let problem = problem(&[
            ("experiment", "E5_full"),
            ("xgboost", "{}"),
            ("xgboost.round", "5"),
            ("xgboost/eta", "0.1"),
            ("xgboost.rounds", "many"),
            ("xgboost.eta", "0.1"),
        ]);
        for key in ["`xgboost`: no", "`xgboost.round`: no", "`xgboost/eta`: no", "`xgboost.rounds`: invalid type"] {
            assert!(problem.contains(key), "{problem}");
        }
        assert!(!problem.contains("`xgboost.eta`"), "{problem}");
    }

    #[test]
    fn without_an_experiment_there_is_nothing_to_train() {
        assert!(problem(&[("xgboost.rounds", "5")]).contains("`experiment` is missing"));
    }

    #[test]
    fn a_value_that_is_no_text_is_refused() {
        assert!(parse(br#"{"experiment": "E5_full", "xgboost.rounds": 600}"#).is_err());
    }
}
