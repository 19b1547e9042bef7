//! What is promised: scores of the day, by a time of the day.

use chrono::{NaiveTime, Timelike};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use temporalio_common::data_converters::RawValue;

use crate::silence::{USUAL_PATIENCE_SECS, is_usual};
use crate::workflow_input;

/// The input of workflow `Freshness`; nothing of it is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FreshnessInput {
    /// The time of the day by which the scores are promised, `HH:MM`; `07:00` when absent.
    pub by: String,
    /// The zone of that time; `Europe/Madrid` when absent.
    pub time_zone: String,
    /// How many days the date that the scores are for may lie behind today; any number when absent.
    pub max_data_age_days: Option<u32>,
    /// How long `RawWatcher` may come to no end before people hear of it; 3600 when absent. Where it never looked, nobody
    /// waits for it.
    #[serde(skip_serializing_if = "is_usual")]
    pub silent_secs: u64,
}

impl Default for FreshnessInput {
    fn default() -> Self {
        Self {
            by: "07:00".to_owned(),
            time_zone: "Europe/Madrid".to_owned(),
            max_data_age_days: None,
            silent_secs: USUAL_PATIENCE_SECS,
        }
    }
}

/// A promise that can be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// The time of the day.
    pub by: NaiveTime,
    /// Its zone.
    pub zone: Tz,
    /// How many days the scores' date may lie behind today.
    pub max_data_age_days: Option<u32>,
}

/// What a bad input should have been.
const EXAMPLE: &str = r#"give none, or for example --input '{"by":"07:00"}'; fields: by (HH:MM), time_zone (Europe/Madrid), max_data_age_days, silent_secs"#;

impl FreshnessInput {
    /// Reads the workflow's raw input; the message says what is wrong and what would be right.
    pub fn parse(raw: &RawValue) -> Result<Self, String> {
        workflow_input::parse_or_default(raw, EXAMPLE, |input: Self| input.promise().map(|_| input))
    }

    /// The promise, or what is wrong with it.
    pub fn promise(&self) -> Result<Promise, String> {
        let by = NaiveTime::parse_from_str(&self.by, "%H:%M").ok().filter(|time| time.second() == 0);
        let by = by.ok_or_else(|| format!("by must be a time like 07:00, not `{}`", self.by))?;
        let zone = self.time_zone.parse::<Tz>();
        let zone =
            zone.map_err(|_| format!("time_zone must be a name like Europe/Madrid, not `{}`", self.time_zone))?;
        Ok(Promise { by, zone, max_data_age_days: self.max_data_age_days })
    }
}

#[cfg(test)]
mod tests {
    use temporalio_common::protos::temporal::api::common::v1::Payload;

    use super::*;

    #[test]
    fn nothing_is_needed_and_what_is_no_time_is_told() {
        let parse = |json: &str| {
            FreshnessInput::parse(&RawValue::new(vec![Payload { data: json.into(), ..Payload::default() }]))
        };
        let usual = FreshnessInput::parse(&RawValue::new(vec![])).unwrap().promise().unwrap();
        assert_eq!((usual.by.hour(), usual.zone), (7, Tz::Europe__Madrid));
        for bad in [r#"{"by":"7 o'clock"}"#, r#"{"time_zone":"Madrid"}"#, r#"{"until":"07:00"}"#] {
            let message = parse(bad).unwrap_err();
            assert!(message.contains("fields: by (HH:MM)"), "{bad}: {message}");
        }
    }
}
