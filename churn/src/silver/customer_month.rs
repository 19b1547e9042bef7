//! `silver_customer_month`: the months that the snapshot can see, with prices filled and margins computed.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use polars::prelude::*;

use super::imputation::{MonthlyRows, PRICE_AND_CONSUMPTION, impute};
use super::margins::{self, Operands};
use crate::columns::{integers, measures, rows_at, sorted_by_key, texts, with};
use crate::error::Result;
use crate::month::{Month, months};
use crate::snapshot_date::SnapshotDate;

/// Columns that are not imputed, but written as 0 where they are null.
const COSTS: [&str; 5] = [
    "elec_fixed_cost_eur_month",
    "gas_fixed_cost_eur_year",
    "elec_var_cost_eur_kwh",
    "gas_var_cost_eur_m3",
    "peaje_elec_eur_kwh",
];

/// One row per customer and month, sorted by both: every column of `bronze_customer_month`, with
/// prices imputed and prices and costs written as 0 where nothing is known, plus the customer's
/// `is_industrial` and the 13 margin columns in EUR.
///
/// Holds only months that end on or before `as_of`. Customers that `silver_customer` does not have
/// stay, with a null `is_industrial`. A repeated (customer, month) is an error.
pub fn silver_customer_month(
    bronze_customer_month: &DataFrame,
    silver_customer: &DataFrame,
    as_of: SnapshotDate,
) -> Result<DataFrame> {
    let all_months = sorted_by_key("bronze_customer_month", bronze_customer_month, ["customer_id", "month"])?;
    let table = months_in_view(&all_months, as_of)?;
    let rows = monthly_rows(&table, silver_customer)?;
    let mut money = imputed_prices(&table, &rows)?;
    money.extend(known_costs(&table)?);
    let margins = margin_columns(&table, &money)?;
    let mut columns: Vec<Column> =
        money.iter().map(|(&name, cells)| Column::new(name.into(), cells.as_slice())).collect();
    columns.push(Column::new("is_industrial".into(), rows.is_industrial));
    columns.extend(margins);
    with(&table, columns)
}

fn months_in_view(table: &DataFrame, as_of: SnapshotDate) -> Result<DataFrame> {
    let last = Month::last_complete(as_of);
    let months = months("bronze_customer_month", table, 1)?;
    let in_view: Vec<usize> = (0..months.len()).filter(|&row| months[row] <= last).collect();
    if in_view.len() == months.len() { Ok(table.clone()) } else { rows_at(table, &in_view) }
}

fn monthly_rows(table: &DataFrame, silver_customer: &DataFrame) -> Result<MonthlyRows> {
    let industrial: HashMap<_, _> =
        texts(silver_customer, "customer_id")?.into_iter().zip(integers(silver_customer, "is_industrial")?).collect();
    let ids = texts(table, "customer_id")?;
    let mut is_industrial = Vec::with_capacity(ids.len());
    let mut customers: Vec<Range<usize>> = Vec::new();
    for same in ids.chunk_by(|a, b| a == b) {
        let first = is_industrial.len();
        is_industrial.resize(first + same.len(), industrial.get(&same[0]).copied().flatten());
        customers.push(first..first + same.len());
    }
    Ok(MonthlyRows { customers, months: months("bronze_customer_month", table, 1)?, is_industrial })
}

/// The six price columns after imputation; what stayed missing is 0.
fn imputed_prices(table: &DataFrame, rows: &MonthlyRows) -> Result<BTreeMap<&'static str, Vec<f64>>> {
    let mut prices = BTreeMap::new();
    for (price, consumption) in PRICE_AND_CONSUMPTION {
        let mut cells = measures(table, price)?;
        impute(&mut cells, &measures(table, consumption)?, rows);
        prices.insert(price, zero_where_null(cells));
    }
    Ok(prices)
}

fn known_costs(table: &DataFrame) -> Result<Vec<(&'static str, Vec<f64>)>> {
    COSTS.into_iter().map(|name| Ok((name, zero_where_null(measures(table, name)?)))).collect()
}

fn margin_columns(table: &DataFrame, money: &BTreeMap<&'static str, Vec<f64>>) -> Result<Vec<Column>> {
    let quantity = |name| Ok(zero_where_null(measures(table, name)?));
    let tiers = [
        quantity("elec_kwh_tier_1_peak")?,
        quantity("elec_kwh_tier_2_standard")?,
        quantity("elec_kwh_tier_3_offpeak")?,
    ];
    let (elec_kwh, gas_m3) = (quantity("monthly_elec_kwh")?, quantity("monthly_gas_m3")?);
    Ok(margins::columns(&Operands {
        tier_kwh: [&tiers[0], &tiers[1], &tiers[2]],
        tier_price: [
            &money["variable_price_tier1_eur_kwh"],
            &money["variable_price_tier2_eur_kwh"],
            &money["variable_price_tier3_eur_kwh"],
        ],
        elec_kwh: &elec_kwh,
        elec_fixed_fee_eur_month: &money["elec_fixed_fee_eur_month"],
        elec_fixed_cost_eur_month: &money["elec_fixed_cost_eur_month"],
        elec_var_cost_eur_kwh: &money["elec_var_cost_eur_kwh"],
        peaje_elec_eur_kwh: &money["peaje_elec_eur_kwh"],
        gas_m3: &gas_m3,
        gas_variable_price_eur_m3: &money["gas_variable_price_eur_m3"],
        gas_fixed_revenue_eur_year: &money["gas_fixed_revenue_eur_year"],
        gas_fixed_cost_eur_year: &money["gas_fixed_cost_eur_year"],
        gas_var_cost_eur_m3: &money["gas_var_cost_eur_m3"],
    }))
}

