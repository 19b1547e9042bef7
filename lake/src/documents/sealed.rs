//! JSON objects that carry the digest of all their other fields, so that a damaged one is noticed.

use protocol::Digest;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::to_json;

/// The field.
const SEAL: &str = "seal";

/// The value as indented JSON with its seal, which comes last.
pub fn seal(value: &impl Serialize) -> Vec<u8> {
    let mut object = serde_json::to_value(value).expect("plain structs of strings and numbers always serialise");
    let digest = Digest::of_json(&object);
    if let Some(fields) = object.as_object_mut() {
        fields.insert(SEAL.to_owned(), digest.to_string().into());
    }
    to_json(&object)
}

/// Reads a value back; the error says what is wrong. What was written before there were seals has none.
pub fn open<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let mut object: Value = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    let seal = object.as_object_mut().and_then(|fields| fields.shift_remove(SEAL));
    if let Some(seal) = seal
        && seal.as_str() != Some(Digest::of_json(&object).as_str())
    {
        return Err("its content does not have the digest in its field `seal`".to_owned());
    }
    serde_json::from_value(object).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_flipped_bit_is_noticed_or_changes_nothing() {
        let value = json!({ "a": 0.1, "spec": { "b": [1, 2.5e-7, "x"], "c": null }, "n": -3 });
        let sealed = seal(&value);
        assert_eq!(open::<Value>(&sealed), Ok(value.clone()));
        let mut noticed = 0;
        for place in 0..sealed.len() * 8 {
            let mut damaged = sealed.clone();
            damaged[place / 8] ^= 1 << (place % 8);
            match open::<Value>(&damaged) {
                Err(_) => noticed += 1,
                // White space, or the name of the seal itself: then the fields are as they were.
                Ok(mut read) => {
                    let fields = read.as_object_mut().unwrap();
                    fields.retain(|name, _| value.get(name).is_some());
                    assert_eq!(read, value, "bit {place}");
                }
            }
        }
        assert!(noticed > sealed.len() * 4, "{noticed}");
    }

    #[test]
    fn what_has_no_seal_is_read_and_a_wrong_seal_is_not() {
        assert_eq!(open::<Value>(b"{\"a\":1}"), Ok(json!({ "a": 1 })));
        assert!(open::<Value>(b"{\"a\":1,\"seal\":null}").unwrap_err().contains("seal"));
        assert!(open::<Value>(b"{").is_err());
    }
}
