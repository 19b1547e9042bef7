//! The ladder of experiments on invented data, held against the published one: one line per year, and the mean over all.
//!
//! `cargo run --release --example ladder -- [--customers N] YEAR ...`, where each YEAR is a seed, whose raw files are made,
//! read and deleted again (2 GB at full size), or a `gold_master` of a lake. Two minutes a year at full size on two cores.
//!
//! One fit each, with balanced weights, as the published figures were measured; `spanishgas ladder` compares weights first.

use std::panic::resume_unwind;
use std::path::Path;
use std::thread::{self, ScopedJoinHandle};

use churn::bronze::customer::bronze_customer;
use churn::bronze::customer_month::bronze_customer_month;
use churn::features::FeatureTiers;
use churn::generator::{GenerateSettings, Others, generate};
use churn::gold::gold_master;
use churn::hourly::{PartialSums, RETAILER_ZONE, aggregate_slice, inspect, plan_slices};
use churn::model::{Algorithm, CalibrationMethod, Candidate, ModelSettings, TrialFigures, TrialName};
use churn::quality::CheckRules;
use churn::raw::{RawTable, read};
use churn::silver::customer::silver_customer;
use churn::silver::customer_month::silver_customer_month;
use churn::text::{IntentVocabulary, SentimentSettings};
use churn::{DataFrame, Error, Result, SnapshotDate, Unwatched, table_file};
use polars::prelude::{BooleanChunked, Column, NewChunkedArray};

const TIERS: &str = include_str!("../../configs/feature_tiers.yaml");
const MODEL: &str = include_str!("../../configs/model.yaml");
const INTENTS: &str = include_str!("../../configs/intents.yaml");
const READINGS: &str = "consumption_hourly_2024.parquet";
const AS_OF: &str = "2024-12-31";
const SLICE_BYTES: u64 = 256 << 20;
const FULL_SIZE: u32 = 20_099;

/// What is tried: an algorithm on the features of an experiment, measured on all of the holdout, or on those of it with a
/// contact or without.
struct Trial(Algorithm, &'static str, Option<bool>);

static TRIALS: [Trial; 10] = [
    Trial(Algorithm::Xgboost, "E0_baseline", None),
    Trial(Algorithm::Xgboost, "E1_lifecycle_market", None),
    Trial(Algorithm::Xgboost, "E2_add_risk", None),
    Trial(Algorithm::Xgboost, "E3_add_behavioral", None),
    Trial(Algorithm::Xgboost, "E4_add_sentiment", None),
    Trial(Algorithm::Xgboost, "E5_full", None),
    Trial(Algorithm::Xgboost, "E8_no_sentiment", None),
    Trial(Algorithm::LogisticRegression, "E5_full", None),
    Trial(Algorithm::Xgboost, "E5_full", Some(true)),
    Trial(Algorithm::Xgboost, "E5_full", Some(false)),
];

/// Places in [`TRIALS`].
const CHAMPION: usize = 5;
const STRAIGHT_LINES: usize = 7;

/// A figure of the ladder, and where its mean must lie; none of what is only shown.
struct Target {
    name: &'static str,
    of: fn(&[TrialFigures]) -> f64,
    range: Option<(f64, f64)>,
}

/// Ranges are published; where one figure is, within .01 of it counts, and .02 of the gap and of a part of the customers.
static TARGETS: [Target; 12] = [
    Target { name: "E0", of: |tried| tried[0].pr_auc, range: Some((0.296, 0.316)) },
    Target { name: "E1", of: |tried| tried[1].pr_auc, range: None },
    Target { name: "E2", of: |tried| tried[2].pr_auc, range: Some((0.407, 0.476)) },
    Target { name: "E3", of: |tried| tried[3].pr_auc, range: Some((0.643, 0.685)) },
    Target { name: "E4", of: |tried| tried[4].pr_auc, range: None },
    Target { name: "E5", of: |tried| tried[CHAMPION].pr_auc, range: Some((0.719, 0.745)) },
    Target { name: "E8", of: |tried| tried[6].pr_auc, range: Some((0.643, 0.684)) },
    Target { name: "ROC E5", of: |tried| tried[CHAMPION].roc_auc, range: Some((0.919, 0.939)) },
    Target { name: "LR E5", of: |tried| tried[STRAIGHT_LINES].pr_auc, range: None },
    Target {
        name: "gap",
        of: |tried| tried[CHAMPION].pr_auc - tried[STRAIGHT_LINES].pr_auc,
        range: Some((0.070, 0.110)),
    },
    Target { name: "with", of: |tried| tried[8].pr_auc, range: Some((0.909, 0.949)) },
    Target { name: "without", of: |tried| tried[9].pr_auc, range: Some((0.365, 0.405)) },
];

fn main() -> Result<()> {
    let (customers, years) = arguments(std::env::args().skip(1).collect())?;
    if years.is_empty() {
        println!("give seeds or gold tables: cargo run --release --example ladder -- [--customers N] YEAR ...");
        return Ok(());
    }
    print!("{:<24}", "year");
    for target in &TARGETS {
        print!(" {:>7}", target.name);
    }
    println!();
    let mut found = Vec::new();
    for year in &years {
        let figures = Year::of(year, customers)?.figures()?;
        line(year, &figures);
        found.push(figures);
    }
    summary(&found);
    Ok(())
}

fn arguments(mut arguments: Vec<String>) -> Result<(u32, Vec<String>)> {
    let Some(place) = arguments.iter().position(|argument| argument == "--customers") else {
        return Ok((FULL_SIZE, arguments));
    };
    let given: Vec<String> = arguments.drain(place..(place + 2).min(arguments.len())).collect();
    let number = given.get(1).and_then(|number| number.parse().ok());
    let customers = number.ok_or_else(|| Error::settings("--customers", "give a number of customers"))?;
    Ok((customers, arguments))
}

fn line(name: &str, figures: &[f64]) {
    print!("{:<24}", name.chars().skip(name.chars().count().saturating_sub(24)).collect::<String>());
    for figure in figures {
        print!(" {figure:>7.3}");
    }
    println!();
}

/// The means, and which of them lie where they should.
fn summary(found: &[Vec<f64>]) {
    let mean = |place: usize| found.iter().map(|figures| figures[place]).sum::<f64>() / found.len() as f64;
    let means: Vec<f64> = (0..TARGETS.len()).map(mean).collect();
    line("mean", &means);
    println!();
    for (Target { name, range, .. }, mean) in TARGETS.iter().zip(&means) {
        let Some((least, most)) = range else { continue };
        let holds = if (*least..=*most).contains(mean) { "holds" } else { "does not hold" };
        println!("{name:<8} {mean:.3} of {least:.3} to {most:.3}: {holds}");
    }
}

/// The customers of one year, and what is tried on them.
struct Year {
    gold: DataFrame,
    tiers: FeatureTiers,
    settings: ModelSettings,
}

impl Year {
    fn of(year: &str, customers: u32) -> Result<Self> {
        let gold = match year.parse() {
            Ok(seed) => invented(customers, seed)?,
            Err(_) => table_file::read(Path::new(year))?,
        };
        let mut settings = ModelSettings::parse(MODEL)?;
        settings.train.calibration.methods = vec![CalibrationMethod::Platt];
        settings.train.bootstrap.resamples = 100;
        Ok(Self { gold, tiers: FeatureTiers::parse(TIERS)?, settings })
    }

    /// One for each target; the trials run side by side.
    fn figures(&self) -> Result<Vec<f64>> {
        let tried: Vec<TrialFigures> = thread::scope(|scope| {
            let trials: Vec<_> = TRIALS.iter().map(|trial| scope.spawn(move || self.tried(trial))).collect();
            trials.into_iter().map(finished).collect::<Result<_>>()
        })?;
        Ok(TARGETS.iter().map(|target| (target.of)(&tried)).collect())
    }

    /// Fitted on all training customers, whoever it is measured on.
    fn tried(&self, Trial(algorithm, experiment, contact): &Trial) -> Result<TrialFigures> {
        let name = TrialName { experiment: (*experiment).to_owned(), algorithm: *algorithm, grid_point: None };
        let candidate = Candidate::of(&name, self.tiers.features(experiment)?, &self.settings)?;
        let measured = contact.map(|contact| of_contact(&self.gold, contact)).transpose()?;
        candidate.try_out(&self.gold, measured.as_ref(), &Unwatched)
    }
}

/// What a thread gives; its panic is ours.
fn finished<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    match thread.join() {
        Ok(value) => value,
        Err(panic) => resume_unwind(panic),
    }
}

