//! What the readings cover: a count beside every sum, added up by month and by day.
//!
//! Nothing is judged here; see [`crate::quality`].

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use polars::prelude::{Column, DataFrame};
use serde::{Deserialize, Serialize};

use super::calendar::ReadingMonth;
use super::local_clock::hours_between;
use super::partial_sums::{HasFuels, Line, PartialSums};
use crate::{Error, Result};

/// A customer has a lone hour in a month with no more readings than this: an hour, or two in summer.
const LONE_HOURS: u32 = 2;

/// Electricity is 0 in more than one of so many readings: in more than a day of a month.
const A_DAY_OF_A_MONTH: u64 = 30;

/// Readings beyond the hours that they are of are repeats; a hundredth of them may be of a clock that drifts.
const DRIFTING_CLOCK: u64 = 100;

/// What the readings cover, over all customers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Coverage {
    /// Month by month, in the order of time.
    pub months: Vec<MonthCoverage>,
    /// Day by day, in the order of time; days without a reading are not there.
    pub days: Vec<DayCoverage>,
    /// Customers with more readings than hours in a month, or than the hours of the days that they are of.
    pub overfull_customers: u64,
    /// Those among them whose readings are of several sources with other minutes, as :00 and :30.
    pub other_minutes: u64,
    /// Customers with a reading a day at most.
    pub of_days: u64,
    /// Customers with a reading or two a month.
    pub of_months: u64,
    /// Customers with readings of the first day that most have.
    pub on_first_day: u64,
    /// Those among them whose first day lacks its first hour alone, and whose last day has its last.
    pub without_first_hour: u64,
    /// Customer-months whose sums are null: too many readings of a fuel that the customer has are without a value.
    pub unknown_months: u64,
    /// Customer-months whose sums were scaled, since a few readings are without a value.
    pub scaled_months: u64,
    /// Nulls of a fuel that the customer has.
    pub nulls: u64,
    /// Customers whose electricity of every month is above that of the month before, of six months or more.
    pub only_rising: u64,
    /// Customers with six months or more.
    pub of_six_months: u64,
}

/// What the readings of a month cover.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MonthCoverage {
    /// `YYYY-MM`.
    pub month: String,
    /// The hours that the retailer's clock shows.
    pub hours: u32,
    /// Customers with a reading.
    pub customers: u64,
    /// Readings.
    pub readings: u64,
    /// Hours that have a reading, each counted once.
    pub hours_read: u64,
    /// Customers who should have readings: whose first one is not after the month, nor their last before it.
    pub expected: u64,
    /// Those among them who lack more than a tenth of the hours between their first reading and their last.
    pub short: u64,
    /// The hours of the month between the first reading and the last of each of them.
    pub hours_expected: u64,
    /// Those among these without a reading.
    pub hours_lost: u64,
    /// Customers whose last reading is of this month, and more than a week before the last day that most have.
    pub stopped: u64,
    /// Electricity and gas readings without a value.
    pub nulls: [u64; 2],
    /// Electricity and gas readings below 0.
    pub negatives: [u64; 2],
    /// Customers who consume electricity.
    pub consuming: u64,
    /// Those among them whose electricity is exactly 0 in more than a thirtieth of their readings.
    pub with_zeros: u64,
    /// Electricity readings of exactly 0 of those who consume some.
    pub zeros: u64,
    /// Customers with more readings than hours.
    pub overfull: u64,
    /// The most readings that a customer has of the hours that have one, in thousandths.
    pub fullest_permille: u64,
    /// Customers who have an hour or two, on the month's first day.
    pub lone_first: u64,
    /// Customers who have an hour or two, on the month's last day.
    pub lone_last: u64,
    /// Customers, of the others, whose readings within the hour nearly all repeat the one before, as those of a copy do.
    pub repeating: u64,
}

/// How many customers have readings of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayCoverage {
    /// The day.
    pub day: NaiveDate,
    /// Customers with a reading.
    pub customers: u64,
}

