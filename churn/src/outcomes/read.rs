//! The raw table of outcomes as seen from a date: nothing of later days is in view.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;

use crate::columns::{complete, dates, integers, texts};
use crate::error::{Error, Result};
use crate::raw::RawTable;
use crate::recommend::Action;
use crate::snapshot_date::SnapshotDate;

/// What became of offers, as seen from a date.
#[derive(Debug, Clone)]
pub struct Outcomes<'a> {
    /// In the order of the table.
    pub(super) rows: Vec<Row<'a>>,
    /// Rows of later days.
    pub(super) later: u64,
}

/// One offer that was due.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    pub customer: &'a str,
    /// How long ago, in days.
    pub days_ago: i64,
    /// What was due; of the control group, what was held back.
    pub action: Action,
    pub is_control: bool,
    pub accepted: Option<bool>,
    pub churned: Option<bool>,
}

impl<'a> Outcomes<'a> {
    /// Reads `offer_outcomes` ([`RawTable::OfferOutcomes`]); what its contract lets block is an error here too.
    pub fn of(table: &'a DataFrame, as_of: SnapshotDate) -> Result<Self> {
        let name = RawTable::OfferOutcomes.as_str();
        let customers = complete(name, "customer_id", texts(table, "customer_id")?)?;
        let days = complete(name, "date", dates(table, "date")?)?;
        let actions = complete(name, "action", texts(table, "action")?)?;
        let controls = complete(name, "control", integers(table, "control")?)?;
        let (accepted, churned) = (integers(table, "accepted")?, integers(table, "churned")?);
        let mut outcomes = Self { rows: Vec::with_capacity(customers.len()), later: 0 };
        for (place, customer) in customers.into_iter().enumerate() {
            let days_ago = as_of.date().signed_duration_since(days[place]).num_days();
            if days_ago < 0 {
                outcomes.later += 1;
                continue;
            }
            let action = Action::of_word(actions[place]).filter(|action| action.is_offer());
            let action = action.ok_or_else(|| no_offer(name, place))?;
            let said = |flag: Option<i32>| flag.map(|flag| flag != 0);
            let (accepted, churned) = (said(accepted[place]), said(churned[place]));
            let is_control = controls[place] != 0;
            outcomes.rows.push(Row { customer, days_ago, action, is_control, accepted, churned });
        }
        Ok(outcomes)
    }

    /// How many days ago each customer got an offer last. The control group gets none.
    pub fn days_since_offer(&self) -> BTreeMap<&'a str, i64> {
        let mut last = BTreeMap::new();
        for row in self.rows.iter().filter(|row| !row.is_control) {
            let days = last.entry(row.customer).or_insert(row.days_ago);
            *days = row.days_ago.min(*days);
        }
        last
    }
}

fn no_offer(name: &str, place: usize) -> Error {
    let rule = "must be the offer that was due (offer_small, offer_medium or offer_large), of the control group too";
    Error::data(name, Some("action"), Some(format!("row {}", place + 1)), rule)
}

#[cfg(test)]
pub(super) mod tests {
    use polars::df;
    use polars::prelude::{Column, DataType};

    use super::*;

    /// Customer, days after 2024-01-01, action, control, accepted, churned.
    pub(in crate::outcomes) type Written<'a> = (&'a str, i32, &'a str, i32, Option<i32>, Option<i32>);

    /// The table as its reader makes it.
    pub(in crate::outcomes) fn table(rows: &[Written<'_>]) -> DataFrame {
        // 2024-01-01 is day 19,723 since 1970-01-01.
        let days: Vec<i32> = rows.iter().map(|row| 19_723 + row.1).collect();
        let mut table = df!(
            "customer_id" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
            "action" => rows.iter().map(|row| row.2).collect::<Vec<_>>(),
            "control" => rows.iter().map(|row| row.3).collect::<Vec<_>>(),
            "accepted" => rows.iter().map(|row| row.4).collect::<Vec<_>>(),
            "churned" => rows.iter().map(|row| row.5).collect::<Vec<_>>(),
        )
        .unwrap();
        let days = Column::new("date".into(), days).cast(&DataType::Date).unwrap();
        table.with_column(days).unwrap();
        table
    }

    fn as_of(text: &str) -> SnapshotDate {
        SnapshotDate::parse(text).unwrap()
    }

    #[test]
    fn what_is_dated_later_is_not_in_view() {
        let rows = [("C1", 0, "offer_small", 0, Some(1), Some(0)), ("C2", 60, "offer_large", 1, None, None)];
        let table = table(&rows);
        let early = Outcomes::of(&table, as_of("2024-01-31")).unwrap();
        assert_eq!((early.rows.len(), early.later), (1, 1));
        assert_eq!(early.rows[0].days_ago, 30);
        let late = Outcomes::of(&table, as_of("2024-03-01")).unwrap();
        assert_eq!((late.rows.len(), late.later, late.rows[1].days_ago), (2, 0, 0));
    }

    #[test]
    fn the_last_offer_is_the_latest_that_was_made() {
        let rows = [
            ("C1", 0, "offer_small", 0, None, None),
            ("C1", 50, "offer_small", 0, None, None),
            ("C1", 70, "offer_small", 1, None, None),
            ("C2", 10, "offer_large", 1, None, None),
        ];
        let table = table(&rows);
        let outcomes = Outcomes::of(&table, as_of("2024-04-10")).unwrap();
        assert_eq!(outcomes.days_since_offer(), BTreeMap::from([("C1", 50)]));
    }

    #[test]
    fn an_action_that_offers_nothing_is_named_by_row_and_shows_no_customer() {
        let table = table(&[("C1", 0, "offer_small", 0, None, None), ("C2", 0, "no_offer", 1, None, None)]);
        let message = Outcomes::of(&table, as_of("2024-01-31")).unwrap_err().to_string();
        assert!(message.starts_with("offer_outcomes, column action, row 2: must be the offer"), "{message}");
        assert!(!message.contains("C2"), "{message}");
    }
}
