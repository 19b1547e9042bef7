//! Zeros among the hours of who consumes: what a system writes that has no reading and no word for it.

use super::finding;
use super::window::InWindow;
use super::worst::Worst;
use crate::hourly::Coverage;
use crate::quality::rules::CheckRules;
use crate::quality::usual::FEW;
use crate::quality::{Finding, Severity};

/// Customers whose electricity is exactly 0 in more than a day's hours of a month in which they consume, judged by the worst
/// month. An empty flat and a roof of panels have such hours, and so have readings in whole kWh: it is told and stops nothing.
pub(super) fn zeros_among_hours(coverage: &Coverage, window: InWindow, rules: &CheckRules) -> Option<Finding> {
    let worst = Worst::of(coverage, window, |month| month.with_zeros, |month| month.consuming)?;
    let severity = rules.zeros_among_hours.severity(worst.share());
    if worst.of < FEW || severity == Severity::Info {
        return None;
    }
    let months = coverage.months.iter().filter(|month| window.holds(&month.month));
    let zeros: u64 = months.map(|month| month.zeros).sum();
    let words = format!(
        "the electricity of {} of {} customers who consume some is exactly 0 in more than a thirtieth of the hours of {}{} \
         ({zeros} zeros in all months): it looks like 0 in place of readings that are not known, or like readings that were \
         rounded to whole kWh; leave a reading empty that is not known, and deliver three decimals, or the sums are too low",
        worst.count,
        worst.of,
        worst.months,
        worst.and_more(),
    );
    let found = finding(severity, "zeros_among_hours", words).of_column("consumption_elec_kwh");
    Some(found.counting_of(worst.count, worst.of))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SnapshotDate;
    use crate::hourly::MonthCoverage;

    /// So many customers who consume in each of these months, and so many of them with zeros.
    fn found(consuming: u64, months: &[(&str, u64)]) -> Option<Finding> {
        let month = |&(month, with_zeros): &(&str, u64)| MonthCoverage {
            month: month.to_owned(),
            customers: consuming,
            consuming,
            with_zeros,
            zeros: with_zeros * 72,
            ..MonthCoverage::default()
        };
        let coverage = Coverage { months: months.iter().map(month).collect(), ..Coverage::default() };
        let window = InWindow::of(SnapshotDate::parse("2024-12-31").ok());
        zeros_among_hours(&coverage, window, &CheckRules::default())
    }

    #[test]
    fn zeros_of_most_customers_warn_and_empty_flats_and_panels_do_not() {
        assert_eq!(found(300, &[("2024-05", 0), ("2022-05", 300)]), None, "nobody, in months that features look at");
        assert_eq!(found(300, &[("2024-05", 75)]), None, "some live elsewhere, some have panels");
        assert_eq!(found(19, &[("2024-05", 19)]), None, "of so few nobody can say");
        let severities = [76, 300].map(|with_zeros| found(300, &[("2024-05", with_zeros)]).unwrap().severity);
        assert_eq!(severities, [Severity::Warn, Severity::Warn]);
    }

    #[test]
    fn the_worst_months_and_what_to_deliver_are_named() {
        let found = found(300, &[("2024-05", 250), ("2024-06", 300), ("2023-06", 300)]).unwrap();
        assert_eq!((found.count, found.share), (300, Some(1.0)));
        assert!(found.words.starts_with("the electricity of 300 of 300 customers"), "{}", found.words);
        assert!(found.words.contains("hours of 2024-06, 2024-05 (39600 zeros"), "{}", found.words);
        assert!(found.words.contains("leave a reading empty that is not known"), "{}", found.words);
    }
}
