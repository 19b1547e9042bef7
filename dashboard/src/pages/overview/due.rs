//! The offers that are due now.

use churn::recommend::Action;
use polars::prelude::DataFrame;

use crate::data::{DataError, cells};

/// The columns that say what is due.
pub const COLUMNS: [&str; 2] = ["action", "timing_window"];
/// The table shows so many.
pub const SHOWN: usize = 10;
/// Nothing is offered.
const NO_OFFER: &str = "no_offer";
/// At once.
const NOW: &str = "immediate";

/// The offers that are due now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Due {
    /// How many.
    pub offers: u64,
    /// What they may cost together, EUR a month.
    pub budget: f64,
    /// The rows with the largest expected loss, in that order.
    pub first: Vec<usize>,
}

impl Due {
    /// Of scores and recommendations of the same customers in the same order.
    pub fn of(scores: &DataFrame, recommendations: &DataFrame) -> Result<Self, DataError> {
        same_customers(scores, recommendations)?;
        let budgets = cells::numbers(recommendations, "max_offer_eur")?;
        let losses = cells::numbers(scores, "expected_monthly_loss")?;
        let mut due = rows(recommendations)?;
        let offers = due.len() as u64;
        let budget = due.iter().filter_map(|row| budgets[*row]).sum();
        // Stable: customers of the same loss stay in the order of the scores.
        due.sort_by(|a, b| losses[*b].unwrap_or_default().total_cmp(&losses[*a].unwrap_or_default()));
        due.truncate(SHOWN);
        Ok(Self { offers, budget, first: due })
    }
}

/// How many offers of a run are due at once.
pub fn count(recommendations: &DataFrame) -> Result<u64, DataError> {
    Ok(rows(recommendations)?.len() as u64)
}

/// The rows of the offers that are due at once.
fn rows(recommendations: &DataFrame) -> Result<Vec<usize>, DataError> {
    let [actions, windows] = COLUMNS.map(|name| cells::texts(recommendations, name));
    let (actions, windows) = (actions?, windows?);
    let is_due = |row: &usize| windows[*row] == Some(NOW) && actions[*row].is_some_and(|action| action != NO_OFFER);
    Ok((0..actions.len()).filter(is_due).collect())
}

/// What the page of recommendations filters by to show exactly these.
pub fn filter() -> Vec<(&'static str, &'static str)> {
    let offers = Action::ALL.into_iter().filter(|action| *action != Action::NoOffer);
    std::iter::once(("timing", NOW)).chain(offers.map(|action| ("action", action.as_str()))).collect()
}

/// A page that joins by position must not join two strangers.
fn same_customers(scores: &DataFrame, recommendations: &DataFrame) -> Result<(), DataError> {
    if cells::texts(scores, "customer_id")? == cells::texts(recommendations, "customer_id")? {
        return Ok(());
    }
    let problem = "they are not of the same customers in the same order; run again with `force`".to_owned();
    Err(DataError::Table { doing: "join scores and recommendations", problem })
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;

    #[test]
    fn due_is_what_is_offered_now_and_the_largest_loss_comes_first() {
        let scores = df!("customer_id" => ["a", "b", "c", "d"], "expected_monthly_loss" => [Some(1.0), Some(9.0), None, Some(5.0)]).unwrap();
        let recommendations = df!(
            "customer_id" => ["a", "b", "c", "d"],
            "action" => ["offer_small", "offer_large", "no_offer", "offer_large"],
            "timing_window" => ["immediate", "immediate", "immediate", "30_60_days"],
            "max_offer_eur" => [Some(0.5), Some(2.0), None, Some(3.0)],
        )
        .unwrap();
        let due = Due::of(&scores, &recommendations).unwrap();
        assert_eq!(count(&recommendations).unwrap(), due.offers);
        assert_eq!(due, Due { offers: 2, budget: 2.5, first: vec![1, 0] });
        let texts = |column: &str| cells::texts(&recommendations, column).unwrap();
        let (windows, actions) = (texts("timing_window"), texts("action"));
        let asked = |key: &str, value: Option<&str>| filter().iter().any(|one| one.0 == key && Some(one.1) == value);
        let passes = |row: &usize| asked("timing", windows[*row]) && asked("action", actions[*row]);
        assert_eq!((0..4).filter(passes).count() as u64, due.offers, "the filter of the links shows as many");
        let mixed = Due::of(&scores.slice(0, 3), &recommendations).unwrap_err().to_string();
        assert!(mixed.contains("same customers"), "{mixed}");
    }
}
