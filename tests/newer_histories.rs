//! A history that a newer worker wrote replays: fields that this version does not know are passed over,
//! so that no run sticks in a rolling upgrade. Only the input of a run is strict, since people type it.

use serde_json::{Value, json};

use support::history::{change_payloads, replay, stored};

/// Objects by name, whatever the names: another entry would be another table, not another field.
const MAPS: [&str; 3] = ["outputs", "tables", "tiers"];

/// The inputs of runs that are to be started: a field that this version does not know would make another run of it.
const STRICT: [&str; 1] = ["input"];

/// An enum's variants: the object around one has no fields.
const VARIANTS: [&str; 5] = ["aggregate", "evaluated", "listed", "not_evaluated", "unchanged"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_fields_are_passed_over() {
    for file in stored() {
        let name = file.display().to_string();
        let history = std::fs::read(&file).expect("a history can be read");
        let mut changed = 0;
        let newer = change_payloads(&history, "ActivityTaskCompletedEventAttributes", |answer| {
            add_fields(answer);
            changed += 1;
        });
        assert!(changed > 0 || name.ends_with("failed.json"), "{name}: nothing was changed");
        replay(&name, &newer).await;
    }
}

fn add_fields(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(add_fields),
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut().filter(|(name, _)| !STRICT.contains(&name.as_str())) {
                match field.as_object_mut() {
                    Some(entries) if MAPS.contains(&name.as_str()) => entries.values_mut().for_each(add_fields),
                    _ => add_fields(field),
                }
            }
            if fields.keys().any(|name| VARIANTS.contains(&name.as_str())) {
                return;
            }
            fields.insert("of_a_newer_version".to_owned(), json!({ "unknown": [1, "two"] }));
        }
        _ => {}
    }
}
