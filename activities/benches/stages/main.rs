//! The stages of a training run, called one after the other without Temporal, on the raw files of a lake.
//!
//! `cargo bench --bench stages -- LAKE SPANISHGAS [PR_AUC_FLOOR]`: LAKE is a folder that holds `raw/` and nothing else,
//! SPANISHGAS the program, whose `train` is the child process of a training. Prints a line of JSON for each stage and
//! one for all; what a whole run takes beyond that is orchestration. The variables of
//! the C libraries must be set as the program sets them for itself (worker/src/main.rs).

#![expect(clippy::disallowed_methods, reason = "it measures")]

mod direct;
#[path = "../../../churn/benches/meter/mod.rs"]
mod meter;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use activities::alerts::Alerts;
use activities::configuration::Configuration;
use activities::lineage::Lineage;
use activities::metrics::Metrics;
use activities::outside::OutsideSettings;
use activities::registry::Registry;
use activities::steps::Environment;
use activities::traces::Traces;
use activities::trainer::{ProcessTrainer, Trainer};
use anyhow::Context;
use direct::Direct;
use lake::{FolderLake, Lake};
use meter::Meter;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // Cargo adds `--bench`; without a lake there is nothing to measure.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [lake, binary, floor @ ..] = arguments.as_slice() else {
        println!("give a lake and the program: cargo bench --bench stages -- LAKE SPANISHGAS [PR_AUC_FLOOR]");
        return Ok(());
    };
    let floor = floor.first().map(|floor| floor.parse::<f64>()).transpose().context("PR_AUC_FLOOR must be a number")?;
    let slots = std::thread::available_parallelism().context("could not count the cores")?.get();

    let whole = Meter::start();
    let scratch = tempfile::tempdir().context("could not make a folder for temporary files")?;
    let environment = environment(Path::new(lake), Path::new(binary), scratch.path(), floor)?;
    let direct = Direct::new(&environment, slots);
    let version = Box::pin(direct.train_run()).await?;
    let pieces = direct.pieces();
    let all = whole.stop("all", 0);

    pieces.iter().for_each(meter::Piece::print);
    let peak_mb = pieces.iter().filter_map(|piece| piece.peak_mb).reduce(f64::max);
    meter::Piece { peak_mb, ..all }.print();
    println!("{}", serde_json::json!({ "model": version }));
    Ok(())
}

/// What the worker of the `local` profile works with.
fn environment(lake: &Path, binary: &Path, scratch: &Path, floor: Option<f64>) -> anyhow::Result<Environment> {
    let mut configuration = Configuration::load(None)?;
    if let Some(floor) = floor {
        configuration.model.gate.pr_auc_floor = floor;
    }
    let lake = Lake::Folder(FolderLake::open(lake)?);
    let binary = binary.canonicalize().with_context(|| format!("there is no program {}", binary.display()))?;
    let trainer = ProcessTrainer { binary, grace: Duration::from_secs(15), patience: Duration::from_mins(30) };
    Ok(Environment {
        trainer: Trainer::Process(trainer),
        registry: Registry::in_lake(lake.clone()),
        alerts: Alerts::in_lake(),
        metrics: Metrics::default(),
        lineage: Lineage::open(&OutsideSettings::default().openlineage)?,
        traces: Traces::default(),
        configuration: Arc::new(configuration),
        revision: "bench",
        scratch: scratch.to_owned(),
        lake,
    })
}
