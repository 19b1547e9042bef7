//! What differs between two JSON values, leaf by leaf: settings, inputs, whatever is recorded of a run.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// Longer values are shown in part.
const SHOWN: usize = 60;

/// A leaf that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JsonChange {
    /// The names from the top to the leaf, joined by `.`.
    pub path: String,
    /// What it was, if it was there.
    pub was: Option<Value>,
    /// What it is, if it is there.
    pub is: Option<Value>,
}

/// Every leaf that differs, in the order of the paths. A list is a leaf: of its entries the place says nothing.
pub fn json_changes(was: &Value, is: &Value) -> Vec<JsonChange> {
    let mut changes = Vec::new();
    compare("", Some(was), Some(is), &mut changes);
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    changes
}

fn compare(path: &str, was: Option<&Value>, is: Option<&Value>, changes: &mut Vec<JsonChange>) {
    if was == is {
        return;
    }
    let (Some(Value::Object(before)), Some(Value::Object(after))) = (was, is) else {
        changes.push(JsonChange { path: path.to_owned(), was: was.cloned(), is: is.cloned() });
        return;
    };
    let new = after.keys().filter(|name| !before.contains_key(*name));
    for name in before.keys().chain(new) {
        let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        compare(&inner, before.get(name), after.get(name), changes);
    }
}

impl fmt::Display for JsonChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match (&self.was, &self.is) {
            (Some(was), Some(is)) => write!(f, "{path} {}, was {}", shown(is), shown(was)),
            (None, Some(is)) => write!(f, "{path} {}, was not there", shown(is)),
            (Some(was), None) => write!(f, "{path} is not there, was {}", shown(was)),
            (None, None) => write!(f, "{path}"),
        }
    }
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.chars().count() <= SHOWN { text } else { text.chars().take(SHOWN).collect::<String>() + "..." }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changes(was: &Value, is: &Value) -> Vec<String> {
        json_changes(was, is).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_leaf_that_differs_is_named_by_its_path() {
        let was = json!({ "xgboost": { "rounds": 600, "eta": 0.1 }, "seed": 1, "list": [1, 2], "gone": "x" });
        let is = json!({ "xgboost": { "rounds": 50, "eta": 0.1 }, "seed": 1, "list": [2], "new": { "a": null } });
        let expected = [
            "gone is not there, was x",
            "list [2], was [1,2]",
            "new {\"a\":null}, was not there",
            "xgboost.rounds 50, was 600",
        ];
        assert_eq!(changes(&was, &is), expected);
        assert!(changes(&was, &was).is_empty());
    }

    #[test]
    fn long_values_are_shown_in_part() {
        let long: Vec<_> = (0..100).collect();
        let shown = &changes(&json!({ "a": 1 }), &json!({ "a": long }))[0];
        assert!(shown.len() < 100 && shown.ends_with("..., was 1"), "{shown}");
    }
}
