//! What the rule `effect` and the estimated performance promise, measured: one line per book of customers, and what
//! holds over all of them.
//!
//! `cargo run --release --example drift_promises -- SILVER ...`, where each folder has the silver tables of another seed
//! (`spanishgas generate-data --seed N`, then `spanishgas run --mode train`; the lake has it as `silver/silver/*`). One
//! training per folder: about half a minute each at full size on two cores.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use churn::drift::{Comparison, Customers, DriftLevel, DriftReport, DriftSettings, compare};
use churn::features::{Calendar, FeatureTiers};
use churn::gold::gold_master;
use churn::model::performance::{PerformanceReport, View, monitor};
use churn::model::{Bundle, NoCheckpoints, TrainSettings, train};
use churn::{DataFrame, Error, Result, SnapshotDate, Unwatched, table_file};
use polars::prelude::{Column, DataType, IdxCa, IdxSize, PlSmallStr};
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;

const TIERS: &str = include_str!("../../configs/feature_tiers.yaml");
const SETTINGS: &str = include_str!("../../configs/drift.yaml");
const THEN: &str = "2024-12-31";
const LATER: &str = "2025-01-31";
const RESAMPLES: u64 = 100;
/// So many robust standard deviations a top feature moves.
const SHIFT: f64 = 0.3;
/// What somebody typed into one cell.
const ABSURD: f64 = 1e15;

fn main() -> Result<()> {
    let folders: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    if folders.is_empty() {
        println!("give folders of silver tables: cargo run --release --example drift_promises -- SILVER ...");
        return Ok(());
    }
    println!(
        "{:<24} {:<26} {:>9} {:>6} {:>6} {:>7} {:>16} {:>9} {:>6}",
        "folder", "top feature", "resamples", "month", "moved", "absurd", "PR-AUC promised", "realised", "shift"
    );
    let mut found = Vec::new();
    for folder in &folders {
        let measured = Measured::of(&Book::read(folder)?)?;
        measured.print(folder);
        found.push(measured);
    }
    summary(&found);
    Ok(())
}

/// The same customers at two dates, and the model that was trained at the first.
struct Book {
    then: DataFrame,
    later: DataFrame,
    bundle: Bundle,
    calendar: BTreeMap<String, Calendar>,
    importance: BTreeMap<String, f64>,
    settings: DriftSettings,
}

impl Book {
    fn read(folder: &Path) -> Result<Self> {
        let customers = table_file::read(&folder.join("silver_customer.parquet"))?;
        let months = table_file::read(&folder.join("silver_customer_month.parquet"))?;
        let gold = |as_of: &str| gold_master(&customers, &months, SnapshotDate::parse(as_of)?);
        let (then, later) = (gold(THEN)?, gold(LATER)?);
        let tiers = FeatureTiers::parse(TIERS)?;
        let experiment = tiers.champion();
        let features = tiers.features(experiment)?;
        let trained = train(&then, experiment, &features, &TrainSettings::default(), &NoCheckpoints, &Unwatched)?;
        let importance = trained.bundle.feature_shares(&Unwatched)?;
        let settings = DriftSettings::parse(SETTINGS)?;
        Ok(Self { then, later, bundle: trained.bundle, calendar: tiers.calendar(), importance, settings })
    }

    /// Customers of a date against the training.
    fn judge(&self, current: &DataFrame, as_of: &str) -> Result<DriftReport> {
        let comparison = Comparison {
            reference: Customers { table: self.bundle.reference(), as_of: Some(SnapshotDate::parse(THEN)?) },
            current: Customers { table: current, as_of: Some(SnapshotDate::parse(as_of)?) },
            same_month: None,
            calendar: self.calendar.clone(),
            importance: self.importance.clone(),
        };
        compare(&comparison, &self.settings, &Unwatched)
    }

    fn pages(&self, current: &DataFrame, as_of: &str) -> Result<bool> {
        Ok(matches!(self.judge(current, as_of)?.verdict.level, DriftLevel::Warn | DriftLevel::Critical))
    }

    fn performance(&self, gold: &DataFrame) -> Result<PerformanceReport> {
        let as_of = SnapshotDate::parse(THEN)?;
        let view = View { gold, as_of, trained_as_of: Some(as_of), label_date: None };
        monitor(&self.bundle, &view, &[], &self.settings.performance, &Unwatched)
    }

    /// The feature of numbers that weighs most and spreads, and its robust standard deviation.
    fn top(&self, current: &DataFrame) -> Result<(String, f64)> {
        let mut features: Vec<(&String, &f64)> = self.importance.iter().collect();
        features.sort_by(|a, b| b.1.total_cmp(a.1));
        for (name, _) in features {
            let column = current.column(name).map_err(wrong())?;
            if !column.dtype().is_primitive_numeric() {
                continue;
            }
            let mut values: Vec<f64> = cells(column)?.into_iter().flatten().collect();
            values.sort_unstable_by(f64::total_cmp);
            let quarter = values.len() / 4;
            let (Some(low), Some(high)) = (values.get(quarter), values.get(3 * quarter)) else { continue };
            if high > low {
                return Ok((name.clone(), (high - low) / 1.349));
            }
        }
        Err(Error::data("gold_master", None, None, "has no feature of numbers that spreads"))
    }
}

