//! `bronze_customer_month`: the monthly sums of the readings, with the prices and the provincial
//! costs of that month beside them.
//!
//! It holds every month and every customer of the readings, whatever the snapshot date: the table
//! is reused between runs.

use std::collections::HashMap;

use polars::prelude::*;

use crate::error::Result;
use crate::silver::columns::{dates, integers, measures, repeated, sorted_by_key, texts, with};
use crate::silver::month::{Month, months};

const PRICES_FILE: &str = "price_history.csv";
const COSTS_FILE: &str = "costs_by_province_month.csv";

/// The number of a file's first data row: row 1 is the header.
const FIRST_DATA_ROW: usize = 2;

const PRICE_COLUMNS: [&str; 8] = [
    "variable_price_tier1_eur_kwh",
    "variable_price_tier2_eur_kwh",
    "variable_price_tier3_eur_kwh",
    "elec_fixed_fee_eur_month",
    "elec_fixed_cost_eur_month",
    "gas_variable_price_eur_m3",
    "gas_fixed_revenue_eur_year",
    "gas_fixed_cost_eur_year",
];

const COST_COLUMNS: [&str; 3] = ["elec_var_cost_eur_kwh", "gas_var_cost_eur_m3", "peaje_elec_eur_kwh"];

/// One row per customer and month of `sums`, sorted by both: its columns (kWh and m3), plus eight
/// of `price_history` and three of `costs_by_province_month` (EUR), null where the file has no row.
///
/// `prices` and `costs` are the raw files, row by row: errors name their rows. Prices without a
/// customer are dropped. A repeated (customer, month) in `sums` or `prices`, and a repeated
/// (province, month) in `costs`, is an error. The first row of a customer in `attributes` gives its
/// province.
pub fn bronze_customer_month(
    sums: &DataFrame,
    prices: &DataFrame,
    costs: &DataFrame,
    attributes: &DataFrame,
) -> Result<DataFrame> {
    let sums = sorted_by_key("bronze_customer_month", sums, ["customer_id", "month"])?;
    let customers = texts(&sums, "customer_id")?;
    let months = months("bronze_customer_month", &sums, 1)?;

    let price_rows = price_rows(prices)?;
    let price_row: Vec<_> = customers.iter().zip(&months).map(|(c, m)| price_rows.get(&((*c)?, *m)).copied()).collect();

    let (provinces, cost_rows) = (province_of_customer(attributes)?, cost_rows(costs)?);
    let cost_row_of = |customer: Option<&str>, month| cost_rows.get(&(*provinces.get(customer?)?, month)).copied();
    let cost_row: Vec<_> = customers.iter().zip(&months).map(|(c, m)| cost_row_of(*c, *m)).collect();

    let mut columns = picked(prices, &PRICE_COLUMNS, &price_row)?;
    columns.extend(picked(costs, &COST_COLUMNS, &cost_row)?);
    with(&sums, columns)
}

/// The row of `prices` for each (customer, month).
fn price_rows(prices: &DataFrame) -> Result<HashMap<(&str, Month), usize>> {
    let (customers, pricing_dates) = (texts(prices, "customer_id")?, dates(prices, "pricing_date")?);
    let mut rows = HashMap::with_capacity(customers.len());
    for (row, (customer, date)) in customers.into_iter().zip(pricing_dates).enumerate() {
        let (Some(customer), Some(date)) = (customer.filter(|customer| !customer.is_empty()), date) else { continue };
        if let Some(earlier) = rows.insert((customer, Month::of(date)), row) {
            let key = ["customer_id", "month of pricing_date"];
            return Err(repeated(PRICES_FILE, &key, earlier + FIRST_DATA_ROW, row + FIRST_DATA_ROW));
        }
    }
    Ok(rows)
}

/// The row of `costs` for each (province, month).
fn cost_rows(costs: &DataFrame) -> Result<HashMap<(i32, Month), usize>> {
    let (provinces, months) = (integers(costs, "province")?, months(COSTS_FILE, costs, FIRST_DATA_ROW)?);
    let mut rows = HashMap::with_capacity(months.len());
    for (row, (province, month)) in provinces.into_iter().zip(months).enumerate() {
        let Some(province) = province else { continue };
        if let Some(earlier) = rows.insert((province, month), row) {
            return Err(repeated(COSTS_FILE, &["province", "month"], earlier + FIRST_DATA_ROW, row + FIRST_DATA_ROW));
        }
    }
    Ok(rows)
}

fn province_of_customer(attributes: &DataFrame) -> Result<HashMap<&str, i32>> {
    let (customers, codes) = (texts(attributes, "customer_id")?, integers(attributes, "province_code")?);
    let mut first_row: HashMap<&str, Option<i32>> = HashMap::with_capacity(customers.len());
    for (customer, code) in customers.into_iter().zip(codes) {
        if let Some(customer) = customer {
            first_row.entry(customer).or_insert(code);
        }
    }
    Ok(first_row.into_iter().filter_map(|(customer, code)| Some((customer, code?))).collect())
}

/// The cells of `source` at `rows`, null where there is no row.
fn picked(source: &DataFrame, names: &[&'static str], rows: &[Option<usize>]) -> Result<Vec<Column>> {
    let pick = |&name: &&'static str| {
        let cells = measures(source, name)?;
        let picked: Vec<Option<f64>> = rows.iter().map(|row| row.and_then(|row| cells[row])).collect();
        Ok(Column::new(name.into(), picked))
    };
    names.iter().map(pick).collect()
}
