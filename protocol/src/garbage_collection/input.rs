//! What is to be collected: how old it must be, and whether it is deleted.

use serde::{Deserialize, Serialize};
use temporalio_common::data_converters::RawValue;

use crate::workflow_input;

/// A century: more is a slip.
const MOST_DAYS: u32 = 36_500;

/// The input of workflow `GarbageCollection`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GarbageCollectionInput {
    /// Only what was written more than so many days ago, and no run of these days reaches.
    pub older_than_days: u32,
    /// Whether it is deleted; it is only counted when absent.
    #[serde(default)]
    pub delete: bool,
}

/// What a bad input should have been.
const EXAMPLE: &str = r#"give for example --input '{"older_than_days":30}'; fields: older_than_days (1 to 36500), delete (true or false)"#;

impl GarbageCollectionInput {
    /// Reads the workflow's raw input; the message says what is wrong and what would be right.
    pub fn parse(raw: &RawValue) -> Result<Self, String> {
        workflow_input::parse(raw, EXAMPLE, Self::checked)
    }

    /// The same input, or what is wrong with it.
    pub fn checked(self) -> Result<Self, String> {
        if (1..=MOST_DAYS).contains(&self.older_than_days) {
            return Ok(self);
        }
        Err(format!("older_than_days must lie within 1 and {MOST_DAYS}, not {}", self.older_than_days))
    }
}

#[cfg(test)]
mod tests {
    use temporalio_common::protos::temporal::api::common::v1::Payload;

    use super::*;

    fn parse(json: &str) -> Result<GarbageCollectionInput, String> {
        GarbageCollectionInput::parse(&RawValue::new(vec![Payload { data: json.into(), ..Payload::default() }]))
    }

    #[test]
    fn nothing_is_deleted_unless_somebody_says_so_and_an_age_is_needed() {
        let dry = GarbageCollectionInput { older_than_days: 30, delete: false };
        assert_eq!(parse(r#"{"older_than_days":30}"#), Ok(dry));
        for bad in
            ["{}", r#"{"older_than_days":0}"#, r#"{"older_than_days":99999}"#, r#"{"older_than_days":3,"yes":true}"#]
        {
            let message = parse(bad).unwrap_err();
            assert!(message.contains("fields: older_than_days"), "{bad}: {message}");
        }
    }
}