/// What is measured of one book.
#[expect(clippy::struct_excessive_bools, reason = "one promise each")]
struct Measured {
    top: String,
    resamples_that_page: u64,
    month_pages: bool,
    moved_pages: bool,
    absurd_pages: bool,
    performance: PerformanceReport,
    shift_is_found: bool,
}

impl Measured {
    fn of(book: &Book) -> Result<Self> {
        let today = book.bundle.observe(&book.then)?;
        let (top, unit) = book.top(&today)?;
        let mut resamples_that_page = 0;
        for seed in 1..=RESAMPLES {
            resamples_that_page += u64::from(book.pages(&resampled(&today, seed)?, THEN)?);
        }
        let moved = with(&today, &top, |_, value| value + SHIFT * unit)?;
        let absurd = with(&moved, &top, |row, value| if row == 17 { ABSURD } else { value })?;
        Ok(Self {
            resamples_that_page,
            month_pages: book.pages(&book.bundle.observe(&book.later)?, LATER)?,
            moved_pages: book.pages(&moved, THEN)?,
            absurd_pages: book.pages(&absurd, THEN)?,
            performance: book.performance(&book.then)?,
            shift_is_found: book.performance(&more_leave(&book.then)?)?.troubles().next().is_some(),
            top,
        })
    }

    /// Whether what came to pass lies in the interval.
    fn is_kept(&self) -> Option<bool> {
        let (promised, own) = (self.performance.estimated.as_ref()?, self.performance.own()?);
        Some(promised.pr_auc.holds(own.realised.pr_auc))
    }

    fn print(&self, folder: &Path) {
        let name = folder.display().to_string();
        let name: String = name.chars().skip(name.chars().count().saturating_sub(24)).collect();
        let promised = self.performance.estimated.as_ref().map_or_else(
            || "-".to_owned(),
            |estimated| format!("{:.3} to {:.3}", estimated.pr_auc.low, estimated.pr_auc.high),
        );
        let realised = self.performance.own().map_or(f64::NAN, |own| own.realised.pr_auc);
        let pages = |pages: bool| if pages { "pages" } else { "-" };
        println!(
            "{name:<24} {:<26} {:>9} {:>6} {:>6} {:>7} {promised:>16} {realised:>9.3} {:>6}",
            self.top,
            self.resamples_that_page,
            pages(self.month_pages),
            pages(self.moved_pages),
            pages(self.absurd_pages),
            if self.shift_is_found { "found" } else { "-" },
        );
    }
}

/// The promises over all books.
fn summary(found: &[Measured]) {
    let books = found.len();
    let count = |of: &dyn Fn(&Measured) -> bool| found.iter().filter(|measured| of(measured)).count();
    let pages: u64 = found.iter().map(|measured| measured.resamples_that_page).sum();
    println!("\n{pages} of {} stable resamples page", RESAMPLES * books as u64);
    println!("{} of {books} books page when they are looked at a month later", count(&|m| m.month_pages));
    println!(
        "{} of {books} page when a top feature moves {SHIFT} robust standard deviations",
        count(&|m| m.moved_pages)
    );
    println!("{} of {books} page when one absurd value is in it as well", count(&|m| m.absurd_pages));
    println!("the estimate holds what came to pass in {} of {books}", count(&|m| m.is_kept() == Some(true)));
    println!("a shift of the labels is found in {} of {books}", count(&|m| m.shift_is_found));
}

fn wrong() -> impl FnOnce(polars::error::PolarsError) -> Error {
    Error::table("read a table of customers")
}

fn cells(column: &Column) -> Result<Vec<Option<f64>>> {
    let column = column.cast(&DataType::Float64).map_err(wrong())?;
    Ok(column.f64().map_err(wrong())?.iter().collect())
}

/// As many customers as there are, drawn with replacement.
fn resampled(table: &DataFrame, seed: u64) -> Result<DataFrame> {
    let mut chance = Pcg64::seed_from_u64(seed);
    let rows = table.height() as u64;
    let drawn = (0..rows).map(|_| (chance.next_u64() % rows) as IdxSize).collect();
    table.take(&IdxCa::from_vec(PlSmallStr::from_static("row"), drawn)).map_err(wrong())
}

/// The same customers with other values in a column.
fn with(table: &DataFrame, name: &str, change: impl Fn(usize, f64) -> f64) -> Result<DataFrame> {
    let values = cells(table.column(name).map_err(wrong())?)?;
    let changed: Vec<Option<f64>> =
        values.into_iter().enumerate().map(|(row, value)| value.map(|value| change(row, value))).collect();
    let mut table = table.clone();
    table.with_column(Column::new(name.into(), changed)).map_err(wrong())?;
    Ok(table)
}

/// One in ten of those who stay leaves after all.
fn more_leave(gold: &DataFrame) -> Result<DataFrame> {
    with(gold, "churn", |row, label| if row % 10 == 0 { 1.0 } else { label })
}
