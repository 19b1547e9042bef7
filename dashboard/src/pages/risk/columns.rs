//! The scores as a page filters them: read once per digest, so that a filter of 200,000 rows takes a few milliseconds.

use std::collections::BTreeMap;

use churn::model::RiskTier;
use polars::prelude::DataFrame;

use crate::data::{DataError, cells};

pub use crate::pages::category::{Category, UNKNOWN};

/// The column, and the key of the URL, that says on whom the model was fitted.
pub const IN_TRAINING: &str = "in_training";

/// A column of few different words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// Every word, in its order; that of unknown values is [`UNKNOWN`].
    pub values: Vec<String>,
    /// The place of each row's word.
    codes: Vec<u16>,
}

impl Words {
    /// Whether a row may have this word: one has it, or it stands for none.
    pub fn knows(&self, word: &str) -> bool {
        word == UNKNOWN || self.values.iter().any(|value| value == word)
    }

    fn of(cells: impl Iterator<Item = Option<String>>) -> Self {
        let cells: Vec<_> = cells.map(|cell| cell.unwrap_or_else(|| UNKNOWN.to_owned())).collect();
        let mut places: BTreeMap<&str, u16> = cells.iter().map(|cell| (cell.as_str(), 0)).collect();
        for (place, code) in places.values_mut().enumerate() {
            *code = u16::try_from(place).unwrap_or(u16::MAX);
        }
        let codes = cells.iter().map(|cell| places[cell.as_str()]).collect();
        Self { values: places.into_keys().map(str::to_owned).collect(), codes }
    }

    /// The places of some words; of unknown ones none.
    pub fn places(&self, words: &[String]) -> Vec<u16> {
        let place = |word: &String| self.values.iter().position(|value| value == word);
        words.iter().filter_map(place).map(|place| place as u16).collect()
    }

    /// The word of a row.
    pub fn of_row(&self, row: usize) -> &str {
        self.codes.get(row).and_then(|code| self.values.get(usize::from(*code))).map_or(UNKNOWN, String::as_str)
    }

    /// The place of a row's word.
    pub fn code(&self, row: usize) -> u16 {
        self.codes[row]
    }
}

/// The columns of the scores that the page filters, sums and sorts.
#[derive(Debug, Clone, PartialEq)]
pub struct Columns {
    /// `churn_proba`.
    pub probability: Vec<f64>,
    /// `risk_tier`.
    pub tier: Vec<RiskTier>,
    /// `expected_monthly_loss`, EUR; unknown without a margin.
    pub loss: Vec<Option<f64>>,
    /// `avg_monthly_margin`, EUR.
    pub margin: Vec<Option<f64>>,
    /// `tenure_months`.
    pub tenure: Vec<Option<f64>>,
    /// `has_interaction`.
    pub contacted: Vec<bool>,
    /// `in_training`; tables of before do not say.
    pub in_training: Vec<Option<bool>>,
    /// The place of each row when all are sorted by `customer_id`.
    pub by_id: Vec<u32>,
    /// The columns of words, in the order of [`Category::ALL`].
    words: Vec<Words>,
}

impl Columns {
    /// Reads them; a column of words that an old table has not is unknown throughout.
    pub fn of(scores: &DataFrame) -> Result<Self, DataError> {
        let known = |name: &'static str| -> Result<Vec<f64>, DataError> {
            let cells = cells::numbers(scores, name)?;
            Ok(cells.into_iter().map(|cell| cell.unwrap_or(f64::NAN)).collect())
        };
        let tiers = cells::texts(scores, "risk_tier")?.into_iter();
        let contacted = cells::numbers(scores, "has_interaction")?.into_iter();
        Ok(Self {
            probability: known("churn_proba")?,
            // A label of a newer version counts as the tier that is looked at least.
            tier: tiers.map(|label| label.and_then(RiskTier::from_label).unwrap_or(RiskTier::Low)).collect(),
            loss: cells::numbers(scores, "expected_monthly_loss")?,
            margin: cells::numbers(scores, "avg_monthly_margin")?,
            tenure: cells::numbers(scores, "tenure_months")?,
            contacted: contacted.map(|flag| flag == Some(1.0)).collect(),
            in_training: in_training(scores)?,
            by_id: by_id(scores)?,
            words: Category::ALL.into_iter().map(|category| words(scores, category)).collect::<Result<_, _>>()?,
        })
    }

    /// How many customers there are.
    pub fn rows(&self) -> usize {
        self.probability.len()
    }

    /// A column of words.
    pub fn words(&self, category: Category) -> &Words {
        &self.words[category as usize]
    }
}

fn in_training(scores: &DataFrame) -> Result<Vec<Option<bool>>, DataError> {
    if scores.column(IN_TRAINING).is_err() {
        return Ok(vec![None; scores.height()]);
    }
    let flags = cells::numbers(scores, IN_TRAINING)?.into_iter();
    Ok(flags.map(|flag| flag.map(|flag| flag == 1.0)).collect())
}

fn by_id(scores: &DataFrame) -> Result<Vec<u32>, DataError> {
    let ids = cells::texts(scores, "customer_id")?;
    let mut order: Vec<usize> = (0..ids.len()).collect();
    order.sort_by_key(|&row| ids[row]);
    let mut places = vec![0; ids.len()];
    for (place, row) in order.into_iter().enumerate() {
        places[row] = place as u32;
    }
    Ok(places)
}

fn words(scores: &DataFrame, category: Category) -> Result<Words, DataError> {
    let name = category.column();
    if scores.column(name).is_err() {
        return Ok(Words::of(std::iter::repeat_n(None, scores.height())));
    }
    if category == Category::Province {
        let codes = cells::numbers(scores, name)?.into_iter();
        return Ok(Words::of(codes.map(|code| code.map(|code| format!("{code:02.0}")))));
    }
    Ok(Words::of(cells::texts(scores, name)?.into_iter().map(|cell| cell.map(str::to_owned))))
}
