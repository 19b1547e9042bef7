//! What is tried on the ladder.

use churn::SnapshotDate;
use churn::model::{Algorithm, TrialName};
use serde::{Deserialize, Serialize};
use temporalio_common::data_converters::RawValue;

use crate::Key;
use crate::pipeline::RAW_FOLDER;

/// More points of the grid are more than a result has room for.
const MOST_POINTS: u32 = 200;

/// The input of workflow `ExperimentLadder`; all of it may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LadderInput {
    /// The experiments to try; all of the configuration when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub experiments: Vec<String>,
    /// The algorithms to try them with; all when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub algorithms: Vec<Algorithm>,
    /// The date to look from, which must fit the labels; their own date when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<SnapshotDate>,
    /// The folder of the raw files in the lake, or `latest`; `raw` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_prefix: Option<String>,
    /// How many points of the grid (`ladder.grid`) may be tried with the configuration's champion experiment; none when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid_budget: Option<u32>,
    /// Whether unchanged stages run all the same.
    #[serde(default)]
    pub force: bool,
}

/// What a bad input should have been.
const EXAMPLE: &str = r#"give for example --input '{"experiments":["E0_baseline","E5_full"]}'; fields: experiments, algorithms (dummy_most_frequent, dummy_stratified, logistic_regression, random_forest, xgboost), as_of (YYYY-MM-DD), raw_prefix, grid_budget (1 to 200), force"#;

impl LadderInput {
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
        if self.grid_budget.is_some_and(|budget| !(1..=MOST_POINTS).contains(&budget)) {
            return Err(format!("grid_budget must lie within 1 and {MOST_POINTS}"));
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
}

/// Asks what is to be tried: names are checked against the settings, and what is left out is filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanLadder {
    /// The experiments; all when empty.
    pub experiments: Vec<String>,
    /// The algorithms; all when empty.
    pub algorithms: Vec<Algorithm>,
    /// How many points of the grid may be tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid_budget: Option<u32>,
}

/// What is to be tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LadderPlan {
    /// In the order in which they are begun.
    pub trials: Vec<TrialName>,
}

#[cfg(test)]
mod tests {
    use temporalio_common::protos::temporal::api::common::v1::Payload;

    use super::*;

    fn parse(json: &str) -> Result<LadderInput, String> {
        LadderInput::parse(&RawValue::new(vec![Payload { data: json.into(), ..Payload::default() }]))
    }

    #[test]
    fn nothing_is_needed_and_the_grid_is_tried_only_within_a_budget() {
        assert_eq!(parse("null"), Ok(LadderInput::default()));
        assert_eq!(LadderInput::parse(&RawValue::new(vec![])).unwrap().grid_budget, None);
        let asked = parse(r#"{"algorithms":["xgboost"],"grid_budget":12}"#).unwrap();
        assert_eq!((asked.algorithms, asked.grid_budget), (vec![Algorithm::Xgboost], Some(12)));
        for bad in [
            r#"{"algorithms":["lightgbm"]}"#,
            r#"{"grid_budget":0}"#,
            r#"{"grid_budget":201}"#,
            r#"{"raw_prefix":"/etc"}"#,
            r#"{"experiment":"E5_full"}"#,
        ] {
            let message = parse(bad).unwrap_err();
            assert!(message.contains("fields: experiments"), "{bad}: {message}");
        }
    }
}
