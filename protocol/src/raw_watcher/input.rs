//! What starts a look at the raw files. Everything has a default: a schedule may start it without any input.

use serde::{Deserialize, Serialize};
use temporalio_common::data_converters::RawValue;

use crate::Key;
use crate::pipeline::{Mode, RAW_FOLDER};
use crate::silence::{USUAL_PATIENCE_SECS, is_usual};
use crate::workflow_input;

/// The input of workflow `RawWatcher`; nothing of it is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WatcherInput {
    /// The folder that deliveries arrive in: itself, and each folder below it; `raw` when absent.
    pub raw_prefix: String,
    /// What a run does with a delivery; `score` when absent.
    pub mode: Mode,
    /// How long nothing may have changed before a delivery counts as finished; 120 when absent.
    pub settle_secs: u64,
    /// How long a delivery may be incomplete before people hear of it; 21600 when absent.
    pub overdue_secs: u64,
    /// How long `Freshness` may come to no end, or a delivery may not be readable, before people hear of it; 3600 when
    /// absent.
    #[serde(skip_serializing_if = "is_usual")]
    pub silent_secs: u64,
}

impl Default for WatcherInput {
    fn default() -> Self {
        Self {
            raw_prefix: RAW_FOLDER.to_owned(),
            mode: Mode::Score,
            settle_secs: 120,
            overdue_secs: 6 * 3600,
            silent_secs: USUAL_PATIENCE_SECS,
        }
    }
}

/// What a bad input should have been.
const EXAMPLE: &str = r#"give none, or for example --input '{"settle_secs":120}'; fields: raw_prefix, mode (train or score), settle_secs, overdue_secs, silent_secs"#;

impl WatcherInput {
    /// Reads the workflow's raw input; the message says what is wrong and what would be right.
    pub fn parse(raw: &RawValue) -> Result<Self, String> {
        workflow_input::parse_or_default(raw, EXAMPLE, Self::checked)
    }

    /// The same input, or what is wrong with it.
    pub fn checked(self) -> Result<Self, String> {
        match Key::of_folder(&self.raw_prefix) {
            Ok(_) => Ok(self),
            Err(problem) => Err(format!("raw_prefix: {problem}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use temporalio_common::protos::temporal::api::common::v1::Payload;

    use super::*;

    #[test]
    fn nothing_is_needed_and_a_misspelt_field_is_told() {
        let parse =
            |json: &str| WatcherInput::parse(&RawValue::new(vec![Payload { data: json.into(), ..Payload::default() }]));
        assert_eq!(WatcherInput::parse(&RawValue::new(vec![])), Ok(WatcherInput::default()));
        assert_eq!(parse("null"), Ok(WatcherInput::default()));
        assert_eq!(parse(r#"{"settle_secs":1}"#).unwrap().settle_secs, 1);
        // A worker of before refuses what it does not know.
        let usual = serde_json::to_value(WatcherInput::default()).unwrap();
        assert_eq!(usual.get("silent_secs"), None, "{usual}");
        for bad in [r#"{"settle":1}"#, r#"{"raw_prefix":"../x"}"#, r#"{"mode":"retrain"}"#] {
            let message = parse(bad).unwrap_err();
            assert!(message.contains("fields: raw_prefix"), "{bad}: {message}");
        }
    }
}
