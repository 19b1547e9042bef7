//! The sums of some of the readings, and the table that they become.

use polars::prelude::{Column, DataFrame};

use super::calendar::ReadingMonth;
use super::counts::Counts;
use super::hours::Hours;
use super::known_energy::{Fuels, known_share};
use super::within_hour::WithinHour;
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
    /// What these six lack of what was added, in their order: it counts where sums are added up.
    pub rests: [f64; 6],
    pub counts: Counts,
    pub hours: Hours,
    pub within_hour: WithinHour,
}

/// Which fuels a customer has, or may have for all that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HasFuels {
    pub elec: bool,
    pub gas: bool,
}

impl HasFuels {
    /// From the lines of one customer. Without any value of gas a customer has none. Without any value of electricity it
    /// has none where it burns gas, and others have electricity; else nobody knows what it used.
    pub(super) fn of(lines: &[Line], electricity_is_there: bool) -> Self {
        let has = |nulls: fn(&Counts) -> u32| lines.iter().any(|line| nulls(&line.counts) < line.counts.readings);
        let burns_gas = lines.iter().any(|line| line.gas_m3.iter().sum::<f64>() > 0.0);
        let elec = has(|counts| counts.null_elec) || !(burns_gas && electricity_is_there);
        Self { elec, gas: has(|counts| counts.null_gas) }
    }
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
    ///
    /// Where a share of a month's readings has no value, up to `scaled_to` of them, the sums are scaled to what all
    /// would have been; beyond it they are null. A fuel that never has a value is one that the customer does not have: 0.
    /// That is so of gas, and of the electricity of those who burn gas, where others have electricity; else it is null.
    pub fn to_frame(&self, scaled_to: f64) -> Result<DataFrame> {
        let customers: Vec<&str> = self.lines.iter().map(|line| self.customer(line)).collect();
        let month_texts: Vec<String> = self.lines.iter().map(|line| line.month.to_string()).collect();
        let factors = self.factors(scaled_to);
        let measure = |name: String, fuel: fn(&Fuels) -> Option<f64>, of: &dyn Fn(&Line) -> f64| {
            let cells = self.lines.iter().zip(&factors).map(|(line, factors)| Some(of(line) * fuel(factors)?));
            Column::new(name.into(), cells.collect::<Vec<Option<f64>>>())
        };
        let elec = |name: String, of: &dyn Fn(&Line) -> f64| measure(name, |factors| factors.elec, of);
        let gas = |name: String, of: &dyn Fn(&Line) -> f64| measure(name, |factors| factors.gas, of);
        let mut columns = vec![
            Column::new("customer_id".into(), customers),
            Column::new("month".into(), month_texts),
            elec("monthly_elec_kwh".into(), &|line| line.elec_kwh.iter().sum()),
            gas("monthly_gas_m3".into(), &|line| line.gas_m3.iter().sum()),
            gas("monthly_gas_kwh".into(), &|line| line.gas_m3.iter().sum::<f64>() * KWH_PER_GAS_M3),
        ];
        let by_tier = |name: &'static str| TIERS.iter().enumerate().map(move |(i, tier)| (i, format!("{name}_{tier}")));
        columns.extend(by_tier("elec_kwh").map(|(i, name)| elec(name, &|line| line.elec_kwh[i])));
        columns.extend(by_tier("gas_m3").map(|(i, name)| gas(name, &|line| line.gas_m3[i])));
        columns.extend(by_tier("gas_kwh").map(|(i, name)| gas(name, &|line| line.gas_m3[i] * KWH_PER_GAS_M3)));
        DataFrame::new(self.lines.len(), columns).map_err(Error::table("build the table of monthly sums"))
    }