fn zero_where_null(cells: Vec<Option<f64>>) -> Vec<f64> {
    cells.into_iter().map(|cell| cell.unwrap_or(0.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of (customer, month, tier-1 price), each with 10 kWh in tier 1, no gas and nothing else known.
    fn bronze(rows: &[(&str, &str, Option<f64>)]) -> DataFrame {
        let constant = |value: Option<f64>| vec![value; rows.len()];
        let mut columns = vec![
            Column::new("customer_id".into(), rows.iter().map(|row| row.0).collect::<Vec<_>>()),
            Column::new("month".into(), rows.iter().map(|row| row.1).collect::<Vec<_>>()),
            Column::new("variable_price_tier1_eur_kwh".into(), rows.iter().map(|row| row.2).collect::<Vec<_>>()),
        ];
        for name in ["elec_kwh_tier_1_peak", "monthly_elec_kwh"] {
            columns.push(Column::new(name.into(), constant(Some(10.0))));
        }
        for name in ["elec_kwh_tier_2_standard", "elec_kwh_tier_3_offpeak", "monthly_gas_m3"] {
            columns.push(Column::new(name.into(), constant(Some(0.0))));
        }
        for (name, _) in &PRICE_AND_CONSUMPTION[1..] {
            columns.push(Column::new((*name).into(), constant(None)));
        }
        for name in COSTS {
            columns.push(Column::new(name.into(), constant(None)));
        }
        DataFrame::new(rows.len(), columns).unwrap()
    }

    fn silver(rows: &[(&str, &str, Option<f64>)], as_of: &str) -> Result<DataFrame> {
        let customers = df!("customer_id" => ["C1", "C2"], "is_industrial" => [Some(0), Some(1)]).unwrap();
        silver_customer_month(&bronze(rows), &customers, SnapshotDate::parse(as_of).unwrap())
    }

    #[test]
    fn a_month_that_has_not_ended_is_not_seen_and_fills_no_earlier_gap() {
        let rows = [("C1", "2024-01", None), ("C1", "2024-02", Some(0.5))];
        let before = silver(&rows, "2024-02-28").unwrap();
        assert_eq!(texts(&before, "month").unwrap(), [Some("2024-01")]);
        assert_eq!(measures(&before, "variable_price_tier1_eur_kwh").unwrap(), [Some(0.0)]);
        let after = silver(&rows, "2024-02-29").unwrap();
        assert_eq!(measures(&after, "variable_price_tier1_eur_kwh").unwrap(), [Some(0.5), Some(0.5)]);
    }

    #[test]
    fn what_is_not_known_is_written_as_zero_and_counts_as_zero() {
        let table = silver(&[("C1", "2024-01", Some(0.5))], "2024-12-31").unwrap();
        for name in COSTS.into_iter().chain(PRICE_AND_CONSUMPTION[1..].iter().map(|pair| pair.0)) {
            assert_eq!(measures(&table, name).unwrap(), [Some(0.0)], "{name}");
        }
        assert_eq!(measures(&table, "elec_margin").unwrap(), [Some(5.0)]);
        assert_eq!(measures(&table, "total_margin").unwrap(), [Some(5.0)]);
    }

    #[test]
    fn a_customer_that_silver_does_not_have_stays_with_unknown_kind() {
        let rows = [("C2", "2024-01", Some(0.5)), ("C9", "2024-01", Some(0.5)), ("C1", "2024-01", Some(0.5))];
        let table = silver(&rows, "2024-12-31").unwrap();
        assert_eq!(texts(&table, "customer_id").unwrap(), [Some("C1"), Some("C2"), Some("C9")]);
        assert_eq!(integers(&table, "is_industrial").unwrap(), [Some(0), Some(1), None]);
    }

    #[test]
    fn a_repeated_customer_and_month_is_an_error() {
        let rows = [("C1", "2024-01", None), ("C2", "2024-01", None), ("C1", "2024-01", None)];
        let message = silver(&rows, "2024-12-31").unwrap_err().to_string();
        assert!(message.contains("bronze_customer_month") && message.contains("rows 1 and 3"), "{message}");
    }

    #[test]
    fn a_month_that_is_none_is_an_error() {
        let message = silver(&[("C1", "2024-13", None)], "2024-12-31").unwrap_err().to_string();
        assert!(message.contains("column month, row 1") && !message.contains("2024-13"), "{message}");
    }

    #[test]
    fn no_month_in_view_is_an_empty_table_with_all_columns() {
        let table = silver(&[("C1", "2024-01", None)], "2023-12-31").unwrap();
        assert_eq!(table.height(), 0);
        assert!(table.column("total_margin").is_ok());
    }
}
