//! Half-hours and quarter-hours that repeat one value: a copy between the rows of its original, or an hour that stands
//! where its parts should.

use super::finding;
use super::window::InWindow;
use super::worst::Worst;
use crate::hourly::Coverage;
use crate::quality::rules::CheckRules;
use crate::quality::{Finding, Severity};

const STEADY: &str = "so few may have a load that never changes, or one that few decimals hide";
const COPIED: &str = "it looks like a copy with other minutes between the rows, or like an hour's value in each of its parts, \
                      and sums are two or four times too high; deliver one reading an hour. Where totals were divided evenly, \
                      sums are right, and fit bills and the months published before: then deliver the totals, or raise \
                      checks.equal_within_the_hour.block of column_registry.yaml";

/// Customers whose readings within the hour repeat the one before, judged by the worst month.
///
/// The total of an hour, divided evenly, repeats as well, and its sums are right: readings alone do not tell it from a
/// copy. Whoever divides has the totals, and can deliver these.
pub(super) fn equal_within_the_hour(coverage: &Coverage, window: InWindow, rules: &CheckRules) -> Option<Finding> {
    let worst = Worst::of(coverage, window, |month| month.repeating, |month| month.customers)?;
    let severity = rules.equal_within_the_hour.severity(worst.share());
    let looks_like = if severity == Severity::Info { STEADY } else { COPIED };
    let words = format!(
        "the readings within an hour are equal (:30 as :00, rounded or not) for {} of {} customers in {}{}: {looks_like}",
        worst.count,
        worst.of,
        worst.months,
        worst.and_more(),
    );
    let found = finding(severity, "equal_within_the_hour", words).of_column("timestamp");
    Some(found.counting_of(worst.count, worst.of))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SnapshotDate;
    use crate::hourly::MonthCoverage;

    fn found(months: &[(&str, u64)]) -> Option<Finding> {
        let month = |&(month, repeating): &(&str, u64)| MonthCoverage {
            month: month.to_owned(),
            customers: 300,
            repeating,
            ..MonthCoverage::default()
        };
        let coverage = Coverage { months: months.iter().map(month).collect(), ..Coverage::default() };
        let window = InWindow::of(SnapshotDate::parse("2024-12-31").ok());
        equal_within_the_hour(&coverage, window, &CheckRules::default())
    }

    #[test]
    fn an_empty_flat_is_told_some_customers_warn_and_most_block() {
        assert_eq!(found(&[("2024-05", 0), ("2022-05", 300)]), None, "nobody, in months that features look at");
        let severities = [1, 30, 31, 150, 151].map(|repeating| found(&[("2024-05", repeating)]).unwrap().severity);
        let [told, warned, blocked] = [Severity::Info, Severity::Warn, Severity::Block];
        assert_eq!(severities, [told, told, warned, warned, blocked]);
    }

    #[test]
    fn the_months_and_the_ways_out_are_named() {
        let found = found(&[("2024-05", 300), ("2024-06", 3)]).unwrap();
        assert_eq!((found.count, found.share), (300, Some(1.0)));
        assert!(
            found.words.contains("for 300 of 300 customers in 2024-05, 2024-06: it looks like a copy"),
            "{}",
            found.words
        );
        assert!(found.words.ends_with("block of column_registry.yaml"), "{}", found.words);
    }
}