    /// By what the sums of each line are multiplied, per fuel; none where they are not known.
    pub(super) fn factors(&self, scaled_to: f64) -> Vec<Fuels> {
        let mut factors = Vec::with_capacity(self.lines.len());
        let electricity_is_there = self.electricity_is_there();
        for (_, lines) in self.by_customer() {
            let has = HasFuels::of(lines, electricity_is_there);
            factors.extend(lines.iter().map(|Line { counts, .. }| Fuels {
                elec: if has.elec { known_share(counts.null_elec, counts.readings, scaled_to) } else { Some(1.0) },
                gas: if has.gas { known_share(counts.null_gas, counts.readings, scaled_to) } else { Some(1.0) },
            }));
        }
        factors
    }

    /// Whether any reading has a value of electricity: a delivery without one is not of customers who use nothing.
    pub(super) fn electricity_is_there(&self) -> bool {
        self.lines.iter().any(|line| line.counts.null_elec < line.counts.readings)
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
            rests: [0.0; 6],
            counts: Counts { readings: 744, ..Counts::default() },
            hours: Hours::default(),
            within_hour: WithinHour::default(),
        };
        let sums = PartialSums {
            rows: 10,
            dropped_rows: 0,
            negative_elec: 0,
            negative_gas: 0,
            customers: vec!["C1".to_owned()],
            lines: vec![line],
        };
        let table = sums.to_frame(0.25).unwrap();
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

    #[test]
    fn readings_without_a_value_are_scaled_a_little_and_unknown_beyond_and_never_nothing() {
        let line = |customer, month: &str, null_elec, null_gas| Line {
            customer,
            month: ReadingMonth::parse(month).unwrap(),
            elec_kwh: [6.0, 0.0, 0.0],
            gas_m3: [0.0; 3],
            rests: [0.0; 6],
            counts: Counts { readings: 8, null_elec, null_gas, ..Counts::default() },
            hours: Hours::default(),
            within_hour: WithinHour::default(),
        };
        let sums = PartialSums {
            rows: 24,
            dropped_rows: 0,
            negative_elec: 0,
            negative_gas: 0,
            customers: vec!["C1".to_owned()],
            lines: vec![line(0, "2024-01", 2, 8), line(0, "2024-02", 3, 8), line(0, "2024-03", 0, 8)],
        };
        let table = sums.to_frame(0.25).unwrap();
        let cells = |name: &str| table.column(name).unwrap().f64().unwrap().iter().collect::<Vec<_>>();
        assert_eq!(cells("monthly_elec_kwh"), [Some(8.0), None, Some(6.0)]);
        assert_eq!(cells("elec_kwh_tier_1_peak"), [Some(8.0), None, Some(6.0)]);
        assert_eq!(cells("monthly_gas_m3"), [Some(0.0); 3], "a customer without gas");
    }

    #[test]
    fn electricity_without_any_value_is_nothing_for_those_who_burn_gas_alone_and_else_unknown() {
        let line = |customer, null_elec, gas: f64| Line {
            customer,
            month: ReadingMonth::parse("2024-01").unwrap(),
            elec_kwh: [if null_elec == 0 { 6.0 } else { 0.0 }, 0.0, 0.0],
            gas_m3: [gas, 0.0, 0.0],
            rests: [0.0; 6],
            counts: Counts { readings: 8, null_elec, ..Counts::default() },
            hours: Hours::default(),
            within_hour: WithinHour::default(),
        };
        let elec = |lines: Vec<Line>| {
            let customers = lines.iter().map(|line| format!("C{}", line.customer)).collect();
            let sums = PartialSums { rows: 24, dropped_rows: 0, negative_elec: 0, negative_gas: 0, customers, lines };
            let table = sums.to_frame(0.25).unwrap();
            table.column("monthly_elec_kwh").unwrap().f64().unwrap().iter().collect::<Vec<_>>()
        };
        // With electricity, with gas alone, and with nothing that is known.
        assert_eq!(elec(vec![line(0, 0, 0.0), line(1, 8, 5.0), line(2, 8, 0.0)]), [Some(6.0), Some(0.0), None]);
        assert_eq!(elec(vec![line(0, 8, 0.0), line(1, 8, 5.0)]), [None, None], "nobody has any");
    }
}
