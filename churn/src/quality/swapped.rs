//! Columns of money that changed places: of two that have an order, the lower one where the higher one should be.

use polars::prelude::DataFrame;

use super::usual::FEW;
use super::{Evaluation, Finding, Severity};
use crate::columns::measures;
use crate::error::Result;

const TABLE: &str = "bronze_customer_month";
const RULE: &str = "swapped_columns";
/// The higher one and the lower one: of honest rows fewer than one in five hundred are the other way round, of the first two
/// tiers, which are near each other, a few in a hundred. (Other pairs that change places are far from their costs.)
const ORDERED: [(&str, &str); 5] = [
    ("variable_price_tier1_eur_kwh", "variable_price_tier2_eur_kwh"),
    ("variable_price_tier1_eur_kwh", "variable_price_tier3_eur_kwh"),
    ("variable_price_tier2_eur_kwh", "variable_price_tier3_eur_kwh"),
    ("elec_fixed_fee_eur_month", "elec_fixed_cost_eur_month"),
    ("gas_fixed_revenue_eur_year", "gas_fixed_cost_eur_year"),
];
/// Columns are swapped where more than this share of the rows has them the other way round.
const MOST: f64 = 0.5;

/// Whether prices and fees of `bronze_customer_month` are the other way round in most months that have both.
pub fn of_swapped_columns(bronze_customer_month: &DataFrame) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let mut findings = Vec::new();
    for (higher, lower) in ORDERED {
        let both = measures(bronze_customer_month, higher)?.into_iter().zip(measures(bronze_customer_month, lower)?);
        let both = both.filter_map(|(higher, lower)| higher.zip(lower));
        findings.extend(swapped(higher, lower, both.filter(|(higher, lower)| *higher > 0.0 && *lower > 0.0)));
    }
    let checks = vec![Evaluation::of(TABLE, RULE, &findings)];
    Ok((findings, checks))
}

fn swapped(higher: &str, lower: &str, rows: impl Iterator<Item = (f64, f64)>) -> Option<Finding> {
    let (mut count, mut all) = (0_u64, 0_u64);
    for (should_be_higher, should_be_lower) in rows {
        all += 1;
        count += u64::from(should_be_higher < should_be_lower);
    }
    if all < FEW || count as f64 <= MOST * all as f64 {
        return None;
    }
    let words = format!(
        "{higher} is below {lower} in {count} of {all} customer-months, which hardly ever is so: it looks like two columns of \
         price_history.csv that changed places; look at its header"
    );
    Some(Finding::new(Severity::Warn, TABLE, RULE, words).of_column(higher).counting_of(count, all))
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;

    use super::*;

    /// Forty months; of the first `swapped` the columns are the other way round, and one row has no price and no fee.
    fn found(swapped: usize) -> Vec<(String, Option<String>, u64)> {
        let column = |usual: f64, of_swapped: f64| {
            let months = (0..40).map(|month| Some(if month < swapped { of_swapped } else { usual }));
            months.chain([None]).collect::<Vec<Option<f64>>>()
        };
        let months = df!(
            "variable_price_tier1_eur_kwh" => column(0.2, 0.1),
            "variable_price_tier2_eur_kwh" => column(0.15, 0.15),
            "variable_price_tier3_eur_kwh" => column(0.1, 0.2),
            "elec_fixed_fee_eur_month" => column(9.0, 4.0),
            "elec_fixed_cost_eur_month" => column(4.0, 9.0),
            "gas_fixed_revenue_eur_year" => column(105.0, 42.0),
            "gas_fixed_cost_eur_year" => column(42.0, 105.0),
        );
        let (findings, checks) = of_swapped_columns(&months.unwrap()).unwrap();
        assert_eq!(checks.len(), 1);
        assert!(findings.iter().all(|finding| finding.severity == Severity::Warn));
        findings.into_iter().map(|finding| (finding.rule, finding.column, finding.count)).collect()
    }

    #[test]
    fn one_price_for_all_hours_is_no_swap() {
        let price = vec![Some(0.15); 40];
        let nothing = vec![None::<f64>; 40];
        let months = df!(
            "variable_price_tier1_eur_kwh" => &price,
            "variable_price_tier2_eur_kwh" => &price,
            "variable_price_tier3_eur_kwh" => &price,
            "elec_fixed_fee_eur_month" => &nothing,
            "elec_fixed_cost_eur_month" => &nothing,
            "gas_fixed_revenue_eur_year" => &nothing,
            "gas_fixed_cost_eur_year" => &nothing,
        );
        assert!(of_swapped_columns(&months.unwrap()).unwrap().0.is_empty());
    }

    #[test]
    fn columns_that_are_the_other_way_round_in_most_rows_are_told() {
        assert!(found(0).is_empty() && found(20).is_empty(), "a half is not most");
        let of = |column: &str, count| (RULE.to_owned(), Some(column.to_owned()), count);
        for swapped in [21, 40] {
            let expected = ORDERED.map(|(column, _)| of(column, swapped as u64));
            assert_eq!(found(swapped), expected);
        }
    }
}
