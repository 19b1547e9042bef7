//! Readings that are not of the hour that their label says: totals, and labels of the hour's end.

use super::finding;
use crate::hourly::Coverage;
use crate::quality::rules::CheckRules;
use crate::quality::{Finding, Severity};

/// Customers with a reading a day, or a month.
pub(super) fn not_hourly(coverage: &Coverage, customers: u64, rules: &CheckRules) -> Option<Finding> {
    let Coverage { of_days, of_months, .. } = *coverage;
    let count = of_days + of_months;
    let severity = rules.not_hourly.severity(count as f64 / customers.max(1) as f64);
    if severity == Severity::Info {
        return None;
    }
    let totals = [("reading a day", "daily totals"), ("reading or two a month", "monthly totals")];
    let (pace, looks_like) = totals[usize::from(of_months >= of_days)];
    let words = format!(
        "{count} customers have a {pace} at most: it looks like {looks_like}, and tariff tiers cannot be told from them; \
         deliver the reading of every hour"
    );
    Some(finding(severity, "not_hourly", words).of_column("timestamp").counting_of(count, customers))
}

/// The first hour of the first day is not there, and the last one of the last day is: labels of the hour's end, of which
/// the very last was left out. Where it was not, it is a lone hour of the next month.
pub(super) fn without_first_hour(coverage: &Coverage, rules: &CheckRules) -> Option<Finding> {
    let Coverage { without_first_hour, on_first_day, .. } = *coverage;
    if without_first_hour * 2 <= on_first_day {
        return None;
    }
    let words = format!(
        "the first day of {without_first_hour} customers begins at 01:00: it looks like hour-end labels, of which the last \
         is missing; deliver the hour that a reading begins with, or all sums are an hour late"
    );
    let severity = rules.lone_hours.severity(without_first_hour as f64 / on_first_day.max(1) as f64);
    let found = finding(severity, "hour_end_labels", words).of_column("timestamp");
    Some(found.counting_of(without_first_hour, on_first_day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_block_and_say_what_they_look_like() {
        let of = |of_days, of_months| {
            let coverage = Coverage { of_days, of_months, ..Coverage::default() };
            not_hourly(&coverage, 300, &CheckRules::default())
        };
        let daily = of(300, 0).unwrap();
        assert_eq!((daily.severity, daily.count), (Severity::Block, 300));
        assert!(daily.words.contains("daily totals"), "{}", daily.words);
        assert!(of(0, 300).unwrap().words.contains("monthly totals"));
        assert_eq!(of(4, 0).unwrap().severity, Severity::Warn);
        assert!(of(3, 0).is_none(), "the meter of a few is read by hand");
    }

    #[test]
    fn a_first_day_that_begins_at_one_looks_like_labels_of_the_hours_end() {
        let of = |without_first_hour| {
            let coverage = Coverage { without_first_hour, on_first_day: 300, ..Coverage::default() };
            without_first_hour_of(&coverage)
        };
        assert!(of(150).is_none());
        let found = of(300).unwrap();
        assert_eq!(found.severity, Severity::Warn);
        assert!(found.words.contains("hour-end labels"), "{}", found.words);
    }

    fn without_first_hour_of(coverage: &Coverage) -> Option<Finding> {
        without_first_hour(coverage, &CheckRules::default())
    }
}
