//! Hours that everybody loses a few of, and days that hardly anybody has: too few for a month to be short.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::window::InWindow;
use super::{NAMED, THIN, finding};
use crate::hourly::Coverage;
use crate::month::Month;
use crate::quality::rules::CheckRules;
use crate::quality::{Finding, Severity};

/// The first and the last day are those that this share of the customers has readings of.
const MOST: f64 = 0.5;

/// Hours without a reading, of all hours between each customer's first reading and the last.
pub(super) fn lost_hours(coverage: &Coverage, window: InWindow, rules: &CheckRules) -> Option<Finding> {
    let months = || coverage.months.iter().filter(move |month| window.holds(&month.month));
    let lost: u64 = months().map(|month| month.hours_lost).sum();
    let all: u64 = months().map(|month| month.hours_expected).sum();
    if lost == 0 {
        return None;
    }
    let share = lost as f64 / all.max(1) as f64;
    let words = format!(
        "{lost} of the {all} hours between the first reading and the last of each customer have none ({:.2} %); deliver \
         them again where they are known, or the sums are too low",
        100.0 * share
    );
    let severity = rules.lost_hours.severity(share);
    Some(finding(severity, "lost_hours", words).of_column("timestamp").counting_of(lost, all))
}

/// Days between the first and the last of most customers that hardly anybody has readings of, in months that are there.
pub(super) fn missing_days(coverage: &Coverage, window: InWindow, rules: &CheckRules) -> Option<Finding> {
    let customers = coverage.most_customers() as f64;
    let of_day: HashMap<NaiveDate, u64> = coverage.days.iter().map(|day| (day.day, day.customers)).collect();
    let mut of_most = coverage.days.iter().filter(|day| day.customers as f64 >= (MOST * customers).max(1.0));
    let first = of_most.next()?.day;
    let last = of_most.next_back()?.day;
    // A month that is missing as a whole is told by itself.
    let is_there = |day: &NaiveDate| {
        let month = Month::of(*day).to_string();
        let of_month = coverage.months.iter().find(|of_month| of_month.month == month);
        window.holds(&month) && of_month.is_some_and(|of_month| of_month.customers as f64 >= THIN * customers)
    };
    let between: Vec<NaiveDate> = first.iter_days().take_while(|day| *day <= last).filter(is_there).collect();
    let has = |day: &NaiveDate| of_day.get(day).copied().unwrap_or(0) as f64;
    let missing: Vec<NaiveDate> = between.iter().filter(|day| has(day) < THIN * customers).copied().collect();
    let severity = rules.missing_days.severity(missing.len() as f64 / between.len().max(1) as f64);
    if severity == Severity::Info {
        return None;
    }
    let named: Vec<String> = missing.iter().take(NAMED).map(ToString::to_string).collect();
    let words = format!(
        "hardly anybody has a reading on {} of {} days ({}{}): a part is missing",
        missing.len(),
        between.len(),
        named.join(", "),
        if missing.len() > NAMED { ", ..." } else { "" }
    );
    let found = finding(severity, "missing_day", words).of_column("timestamp");
    Some(found.counting_of(missing.len() as u64, between.len() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SnapshotDate;
    use crate::hourly::{DayCoverage, MonthCoverage};

    fn month(month: &str, hours_lost: u64) -> MonthCoverage {
        let month = month.to_owned();
        MonthCoverage { month, customers: 300, hours_expected: 10_000, hours_lost, ..MonthCoverage::default() }
    }

    fn in_2024() -> InWindow {
        InWindow::of(SnapshotDate::parse("2024-12-31").ok())
    }

    #[test]
    fn lost_hours_are_counted_and_more_warn_and_block() {
        let found = |lost| {
            let coverage =
                Coverage { months: vec![month("2024-05", lost), month("2023-05", 10_000)], ..Coverage::default() };
            lost_hours(&coverage, in_2024(), &CheckRules::default())
        };
        assert_eq!(found(0), None);
        let severities = [1, 50, 51, 1_000, 1_001].map(|lost| found(lost).unwrap().severity);
        let expected = [Severity::Info, Severity::Info, Severity::Warn, Severity::Warn, Severity::Block];
        assert_eq!(severities, expected);
    }

    /// Two months of days that all have, but for those of May that `keep` says no to.
    fn days(keep: impl Fn(u32) -> bool) -> Coverage {
        let first = NaiveDate::from_ymd_opt(2024, 5, 1).unwrap();
        let day = |(place, day)| {
            let customers = if keep(place) { 300 } else { 14 };
            (customers == 300 || place % 2 == 0).then_some(DayCoverage { day, customers })
        };
        let days = (1..).zip(first.iter_days().take(61)).filter_map(day).collect();
        Coverage { months: vec![month("2024-05", 0), month("2024-06", 0)], days, ..Coverage::default() }
    }

    #[test]
    fn a_day_that_hardly_anybody_has_is_named() {
        let found = |coverage| missing_days(&coverage, in_2024(), &CheckRules::default());
        assert_eq!(found(days(|_| true)), None);
        // A delivery begins and ends where it does.
        assert_eq!(found(days(|day| (3..=50).contains(&day))), None);
        let three = found(days(|day| !(10..13).contains(&day))).unwrap();
        assert_eq!((three.severity, three.count), (Severity::Warn, 3));
        assert!(three.words.contains("2024-05-10, 2024-05-11, 2024-05-12"), "{}", three.words);
        assert_eq!(found(days(|day| day % 2 == 1)).unwrap().severity, Severity::Block);
        assert_eq!(found(Coverage::default()), None);
    }
}
