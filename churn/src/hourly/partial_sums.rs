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
            sums.add_partial(&part?)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn part(customer: &str, month: &str, elec: f64) -> PartialSums {
        let month = Month::parse(month).unwrap();
        let line = Line { customer: 0, month, elec_kwh: [elec, 2.0, 3.0], gas_m3: [4.0, 5.0, 6.0] };
        PartialSums {
            rows: 10,
            dropped_rows: 1,
            negative_elec: 2,
            negative_gas: 3,
            customers: vec![customer.to_owned()],
            lines: vec![line],
        }
    }

    #[test]
    fn parts_are_added_in_the_order_given_and_sorted_by_customer_and_month() {
        let parts = [part("C2", "2024-01", 0.1), part("C1", "2024-02", 1.0), part("C1", "2024-01", 1.0)];
        let again = [part("C2", "2024-01", 0.2), part("C2", "2024-01", 0.3)];
        let merged = PartialSums::merge(parts.into_iter().chain(again).map(Ok)).unwrap();
        let lines: Vec<_> = merged.lines.iter().map(|line| (merged.customer(line), line.elec_kwh[0])).collect();
        assert_eq!(lines, [("C1", 1.0), ("C1", 1.0), ("C2", 0.1 + 0.2 + 0.3)]);
        assert_eq!(merged.lines[0].month, Month::parse("2024-01").unwrap());
        let counts = [merged.rows, merged.dropped_rows, merged.negative_elec, merged.negative_gas];
        assert_eq!(counts, [50, 5, 10, 15]);
    }

    #[test]
    fn merging_one_part_changes_nothing_and_a_failed_part_fails_the_merge() {
        let one = part("C1", "2024-01", 1.0 / 3.0);
        assert_eq!(PartialSums::merge([Ok(one.clone())]).unwrap(), one);
        assert!(PartialSums::merge([Ok(one), Err(Error::Cancelled)]).is_err());
    }

    #[test]
    fn counts_that_no_readings_can_have_are_an_error() {
        let all = PartialSums { rows: u64::MAX, ..part("C1", "2024-01", 1.0) };
        assert!(PartialSums::merge([Ok(all.clone())]).is_ok());
        let error = PartialSums::merge([Ok(all), Ok(part("C2", "2024-01", 1.0))]).unwrap_err();
        assert!(matches!(error, Error::Data(_)), "{error}");
    }

    #[test]
    fn the_table_has_the_twelve_sums_of_the_specification() {
        let table = part("C1", "2024-01", 1.0).to_frame().unwrap();
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
