//! The date of a run, from the rows that were summed: never from one value, a dropped row or a column's statistics.

use chrono::{Days, NaiveDate};

use crate::hourly::{Coverage, MonthCoverage};
use crate::{Error, Result, SnapshotDate};

/// An asked date may lie so many days after the last one with readings: a month.
const DAYS_AFTER: u64 = 31;

/// The last day on which at least `share` of the customers have readings.
///
/// The lone hour of a new month, which labels of the hour's end leave behind, is no day of its own.
///
/// # Errors
/// [`Error::Data`] where there is no such day.
pub fn last_covered_day(coverage: &Coverage, share: f64) -> Result<SnapshotDate> {
    let customers = coverage.most_customers();
    let enough = (share * customers as f64).max(1.0);
    let of_lone_hours = |month: &MonthCoverage| month.lone_first == month.customers;
    let is_lone = |day: NaiveDate| {
        let month = day.format("%Y-%m").to_string();
        let begins =
            |pair: &[MonthCoverage]| pair[1].month == month && of_lone_hours(&pair[1]) && !of_lone_hours(&pair[0]);
        coverage.months.windows(2).any(begins)
    };
    let covered = coverage.days.iter().rev().find(|day| day.customers as f64 >= enough && !is_lone(day.day));
    covered.map(|day| SnapshotDate::new(day.day)).ok_or_else(|| {
        let rule = format!(
            "on no day {:.0} % of the customers have readings, so that no date can be the run's",
            share * 100.0
        );
        Error::data("consumption_hourly", None, None, rule)
    })
}

/// The first day on which at least `share` of the customers have readings.
///
/// # Errors
/// [`Error::Data`] where there is no such day.
pub fn first_covered_day(coverage: &Coverage, share: f64) -> Result<SnapshotDate> {
    let last = last_covered_day(coverage, share)?;
    let enough = (share * coverage.most_customers() as f64).max(1.0);
    let first = coverage.days.iter().find(|day| day.customers as f64 >= enough);
    Ok(first.map_or(last, |day| SnapshotDate::new(day.day)))
}

/// Refuses a date that the readings say nothing about.
///
/// # Errors
/// [`Error::Settings`], with the range that there is, where `asked` is before the first covered day or more than a month
/// after the last.
pub fn require_covered(coverage: &Coverage, share: f64, asked: SnapshotDate) -> Result<()> {
    let last = last_covered_day(coverage, share)?.date();
    let first = first_covered_day(coverage, share)?.date();
    let latest = last.checked_add_days(Days::new(DAYS_AFTER)).unwrap_or(last);
    if (first..=latest).contains(&asked.date()) {
        return Ok(());
    }
    let problem = format!(
        "{asked} lies outside of the readings, which cover {first} to {last}; give a date from {first} to {latest}, or \
         leave it out for {last}"
    );
    Err(Error::settings("as_of", problem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hourly::DayCoverage;

    fn coverage(days: &[(&str, u64)]) -> Coverage {
        let days = days.iter().map(|(day, customers)| DayCoverage { day: day.parse().unwrap(), customers: *customers });
        let month = MonthCoverage { month: "2024-12".to_owned(), customers: 300, ..MonthCoverage::default() };
        Coverage { days: days.collect(), months: vec![month], ..Coverage::default() }
    }

    fn last(days: &[(&str, u64)]) -> String {
        last_covered_day(&coverage(days), 0.5).unwrap().to_string()
    }

    #[test]
    fn it_is_the_last_day_of_half_of_the_customers_whatever_a_few_say() {
        assert_eq!(
            last(&[("2024-12-30", 300), ("2024-12-31", 150), ("2025-01-01", 149), ("2070-01-01", 1)]),
            "2024-12-31"
        );
        assert!(last_covered_day(&coverage(&[("2024-12-31", 149)]), 0.5).is_err());
    }

    #[test]
    fn the_lone_hour_that_labels_of_the_hours_end_leave_is_no_day() {
        let mut of_ends = coverage(&[("2024-12-31", 300), ("2025-01-01", 300)]);
        let month =
            MonthCoverage { month: "2025-01".to_owned(), customers: 300, lone_first: 300, ..MonthCoverage::default() };
        of_ends.months.push(month);
        assert_eq!(last_covered_day(&of_ends, 0.5).unwrap().to_string(), "2024-12-31");
    }

    #[test]
    fn a_date_outside_of_the_readings_is_refused_with_their_range() {
        let coverage = coverage(&[("1970-01-01", 1), ("2024-01-01", 300), ("2024-12-31", 300)]);
        let asked = |text| require_covered(&coverage, 0.5, SnapshotDate::parse(text).unwrap());
        for fits in ["2024-01-01", "2024-06-15", "2024-12-31", "2025-01-31"] {
            assert!(asked(fits).is_ok(), "{fits}");
        }
        for outside in ["2023-12-31", "2025-02-01", "1970-01-01"] {
            let message = asked(outside).unwrap_err().to_string();
            assert!(message.contains("2024-01-01 to 2024-12-31"), "{message}");
        }
    }
}
