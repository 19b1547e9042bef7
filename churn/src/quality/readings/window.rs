//! The twelve months that a run looks at: which months count, and whether there are twelve of them.

use super::{Months, finding};
use crate::SnapshotDate;
use crate::month::Month;
use crate::quality::{Finding, Severity};

/// The months that features look at, and that of the run's date, which may not have ended; all of them where the date is
/// not known.
#[derive(Debug, Clone, Copy)]
pub(super) struct InWindow(Option<(Month, Month)>);

impl InWindow {
    pub fn of(as_of: Option<SnapshotDate>) -> Self {
        Self(as_of.map(|as_of| (Month::first_in_window(as_of), Month::of(as_of.date()))))
    }

    /// Whether a month `YYYY-MM` counts.
    pub fn holds(self, month: &str) -> bool {
        let is_within = |month: Month| self.0.is_none_or(|(first, last)| (first..=last).contains(&month));
        Month::parse(month).is_some_and(is_within)
    }
}

/// What is called yearly or 12m is made of fewer months where the window begins before the readings or ends after them.
///
/// The month of the date, as long as it has not ended, is not of the window.
pub(super) fn short_window(months: &Months<'_>, as_of: SnapshotDate) -> Option<Finding> {
    let (first, last) = (Month::first_in_window(as_of), Month::last_complete(as_of));
    let all = first.months_to(last) + 1;
    let has = |month: Month| months.full.iter().any(|(full, _)| *full == month);
    let held = (0..all).map(|after| i32::from(has(first.plus(after)))).sum::<i32>();
    if held == all {
        return None;
    }
    let words = format!(
        "the twelve months up to {last} hold {held} whole months of readings: what is called yearly or 12m is made of these"
    );
    let (missing, all) = ((all - held) as u64, all as u64);
    Some(finding(Severity::Warn, "short_window", words).of_column("timestamp").counting_of(missing, all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hourly::{Coverage, MonthCoverage};

    /// Whole months, and one that has just begun.
    fn coverage(months: &[&str], begun: Option<&str>) -> Coverage {
        let month = |hours_read| {
            move |month: &str| MonthCoverage {
                month: month.to_owned(),
                hours: 720,
                customers: 10,
                readings: hours_read,
                hours_read,
                ..MonthCoverage::default()
            }
        };
        let months = months.iter().copied().map(month(7_200)).chain(begun.map(month(48))).collect();
        Coverage { months, ..Coverage::default() }
    }

    fn of_2024() -> Vec<String> {
        (1..=12).map(|month| format!("2024-{month:02}")).collect()
    }

    fn found(begun: Option<&str>, as_of: &str) -> Option<(Severity, String)> {
        let year = of_2024();
        let coverage = coverage(&year.iter().map(String::as_str).collect::<Vec<_>>(), begun);
        let finding = short_window(&Months::of(&coverage), SnapshotDate::parse(as_of).unwrap())?;
        Some((finding.severity, finding.words))
    }

    #[test]
    fn a_window_that_the_readings_do_not_cover_says_how_many_months_it_holds() {
        assert_eq!(found(None, "2024-12-31"), None);
        for (as_of, months) in [("2025-01-31", 11), ("2024-12-20", 11), ("2024-06-30", 6), ("2024-06-29", 5)] {
            let (severity, words) = found(None, as_of).unwrap();
            assert_eq!(severity, Severity::Warn, "{as_of}");
            assert!(words.contains(&format!("hold {months} whole months")), "{words}");
        }
    }

    #[test]
    fn a_month_that_has_not_ended_is_not_missed() {
        assert_eq!(found(Some("2025-01"), "2025-01-02"), None);
        assert_eq!(found(None, "2025-01-30"), None);
    }

    #[test]
    fn months_count_within_the_window_alone_and_all_without_a_date() {
        let window = InWindow::of(SnapshotDate::parse("2024-12-31").ok());
        let held = ["2023-12", "2024-01", "2024-12", "2025-01", "x"].map(|month| window.holds(month));
        assert_eq!(held, [false, true, true, false, false]);
        assert!(InWindow::of(None).holds("1970-01"));
    }
}
