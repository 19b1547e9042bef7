//! What the rule `effect` promises: stable customers page nobody, the calendar pages nobody, and a true move pages,
//! with an absurd value in the column or without.
//!
//! The book is made up and has what real ones have: skewed measures, rare flags, a column that is mostly null, one that
//! is constant, one that is always null, texts with nulls. The same promises on the generator's customers at full size
//! are in `churn/examples/drift_promises.rs`.

use std::collections::BTreeMap;

use polars::df;
use polars::prelude::{DataFrame, IdxCa, IdxSize, PlSmallStr};
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;

use super::*;
use crate::features::Calendar;
use crate::snapshot_date::SnapshotDate;
use crate::watch::Unwatched;

const CUSTOMERS: usize = 4000;
/// A feature that the model looks at, and one that it hardly does.
const TOP: &str = "margin";
const MINOR: &str = "is_rare";
const INTENTS: [&str; 3] = ["Pricing", "Cancel", "Complaint"];

struct Chance(Pcg64);

impl Chance {
    fn new(seed: u64) -> Self {
        Self(Pcg64::seed_from_u64(seed))
    }

    fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Normal enough: the sum of twelve uniform numbers.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    fn column<T>(&mut self, mut cell: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..CUSTOMERS).map(|_| cell(self)).collect()
    }
}

/// The same customers, so many months after the first look.
fn book(months_later: f64) -> DataFrame {
    let mut chance = Chance::new(42);
    let tenure = chance.column(|c| (c.uniform() * c.uniform() * 180.0).round());
    let renewal = chance.column(|c| c.uniform() * 14.0 - 2.0);
    let season = (std::f64::consts::TAU * months_later / 12.0).cos();
    let risk = chance.column(|c| c.uniform().powi(6));
    df!(
        "tenure" => tenure.iter().map(|months| months + months_later).collect::<Vec<_>>(),
        "renewal" => renewal.iter().map(|months| ((months - months_later) * 10.0).round() / 10.0).collect::<Vec<_>>(),
        "renewal_bucket" => renewal.iter().map(|months| bucket(months - months_later)).collect::<Vec<_>>(),
        "consumption" => chance.column(|c| (5.0 + 0.8 * c.normal() + 0.5 * season).exp()),
        TOP => chance.column(|c| (3.0 + 0.6 * c.normal()).exp() - 8.0),
        "count" => chance.column(|c| (c.uniform().powi(8) * 9.0).floor() as i32),
        "is_dual" => chance.column(|c| i32::from(c.uniform() < 0.4)),
        MINOR => chance.column(|c| i32::from(c.uniform() < 0.004)),
        "days_ago" => chance.column(|c| (c.uniform() < 0.3).then(|| (c.uniform() * 300.0).floor())),
        "constant" => vec![1_i32; CUSTOMERS],
        "nothing" => vec![None::<f64>; CUSTOMERS],
        "segment" => chance.column(|c| if c.uniform() < 0.85 { "Residential" } else { "SME" }),
        "intent" => chance.column(|c| (c.uniform() < 0.3).then(|| INTENTS[(c.uniform() * 3.0) as usize])),
        PREDICTION => risk.iter().map(|risk| (risk * (1.0 + 0.2 * months_later)).min(1.0)).collect::<Vec<_>>(),
    )
    .unwrap()
}

fn bucket(months: f64) -> &'static str {
    if months < 3.0 { "0-3m" } else { "later" }
}

fn calendar() -> BTreeMap<String, Calendar> {
    let behaviours = [
        ("tenure", Calendar::AgesInMonths),
        ("renewal", Calendar::Moves),
        ("renewal_bucket", Calendar::Moves),
        ("consumption", Calendar::Seasonal),
    ];
    behaviours.map(|(name, behaviour)| (name.to_owned(), behaviour)).into()
}

fn importance() -> BTreeMap<String, f64> {
    let shares =
        [("renewal", 0.3), ("intent", 0.3), (TOP, 0.12), ("tenure", 0.1), ("consumption", 0.1), ("is_dual", 0.05)];
    shares.map(|(name, share)| (name.to_owned(), share)).into()
}

/// As many customers as there are, drawn with replacement.
fn resampled(table: &DataFrame, seed: u64) -> DataFrame {
    let mut chance = Chance::new(seed);
    let rows = (0..table.height()).map(|_| (chance.uniform() * table.height() as f64) as IdxSize).collect();
    table.take(&IdxCa::from_vec(PlSmallStr::from_static("row"), rows)).unwrap()
}