impl PartialSums {
    /// What the readings cover, on the clock of `zone`; `scaled_to` as of [`PartialSums::to_frame`].
    pub fn coverage(&self, zone: Tz, scaled_to: f64) -> Coverage {
        let mut coverage = Coverage::default();
        let mut months: BTreeMap<ReadingMonth, (MonthCoverage, [u64; 31])> = BTreeMap::new();
        let mut factors = self.factors(scaled_to).into_iter();
        let electricity_is_there = self.electricity_is_there();
        for (_, lines) in self.by_customer() {
            let has = HasFuels::of(lines, electricity_is_there);
            let (mut is_overfull, mut has_other_minutes) = (false, false);
            for line in lines {
                let Line { month, counts, .. } = line;
                let (of_month, of_day) = months.entry(*month).or_insert_with(|| (empty(*month, zone), [0; 31]));
                let is_beyond = of_month.add(line);
                is_overfull |= is_beyond;
                has_other_minutes |= is_beyond && counts.has_other_minutes();
                for (day, customers) in of_day.iter_mut().enumerate() {
                    *customers += u64::from(counts.days >> day & 1);
                }
                let nulls = (if has.elec { counts.null_elec } else { 0 }, if has.gas { counts.null_gas } else { 0 });
                coverage.nulls += u64::from(nulls.0) + u64::from(nulls.1);
                let factors = factors.next();
                let is_known = factors.is_some_and(|factors| factors.elec.is_some() && factors.gas.is_some());
                coverage.unknown_months += u64::from(!is_known);
                coverage.scaled_months += u64::from(is_known && nulls != (0, 0));
            }
            coverage.overfull_customers += u64::from(is_overfull);
            coverage.other_minutes += u64::from(has_other_minutes);
            let sums: Vec<f64> = lines.iter().map(|line| line.elec_kwh.iter().sum()).collect();
            if sums.len() >= 6 {
                coverage.of_six_months += 1;
                coverage.only_rising += u64::from(sums.windows(2).all(|pair| pair[1] > pair[0]));
            }
        }
        for (month, (of_month, of_day)) in months {
            coverage.days.extend(days(month, &of_day));
            coverage.months.push(of_month);
        }
        self.find_gaps(&mut coverage, zone);
        coverage
    }

    /// One row per customer and month, in the order of the sums: `customer_id`, `month`, `readings`, `hours` (that the
    /// month has), `null_elec`, `null_gas`, `negative_elec`, `negative_gas` and `days` with a reading; all counts.
    pub fn coverage_frame(&self, zone: Tz) -> Result<DataFrame> {
        let count = |name: &'static str, of: &dyn Fn(&Line) -> u32| {
            let counts = self.lines.iter().map(|line| i32::try_from(of(line)).unwrap_or(i32::MAX));
            Column::new(name.into(), counts.collect::<Vec<i32>>())
        };
        let mut hours = BTreeMap::new();
        for line in &self.lines {
            hours.entry(line.month).or_insert_with(|| empty(line.month, zone).hours);
        }
        let customers: Vec<&str> = self.lines.iter().map(|line| self.customer(line)).collect();
        let months: Vec<String> = self.lines.iter().map(|line| line.month.to_string()).collect();
        let columns = vec![
            Column::new("customer_id".into(), customers),
            Column::new("month".into(), months),
            count("readings", &|line| line.counts.readings),
            count("hours", &|line| hours.get(&line.month).copied().unwrap_or(0) * line.counts.per_hour()),
            count("null_elec", &|line| line.counts.null_elec),
            count("null_gas", &|line| line.counts.null_gas),
            count("negative_elec", &|line| line.counts.negative_elec),
            count("negative_gas", &|line| line.counts.negative_gas),
            count("days", &|line| line.counts.days.count_ones()),
        ];
        DataFrame::new(self.lines.len(), columns).map_err(Error::table("build the table of coverage"))
    }
}

