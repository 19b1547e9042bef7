//! The sums of some of the readings, and the table that they become.

use polars::prelude::{Column, DataFrame};

use super::calendar::ReadingMonth;
use crate::{Error, Result};

/// Energy in a cubic metre of gas, kWh.
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
    pub month: ReadingMonth,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_twelve_sums_three_of_all_and_nine_by_tier() {
        let line = Line {
            customer: 0,
            month: ReadingMonth::parse("2024-01").unwrap(),
            elec_kwh: [1.0, 2.0, 3.0],
            gas_m3: [4.0, 5.0, 6.0],
        };
        let sums = PartialSums {
            rows: 10,
            dropped_rows: 0,
            negative_elec: 0,
            negative_gas: 0,
            customers: vec!["C1".to_owned()],
            lines: vec![line],
        };
        let table = sums.to_frame().unwrap();
        let expected = [
            ("monthly_elec_kwh", 6.0),
            ("monthly_gas_m3", 15.0),
            ("monthly_gas_kwh", 165.0),
            ("elec_kwh_tier_1_peak", 1.0),
            ("elec_kwh_tier_2_standard", 2.0),
            ("elec_kwh_tier_3_offpeak", 3.0),
            ("gas_m3_tier_1_peak", 4.0),
            ("gas_m3_tier_2_standard", 5.0),
            ("gas_m3_tier_3_offpeak", 6.0),
            ("gas_kwh_tier_1_peak", 44.0),
            ("gas_kwh_tier_2_standard", 55.0),
            ("gas_kwh_tier_3_offpeak", 66.0),
        ];
        let names: Vec<&str> = table.get_column_names().iter().map(|name| name.as_str()).collect();
        assert_eq!(names[..2], ["customer_id", "month"]);
        assert_eq!(names[2..], expected.map(|(name, _)| name));
        for (name, value) in expected {
            assert_eq!(table.column(name).unwrap().f64().unwrap().get(0), Some(value), "{name}");
        }
        assert_eq!(table.column("month").unwrap().str().unwrap().get(0), Some("2024-01"));
    }
}
