//! The pictures of the features that people look at first.

use polars::prelude::DataFrame;

use super::detail::{Group, Rate, boxes_of, rates_by};
use super::profile::counted;
use crate::chart::BoxRow;
use crate::data::{DataError, cells};
use crate::pages::category::UNKNOWN;

/// The table that has all of them.
pub const TABLE: &str = "gold_master";
/// The periods of renewal as time goes.
const RENEWALS: [&str; 5] = ["expired", "0-3m", "3-6m", "6-12m", "12m+"];

/// What the pictures show.
#[derive(Debug, Clone, PartialEq)]
pub struct Presets {
    /// All customers.
    pub customers: u64,
    /// Customers by segment, the largest first, those without one last.
    pub segments: Vec<(String, u64)>,
    /// Who leaves, by the time to the renewal.
    pub renewal: Vec<Rate>,
    /// Who leaves, by the tone of the last contact.
    pub sentiment: Vec<Rate>,
    /// The share of customers without a contact on record.
    pub no_contact: Option<f64>,
    /// The average monthly margin by segment, EUR.
    pub margin: Vec<BoxRow>,
    /// Who leaves, with one fuel and with two.
    pub fuel: Vec<Rate>,
}

impl Presets {
    /// Of the table of features.
    pub fn of(gold: &DataFrame) -> Result<Self, DataError> {
        let sentiments = cells::texts(gold, "sentiment_label")?;
        let without = sentiments.iter().filter(|cell| cell.is_none()).count();
        let mut sentiment = rates_by(gold, "sentiment_label")?.unwrap_or_default();
        sentiment.retain(|rate| rate.group != Group::Unknown);
        let mut renewal = rates_by(gold, "renewal_bucket")?.unwrap_or_default();
        renewal.sort_by_key(|rate| place(&rate.group));
        let segments = cells::texts(gold, "segment")?;
        let without_segment = segments.iter().filter(|cell| cell.is_none()).count() as u64;
        let unknown = (without_segment > 0).then_some((UNKNOWN, without_segment));
        let segments = counted(&segments).into_iter().chain(unknown);
        Ok(Self {
            customers: gold.height() as u64,
            segments: segments.map(|(name, count)| (name.to_owned(), count)).collect(),
            renewal,
            sentiment,
            no_contact: (!sentiments.is_empty()).then(|| without as f64 / sentiments.len() as f64),
            margin: boxes_of(gold, "avg_monthly_margin")?,
            fuel: rates_by(gold, "is_dual_fuel")?.unwrap_or_default(),
        })
    }
}

fn place(group: &Group) -> usize {
    let known = match group {
        Group::Word(word) => RENEWALS.iter().position(|renewal| renewal == word),
        _ => None,
    };
    known.unwrap_or(RENEWALS.len())
}
