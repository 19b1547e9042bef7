//! For whom a model works, how often its threshold finds enough, whether its tiers mean the same for everybody, and
//! whether its reasons survive another seed: one line per gold table, and what holds over all of them.
//!
//! `cargo run --release --example for_whom -- GOLD.parquet ...`, where each file is a `gold_master` of another seed
//! (`spanishgas generate-data --seed N`, then `spanishgas run --mode train`; the lake has it as
//! `gold/gold_master/*/gold_master.parquet`). Two trainings per table: about a minute each at full size on two cores.

use std::collections::BTreeSet;
use std::path::Path;

use churn::features::{Feature, FeatureTiers};
use churn::model::{
    Bundle, Evaluation, NoCheckpoints, RiskTier, Slice, SliceBy, TrainSettings, evaluate, score, train,
};
use churn::recommend::{InView, OfferPolicy, ReasonDictionary, RuleReason, recommend};
use churn::{DataFrame, Error, Result, SnapshotDate, Unwatched, table_file};
use polars::prelude::{Column, SortMultipleOptions, df};

const TIERS: &str = include_str!("../../configs/feature_tiers.yaml");
const POLICY: &str = include_str!("../../configs/offer_policy.yaml");
const REASONS: &str = include_str!("../../configs/reason_codes.yaml");
const EXPERIMENT: &str = "E5_full";
/// A promise of the specification: so much of the reasons stays under another seed.
const OVERLAP: f64 = 0.9;
const RECALL: f64 = 0.70;

fn main() -> Result<()> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    if files.is_empty() {
        println!("give gold tables: cargo run --release --example for_whom -- GOLD.parquet ...");
        return Ok(());
    }
    let features = FeatureTiers::parse(TIERS)?.features(EXPERIMENT)?;
    println!(
        "{:<34} {:>6} {:>6} {:>7} {:>9} {:>8} {:>9} {:>8} {:>8} {:>8}",
        "table", "PR-AUC", "with", "without", "evaluated", "kept", "recall", "tiers sd", "reasons", "offered"
    );
    let mut found = Vec::new();
    for file in &files {
        let measured = Measured::of(Path::new(file), &features)?;
        measured.print(file);
        found.push(measured);
    }
    summary(&found);
    Ok(())
}

/// What is measured of one table.
struct Measured {
    evaluation: Evaluation,
    kept: String,
    tiers: [[Side; 2]; 4],
    overlap: Overlap,
}

/// Churners and customers of a tier: in training, or not.
#[derive(Debug, Clone, Copy, Default)]
struct Side {
    churners: f64,
    customers: f64,
}

/// The mean share of reasons that two seeds share: of all customers, and of those to whom something is offered.
struct Overlap {
    all: f64,
    offered: f64,
}

impl Measured {
    fn of(file: &Path, features: &[Feature]) -> Result<Self> {
        let gold = table_file::read(file)?;
        let bundle = trained(&gold, features, 42)?;
        let evaluation = evaluate(&bundle, None, &gold, &Unwatched)?;
        let (first, scores) = reasons(&bundle, &gold)?;
        let (second, _) = reasons(&trained(&gold, features, 43)?, &gold)?;
        let report = bundle.metadata().calibration.as_ref();
        Ok(Self {
            evaluation,
            kept: report.map_or_else(String::new, |report| report.kept.to_string()),
            tiers: sides(&scores)?,
            overlap: Overlap::of(&first, &second, &scores)?,
        })
    }

    fn slice(&self, value: &str) -> Option<&Slice> {
        let of_contact = |slice: &&Slice| slice.by == SliceBy::Contact && slice.value == value;
        self.evaluation.summary.slices.iter().find(of_contact)
    }

    fn print(&self, file: &str) {
        let summary = &self.evaluation.summary;
        let pr_auc = |value: &str| self.slice(value).and_then(Slice::figures).map_or(f64::NAN, |found| found.pr_auc);
        let evaluated = summary.slices.iter().filter(|slice| slice.figures().is_some()).count();
        let evaluated = format!("{evaluated}/{}", summary.slices.len());
        let name: String = file.chars().skip(file.chars().count().saturating_sub(34)).collect();
        println!(
            "{name:<34} {:>6.3} {:>6.3} {:>7.3} {:>9} {:>8} {:>9.3} {:>8.2} {:>8.3} {:>8.3}",
            summary.metrics.pr_auc,
            pr_auc("with"),
            pr_auc("without"),
            evaluated,
            self.kept,
            summary.metrics.recall,
            self.tiers.iter().filter_map(|sides| apart(*sides)).fold(0.0, |most: f64, sd| most.max(sd.abs())),
            self.overlap.all,
            self.overlap.offered,
        );
    }
}

