//! What the gate says of real models: per gold table a refit of the champion by another seed, which should pass, and a model
//! without what customers said and did, which must not; every number behind it, and how many passed.
//!
//! `cargo run --release --example gate -- GOLD.parquet ...`, where each file is a `gold_master` of another seed
//! (`spanishgas generate-data --seed N`, then `spanishgas run --mode train`; the lake has it as
//! `gold/gold_master/*/gold_master.parquet`). Three trainings per table: about two minutes each at full size on two cores.
//! How often the gate is right where quality is known: `churn/src/model/decide/simulation.rs`.

use std::path::Path;

use churn::features::FeatureTiers;
use churn::model::{
    Bundle, GateSettings, ModelSettings, NoCheckpoints, SliceLoss, TrainSettings, Verdict, evaluate, gate,
    gate_figures, train,
};
use churn::{DataFrame, Result, Unwatched, table_file};

const TIERS: &str = include_str!("../../configs/feature_tiers.yaml");
const MODEL: &str = include_str!("../../configs/model.yaml");
const CHAMPION: &str = "E5_full";
const WORSE: &str = "E2_add_risk";

fn main() -> Result<()> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    if files.is_empty() {
        println!("give gold tables: cargo run --release --example gate -- GOLD.parquet ...");
        return Ok(());
    }
    println!(
        "{:<34} {:<6} {:>7} {:>8} {:>8} {:>6} {:>8} {:>8}  gate",
        "table", "model", "PR-AUC", "bound", "slope", "Brier", "slice", "columns"
    );
    let (mut refits, mut worse) = (0, 0);
    for file in &files {
        let table = Table::of(Path::new(file))?;
        refits += u32::from(table.judge(file, "refit", &table.refit)?.passed);
        worse += u32::from(table.judge(file, "worse", &table.worse)?.passed);
    }
    println!("passed: {refits} of {} refits, {worse} of {} worse models", files.len(), files.len());
    Ok(())
}

/// A gold table with three models of it.
struct Table {
    gold: DataFrame,
    champion: Bundle,
    refit: Bundle,
    worse: Bundle,
    limits: GateSettings,
}

impl Table {
    fn of(path: &Path) -> Result<Self> {
        let gold = table_file::read(path)?;
        let tiers = FeatureTiers::parse(TIERS)?;
        let ModelSettings { train: settings, gate: limits, .. } = ModelSettings::parse(MODEL)?;
        let trained = |experiment: &str, settings: &TrainSettings| -> Result<Bundle> {
            Ok(train(&gold, experiment, &tiers.features(experiment)?, settings, &NoCheckpoints, &Unwatched)?.bundle)
        };
        let mut another = settings.clone();
        another.learner.xgboost.seed += 1;
        let (champion, refit) = (trained(CHAMPION, &settings)?, trained(CHAMPION, &another)?);
        let worse = trained(WORSE, &settings)?;
        Ok(Self { gold, champion, refit, worse, limits })
    }

    /// The verdict on one of them, with a line of its numbers.
    fn judge(&self, file: &str, name: &str, challenger: &Bundle) -> Result<Verdict> {
        let mut summary = evaluate(challenger, Some(&self.champion), &self.gold, &Unwatched)?.summary;
        let measures = self.limits.measures();
        let figures = gate_figures(challenger, Some(&self.champion), &[], &self.gold, measures, &Unwatched)?;
        let worst = figures.slices.iter().filter_map(SliceLoss::difference).reduce(f64::min).unwrap_or_default();
        let compared = summary.champion.as_ref();
        let (low, brier) = (
            compared.and_then(|champion| champion.pr_auc_difference_low).unwrap_or_default(),
            compared.map_or(0.0, |champion| summary.metrics.brier - champion.brier),
        );
        let (slope, columns) = (figures.calibration.slope, figures.leakage.suspects.len());
        summary.gate = Some(figures);
        let verdict = gate(&summary, &self.limits);
        let failed: Vec<&str> =
            verdict.checks.iter().filter(|check| !check.passed).map(|check| check.name.as_str()).collect();
        let outcome = if verdict.passed { "passed".to_owned() } else { format!("failed {}", failed.join(", ")) };
        let pr_auc = summary.metrics.pr_auc;
        println!(
            "{file:<34} {name:<6} {pr_auc:>7.3} {low:>+8.4} {slope:>8.2} {brier:>+6.4} {worst:>+8.3} {columns:>8}  {outcome}"
        );
        Ok(verdict)
    }
}
