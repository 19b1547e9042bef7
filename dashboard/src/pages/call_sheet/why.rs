//! What moves a customer's risk: their rows of the contributions table.

use polars::prelude::DataFrame;
use serde::Deserialize;

use super::known::other_customers;
use crate::data::{DataError, cells};

/// So many are drawn one by one; the others together.
const SHOWN: usize = 8;

/// A feature and how it moves the risk.
#[derive(Debug, Clone, PartialEq)]
pub struct Mover {
    /// A column of gold.
    pub feature: String,
    /// Its value, unless it is a word.
    pub number: Option<f64>,
    /// Its value, if it is a word.
    pub text: Option<String>,
    /// In log-odds: above 0 it raises the risk.
    pub contribution: f64,
}

/// All that moves a customer's risk. `base` + every contribution + `rest` = `log_odds`.
#[derive(Debug, Clone, PartialEq)]
pub struct Why {
    /// Where every customer begins, in log-odds.
    pub base: f64,
    /// The strongest first.
    pub movers: Vec<Mover>,
    /// All features that are not named, together.
    pub rest: f64,
    /// What the model says, before calibration.
    pub log_odds: f64,
}

/// What is needed of `calibrator.json`.
#[derive(Debug, Clone, Deserialize)]
pub struct Calibration {
    /// From log-odds to a probability, under the name of its method.
    #[serde(flatten)]
    pub of_log_odds: churn::model::Calibration,
}

/// Where each customer's rows begin, in the order of the scores, and where the last ones end.
pub fn places(scores: &DataFrame, contributions: &DataFrame) -> Result<Vec<u32>, DataError> {
    let (customers, ids) = (cells::texts(scores, "customer_id")?, cells::texts(contributions, "customer_id")?);
    let mut begins = Vec::with_capacity(customers.len() + 1);
    let mut begin = 0;
    for same in ids.chunk_by(|a, b| a == b) {
        if customers.get(begins.len()) != same.first() {
            return Err(other_customers());
        }
        begins.push(begin);
        begin += same.len() as u32;
    }
    if begins.len() != customers.len() {
        return Err(other_customers());
    }
    begins.push(begin);
    Ok(begins)
}

impl Why {
    /// Of the customer in this row of the scores.
    pub fn of(contributions: &DataFrame, places: &[u32], row: usize) -> Result<Option<Self>, DataError> {
        let (Some(begin), Some(end)) = (places.get(row), places.get(row + 1)) else { return Ok(None) };
        let own = contributions.slice(i64::from(*begin), (end - begin) as usize);
        let features = cells::texts(&own, "feature")?;
        let (numbers, texts) = (cells::numbers(&own, "feature_number")?, cells::texts(&own, "feature_text")?);
        let values = cells::numbers(&own, "contribution")?;
        let first = |name: &str| -> Result<f64, DataError> {
            Ok(cells::numbers(&own, name)?.first().copied().flatten().unwrap_or_default())
        };
        let mover = |place: usize| Mover {
            feature: features[place].unwrap_or_default().to_owned(),
            number: numbers[place],
            text: texts[place].map(str::to_owned),
            contribution: values[place].unwrap_or_default(),
        };
        Ok(Some(Self {
            base: first("base_value")?,
            movers: (0..features.len()).map(mover).collect(),
            rest: first("rest_contribution")?,
            log_odds: first("log_odds")?,
        }))
    }

    /// Those that are drawn one by one, and all others together.
    pub fn drawn(&self) -> (&[Mover], f64) {
        let (drawn, others) = self.movers.split_at(self.movers.len().min(SHOWN));
        (drawn, self.rest + others.iter().map(|mover| mover.contribution).sum::<f64>())
    }
}
