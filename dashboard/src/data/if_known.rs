//! Documents whose forms grow with the versions of the pipeline.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};

/// A document that is JSON, and perhaps of a version that is not known here.
#[derive(Debug, Clone, PartialEq)]
pub struct IfKnown<T>(Option<T>);

impl<T> IfKnown<T> {
    /// What it says, where this version can read it.
    pub fn known(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for IfKnown<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        // A newer version adds to an object; what was one and is another kind of JSON is torn.
        let is_object = value.is_object();
        match serde_json::from_value(value) {
            Ok(known) => Ok(Self(Some(known))),
            Err(_) if is_object => Ok(Self(None)),
            Err(error) => Err(D::Error::custom(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_object_is_an_error_and_what_is_newer_is_not_known() {
        let read = |text: &str| serde_json::from_str::<IfKnown<u32>>(text).map(|found| found.known().copied());
        assert_eq!(read("7").unwrap(), Some(7));
        assert_eq!(read("{\"number\": 7}").unwrap(), None);
        for torn in ["{ torn", "", "[]", "null", "\"seven\""] {
            assert!(read(torn).is_err(), "{torn}");
        }
    }
}
