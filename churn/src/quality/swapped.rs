//! Columns of money that changed places: of two that have an order, the lower one where the higher one should be.

use std::collections::HashSet;

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
/// What energy costs on the market, by month and province, and what the grid costs, which is set once or twice a year for all.
/// (Their sum is the same the other way round, and so is every margin: nothing else shows it.)
const ENERGY: &str = "elec_var_cost_eur_kwh";
const GRID: &str = "peaje_elec_eur_kwh";
/// Columns are swapped where more than this share of the rows has them the other way round.
const MOST: f64 = 0.5;

/// Whether prices, fees and costs of `bronze_customer_month` are the other way round in most months that have both.
pub fn of_swapped_columns(bronze_customer_month: &DataFrame) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let mut findings = Vec::new();
    for (higher, lower) in ORDERED {
        let both = measures(bronze_customer_month, higher)?.into_iter().zip(measures(bronze_customer_month, lower)?);
        findings.extend(swapped("price_history.csv", (higher, lower), both));
    }
    findings.extend(energy_and_grid(bronze_customer_month)?);
    let checks = vec![Evaluation::of(TABLE, RULE, &findings)];
    Ok((findings, checks))
}

/// The cost of energy beside that of the grid. In a year of a cheap market it is the lower one as well, and moves all the same.
fn energy_and_grid(bronze_customer_month: &DataFrame) -> Result<Option<Finding>> {
    let (energy, grid) = (measures(bronze_customer_month, ENERGY)?, measures(bronze_customer_month, GRID)?);
    let both = energy.iter().copied().zip(grid.iter().copied());
    let found = swapped("costs_by_province_month.csv", (ENERGY, GRID), both);
    Ok(found.filter(|_| values(&energy) <= values(&grid)))
}

/// How many different values a column has.
fn values(column: &[Option<f64>]) -> usize {
    column.iter().flatten().map(|value| value.to_bits()).collect::<HashSet<u64>>().len()
}

fn swapped(
    file: &str,
    (higher, lower): (&str, &str),
    rows: impl Iterator<Item = (Option<f64>, Option<f64>)>,
) -> Option<Finding> {
    let both = rows.filter_map(|(higher, lower)| higher.zip(lower));
    let (mut count, mut all) = (0_u64, 0_u64);
    for (should_be_higher, should_be_lower) in both.filter(|(higher, lower)| *higher > 0.0 && *lower > 0.0) {
        all += 1;
        count += u64::from(should_be_higher < should_be_lower);
    }
    if all < FEW || count as f64 <= MOST * all as f64 {
        return None;
    }
    let words = format!(
        "{higher} is below {lower} in {count} of {all} customer-months, which hardly ever is so: it looks like two columns of \
         {file} that changed places; look at its header"
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
            ENERGY => column(0.08, 0.05),
            GRID => column(0.05, 0.08),
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
            ENERGY => &nothing,
            GRID => &nothing,
        );
        assert!(of_swapped_columns(&months.unwrap()).unwrap().0.is_empty());
    }

    #[test]
    fn columns_that_are_the_other_way_round_in_most_rows_are_told() {
        assert!(found(0).is_empty() && found(20).is_empty(), "a half is not most");
        let of = |column: &str, count| (RULE.to_owned(), Some(column.to_owned()), count);
        for swapped in [21, 40] {
            let columns = ORDERED.into_iter().map(|(column, _)| column).chain([ENERGY]);
            assert_eq!(found(swapped), columns.map(|column| of(column, swapped as u64)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_grid_in_place_of_energy_is_told_by_its_file_and_a_cheap_market_is_not() {
        let found = |energy: &dyn Fn(usize) -> f64, grid: &dyn Fn(usize) -> f64| {
            let column = |of: &dyn Fn(usize) -> f64| (0..40).map(of).collect::<Vec<f64>>();
            let months = df!(ENERGY => column(energy), GRID => column(grid)).unwrap();
            energy_and_grid(&months).unwrap()
        };
        let (of_market, of_grid) = (|month: usize| 0.07 + month as f64 / 4_000.0, |_: usize| 0.05);
        assert_eq!(found(&of_market, &of_grid), None);
        let finding = found(&of_grid, &of_market).unwrap();
        assert_eq!((finding.column.as_deref(), finding.count, finding.share), (Some(ENERGY), 40, Some(1.0)));
        assert!(finding.words.contains("two columns of costs_by_province_month.csv"), "{}", finding.words);
        assert_eq!(found(&|month| 0.03 + month as f64 / 4_000.0, &of_grid), None, "a cheap market moves");
    }
}
