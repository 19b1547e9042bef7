//! When the label looks from and how far, how that is known, and whether a training fits it.

use std::fmt;

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use super::settings::LabelSettings;
use crate::snapshot_date::SnapshotDate;

/// How the label's date is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelSource {
    /// The labels arrived with a column `label_date`.
    Column,
    /// `label.date` of the settings says so.
    Setting,
    /// Nobody said it: the last day of the readings that came with these labels first.
    Assumed,
}

/// The date and the horizon of some labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelDates {
    /// The day that the labels look from.
    pub date: SnapshotDate,
    /// Whoever left within so many days after it is a churner.
    pub horizon_days: u32,
    /// How the date is known.
    pub source: LabelSource,
}

impl LabelDates {
    /// The dates of labels with a `column` or without one; `delivered_to` is the last day of the readings that came with
    /// them first. What the file says comes before what the settings say.
    pub fn of(column: Option<SnapshotDate>, settings: &LabelSettings, delivered_to: SnapshotDate) -> Self {
        let (date, source) = match (column, settings.date) {
            (Some(date), _) => (date, LabelSource::Column),
            (None, Some(date)) => (date, LabelSource::Setting),
            (None, None) => (delivered_to, LabelSource::Assumed),
        };
        Self { date, horizon_days: settings.horizon_days, source }
    }

    /// How many days before the label's date a date lies; negative after it.
    pub fn lead_days(&self, as_of: SnapshotDate) -> i64 {
        (self.date.date() - as_of.date()).num_days()
    }

    /// Whether a training may look from a date.
    pub fn fits(&self, as_of: SnapshotDate, tolerance_days: u32) -> bool {
        self.lead_days(as_of).unsigned_abs() <= u64::from(tolerance_days)
    }

    /// The last day that counts: from the next one on everything is known that the labels tell.
    pub fn known_at(&self) -> SnapshotDate {
        let last = self.date.date().checked_add_days(Days::new(u64::from(self.horizon_days)));
        SnapshotDate::new(last.unwrap_or(NaiveDate::MAX))
    }
}

impl fmt::Display for LabelDates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match self.source {
            LabelSource::Column => "by the column label_date",
            LabelSource::Setting => "by label.date of the settings",
            LabelSource::Assumed => "assumed: the last day of the readings that came with these labels first",
        };
        write!(f, "{} ({source})", self.date)
    }
}

/// The date itself, and the last days of the months before it: so many of them, the latest first.
pub fn month_ends_before(date: SnapshotDate, months: u32) -> Vec<SnapshotDate> {
    let first_of_month = date.date().with_day(1);
    let end_before = |month: u32| {
        let first = first_of_month?.checked_sub_months(Months::new(month))?;
        first.pred_opt().map(SnapshotDate::new)
    };
    std::iter::once(date).chain((0..months).map_while(end_before)).collect()
}

/// A model that is measured at a later date than it was fitted at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaterTest {
    /// The date of the labels that it is fitted on.
    pub trained_at: SnapshotDate,
    /// The date of the labels that it is measured with.
    pub tested_at: SnapshotDate,
    /// Whether the first labels were not yet known at the second date.
    pub labels_overlap: bool,
}

/// What is measured at each date but the first: the model of the newest labels that were known by then, which is the one
/// that people would have had; where none were known yet, that of the date before, which says so.
pub fn later_tests(snapshots: &[SnapshotDate], horizon_days: u32) -> Vec<LaterTest> {
    let known_at = |date: SnapshotDate| LabelDates { date, horizon_days, source: LabelSource::Column }.known_at();
    let mut dates = snapshots.to_vec();
    dates.sort();
    let test = |place: usize| {
        let (tested_at, before) = (dates[place], &dates[..place]);
        let known = before.iter().rev().find(|date| known_at(**date) <= tested_at);
        let trained_at = known.or(before.last()).copied()?;
        Some(LaterTest { trained_at, tested_at, labels_overlap: known.is_none() })
    };
    (0..dates.len()).filter_map(test).collect()
}

