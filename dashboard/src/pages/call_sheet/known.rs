//! One customer, as the tables of a run know them.

use churn::model::RiskTier;
use churn::recommend::{Action, RuleReason};
use polars::prelude::DataFrame;

use crate::data::{DataError, cells};
use crate::pages::category::Category;
use crate::pages::risk::Columns;

/// The column of the save rates from which on offers pay.
const SAVE_RATE: &str = "break_even_save_rate";

/// One customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// The ID.
    pub id: String,
    /// The place among all customers by risk, from 1.
    pub rank: u64,
    /// How many customers there are.
    pub of: u64,
    /// Where outcomes of customers with such scores lay.
    pub interval: Option<(f64, f64)>,
    /// `total_margin_2024`, EUR.
    pub margin_2024: Option<f64>,
    /// Whether the customer left, where the training data knows.
    pub left: Option<bool>,
    /// What to do, as the table has it.
    pub action: String,
    /// When, as the table has it.
    pub timing: String,
    /// The most that the offer may cost, EUR a month.
    pub most: Option<f64>,
    /// What the offer is expected to be worth, EUR over the months of the settings; none without one, and of runs from
    /// before that was said.
    pub worth: Option<f64>,
    /// The save rate from which on it pays, likewise.
    pub pays_from: Option<f64>,
    /// Whether the run says from which save rate on offers pay.
    pub has_save_rates: bool,
    /// Why, in codes.
    pub codes: Vec<String>,
    /// The same in English sentences: what runs have that stored no other words.
    pub sentences: Vec<String>,
    columns: Columns,
}

impl Known {
    /// The customer in this row of both tables.
    pub fn of(scores: &DataFrame, recommendations: &DataFrame, row: usize) -> Result<Self, DataError> {
        let (score, advice) = (cells::rows_at(scores, &[row])?, cells::rows_at(recommendations, &[row])?);
        let id = text(&score, "customer_id")?;
        if text(&advice, "customer_id")? != id {
            return Err(other_customers());
        }
        let said = |name: &str| if advice.column(name).is_ok() { number(&advice, name) } else { Ok(None) };
        let is_offered = text(&advice, "action")? != Action::NoOffer.as_str();
        let split = |joined: &str, by: &str| -> Vec<String> {
            joined.split(by).filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        Ok(Self {
            id,
            rank: row as u64 + 1,
            of: scores.height() as u64,
            interval: number(&score, "proba_low")?.zip(number(&score, "proba_high")?),
            margin_2024: number(&score, "total_margin_2024")?,
            left: number(&score, "churn_actual")?.map(|left| left == 1.0),
            action: text(&advice, "action")?,
            timing: text(&advice, "timing_window")?,
            most: number(&advice, "max_offer_eur")?,
            worth: said("expected_value_eur")?.filter(|_| is_offered),
            pays_from: said(SAVE_RATE)?.filter(|_| is_offered),
            has_save_rates: advice.column(SAVE_RATE).is_ok(),
            codes: split(&text(&advice, "reason_codes")?, ";"),
            sentences: split(&text(&advice, "reasons")?, " | "),
            columns: Columns::of(&score)?,
        })
    }

    /// The probability of leaving.
    pub fn probability(&self) -> f64 {
        self.columns.probability[0]
    }

    /// The tier of it.
    pub fn tier(&self) -> RiskTier {
        self.columns.tier[0]
    }

    /// The expected loss, EUR a month.
    pub fn loss(&self) -> Option<f64> {
        self.columns.loss[0]
    }

    /// The average margin, EUR a month.
    pub fn margin(&self) -> Option<f64> {
        self.columns.margin[0]
    }

    /// Months with us.
    pub fn tenure(&self) -> Option<f64> {
        self.columns.tenure[0]
    }

    /// Whether there was a contact.
    pub fn contacted(&self) -> bool {
        self.columns.contacted[0]
    }

    /// Whether the model was fitted on the customer; tables of before do not say.
    pub fn in_training(&self) -> Option<bool> {
        self.columns.in_training[0]
    }

    /// A word of the scores.
    pub fn word(&self, category: Category) -> &str {
        self.columns.words(category).of_row(0)
    }

    /// What to do, where the word is known here.
    pub fn known_action(&self) -> Option<Action> {
        Action::ALL.into_iter().find(|action| action.as_str() == self.action)
    }

    /// Whether anything is offered.
    pub fn is_offered(&self) -> bool {
        self.action != Action::NoOffer.as_str()
    }

    /// What keeps the customer from the offer that the tier earns.
    pub fn withheld(&self) -> Option<RuleReason> {
        RuleReason::WITHHOLDING.into_iter().find(|rule| self.codes.iter().any(|code| code == rule.as_str()))
    }
}

/// A page that joins by position must not join two strangers.
pub fn other_customers() -> DataError {
    let problem = "they are not of the same customers in the same order; run again with `force`".to_owned();
    DataError::Table { doing: "join the tables of a run", problem }
}

fn text(row: &DataFrame, name: &str) -> Result<String, DataError> {
    Ok(cells::texts(row, name)?.first().copied().flatten().unwrap_or_default().to_owned())
}

fn number(row: &DataFrame, name: &str) -> Result<Option<f64>, DataError> {
    Ok(cells::numbers(row, name)?.first().copied().flatten())
}