impl MonthCoverage {
    /// Adds a customer; whether it has more readings than hours.
    fn add(&mut self, line: &Line) -> bool {
        let Line { counts, hours, within_hour, .. } = line;
        let hours_read = u64::from(hours.count());
        self.customers += 1;
        self.readings += u64::from(counts.readings);
        self.hours_read += hours_read;
        for (sum, more) in self.nulls.iter_mut().zip([counts.null_elec, counts.null_gas]) {
            *sum += u64::from(more);
        }
        for (sum, more) in self.negatives.iter_mut().zip([counts.negative_elec, counts.negative_gas]) {
            *sum += u64::from(more);
        }
        if line.elec_kwh.iter().any(|kwh| *kwh > 0.0) {
            let zeros = u64::from(counts.zero_elec);
            self.consuming += 1;
            self.zeros += zeros;
            self.with_zeros += u64::from(zeros * A_DAY_OF_A_MONTH > u64::from(counts.readings));
        }
        let per_hour = u64::from(counts.per_hour());
        let last_day = self.hours / 24 - 1;
        // The hour that autumn has twice.
        let gained = u64::from(self.hours - 24 * (last_day + 1));
        let of_days = (24 * u64::from(counts.days.count_ones()) + gained) * per_hour;
        let of_hours = (hours_read + gained) * per_hour;
        let readings = u64::from(counts.readings);
        let is_overfull = readings > of_days || readings > of_hours + of_hours / DRIFTING_CLOCK;
        self.overfull += u64::from(is_overfull);
        if is_overfull {
            self.fullest_permille = self.fullest_permille.max(readings * 1_000 / of_hours.max(1));
        }
        let sum: f64 = line.elec_kwh.iter().chain(&line.gas_m3).sum();
        self.repeating += u64::from(!is_overfull && within_hour.repeats(counts, sum));
        let is_lone = counts.readings <= LONE_HOURS * counts.per_hour();
        self.lone_first += u64::from(is_lone && counts.days == 1);
        self.lone_last += u64::from(is_lone && counts.days == 1 << last_day);
        is_overfull
    }
}

/// A month that nobody has a reading of yet.
fn empty(month: ReadingMonth, zone: Tz) -> MonthCoverage {
    let days = month.first_day().zip(month.next().first_day());
    // The last month of the calendar has no next one.
    let hours = days.map_or(31 * 24, |(first, next)| hours_between(zone, first, next));
    MonthCoverage { month: month.to_string(), hours, ..MonthCoverage::default() }
}

fn days(month: ReadingMonth, of_day: &[u64; 31]) -> impl Iterator<Item = DayCoverage> {
    let first = month.first_day().and_then(|day| i32::try_from(day).ok());
    (0..).zip(of_day).filter(|(_, customers)| **customers > 0).filter_map(move |(day, &customers)| {
        Some(DayCoverage { day: NaiveDate::from_epoch_days(first?.checked_add(day)?)?, customers })
    })
}

impl Coverage {
    /// Customers with a reading, as many as the fullest month has.
    pub fn most_customers(&self) -> u64 {
        self.months.iter().map(|month| month.customers).max().unwrap_or(0)
    }

