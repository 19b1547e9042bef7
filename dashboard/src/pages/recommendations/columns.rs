//! The recommendations as the page filters them, with what the scores know of the same customers; read once per digest.

use std::collections::BTreeMap;
use std::sync::Arc;

use churn::recommend::{Action, RuleReason, TimingWindow};
use polars::prelude::DataFrame;

use crate::data::{DataError, cells};
use crate::pages::call_sheet::other_customers;
use crate::pages::risk::Columns;

/// The windows, the soonest first.
pub const WINDOWS: [TimingWindow; 3] = [TimingWindow::Immediate, TimingWindow::Days30To60, TimingWindow::Days60To90];

/// The recommendations of all customers, in the order of the scores.
#[derive(Debug, Clone, PartialEq)]
pub struct Offers {
    /// The same customers' scores.
    pub customers: Arc<Columns>,
    /// What to do.
    pub action: Vec<Action>,
    /// When.
    pub timing: Vec<TimingWindow>,
    /// The most that the offer may cost, EUR a month; 0 without an offer.
    pub most: Vec<f64>,
    /// Why.
    pub reasons: Reasons,
    /// What the offers are worth; none of runs from before that was said.
    pub worth: Option<Worth>,
}

/// What the offers of all customers are worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Worth {
    /// What the offer is expected to be worth more than none, EUR over the months of the settings; 0 without one.
    pub expected: Vec<f64>,
    /// The save rate from which on it pays; none without an offer, and where none is high enough.
    pub pays_from: Vec<Option<f64>>,
    /// Whether it may fall due after the renewal.
    pub is_late: Vec<bool>,
}

/// The reason codes of all customers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reasons {
    /// Every code, in its order.
    pub codes: Vec<String>,
    places: Vec<u16>,
    begins: Vec<u32>,
}

impl Offers {
    /// Reads them; the scores must be of the same customers in the same order.
    pub fn of(scores: &DataFrame, customers: Arc<Columns>, recommendations: &DataFrame) -> Result<Self, DataError> {
        if cells::texts(scores, "customer_id")? != cells::texts(recommendations, "customer_id")? {
            return Err(other_customers());
        }
        let actions = cells::texts(recommendations, "action")?.into_iter();
        let windows = cells::texts(recommendations, "timing_window")?.into_iter();
        let action: Vec<Action> = actions.map(action_of_table).collect::<Result<_, _>>()?;
        let most = cells::numbers(recommendations, "max_offer_eur")?.into_iter().zip(&action);
        let most = most.map(|(most, action)| most.filter(|_| *action != Action::NoOffer).unwrap_or_default()).collect();
        Ok(Self {
            customers,
            action,
            timing: windows.map(window_of_table).collect::<Result<_, _>>()?,
            most,
            reasons: Reasons::of(&cells::texts(recommendations, "reason_codes")?),
            worth: Worth::of(recommendations)?,
        })
    }

    /// How many customers there are.
    pub fn rows(&self) -> usize {
        self.action.len()
    }

    /// Whether anything is offered.
    pub fn is_offered(&self, row: usize) -> bool {
        self.action[row] != Action::NoOffer
    }

    /// The expected loss less the offer, EUR a month: what an offer keeps where it works.
    pub fn gain(&self, row: usize) -> Option<f64> {
        self.customers.loss[row].filter(|_| self.is_offered(row)).map(|loss| loss - self.most[row])
    }

    /// Whether a customer may have this reason: one has it, or it is a rule that withholds offers.
    pub fn knows_reason(&self, code: &str) -> bool {
        self.reasons.place(code).is_some() || RuleReason::WITHHOLDING.iter().any(|rule| rule.as_str() == code)
    }

    /// What the offer is worth, EUR; none without an offer, and of runs from before that was said.
    pub fn expected(&self, row: usize) -> Option<f64> {
        self.worth.as_ref().filter(|_| self.is_offered(row)).map(|worth| worth.expected[row])
    }

    /// The rules that withheld an offer, and the place of each among the codes.
    pub fn withholding(&self) -> [(RuleReason, Option<u16>); 9] {
        RuleReason::WITHHOLDING.map(|rule| (rule, self.reasons.place(rule.as_str())))
    }
}

impl Worth {
    fn of(recommendations: &DataFrame) -> Result<Option<Self>, DataError> {
        if recommendations.column("expected_value_eur").is_err() {
            return Ok(None);
        }
        let expected = cells::numbers(recommendations, "expected_value_eur")?;
        let late = cells::numbers(recommendations, "due_after_renewal")?;
        Ok(Some(Self {
            expected: expected.into_iter().map(Option::unwrap_or_default).collect(),
            pays_from: cells::numbers(recommendations, "break_even_save_rate")?,
            is_late: late.into_iter().map(|late| late == Some(1.0)).collect(),
        }))
    }
}

/// The codes of a cell, in its order.
fn codes_of(cell: Option<&str>) -> impl Iterator<Item = &str> {
    cell.unwrap_or_default().split(';').filter(|code| !code.is_empty())
}

impl Reasons {
    fn of(cells: &[Option<&str>]) -> Self {
        let mut places: BTreeMap<&str, u16> =
            cells.iter().flat_map(|cell| codes_of(*cell)).map(|code| (code, 0)).collect();
        for (place, code) in places.values_mut().enumerate() {
            *code = u16::try_from(place).unwrap_or(u16::MAX);
        }
        let mut reasons = Self::default();
        for cell in cells {
            reasons.begins.push(reasons.places.len() as u32);
            reasons.places.extend(codes_of(*cell).map(|code| places[code]));
        }
        reasons.begins.push(reasons.places.len() as u32);
        reasons.codes = places.into_keys().map(str::to_owned).collect();
        reasons
    }

    /// The places of a row's codes, in the order of the table.
    pub fn of_row(&self, row: usize) -> &[u16] {
        let (begin, end) = (self.begins[row] as usize, self.begins[row + 1] as usize);
        &self.places[begin..end]
    }

    /// The place of a code.
    pub fn place(&self, code: &str) -> Option<u16> {
        self.codes.iter().position(|known| known == code).map(|place| place as u16)
    }
}

/// The action of a word.
pub fn action(word: &str) -> Option<Action> {
    Action::ALL.into_iter().find(|action| action.as_str() == word)
}

/// The window of a word.
pub fn window(word: &str) -> Option<TimingWindow> {
    WINDOWS.into_iter().find(|window| window.as_str() == word)
}

fn action_of_table(cell: Option<&str>) -> Result<Action, DataError> {
    cell.and_then(action).ok_or_else(|| unknown("read the actions", cell))
}

fn window_of_table(cell: Option<&str>) -> Result<TimingWindow, DataError> {
    cell.and_then(window).ok_or_else(|| unknown("read the timing windows", cell))
}

fn unknown(doing: &'static str, cell: Option<&str>) -> DataError {
    let problem = format!("this version does not know {:?}; start a newer dashboard", cell.unwrap_or_default());
    DataError::Table { doing, problem }
}
