//! Which outcomes count: known, old enough, and the first offer of each customer.
//!
//! Who gets a second offer has stayed after the first: later rows are of customers whom the first offer has selected, so
//! they compare no like with like.

use std::collections::BTreeMap;

use super::MeasureSettings;
use super::cells::Cell;
use super::read::{Outcomes, Row};
use crate::recommend::Action;

/// The outcomes that count, one per customer, in the order of the customers.
#[derive(Debug)]
pub(super) struct Observed<'a> {
    pub customers: Vec<Customer<'a>>,
    /// Rows whose outcome is not known, or too young to count.
    pub waiting: u64,
    /// Rows of customers who had an offer before.
    pub repeated: u64,
}

/// A customer's first offer and what became of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Customer<'a> {
    pub id: &'a str,
    pub action: Action,
    /// None where the customer is in no table of today.
    pub segment: Option<&'a str>,
    pub is_control: bool,
    pub accepted: Option<bool>,
    pub churned: bool,
}

impl<'a> Observed<'a> {
    /// `segments` are those of today's customers.
    pub fn of(outcomes: &Outcomes<'a>, segments: &BTreeMap<&'a str, &'a str>, settings: &MeasureSettings) -> Self {
        let mut firsts: BTreeMap<&str, &Row<'a>> = BTreeMap::new();
        for row in &outcomes.rows {
            // Of two on one day, the first of the table.
            let first = firsts.entry(row.customer).or_insert(row);
            if row.days_ago > first.days_ago {
                *first = row;
            }
        }
        let repeated = (outcomes.rows.len() - firsts.len()) as u64;
        let old_enough = |row: &Row<'a>| row.days_ago >= i64::from(settings.outcome_days);
        let customer = |row: &Row<'a>| {
            let churned = row.churned.filter(|_| old_enough(row))?;
            let Row { customer: id, action, is_control, accepted, .. } = *row;
            Some(Customer { id, action, segment: segments.get(id).copied(), is_control, accepted, churned })
        };
        let all = firsts.len() as u64;
        let customers: Vec<_> = firsts.into_values().filter_map(customer).collect();
        Self { waiting: all - customers.len() as u64, customers, repeated }
    }

    /// Customers without a segment.
    pub fn without_segment(&self) -> u64 {
        self.customers.iter().filter(|customer| customer.segment.is_none()).count() as u64
    }

    /// Both sides of the customers that `key` names, by what it names them.
    pub fn cells<K: Ord>(&self, key: impl Fn(&Customer<'a>) -> Option<K>) -> BTreeMap<K, Cell> {
        let mut cells: BTreeMap<K, Cell> = BTreeMap::new();
        for customer in &self.customers {
            if let Some(key) = key(customer) {
                cells.entry(key).or_default().add(customer.is_control, customer.churned);
            }
        }
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::super::read::tests::table;
    use super::*;
    use crate::snapshot_date::SnapshotDate;

    #[test]
    fn the_first_offer_of_a_customer_counts_once_its_outcome_is_old_enough() {
        let rows = [
            ("C1", 40, "offer_large", 0, Some(1), Some(1)),
            ("C1", 10, "offer_small", 0, Some(0), Some(0)),
            ("C2", 0, "offer_small", 1, None, Some(1)),
            // Not known, and too young.
            ("C3", 0, "offer_small", 0, Some(1), None),
            ("C4", 90, "offer_small", 0, Some(1), Some(0)),
        ];
        let table = table(&rows);
        let outcomes = Outcomes::of(&table, SnapshotDate::parse("2024-04-10").unwrap()).unwrap();
        let segments = BTreeMap::from([("C1", "SME")]);
        let observed = Observed::of(&outcomes, &segments, &MeasureSettings::default());
        let seen: Vec<_> = observed.customers.iter().map(|c| (c.id, c.action, c.segment, c.churned)).collect();
        assert_eq!(seen, [("C1", Action::OfferSmall, Some("SME"), false), ("C2", Action::OfferSmall, None, true)]);
        assert_eq!((observed.waiting, observed.repeated, observed.without_segment()), (2, 1, 1));
        let cells = observed.cells(|customer| Some(customer.action));
        let cell = cells[&Action::OfferSmall];
        assert_eq!((cell.treated.customers, cell.control.churned), (1, 1));
    }
}