fn of_contact(gold: &DataFrame, contact: bool) -> Result<DataFrame> {
    let wrong = || Error::table("take a part of the customers");
    let has = gold.column("has_interaction").and_then(Column::i32).map_err(wrong())?;
    let wanted: Vec<bool> = has.iter().map(|has| (has == Some(1)) == contact).collect();
    gold.filter(&BooleanChunked::from_slice("wanted".into(), &wanted)).map_err(wrong())
}

/// The gold table of an invented year; its raw files are gone when it is there.
fn invented(customers: u32, seed: u64) -> Result<DataFrame> {
    let folder = tempfile::tempdir().map_err(Error::file("make", Path::new("a temporary folder")))?;
    let settings = GenerateSettings { customers, seed, offers: None, months: 12 };
    generate(&settings, folder.path(), Others::Keep, &Unwatched)?;
    let raw = |table: RawTable| read(table, &folder.path().join(table.file_name()));
    let (as_of, attributes) = (SnapshotDate::parse(AS_OF)?, raw(RawTable::CustomerAttributes)?);
    let bronze = bronze_customer(
        &raw(RawTable::ChurnLabel)?,
        &attributes,
        &raw(RawTable::CustomerContracts)?,
        &raw(RawTable::CustomerInteractions)?,
        as_of,
        &IntentVocabulary::parse(INTENTS)?,
        SentimentSettings::default().build()?.as_ref(),
        &Unwatched,
    )?;
    let sums = sums(&folder.path().join(READINGS))?.to_frame(CheckRules::default().nulls_scaled_to)?;
    let (prices, costs) = (raw(RawTable::PriceHistory)?, raw(RawTable::CostsByProvinceMonth)?);
    let months = bronze_customer_month(&sums, &prices, &costs, &attributes)?;
    let silver = silver_customer(&bronze)?;
    gold_master(&silver, &silver_customer_month(&months, &silver, as_of)?, as_of)
}

fn sums(readings: &Path) -> Result<PartialSums> {
    let slices = plan_slices(&[inspect(readings, READINGS)?], SLICE_BYTES).concat();
    thread::scope(|scope| {
        let sum = |slice| scope.spawn(move || aggregate_slice(readings, slice, RETAILER_ZONE, &Unwatched));
        let parts: Vec<_> = slices.iter().map(sum).collect();
        PartialSums::merge(parts.into_iter().map(finished))
    })
}