    /// Readings of all months.
    pub fn readings(&self) -> u64 {
        self.months.iter().map(|month| month.readings).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::super::RETAILER_ZONE;
    use super::super::counts::Counts;
    use super::super::hours::Hours;
    use super::super::within_hour::WithinHour;
    use super::*;

    /// Lines with these counters; readings of one are of all hours of their days, as far as they reach.
    fn sums(lines: &[(u32, &str, Counts)]) -> PartialSums {
        let line = |&(customer, month, counts): &(u32, &str, Counts)| {
            let mut hours = Hours::default();
            let days = (0_u32..31).filter(|day| counts.days >> day & 1 == 1);
            let all = days.flat_map(|day| (0_u32..24).map(move |hour| (day, hour)));
            all.take(counts.readings as usize).for_each(|(day, hour)| hours.add(day, hour));
            Line {
                customer,
                month: ReadingMonth::parse(month).unwrap(),
                elec_kwh: [1.0, 0.0, 0.0],
                gas_m3: [0.0; 3],
                rests: [0.0; 6],
                counts,
                hours,
                within_hour: WithinHour::default(),
            }
        };
        PartialSums {
            rows: 0,
            dropped_rows: 0,
            negative_elec: 0,
            negative_gas: 0,
            customers: vec!["C1".to_owned(), "C2".to_owned()],
            lines: lines.iter().map(line).collect(),
        }
    }

    fn hourly(readings: u32, days: u32) -> Counts {
        Counts { readings, days, quarters: 1, null_gas: readings, ..Counts::default() }
    }

    #[test]
    fn customers_are_counted_by_day_and_readings_by_month() {
        let all_days = (1 << 29) - 1;
        let lines =
            [(0, "2024-02", hourly(696, all_days)), (1, "2024-02", hourly(24, 1)), (1, "2024-03", hourly(1, 2))];
        let coverage = sums(&lines).coverage(RETAILER_ZONE, 0.25);
        let [february, march] = coverage.months.as_slice() else { panic!("two months") };
        assert_eq!((february.hours, february.customers, february.readings, february.overfull), (696, 2, 720, 0));
        assert_eq!((march.month.as_str(), march.lone_first, march.lone_last), ("2024-03", 0, 0));
        assert_eq!((coverage.days.len(), coverage.days[0].customers, coverage.days[28].customers), (30, 2, 1));
        let last = coverage.days.last().unwrap();
        assert_eq!((last.day.to_string().as_str(), last.customers), ("2024-03-02", 1));
        assert_eq!((coverage.nulls, coverage.unknown_months), (0, 0), "a fuel that they do not have");
    }

    #[test]
    fn zeros_count_for_those_who_consume_and_more_than_a_day_of_them_in_a_month() {
        let with = |zero_elec| Counts { zero_elec, ..hourly(720, (1 << 30) - 1) };
        let mut sums = sums(&[(0, "2024-04", with(24)), (0, "2024-05", with(25)), (1, "2024-05", with(720))]);
        sums.lines[2].elec_kwh = [0.0; 3];
        let coverage = sums.coverage(RETAILER_ZONE, 0.25);
        let counted = coverage.months.iter().map(|month| (month.consuming, month.with_zeros, month.zeros));
        assert_eq!(
            counted.collect::<Vec<_>>(),
            [(1, 0, 24), (1, 1, 25)],
            "who consumes nothing has no zeros among others"
        );
    }

    #[test]
    fn electricity_that_nobody_has_a_value_of_is_unknown_and_counted() {
        let empty = Counts { readings: 744, null_elec: 744, quarters: 1, days: u32::MAX >> 1, ..Counts::default() };
        let coverage = sums(&[(0, "2024-01", empty), (1, "2024-01", empty)]).coverage(RETAILER_ZONE, 0.25);
        assert_eq!((coverage.unknown_months, coverage.nulls), (2, 2 * 744));
    }

    #[test]
    fn a_month_holds_no_more_readings_than_hours_and_quarter_hours_are_four() {
        let full = |readings, quarters| Counts { readings, quarters, days: u32::MAX >> 1, ..Counts::default() };
        let cases = [
            ("2024-01", full(744, 1), 0),
            ("2024-01", full(745, 1), 1),
            ("2024-10", full(745, 1), 0),
            ("2024-01", full(4 * 744, 0b1111), 0),
            ("2024-01", full(4 * 744, 1), 1),
            ("2024-01", full(8 * 744, 0b1111), 1),
        ];
        for (month, counts, overfull) in cases {
            let coverage = sums(&[(0, month, counts)]).coverage(RETAILER_ZONE, 0.25);
            assert_eq!((coverage.months[0].overfull, coverage.overfull_customers), (overfull, overfull), "{counts:?}");
        }
    }

    #[test]
    fn lone_hours_are_told_by_the_day_that_they_are_on() {
        let lines = [(0, "2023-12", hourly(1, 1 << 30)), (0, "2025-01", hourly(1, 1))];
        let coverage = sums(&lines).coverage(RETAILER_ZONE, 0.25);
        let lone: Vec<_> = coverage.months.iter().map(|month| (month.lone_first, month.lone_last)).collect();
        assert_eq!(lone, [(0, 1), (1, 0)]);
    }

    #[test]
    fn the_table_has_a_row_beside_every_sum() {
        let table = sums(&[(0, "2024-02", hourly(696, 0b11))]).coverage_frame(RETAILER_ZONE).unwrap();
        let cell = |name: &str| table.column(name).unwrap().i32().unwrap().get(0);
        assert_eq!(["readings", "hours", "null_gas", "days"].map(cell), [Some(696), Some(696), Some(696), Some(2)]);
    }
}
