//! The months of each customer: slices of `silver_customer_month`, in the order of time.

use std::collections::HashMap;
use std::ops::Range;

use polars::prelude::DataFrame;

use crate::columns::{complete, measures, rows_at, sorted_by_key, texts};
use crate::error::Result;
use crate::month::{Month, months};
use crate::snapshot_date::SnapshotDate;

/// `silver_customer_month` by customer.
pub(super) struct MonthsOfCustomers {
    rows_of: HashMap<String, Range<usize>>,
    elec_kwh: Vec<f64>,
    gas_m3: Vec<f64>,
    tier1_price: Vec<f64>,
    gas_price: Vec<f64>,
    elec_var_cost: Vec<f64>,
    gas_var_cost: Vec<f64>,
    gas_revenue_variable: Vec<f64>,
    total_revenue: Vec<f64>,
    total_margin: Vec<f64>,
}

/// The months of one customer that the window holds, at least one; every slice has one cell per month, NaN where it is
/// not known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Months<'a> {
    /// `monthly_elec_kwh`.
    pub(super) elec_kwh: &'a [f64],
    /// `monthly_gas_m3`.
    pub(super) gas_m3: &'a [f64],
    /// `variable_price_tier1_eur_kwh`.
    pub(super) tier1_price: &'a [f64],
    /// `gas_variable_price_eur_m3`.
    pub(super) gas_price: &'a [f64],
    /// `elec_var_cost_eur_kwh`.
    pub(super) elec_var_cost: &'a [f64],
    /// `gas_var_cost_eur_m3`.
    pub(super) gas_var_cost: &'a [f64],
    /// EUR.
    pub(super) gas_revenue_variable: &'a [f64],
    /// EUR.
    pub(super) total_revenue: &'a [f64],
    /// EUR.
    pub(super) total_margin: &'a [f64],
}

impl MonthsOfCustomers {
    /// Reads the twelve months of `silver_customer_month` that end with the last whole month by `as_of`,
    /// whatever else it holds; a repeated (customer, month), or an empty price or cost, is an error.
    pub(super) fn read(silver_customer_month: &DataFrame, as_of: SnapshotDate) -> Result<Self> {
        const TABLE: &str = "silver_customer_month";
        let table = sorted_by_key(TABLE, silver_customer_month, ["customer_id", "month"])?;
        let table = window(TABLE, &table, as_of)?;
        let measure = |name: &str| complete(TABLE, name, measures(&table, name)?);
        let unknown = |name: &str| -> Result<Vec<f64>> {
            Ok(measures(&table, name)?.into_iter().map(|cell| cell.unwrap_or(f64::NAN)).collect())
        };
        let mut rows_of = HashMap::new();
        let mut first = 0;
        for same in texts(&table, "customer_id")?.chunk_by(|a, b| a == b) {
            rows_of.insert(same[0].unwrap_or_default().to_owned(), first..first + same.len());
            first += same.len();
        }
        Ok(Self {
            rows_of,
            elec_kwh: unknown("monthly_elec_kwh")?,
            gas_m3: unknown("monthly_gas_m3")?,
            tier1_price: measure("variable_price_tier1_eur_kwh")?,
            gas_price: measure("gas_variable_price_eur_m3")?,
            elec_var_cost: measure("elec_var_cost_eur_kwh")?,
            gas_var_cost: measure("gas_var_cost_eur_m3")?,
            gas_revenue_variable: unknown("gas_revenue_variable")?,
            total_revenue: unknown("total_revenue")?,
            total_margin: unknown("total_margin")?,
        })
    }

    /// The months of a customer; none when there are no readings in view.
    pub(super) fn of(&self, customer_id: &str) -> Option<Months<'_>> {
        let rows = self.rows_of.get(customer_id)?.clone();
        Some(Months {
            elec_kwh: &self.elec_kwh[rows.clone()],
            gas_m3: &self.gas_m3[rows.clone()],
            tier1_price: &self.tier1_price[rows.clone()],
            gas_price: &self.gas_price[rows.clone()],
            elec_var_cost: &self.elec_var_cost[rows.clone()],
            gas_var_cost: &self.gas_var_cost[rows.clone()],
            gas_revenue_variable: &self.gas_revenue_variable[rows.clone()],
            total_revenue: &self.total_revenue[rows.clone()],
            total_margin: &self.total_margin[rows],
        })
    }
}

fn window(name: &str, table: &DataFrame, as_of: SnapshotDate) -> Result<DataFrame> {
    let first = Month::first_in_window(as_of);
    let months = months(name, table, 1)?;
    let in_window: Vec<usize> = (0..months.len()).filter(|&row| months[row] >= first).collect();
    if in_window.len() == months.len() { Ok(table.clone()) } else { rows_at(table, &in_window) }
}

#[cfg(test)]
impl<'a> Months<'a> {
    /// Months that have `cells` in every column; a test replaces the columns that it is about.
    pub(super) fn all(cells: &'a [f64]) -> Self {
        Self {
            elec_kwh: cells,
            gas_m3: cells,
            tier1_price: cells,
            gas_price: cells,
            elec_var_cost: cells,
            gas_var_cost: cells,
            gas_revenue_variable: cells,
            total_revenue: cells,
            total_margin: cells,
        }
    }
}
