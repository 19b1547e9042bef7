//! Objects that are JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::LakeError;

pub(crate) fn parse_json<T: DeserializeOwned>(key: &str, bytes: &[u8]) -> Result<T, LakeError> {
    serde_json::from_slice(bytes).map_err(|e| LakeError::Unreadable {
        key: key.to_owned(),
        expected: "JSON of its kind",
        problem: e.to_string(),
    })
}

/// Indented JSON with a final newline, as people and `diff` like it.
pub fn to_json(value: &impl Serialize) -> Vec<u8> {
    let mut bytes =
        serde_json::to_vec_pretty(value).expect("plain structs of strings and finite numbers always serialise");
    bytes.push(b'\n');
    bytes
}
