//! The model alone, on a stored gold table: all fits of a training, TreeSHAP of every customer, their scores.
//!
//! `cargo bench --bench model -- GOLD_MASTER [EXPERIMENT]`; prints a line of JSON for each, then how good the model is.
//! `GOMP_SPINCOUNT=2000` must be set as in the program, or XGBoost's threads spin long while
//! they wait, or not at all.

#![expect(clippy::disallowed_methods, reason = "it measures")]

mod meter;

use std::path::PathBuf;

use churn::Unwatched;
use churn::features::FeatureTiers;
use churn::model::{ModelSettings, NoCheckpoints, Trained, evaluate, train};
use churn::table_file;
use meter::Meter;

fn main() {
    // Cargo adds `--bench`; without a table there is nothing to measure.
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let Some(path) = arguments.next().map(PathBuf::from) else {
        println!("give a gold_master.parquet: cargo bench --bench model -- GOLD_MASTER [EXPERIMENT]");
        return;
    };
    let gold = table_file::read(&path).expect("the file is a table");
    let tiers = FeatureTiers::parse(include_str!("../../configs/feature_tiers.yaml")).expect("the shipped file");
    let experiment = arguments.next().unwrap_or_else(|| tiers.champion().to_owned());
    let features = tiers.features(&experiment).expect("an experiment of feature_tiers.yaml");
    let settings = ModelSettings::parse(include_str!("../../configs/model.yaml")).expect("the shipped file").train;
    let customers = gold.height() as u64;

    let meter = Meter::start();
    let trained = train(&gold, &experiment, &features, &settings, &NoCheckpoints, &Unwatched);
    let Trained { bundle, .. } = trained.expect("the table can be learnt from");
    meter.stop("fits", bundle.metadata().split.training_rows as u64).print();

    let meter = Meter::start();
    bundle.contributions(&gold, &Unwatched).expect("the model explains the table that it was trained on");
    meter.stop("shap", customers).print();

    let meter = Meter::start();
    bundle.predict(&gold).expect("the model scores the table that it was trained on");
    meter.stop("scores", customers).print();

    let evaluation = evaluate(&bundle, None, &gold, &Unwatched).expect("the table has a holdout");
    println!("{}", serde_json::json!({ "pr_auc": evaluation.summary.metrics.pr_auc }));
}
