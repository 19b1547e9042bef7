//! Missing prices: a row that consumed something was charged something.
//!
//! A price of exactly 0 is missing. Rows with consumption are filled from a) the customer's own
//! known prices, b) the median of their kind of customer in that month, c) the median of the month.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::month::Month;

/// Each price column, and the consumption that must be above 0 for a missing price to be filled.
pub(crate) const PRICE_AND_CONSUMPTION: [(&str, &str); 6] = [
    ("variable_price_tier1_eur_kwh", "elec_kwh_tier_1_peak"),
    ("variable_price_tier2_eur_kwh", "elec_kwh_tier_2_standard"),
    ("variable_price_tier3_eur_kwh", "elec_kwh_tier_3_offpeak"),
    ("gas_variable_price_eur_m3", "monthly_gas_m3"),
    ("elec_fixed_fee_eur_month", "monthly_elec_kwh"),
    ("gas_fixed_revenue_eur_year", "monthly_gas_m3"),
];

/// Whose rows they are: sorted by customer and month, one entry per row but for `customers`.
pub(super) struct MonthlyRows {
    /// The rows of each customer: those of the window, and those before it, which fill nothing in it.
    pub(super) customers: Vec<Range<usize>>,
    /// The month of each row.
    pub(super) months: Vec<Month>,
    /// Whether the row's customer is industrial, where that is known.
    pub(super) is_industrial: Vec<Option<i32>>,
}

/// Fills the missing cells of one price column, in place. What no rule can fill stays missing.
pub(super) fn impute(price: &mut [Option<f64>], consumption: &[Option<f64>], rows: &MonthlyRows) {
    let consumes: Vec<bool> =
        consumption.iter().map(|quantity| quantity.is_some_and(|quantity| quantity > 0.0)).collect();
    forget_zero_prices(price);
    for customer in &rows.customers {
        fill_from_own_prices(&mut price[customer.clone()], &consumes[customer.clone()]);
    }
    fill_with_medians(price, &consumes, |row| Some((rows.is_industrial[row]?, rows.months[row])));
    fill_with_medians(price, &consumes, |row| Some(rows.months[row]));
}

fn forget_zero_prices(price: &mut [Option<f64>]) {
    for cell in price {
        if *cell == Some(0.0) {
            *cell = None;
        }
    }
}

/// The previous known price, else the next one. A filled price is a copy of the known one before
/// or after it, so that filling in place never changes what a later row finds.
fn fill_from_own_prices(price: &mut [Option<f64>], consumes: &[bool]) {
    let mut previous = None;
    for (cell, &consumes) in price.iter_mut().zip(consumes) {
        if cell.is_some() {
            previous = *cell;
        } else if consumes {
            *cell = previous;
        }
    }
    let mut next = None;
    for (cell, &consumes) in price.iter_mut().zip(consumes).rev() {
        if cell.is_some() {
            next = *cell;
        } else if consumes {
            *cell = next;
        }
    }
}

/// Fills what is still missing with the median price of the row's group; only rows with consumption
/// are filled, and only their prices count.
fn fill_with_medians<G: Ord>(price: &mut [Option<f64>], consumes: &[bool], group_of: impl Fn(usize) -> Option<G>) {
    let gaps: Vec<usize> = (0..price.len()).filter(|&row| consumes[row] && price[row].is_none()).collect();
    if gaps.is_empty() {
        return;
    }
    let mut prices_of: BTreeMap<G, Vec<f64>> = BTreeMap::new();
    for row in 0..price.len() {
        if let (true, Some(known), Some(group)) = (consumes[row], price[row], group_of(row)) {
            prices_of.entry(group).or_default().push(known);
        }
    }
    let median_of: BTreeMap<G, f64> = prices_of.into_iter().map(|(group, prices)| (group, median(prices))).collect();
    for row in gaps {
        price[row] = group_of(row).and_then(|group| median_of.get(&group).copied());
    }
}