/// The same table with other cells in the column [`TOP`].
fn with_top(table: &DataFrame, change: impl Fn(usize, f64) -> f64) -> DataFrame {
    let cells = table.column(TOP).unwrap().f64().unwrap();
    let changed: Vec<f64> = cells.iter().flatten().enumerate().map(|(row, value)| change(row, value)).collect();
    let mut table = table.clone();
    table.with_column(polars::prelude::Column::new(TOP.into(), changed)).unwrap();
    table
}

fn judged(reference: &DataFrame, current: &DataFrame, dates: [&str; 2]) -> DriftReport {
    let [then, now] = dates.map(|date| SnapshotDate::parse(date).ok());
    let mut comparison =
        Comparison { calendar: calendar(), importance: importance(), ..Comparison::of(reference, current) };
    (comparison.reference.as_of, comparison.current.as_of) = (then, now);
    compare(&comparison, &DriftSettings::default(), &Unwatched).unwrap()
}

const SAME_DAY: [&str; 2] = ["2024-12-31", "2024-12-31"];

fn pages(report: &DriftReport) -> bool {
    matches!(report.verdict.level, DriftLevel::Warn | DriftLevel::Critical)
}

/// 0.3 robust standard deviations of [`TOP`].
fn shift(table: &DataFrame) -> f64 {
    let mut sorted: Vec<f64> = table.column(TOP).unwrap().f64().unwrap().iter().flatten().collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let iqr = sorted[CUSTOMERS * 3 / 4] - sorted[CUSTOMERS / 4];
    0.3 * iqr / 1.349
}

#[test]
fn a_hundred_stable_resamples_page_nobody() {
    let reference = book(0.0);
    for seed in 1..=100 {
        let report = judged(&reference, &resampled(&reference, seed), SAME_DAY);
        assert_eq!(report.verdict.level, DriftLevel::None, "seed {seed}: {}", report.verdict.reason);
    }
}

#[test]
fn the_same_customers_a_month_later_page_nobody() {
    let (then, later) = (book(0.0), book(1.0));
    let report = judged(&then, &later, ["2024-12-31", "2025-01-31"]);
    assert_eq!(report.verdict.level, DriftLevel::None, "{}", report.verdict.reason);
    let tenure = report.columns.iter().find(|column| column.column == "tenure").unwrap();
    assert_eq!((tenure.state, tenure.effect), (ColumnState::Compared, Some(0.0)));
    assert_eq!(report.verdict.features_not_counted, 3);
    // Had nobody said how the features depend on the date, it would.
    let undeclared = compare(&Comparison::of(&then, &later), &DriftSettings::default(), &Unwatched).unwrap();
    assert!(pages(&undeclared), "{}", undeclared.verdict.reason);
    assert!(pages(&judged(&then, &later, SAME_DAY)), "as if it were the same day");
}

#[test]
fn a_move_of_a_top_feature_pages_with_an_absurd_value_or_without() {
    let reference = book(0.0);
    let by = shift(&reference);
    for seed in 1..=9 {
        let current = resampled(&reference, seed);
        let moved = with_top(&current, |_, value| value + by);
        for (what, table) in [
            ("alone", moved.clone()),
            ("absurdly large", with_top(&moved, |row, value| if row == 17 { 1e15 } else { value })),
            ("absurdly small", with_top(&moved, |row, value| if row == 17 { -1e15 } else { value })),
        ] {
            let report = judged(&reference, &table, SAME_DAY);
            assert!(pages(&report), "seed {seed}, {what}: {}", report.verdict.reason);
            assert_eq!(report.verdict.drifted, [TOP], "seed {seed}, {what}");
        }
        let absurd_then = with_top(&reference, |row, value| if row == 17 { 1e15 } else { value });
        assert!(pages(&judged(&absurd_then, &moved, SAME_DAY)), "seed {seed}, absurd in the training");
    }
}

#[test]
fn an_absurd_value_alone_pages_nobody_and_neither_does_a_feature_that_does_not_matter() {
    let reference = book(0.0);
    let absurd = with_top(&resampled(&reference, 5), |row, value| if row < 3 { 1e15 } else { value });
    assert_eq!(judged(&reference, &absurd, SAME_DAY).verdict.level, DriftLevel::None);
    // Nobody had it, and half of them have it now: far, and the model does not look at it.
    let mut minor = resampled(&reference, 6);
    let flags: Vec<i32> = (0..CUSTOMERS as i32).map(|row| row % 2).collect();
    minor.with_column(polars::prelude::Column::new(MINOR.into(), flags)).unwrap();
    let report = judged(&reference, &minor, SAME_DAY);
    assert_eq!((report.verdict.level, report.verdict.drifted.as_slice()), (DriftLevel::None, &[MINOR.to_owned()][..]));
}
