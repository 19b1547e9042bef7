//! Prices and costs that are not there yet: the latest ones arrive late, and are carried forward for a while.
//!
//! What is carried comes from at most two months before, of the customer or of its province, and never from before the
//! window that features look at: more history must not change them. Where nearly everybody has 0 in a month, it stands for
//! what is not there yet.

use std::collections::{BTreeMap, BTreeSet};

use super::imputation::MonthlyRows;
use crate::month::Month;

/// How many months a price or a cost is carried forward.
pub(super) const CARRIED_MONTHS: i32 = 2;

/// Where at least this share of a month's costs is 0, they are not there yet.
const PLACEHOLDERS: f64 = 0.9;
/// A month that has costs has no more than this share of 0.
const USUAL_ZEROS: f64 = 0.5;

/// Takes the zeros of a month for what is not there yet, where nearly everybody has 0 while other months have costs. A cost
/// that is 0 in all months stays.
pub(super) fn forget_placeholders(cells: &mut [Option<f64>], rows: &MonthlyRows, first_in_window: Month) {
    let mut counts: BTreeMap<Month, (usize, usize)> = BTreeMap::new();
    for (cell, month) in cells.iter().zip(&rows.months) {
        if let Some(cell) = cell {
            let (zeros, known) = counts.entry(*month).or_default();
            *zeros += usize::from(*cell == 0.0);
            *known += 1;
        }
    }
    let share = |(zeros, known): (usize, usize)| zeros as f64 / known as f64;
    let is_in_window = |month: Month| month >= first_in_window;
    let with_costs = counts.iter().filter(|(_, counts)| share(**counts) <= USUAL_ZEROS);
    let sides_with_costs: BTreeSet<bool> = with_costs.map(|(month, _)| is_in_window(*month)).collect();
    let is_placeholder = |month: &Month| {
        counts.get(month).is_some_and(|counts| share(*counts) >= PLACEHOLDERS)
            && sides_with_costs.contains(&is_in_window(*month))
    };
    for (cell, month) in cells.iter_mut().zip(&rows.months) {
        if *cell == Some(0.0) && is_placeholder(month) {
            *cell = None;
        }
    }
}

/// The customer's own value of a month or two before, where there is none and `is_needed` says that one is.
pub(super) fn carry_own(cells: &mut [Option<f64>], rows: &MonthlyRows, is_needed: impl Fn(usize) -> bool) {
    for block in &rows.customers {
        let mut known: Option<(Month, f64)> = None;
        for row in block.clone() {
            let month = rows.months[row];
            match (cells[row], known) {
                (Some(value), _) => known = Some((month, value)),
                (None, Some((since, value))) if since.months_to(month) <= CARRIED_MONTHS && is_needed(row) => {
                    cells[row] = Some(value);
                }
                (None, _) => {}
            }
        }
    }
}

/// The value that the customer's province had a month or two before, where there is none.
pub(super) fn carry_of_province(
    cells: &mut [Option<f64>],
    provinces: &[Option<i32>],
    rows: &MonthlyRows,
    first_in_window: Month,
) {
    let mut known: BTreeMap<(i32, Month), f64> = BTreeMap::new();
    for ((cell, province), month) in cells.iter().zip(provinces).zip(&rows.months) {
        if let (Some(cell), Some(province)) = (cell, province) {
            known.insert((*province, *month), *cell);
        }
    }
    for ((cell, province), month) in cells.iter_mut().zip(provinces).zip(&rows.months) {
        let (None, Some(province)) = (*cell, province) else { continue };
        let same_side = |before: &Month| (*before >= first_in_window) == (*month >= first_in_window);
        let mut before = (1..=CARRIED_MONTHS).map(|months| month.plus(-months)).filter(same_side);
        *cell = before.find_map(|before| known.get(&(*province, before)).copied());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(months: &[&str]) -> MonthlyRows {
        MonthlyRows {
            customers: std::iter::once(0..months.len()).collect(),
            months: months.iter().map(|month| Month::parse(month).unwrap()).collect(),
            is_industrial: vec![None; months.len()],
        }
    }

    #[test]
    fn two_months_are_carried_forward_and_a_third_is_not_known() {
        let rows = rows(&["2024-01", "2024-02", "2024-03", "2024-04", "2024-05"]);
        let mut cells = [None, Some(5.0), None, None, None];
        carry_own(&mut cells, &rows, |_| true);
        assert_eq!(cells, [None, Some(5.0), Some(5.0), Some(5.0), None]);
        let mut cells = [None, Some(5.0), None, None, None];
        carry_own(&mut cells, &rows, |row| row == 3);
        assert_eq!(cells, [None, Some(5.0), None, Some(5.0), None], "only where one is needed");
    }

    #[test]
    fn a_month_that_the_customer_does_not_have_counts() {
        let mut cells = [Some(5.0), None];
        carry_own(&mut cells, &rows(&["2024-01", "2024-04"]), |_| true);
        assert_eq!(cells, [Some(5.0), None]);
    }

    #[test]
    fn a_province_gives_its_cost_to_a_customer_who_had_none_before() {
        let rows = rows(&["2024-11", "2024-12", "2024-12", "2024-12"]);
        let mut cells = [Some(0.5), None, None, None];
        let first = Month::parse("2024-01").unwrap();
        carry_of_province(&mut cells, &[Some(8), Some(8), Some(28), None], &rows, first);
        assert_eq!(cells, [Some(0.5), Some(0.5), None, None]);
    }

    fn without_placeholders(months: &[&str], cells: &[f64]) -> Vec<Option<f64>> {
        let mut cells: Vec<_> = cells.iter().copied().map(Some).collect();
        forget_placeholders(&mut cells, &rows(months), Month::parse("2024-01").unwrap());
        cells
    }

    #[test]
    fn a_month_of_zeros_among_months_with_costs_is_not_there_yet() {
        let months = ["2024-11", "2024-11", "2024-12", "2024-12"];
        assert_eq!(without_placeholders(&months, &[0.5, 0.25, 0.0, 0.0]), [Some(0.5), Some(0.25), None, None]);
        assert_eq!(without_placeholders(&months, &[0.5, 0.25, 0.0, 0.5])[2], Some(0.0), "one of two has a cost");
        assert_eq!(without_placeholders(&months, &[0.0; 4]), [Some(0.0); 4], "a cost that nobody ever has");
    }

    #[test]
    fn costs_before_the_window_say_nothing_of_it() {
        assert_eq!(without_placeholders(&["2023-12", "2024-01"], &[0.5, 0.0]), [Some(0.5), Some(0.0)]);
    }

    #[test]
    fn nothing_is_carried_into_the_window() {
        let mut cells = [Some(0.5), None, None];
        let rows = rows(&["2023-12", "2024-01", "2023-12"]);
        carry_of_province(&mut cells, &[Some(8); 3], &rows, Month::parse("2024-01").unwrap());
        assert_eq!(cells, [Some(0.5), None, None]);
    }
}