/// The promises over all tables.
fn summary(found: &[Measured]) {
    let tables = found.len();
    let enough = found.iter().filter(|measured| measured.evaluation.summary.metrics.recall >= RECALL).count();
    let mut pooled = [[Side::default(); 2]; 4];
    for (tier, sides) in found.iter().flat_map(|measured| measured.tiers.iter().enumerate()) {
        for (sum, side) in pooled[tier].iter_mut().zip(sides) {
            sum.churners += side.churners;
            sum.customers += side.customers;
        }
    }
    println!("\nrecall on the holdout is {RECALL:.2} or more in {enough} of {tables} tables");
    for (tier, [training, others]) in RiskTier::ALL.into_iter().zip(pooled) {
        println!(
            "{:<17} churn rate {:.3} of {:>6} in training, {:.3} of {:>6} others, {:+.2} standard deviations apart",
            tier.as_str(),
            training.rate(),
            training.customers,
            others.rate(),
            others.customers,
            apart([training, others]).unwrap_or(f64::NAN),
        );
    }
    let mean = |of: fn(&Measured) -> f64| found.iter().map(of).sum::<f64>() / tables as f64;
    let (all, offered) = (mean(|measured| measured.overlap.all), mean(|measured| measured.overlap.offered));
    let held = if all >= OVERLAP { "holds" } else { "does not hold" };
    println!(
        "reasons under another seed: {all:.3} of all customers ({OVERLAP}: {held}), {offered:.3} of those with an offer"
    );
}

fn trained(gold: &DataFrame, features: &[Feature], seed: u32) -> Result<Bundle> {
    let mut settings = TrainSettings::default();
    settings.learner.xgboost.seed = seed;
    Ok(train(gold, EXPERIMENT, features, &settings, &NoCheckpoints, &Unwatched)?.bundle)
}

/// The causes that are named of every customer, in the order of gold, and the scores in the same order.
fn reasons(bundle: &Bundle, gold: &DataFrame) -> Result<(Vec<BTreeSet<String>>, DataFrame)> {
    let wrong = || Error::table("read the gold table");
    let ids = gold.column("customer_id").and_then(Column::str).map_err(wrong())?.clone();
    let (provinces, channels) = (vec![28; ids.len()], gold.column("sales_channel").map_err(wrong())?);
    let silver = df!(
        "customer_id" => ids,
        "province_code" => provinces,
        "sales_channel" => channels.as_materialized_series(),
    );
    let as_of = SnapshotDate::parse("2024-12-31")?;
    let scores = score(bundle, gold, &silver.map_err(wrong())?, as_of)?;
    let contributions = bundle.contributions_of(&scores, gold, &Unwatched)?;
    let dictionary = ReasonDictionary::parse(REASONS)?;
    let view = InView { as_of, customers: None, consent: None, outcomes: None };
    let table = recommend(&scores, &contributions, &view, &OfferPolicy::parse(POLICY)?, &dictionary)?.table;
    let sorted = table.sort(["customer_id"], SortMultipleOptions::default()).map_err(wrong())?;
    let codes = sorted.column("reason_codes").and_then(Column::str).map_err(wrong())?;
    let named = codes.iter().map(|codes| causes(codes.unwrap_or_default())).collect();
    Ok((named, scores.sort(["customer_id"], SortMultipleOptions::default()).map_err(wrong())?))
}

/// What neither the policy nor the segment says.
fn causes(codes: &str) -> BTreeSet<String> {
    let is_rule = |code: &str| RuleReason::ALL.iter().any(|rule| rule.as_str() == code);
    codes.split(';').filter(|code| !is_rule(code) && !code.starts_with("segment_")).map(str::to_owned).collect()
}

impl Overlap {
    fn of(first: &[BTreeSet<String>], second: &[BTreeSet<String>], scores: &DataFrame) -> Result<Self> {
        let wrong = || Error::table("read the scores");
        let probabilities = scores.column("churn_proba").and_then(Column::f64).map_err(wrong())?;
        let (mut all, mut offered) = (Vec::new(), Vec::new());
        for ((a, b), probability) in first.iter().zip(second).zip(probabilities.iter()) {
            let most = a.len().max(b.len());
            let share = if most == 0 { 1.0 } else { a.intersection(b).count() as f64 / most as f64 };
            all.push(share);
            if probability.is_some_and(|probability| RiskTier::of(probability) != RiskTier::Low) {
                offered.push(share);
            }
        }
        let mean = |shares: &[f64]| shares.iter().sum::<f64>() / shares.len() as f64;
        Ok(Self { all: mean(&all), offered: mean(&offered) })
    }
}

impl Side {
    fn rate(self) -> f64 {
        self.churners / self.customers
    }

    fn variance(self) -> f64 {
        self.rate() * (1.0 - self.rate()) / self.customers
    }
}

/// By tier, those in training and all others, with a known outcome.
fn sides(scores: &DataFrame) -> Result<[[Side; 2]; 4]> {
    let wrong = || Error::table("read the scores");
    let flags = |name: &str| scores.column(name).and_then(Column::i32).map_err(wrong());
    let labels = scores.column("risk_tier").and_then(Column::str).map_err(wrong())?;
    let mut sides = [[Side::default(); 2]; 4];
    for ((label, seen), churned) in labels.iter().zip(flags("in_training")?.iter()).zip(flags("churn_actual")?.iter()) {
        let (Some(tier), Some(churned)) = (label.and_then(RiskTier::from_label), churned) else { continue };
        let side = &mut sides[tier as usize][usize::from(seen != Some(1))];
        side.customers += 1.0;
        side.churners += f64::from(churned);
    }
    Ok(sides)
}

/// The difference of the rates in its standard deviations; nothing where a side has too few customers to say.
fn apart([training, others]: [Side; 2]) -> Option<f64> {
    let is_enough = training.customers >= 30.0 && others.customers >= 30.0;
    let sd = (training.variance() + others.variance()).sqrt();
    (is_enough && sd > 0.0).then(|| (training.rate() - others.rate()) / sd)
}
