//! The sums of some of the readings, and how they are put together.

use polars::prelude::{Column, DataFrame};

use super::accumulator::Accumulator;
use super::calendar::Month;
use crate::{Error, Result};

/// Energy in a cubic metre of gas, kWh (spec, `bronze_customer_month` step 2).
const KWH_PER_GAS_M3: f64 = 11.0;

const TIERS: [&str; 3] = ["tier_1_peak", "tier_2_standard", "tier_3_offpeak"];

/// Sums per customer and month over some of the readings, sorted by customer and month.
#[derive(Debug, Clone, PartialEq)]
pub struct PartialSums {
    /// Readings seen, dropped ones included.
    pub rows: u64,
    /// Readings dropped because the customer is null or empty.
    pub dropped_rows: u64,
    /// Electricity readings below 0, counted as 0.
    pub negative_elec: u64,
    /// Gas readings below 0, counted as 0.
    pub negative_gas: u64,
    pub(super) customers: Vec<String>,
    pub(super) lines: Vec<Line>,
}

/// The sums of one customer and month, by tier. All other sums follow from these six.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Line {
    /// Place in `customers`.
    pub customer: u32,
    pub month: Month,
    pub elec_kwh: [f64; 3],
    pub gas_m3: [f64; 3],
}

impl PartialSums {
    /// How many customers have a reading.
    pub fn customers(&self) -> usize {
        self.customers.len()
    }

    /// How many customer-months have a reading.
    pub fn customer_months(&self) -> usize {
        self.lines.len()
    }

    /// Adds up `parts` in the order given, one at a time.
    ///
    /// The order matters in the last digit of a sum that several parts share: give the parts in
    /// slice order.
    pub fn merge(parts: impl IntoIterator<Item = Result<Self>>) -> Result<Self> {
        let mut sums = Accumulator::default();
        for part in parts {
            sums.add_partial(&part?);
        }
        Ok(sums.finish())
    }

    /// The table: `customer_id`, `month` (text) and the twelve sums (f64), sorted by the first two.
    pub fn to_frame(&self) -> Result<DataFrame> {
        let customers: Vec<&str> = self.lines.iter().map(|line| self.customer(line)).collect();
        let month_texts: Vec<String> = self.lines.iter().map(|line| line.month.to_string()).collect();
        let measure = |name: String, of: &dyn Fn(&Line) -> f64| {
            Column::new(name.into(), self.lines.iter().map(of).collect::<Vec<f64>>())
        };
        let mut columns = vec![
            Column::new("customer_id".into(), customers),
            Column::new("month".into(), month_texts),
            measure("monthly_elec_kwh".into(), &|line| line.elec_kwh.iter().sum()),
            measure("monthly_gas_m3".into(), &|line| line.gas_m3.iter().sum()),
            measure("monthly_gas_kwh".into(), &|line| line.gas_m3.iter().sum::<f64>() * KWH_PER_GAS_M3),
        ];
        let by_tier = |name: &'static str| TIERS.iter().enumerate().map(move |(i, tier)| (i, format!("{name}_{tier}")));
        columns.extend(by_tier("elec_kwh").map(|(i, name)| measure(name, &|line| line.elec_kwh[i])));
        columns.extend(by_tier("gas_m3").map(|(i, name)| measure(name, &|line| line.gas_m3[i])));
        columns.extend(by_tier("gas_kwh").map(|(i, name)| measure(name, &|line| line.gas_m3[i] * KWH_PER_GAS_M3)));
        DataFrame::new(self.lines.len(), columns).map_err(Error::table("build the table of monthly sums"))
    }

    /// The customers in order, each with its lines.
    pub(super) fn by_customer(&self) -> impl Iterator<Item = (&str, &[Line])> {
        self.lines.chunk_by(|a, b| a.customer == b.customer).map(|lines| (self.customer(&lines[0]), lines))
    }

    pub(super) fn customer(&self, line: &Line) -> &str {
        &self.customers[line.customer as usize]
    }
}
