//! Which dates a backtest looks from.

use churn::SnapshotDate;
use churn::label::{LabelDates, month_ends_before};
use serde::{Deserialize, Serialize};
use temporalio_common::data_converters::RawValue;

use crate::Key;
use crate::pipeline::RAW_FOLDER;

/// More dates are no backtest that anybody waits for, and more than a result has room for.
const MOST_DATES: usize = 37;
/// Half a year.
const USUAL_MONTHS: u32 = 6;

/// The input of workflow `Backtest`; all of it may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BacktestInput {
    /// The dates to look from, none after the label's date.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub as_of: Vec<SnapshotDate>,
    /// In place of dates: the label's date and the ends of so many months before it; 6 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
    /// The experiment to fit; the configuration's champion experiment when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<String>,
    /// The folder of the raw files in the lake, or `latest`; `raw` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_prefix: Option<String>,
    /// Whether unchanged stages run all the same.
    #[serde(default)]
    pub force: bool,
}

/// What a bad input should have been.
const EXAMPLE: &str = r#"give for example --input '{"months":6}'; fields: as_of (a list of YYYY-MM-DD) or months (0 to 36), experiment, raw_prefix, force"#;

impl BacktestInput {
    /// Reads the workflow's raw input, which may be left out; the message says what is wrong and what would be right.
    pub fn parse(raw: &RawValue) -> Result<Self, String> {
        let unusable = |problem: String| format!("the workflow's input is unusable: {problem}; {EXAMPLE}");
        let input: Option<Self> = match raw.payloads.as_slice() {
            [] => None,
            [payload] if payload.data.is_empty() => None,
            [payload] => serde_json::from_slice(&payload.data).map_err(|error| unusable(error.to_string()))?,
            several => return Err(unusable(format!("it takes one input and got {}", several.len()))),
        };
        input.unwrap_or_default().checked().map_err(unusable)
    }

    /// The same input, or what is wrong with it.
    pub fn checked(self) -> Result<Self, String> {
        if self.months.is_some() && !self.as_of.is_empty() {
            return Err("give either as_of or months".to_owned());
        }
        if self.as_of.len() > MOST_DATES || self.months.is_some_and(|months| months as usize >= MOST_DATES) {
            return Err(format!("at most {MOST_DATES} dates are looked from"));
        }
        if let Some(prefix) = &self.raw_prefix {
            Key::of_folder(prefix).map_err(|error| format!("raw_prefix: {error}; give a folder of the lake"))?;
        }
        Ok(self)
    }

    /// The folder of the raw files, or `latest`.
    pub fn raw_prefix(&self) -> &str {
        self.raw_prefix.as_deref().unwrap_or(RAW_FOLDER)
    }

    /// The dates to look from, the latest first; the message says which of them the labels do not allow.
    pub fn dates(&self, label: &LabelDates) -> Result<Vec<SnapshotDate>, String> {
        if self.as_of.is_empty() {
            return Ok(month_ends_before(label.date, self.months.unwrap_or(USUAL_MONTHS)));
        }
        let mut dates = self.as_of.clone();
        dates.sort();
        dates.dedup();
        dates.reverse();
        match dates.first().filter(|latest| **latest > label.date) {
            None => Ok(dates),
            Some(latest) => Err(format!(
                "as_of {latest} lies after the date of the labels, {label}: at that date it is known in part what they \
                 tell; give dates up to that one, or labels of a later date"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use churn::label::LabelSettings;
    use temporalio_common::protos::temporal::api::common::v1::Payload;

    use super::*;

    fn parse(json: &str) -> Result<BacktestInput, String> {
        BacktestInput::parse(&RawValue::new(vec![Payload { data: json.into(), ..Payload::default() }]))
    }

    fn day(text: &str) -> SnapshotDate {
        SnapshotDate::parse(text).unwrap()
    }

    #[test]
    fn without_a_word_it_looks_from_the_labels_date_and_half_a_year_before() {
        let label = LabelDates::of(Some(day("2024-12-31")), &LabelSettings::default(), day("2025-06-30"));
        let input = BacktestInput::parse(&RawValue::new(vec![])).unwrap();
        assert_eq!(parse("null"), Ok(input.clone()));
        let dates = input.dates(&label).unwrap();
        assert_eq!((dates.len(), dates[0], dates[6]), (7, day("2024-12-31"), day("2024-06-30")));
        let named = parse(r#"{"as_of":["2024-06-30","2024-12-31","2024-06-30"]}"#).unwrap();
        assert_eq!(named.dates(&label).unwrap(), [day("2024-12-31"), day("2024-06-30")]);
        let after = parse(r#"{"as_of":["2025-01-01"]}"#).unwrap().dates(&label).unwrap_err();
        assert!(after.contains("2025-01-01") && after.contains("2024-12-31 (by the column"), "{after}");
    }

    #[test]
    fn a_bad_input_says_what_would_be_right() {
        for bad in [
            r#"{"as_of":"2024-12-31"}"#,
            r#"{"as_of":["31.12.2024"]}"#,
            r#"{"months":37}"#,
            r#"{"months":3,"as_of":["2024-12-31"]}"#,
            r#"{"raw_prefix":"../elsewhere"}"#,
            r#"{"asof":[]}"#,
        ] {
            let message = parse(bad).unwrap_err();
            assert!(message.contains("fields: as_of"), "{bad}: {message}");
        }
        assert!(parse(r#"{"months":36}"#).is_ok());
    }
}