/// The middle value, or the mean of the middle two; `values` is not empty.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Option<f64> = None;

    /// Month of 2024, price and consumption.
    type Row = (u32, Option<f64>, f64);

    /// One customer per entry: whether it is industrial, and its rows.
    fn imputed(customers: &[(Option<i32>, &[Row])]) -> Vec<Option<f64>> {
        let mut rows = MonthlyRows { customers: vec![], months: vec![], is_industrial: vec![] };
        let (mut price, mut consumption) = (vec![], vec![]);
        for (is_industrial, months) in customers {
            rows.customers.push(price.len()..price.len() + months.len());
            for (month, known, quantity) in *months {
                rows.months.push(Month::parse(&format!("2024-{month:02}")).unwrap());
                rows.is_industrial.push(*is_industrial);
                price.push(*known);
                consumption.push(Some(*quantity));
            }
        }
        impute(&mut price, &consumption, &rows);
        price
    }

    #[test]
    fn the_previous_known_price_wins_over_the_next() {
        let one = [(1, Some(0.1), 5.0), (2, NONE, 5.0), (3, NONE, 5.0), (4, Some(0.3), 5.0)];
        assert_eq!(imputed(&[(Some(0), &one)]), [Some(0.1), Some(0.1), Some(0.1), Some(0.3)]);
    }

    #[test]
    fn the_next_known_price_fills_what_nothing_precedes() {
        let one = [(1, NONE, 5.0), (2, NONE, 5.0), (3, Some(0.3), 5.0)];
        assert_eq!(imputed(&[(Some(0), &one)]), [Some(0.3), Some(0.3), Some(0.3)]);
    }

    #[test]
    fn a_zero_price_is_missing_on_every_row_and_never_a_source() {
        let one = [(1, Some(0.1), 5.0), (2, Some(0.0), 5.0), (3, Some(0.0), 0.0), (4, Some(-0.0), 5.0)];
        assert_eq!(imputed(&[(Some(0), &one)]), [Some(0.1), Some(0.1), None, Some(0.1)]);
    }

    #[test]
    fn a_price_without_consumption_is_a_source_but_a_gap_without_consumption_stays() {
        let one = [(1, Some(0.2), 0.0), (2, NONE, 0.0), (3, NONE, 1.0), (4, NONE, -1.0)];
        assert_eq!(imputed(&[(Some(0), &one)]), [Some(0.2), None, Some(0.2), None]);
    }

    #[test]
    fn a_customer_never_takes_a_price_from_its_neighbour_row() {
        let (first, second) = ([(1, Some(0.2), 1.0)], [(2, NONE, 1.0)]);
        assert_eq!(imputed(&[(Some(0), &first), (Some(0), &second)]), [Some(0.2), None]);
    }

    #[test]
    fn without_own_prices_the_median_of_the_kind_and_month_is_taken() {
        // Residential with consumption in January: 0.1 and 0.4, median 0.25; 0.9 has no consumption.
        let customers: [(Option<i32>, &[_]); 5] = [
            (Some(0), &[(1, Some(0.1), 1.0)]),
            (Some(0), &[(1, Some(0.4), 1.0)]),
            (Some(0), &[(1, Some(0.9), 0.0)]),
            (Some(1), &[(1, Some(0.7), 1.0)]),
            (Some(0), &[(1, NONE, 1.0)]),
        ];
        assert_eq!(imputed(&customers)[4], Some(0.25));
    }

    #[test]
    fn medians_of_the_kind_count_prices_that_were_filled_from_own_prices() {
        // January: 0.1, and 0.3 filled from February: median 0.2.
        let customers: [(Option<i32>, &[_]); 3] = [
            (Some(0), &[(1, Some(0.1), 1.0)]),
            (Some(0), &[(1, NONE, 1.0), (2, Some(0.3), 1.0)]),
            (Some(0), &[(1, NONE, 1.0)]),
        ];
        assert_eq!(imputed(&customers)[3], Some(0.2));
    }

    #[test]
    fn without_a_kind_the_median_of_the_month_after_the_kinds_are_filled_is_taken() {
        // Kind 0: 0.1, and 0.1 filled by its median; kind 1: 0.4. The month has 0.1, 0.1, 0.4.
        let customers: [(Option<i32>, &[_]); 4] = [
            (Some(0), &[(1, Some(0.1), 1.0)]),
            (Some(0), &[(1, NONE, 1.0)]),
            (Some(1), &[(1, Some(0.4), 1.0)]),
            (None, &[(1, NONE, 1.0)]),
        ];
        assert_eq!(imputed(&customers), [Some(0.1), Some(0.1), Some(0.4), Some(0.1)]);
    }

    #[test]
    fn customers_of_unknown_kind_are_no_kind_of_their_own_but_count_in_the_month() {
        let customers: [(Option<i32>, &[_]); 3] =
            [(None, &[(1, Some(0.2), 1.0)]), (Some(1), &[(1, Some(0.6), 1.0)]), (None, &[(1, NONE, 1.0)])];
        assert_eq!(imputed(&customers)[2], Some(0.4));
    }

    #[test]
    fn what_no_rule_can_fill_stays_missing() {
        assert_eq!(imputed(&[(Some(0), &[(1, NONE, 1.0)])]), [None]);
    }
}
