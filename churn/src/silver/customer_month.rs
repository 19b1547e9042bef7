//! `silver_customer_month`: the months that the snapshot can see, with prices filled and margins computed.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use polars::prelude::*;

use super::columns::{integers, measures, rows_at, sorted_by_key, texts, with};
use super::imputation::{MonthlyRows, PRICE_AND_CONSUMPTION, impute};
use super::margins::{self, Operands};
use super::month::{Month, months};
use crate::error::Result;
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
