//! `bronze_customer_month`: the monthly sums of the readings, with the prices and the provincial
//! costs of that month beside them.
//!
//! It holds every month and every customer of the readings, whatever the snapshot date: the table
//! is reused between runs.

use std::collections::HashMap;

use polars::prelude::*;

use crate::columns::{dates, integers, measures, repeated, sorted_by_key, texts, with};
use crate::error::Result;
use crate::month::{Month, months};

/// The version of this computation; see [`crate::versions`].
pub const VERSION: u32 = 8;

const PRICES_FILE: &str = "price_history.csv";
const COSTS_FILE: &str = "costs_by_province_month.csv";

/// The number of a file's first data row: row 1 is the header.
const FIRST_DATA_ROW: usize = 2;

/// What `price_history` says of a customer's month.
pub(crate) const PRICE_COLUMNS: [&str; 8] = [
    "variable_price_tier1_eur_kwh",
    "variable_price_tier2_eur_kwh",
    "variable_price_tier3_eur_kwh",
    "elec_fixed_fee_eur_month",
    "elec_fixed_cost_eur_month",
    "gas_variable_price_eur_m3",
    "gas_fixed_revenue_eur_year",
    "gas_fixed_cost_eur_year",
];

/// What `costs_by_province_month` says of a province's month.
pub(crate) const COST_COLUMNS: [&str; 3] = ["elec_var_cost_eur_kwh", "gas_var_cost_eur_m3", "peaje_elec_eur_kwh"];

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

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn sums(rows: &[(&str, &str)]) -> DataFrame {
        df!(
            "customer_id" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
            "month" => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
            "monthly_elec_kwh" => vec![1.0; rows.len()],
        )
        .unwrap()
    }

    /// Rows of (customer, pricing date, price); all eight measures have that price.
    fn prices(rows: &[(Option<&str>, &str, f64)]) -> DataFrame {
        let days = |date: &str| NaiveDate::parse_from_str(date, "%Y-%m-%d").unwrap().to_epoch_days();
        let dates = Column::new("pricing_date".into(), rows.iter().map(|row| days(row.1)).collect::<Vec<i32>>());
        let mut columns = vec![
            Column::new("customer_id".into(), rows.iter().map(|row| row.0).collect::<Vec<_>>()),
            dates.cast(&DataType::Date).unwrap(),
        ];
        for name in PRICE_COLUMNS {
            columns.push(Column::new(name.into(), rows.iter().map(|row| row.2).collect::<Vec<_>>()));
        }
        DataFrame::new(rows.len(), columns).unwrap()
    }

    /// Rows of (province, month, cost); all three measures have that cost.
    fn costs(rows: &[(i32, &str, f64)]) -> DataFrame {
        let cost: Vec<f64> = rows.iter().map(|row| row.2).collect();
        df!(
            "month" => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
            "province" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
            "elec_var_cost_eur_kwh" => &cost,
            "gas_var_cost_eur_m3" => &cost,
            "peaje_elec_eur_kwh" => &cost,
        )
        .unwrap()
    }

    fn attributes() -> DataFrame {
        df!("customer_id" => ["C1", "C2", "C1", "C3"], "province_code" => [Some(8), Some(28), Some(99), None]).unwrap()
    }

    #[test]
    fn prices_join_by_the_month_of_their_date_and_costs_by_the_province_of_the_customer() {
        let prices = prices(&[(Some("C2"), "2024-01-15", 0.25), (Some("C1"), "2024-02-29", 0.5)]);
        let costs = costs(&[(8, "2024-01", 1.0), (8, "2024-02", 2.0), (28, "2024-01", 3.0)]);
        let readings = sums(&[("C2", "2024-01"), ("C1", "2024-02"), ("C1", "2024-01")]);
        let table = bronze_customer_month(&readings, &prices, &costs, &attributes()).unwrap();
        assert_eq!(texts(&table, "customer_id").unwrap(), [Some("C1"), Some("C1"), Some("C2")]);
        for name in PRICE_COLUMNS {
            assert_eq!(measures(&table, name).unwrap(), [None, Some(0.5), Some(0.25)], "{name}");
        }
        for name in COST_COLUMNS {
            assert_eq!(measures(&table, name).unwrap(), [Some(1.0), Some(2.0), Some(3.0)], "{name}");
        }
    }

    #[test]
    fn a_customer_without_attributes_or_province_has_no_costs() {
        let costs = costs(&[(8, "2024-01", 1.0)]);
        let readings = sums(&[("C3", "2024-01"), ("C9", "2024-01")]);
        let table = bronze_customer_month(&readings, &prices(&[]), &costs, &attributes()).unwrap();
        assert_eq!(measures(&table, "peaje_elec_eur_kwh").unwrap(), [None, None]);
    }

    #[test]
    fn prices_without_a_customer_are_dropped_however_often() {
        let prices = prices(&[(None, "2024-01-01", 0.1), (None, "2024-01-01", 0.2), (Some(""), "2024-01-01", 0.3)]);
        let table = bronze_customer_month(&sums(&[("C1", "2024-01")]), &prices, &costs(&[]), &attributes()).unwrap();
        assert_eq!(measures(&table, PRICE_COLUMNS[0]).unwrap(), [None]);
    }

    #[test]
    fn two_prices_in_a_month_are_an_error_that_names_the_rows_of_the_file() {
        let prices =
            prices(&[(Some("C1"), "2024-01-01", 0.1), (None, "2024-01-01", 0.1), (Some("C1"), "2024-01-31", 0.2)]);
        let error = bronze_customer_month(&sums(&[]), &prices, &costs(&[]), &attributes()).unwrap_err();
        let expected = "price_history.csv, column customer_id, month of pricing_date, rows 2 and 4: ";
        assert!(error.to_string().starts_with(expected), "{error}");
        assert!(!error.to_string().contains("C1"), "{error}");
    }

    #[test]
    fn a_repeated_province_and_month_is_an_error() {
        let costs = costs(&[(8, "2024-01", 1.0), (8, "2024-02", 1.0), (8, "2024-01", 1.0)]);
        let error = bronze_customer_month(&sums(&[]), &prices(&[]), &costs, &attributes()).unwrap_err();
        let expected = "costs_by_province_month.csv, column province, month, rows 2 and 4: ";
        assert!(error.to_string().starts_with(expected), "{error}");
    }

    #[test]
    fn a_repeated_customer_and_month_of_readings_is_an_error() {
        let readings = sums(&[("C1", "2024-01"), ("C1", "2024-01")]);
        let error = bronze_customer_month(&readings, &prices(&[]), &costs(&[]), &attributes()).unwrap_err();
        assert!(error.to_string().contains("rows 1 and 2"), "{error}");
    }

    #[test]
    fn a_malformed_month_of_costs_names_its_row_in_the_file() {
        let error =
            bronze_customer_month(&sums(&[]), &prices(&[]), &costs(&[(8, "Jan", 1.0)]), &attributes()).unwrap_err();
        assert!(error.to_string().starts_with("costs_by_province_month.csv, column month, row 2: "), "{error}");
    }
}
