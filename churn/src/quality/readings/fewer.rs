//! Readings that were lost, but for the few that everybody loses.

use super::finding;
use super::window::InWindow;
use super::worst::Worst;
use crate::hourly::Coverage;
use crate::quality::rules::CheckRules;
use crate::quality::{Finding, Severity};

/// Customers who lack hours between their first reading and their last one, judged by the worst month.
pub(super) fn fewer(coverage: &Coverage, window: InWindow, rules: &CheckRules) -> Option<Finding> {
    let worst = Worst::of(coverage, window, |month| month.short, |month| month.expected)?;
    let words = format!(
        "{} of {} customers have fewer readings than hours in {}{}: more than a tenth of the hours between their first reading \
         and their last are lost; deliver them again, or the sums are too low",
        worst.count,
        worst.of,
        worst.months,
        worst.and_more(),
    );
    let severity = rules.fewer_readings_than_hours.severity(worst.share());
    let found = finding(severity, "fewer_readings_than_hours", words).of_column("timestamp");
    Some(found.counting_of(worst.count, worst.of))
}

/// Customers whose readings stop long before those of most: a few move out in every month, and some in a year.
pub(super) fn stopped(coverage: &Coverage, window: InWindow, rules: &CheckRules) -> Option<Finding> {
    let in_all = stopped_in_all(coverage, window, rules);
    let at_once = stopped_at_once(coverage, window, rules);
    match (at_once, in_all) {
        (Some(at_once), Some(in_all)) if in_all.severity > at_once.severity => Some(in_all),
        (at_once, in_all) => at_once.or(in_all),
    }
}

/// All who stopped in the window: where a part goes missing a little more in every month, no month is worse than others.
fn stopped_in_all(coverage: &Coverage, window: InWindow, rules: &CheckRules) -> Option<Finding> {
    let months = || coverage.months.iter().filter(move |month| window.holds(&month.month));
    let (count, of) = (months().map(|month| month.stopped).sum::<u64>(), months().map(|month| month.customers).max()?);
    let severity = rules.stopped_in_all.severity(count as f64 / of.max(1) as f64);
    if severity == Severity::Info {
        return None;
    }
    let words = format!(
        "the readings of {count} customers stop in one month or another, of {of} whom the fullest month has, and those of \
         most go on: have so many moved out, or is a part missing?"
    );
    let found = finding(severity, "stopped_readings", words).of_column("timestamp");
    Some(found.counting_of(count, of))
}

/// Those who stopped in the same month, judged by the worst one.
fn stopped_at_once(coverage: &Coverage, window: InWindow, rules: &CheckRules) -> Option<Finding> {
    let worst = Worst::of(coverage, window, |month| month.stopped, |month| month.customers)?;
    let severity = rules.stopped_readings.severity(worst.share());
    if severity == Severity::Info {
        return None;
    }
    let words = format!(
        "the readings of {} of {} customers stop in {}{}, and those of most go on: have so many moved out, or is a part \
         missing?",
        worst.count,
        worst.of,
        worst.months,
        worst.and_more(),
    );
    let found = finding(severity, "stopped_readings", words).of_column("timestamp");
    Some(found.counting_of(worst.count, worst.of))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SnapshotDate;
    use crate::hourly::MonthCoverage;

    /// Three hundred customers in each of these months, so many of them short and stopped.
    fn coverage(months: &[(&str, u64, u64)]) -> Coverage {
        let month = |&(month, short, stopped): &(&str, u64, u64)| MonthCoverage {
            month: month.to_owned(),
            customers: 300,
            expected: 300,
            short,
            stopped,
            ..MonthCoverage::default()
        };
        Coverage { months: months.iter().map(month).collect(), ..Coverage::default() }
    }

    fn always() -> InWindow {
        InWindow::of(None)
    }

    #[test]
    fn a_few_are_counted_more_warn_and_many_block() {
        let cases = [(3, Severity::Info), (4, Severity::Warn), (60, Severity::Warn), (61, Severity::Block)];
        for (short, severity) in cases {
            let coverage = coverage(&[("2024-04", 1, 0), ("2024-05", short, 0), ("2024-06", 0, 0)]);
            let found = fewer(&coverage, always(), &CheckRules::default()).unwrap();
            assert_eq!((found.severity, found.count), (severity, short));
            assert!(found.words.contains("in 2024-05, 2024-04:"), "{}", found.words);
        }
        assert!(fewer(&coverage(&[("2024-05", 0, 0)]), always(), &CheckRules::default()).is_none());
    }

    #[test]
    fn some_move_out_in_every_month_and_a_third_does_not_at_once() {
        let leaving: Vec<_> = (1..=9).map(|month| format!("2024-{month:02}")).collect();
        let leaving: Vec<_> = leaving.iter().map(|month| (month.as_str(), 0, 5)).collect();
        assert!(stopped(&coverage(&leaving), always(), &CheckRules::default()).is_none());
        let at_once = stopped(&coverage(&[("2024-06", 0, 100)]), always(), &CheckRules::default()).unwrap();
        assert_eq!((at_once.severity, at_once.count), (Severity::Block, 100));
        assert!(at_once.words.contains("2024-06"), "{}", at_once.words);
    }

    #[test]
    fn a_part_that_goes_missing_a_little_more_in_every_month_is_told() {
        let months: Vec<_> = (1..=12).map(|month| format!("2024-{month:02}")).collect();
        let found = |stopped| {
            let leaving: Vec<_> = months.iter().map(|month| (month.as_str(), 0, stopped)).collect();
            stopped_of(&coverage(&leaving))
        };
        assert_eq!(found(3), None);
        let some = found(9).unwrap();
        assert_eq!((some.severity, some.count, some.share), (Severity::Warn, 108, Some(0.36)));
        assert_eq!(found(13).map(|found| found.severity), Some(Severity::Block));
        // Sixteen in each are too many for a month, and far too many for a year.
        assert_eq!(found(16).map(|found| found.severity), Some(Severity::Block));
    }

    fn stopped_of(coverage: &Coverage) -> Option<Finding> {
        stopped(coverage, always(), &CheckRules::default())
    }

    #[test]
    fn months_outside_of_the_window_do_not_count() {
        let old = coverage(&[("2022-05", 300, 100), ("2024-05", 0, 0)]);
        let window = InWindow::of(SnapshotDate::parse("2024-12-31").ok());
        assert!(fewer(&old, window, &CheckRules::default()).is_none());
        assert!(stopped(&old, window, &CheckRules::default()).is_none());
    }
}