/// The snapshot of the labels that a run with a date takes: the nearest within the tolerance (of two the earlier one), else
/// the newest before it, else the first.
pub fn snapshot_for(snapshots: &[SnapshotDate], as_of: SnapshotDate, tolerance_days: u32) -> Option<SnapshotDate> {
    let distance = |date: &SnapshotDate| (date.date() - as_of.date()).num_days().unsigned_abs();
    let within = snapshots.iter().filter(|date| distance(date) <= u64::from(tolerance_days));
    let nearest = within.min_by_key(|date| (distance(date), **date));
    let before = snapshots.iter().filter(|date| **date <= as_of).max();
    nearest.or(before).or(snapshots.iter().min()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> SnapshotDate {
        SnapshotDate::parse(text).unwrap()
    }

    #[test]
    fn the_file_comes_before_the_settings_and_both_before_an_assumption() {
        let settings = |date| LabelSettings { date, ..LabelSettings::default() };
        let of = |column: Option<&str>, setting: Option<&str>| {
            let dates = LabelDates::of(column.map(day), &settings(setting.map(day)), day("2025-03-31"));
            (dates.date.to_string(), dates.source)
        };
        assert_eq!(of(Some("2024-12-31"), Some("2024-11-30")), ("2024-12-31".to_owned(), LabelSource::Column));
        assert_eq!(of(None, Some("2024-11-30")), ("2024-11-30".to_owned(), LabelSource::Setting));
        assert_eq!(of(None, None), ("2025-03-31".to_owned(), LabelSource::Assumed));
    }

    #[test]
    fn a_training_fits_up_to_the_tolerance_on_both_sides_and_no_day_further() {
        let label = LabelDates::of(None, &LabelSettings::default(), day("2024-12-31"));
        assert_eq!(label.lead_days(day("2024-11-30")), 31);
        for (as_of, fits) in [
            ("2024-12-31", true),
            ("2024-11-30", true),
            ("2024-11-29", false),
            ("2025-01-31", true),
            ("2025-02-01", false),
        ] {
            assert_eq!(label.fits(day(as_of), 31), fits, "{as_of}");
        }
        assert_eq!(label.known_at(), day("2025-06-29"));
        assert!(label.to_string().starts_with("2024-12-31 (assumed: the last day"), "{label}");
    }

    #[test]
    fn the_months_before_a_date_end_on_their_last_days() {
        let ends: Vec<_> = month_ends_before(day("2024-03-31"), 3).iter().map(ToString::to_string).collect();
        assert_eq!(ends, ["2024-03-31", "2024-02-29", "2024-01-31", "2023-12-31"]);
        let ends: Vec<_> = month_ends_before(day("2024-03-15"), 1).iter().map(ToString::to_string).collect();
        assert_eq!(ends, ["2024-03-15", "2024-02-29"]);
        assert_eq!(month_ends_before(day("2024-03-15"), 0), [day("2024-03-15")]);
    }

    #[test]
    fn a_later_date_measures_the_model_that_people_would_have_had_by_then() {
        let dates = ["2024-06-30", "2024-09-30", "2024-12-31", "2025-03-31"].map(day);
        let tests: Vec<_> = later_tests(&dates, 180)
            .into_iter()
            .map(|test| (test.trained_at.to_string(), test.tested_at.to_string(), test.labels_overlap))
            .collect();
        let expected = [
            ("2024-06-30".to_owned(), "2024-09-30".to_owned(), true),
            ("2024-06-30".to_owned(), "2024-12-31".to_owned(), false),
            ("2024-09-30".to_owned(), "2025-03-31".to_owned(), false),
        ];
        assert_eq!(tests, expected);
        assert!(later_tests(&dates[..1], 180).is_empty() && later_tests(&[], 180).is_empty());
    }

    #[test]
    fn a_run_takes_the_snapshot_that_fits_it_or_the_last_one_that_was_known() {
        let snapshots = ["2024-06-30", "2024-12-31", "2025-06-30"].map(day);
        for (as_of, taken) in [
            ("2024-12-31", "2024-12-31"),
            ("2024-12-15", "2024-12-31"),
            ("2024-11-01", "2024-06-30"),
            ("2025-09-30", "2025-06-30"),
            ("2023-01-01", "2024-06-30"),
        ] {
            assert_eq!(snapshot_for(&snapshots, day(as_of), 31), Some(day(taken)), "{as_of}");
        }
        assert_eq!(snapshot_for(&[], day("2024-12-31"), 31), None);
    }
}
