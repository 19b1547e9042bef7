//! The container contract, kept in the same process: what a job reads, and what it leaves at each ending.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use churn::model::{Bundle, TrainSettings};
use churn::{Unwatched, Watch};
use polars::prelude::{DataFrame, df};
use tempfile::TempDir;

use super::entry_point::{CONFIG, Folders, GOLD, TrainingEnd, run};
use super::hyperparameters;

const ROUNDS: u32 = 20;
const TIERS: &str = "
champion: all
experiments: { all: [only] }
tiers: { only: [{ name: tenure_months, kind: numeric }, { name: is_dual_fuel, kind: flag }] }
";

/// Short stays churn, most of the time.
fn gold() -> DataFrame {
    let rows = 0..500_u32;
    let tenure = |i: u32| f64::from(i * 37 % 101);
    df!(
        "customer_id" => rows.clone().map(|i| format!("C{i:05}")).collect::<Vec<_>>(),
        "churn" => rows.clone().map(|i| i32::from(tenure(i) < 30.0 && i % 5 != 0)).collect::<Vec<_>>(),
        "tenure_months" => rows.clone().map(tenure).collect::<Vec<_>>(),
        "is_dual_fuel" => rows.map(|i| i32::from(i % 3 == 0)).collect::<Vec<_>>(),
    )
    .unwrap()
}

/// What SageMaker lays out before a job starts: the inputs, and nothing else.
fn inputs() -> TempDir {
    let base = tempfile::tempdir().unwrap();
    let folders = Folders::at(base.path());
    let mut settings = TrainSettings { threads: 1, ..TrainSettings::default() };
    settings.learner.xgboost.rounds = ROUNDS;
    for folder in [&base.path().join("input/config"), &folders.channel(GOLD), &folders.channel(CONFIG)] {
        std::fs::create_dir_all(folder).unwrap();
    }
    let flat = hyperparameters::flatten("all", &settings);
    std::fs::write(folders.hyperparameters(), serde_json::to_vec(&flat).unwrap()).unwrap();
    std::fs::write(folders.channel(CONFIG).join("feature_tiers.yaml"), TIERS).unwrap();
    churn::table_file::write(&mut gold(), &folders.channel(GOLD).join("gold_master.parquet")).unwrap();
    base
}

fn model(base: &Path) -> Vec<Vec<u8>> {
    Bundle::FILES.iter().map(|name| std::fs::read(base.join("model").join(name)).unwrap()).collect()
}

fn left_in(base: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(base).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = entries.collect();
    names.sort();
    names
}

/// Does something after a number of rounds, and counts them.
struct After<F>(u64, F, AtomicU64);

impl<F: Fn() -> churn::Result<()> + Sync> Watch for After<F> {
    fn report(&self, done: u64, _total: Option<u64>) -> churn::Result<()> {
        self.2.fetch_add(1, Ordering::Relaxed);
        if done == self.0 { (self.1)() } else { Ok(()) }
    }
}

#[test]
fn a_job_needs_its_inputs_and_leaves_a_model_and_nothing_else() {
    let base = inputs();
    let TrainingEnd::Trained(figures) = run(base.path(), &Unwatched) else { panic!("not trained") };
    assert_eq!(left_in(base.path()), ["input", "model"]);
    let bundle = Bundle::load(&base.path().join("model")).unwrap();
    assert_eq!(figures.rows, bundle.metadata().split.training_rows as u64);
    assert_eq!(
        (bundle.metadata().experiment.as_str(), bundle.metadata().settings.learner.xgboost.rounds),
        ("all", ROUNDS)
    );
}

#[test]
fn a_stopped_job_leaves_its_finished_fits_and_goes_on_behind_them() {
    let (base, whole) = (inputs(), inputs());
    std::fs::create_dir(base.path().join("checkpoints")).unwrap();
    let stop = After(u64::from(2 * ROUNDS + 3), || Err(churn::Error::Cancelled), AtomicU64::new(0));
    let ending = run(base.path(), &stop);
    assert_eq!((ending, ending.exit_code()), (TrainingEnd::Stopped, 143));
    assert_eq!(left_in(base.path()), ["checkpoints", "input"]);

    let count = After(0, || Ok(()), AtomicU64::new(0));
    let again = run(base.path(), &count);
    assert_eq!((again.exit_code(), count.2.into_inner()), (0, u64::from(9 * ROUNDS)));
    assert_eq!(run(whole.path(), &Unwatched), again);
    assert!(model(base.path()) == model(whole.path()), "the files differ");
}

#[test]
fn without_a_place_for_checkpoints_a_stopped_job_leaves_nothing() {
    let base = inputs();
    let stop = After(u64::from(2 * ROUNDS), || Err(churn::Error::Cancelled), AtomicU64::new(0));
    assert_eq!(run(base.path(), &stop), TrainingEnd::Stopped);
    assert_eq!(left_in(base.path()), ["input"]);
}

#[test]
fn a_panic_is_told_as_a_bug() {
    let base = inputs();
    let bug = After(7, || panic!("round {} is a bad one", 7), AtomicU64::new(0));
    let ending = run(base.path(), &bug);
    assert_eq!((ending, ending.exit_code()), (TrainingEnd::Failed, 1));
    let failure = std::fs::read_to_string(base.path().join("output/failure")).unwrap();
    assert_eq!(failure, "a bug: round 7 is a bad one");
}

#[test]
fn a_channel_of_two_files_is_refused() {
    let base = inputs();
    std::fs::write(Folders::at(base.path()).channel(GOLD).join("another.parquet"), "").unwrap();
    assert_eq!(run(base.path(), &Unwatched), TrainingEnd::Failed);
    let failure = std::fs::read_to_string(base.path().join("output/failure")).unwrap();
    assert!(failure.contains("input channel") && failure.contains("2 files"), "{failure}");
}

#[test]
fn an_earlier_failure_does_not_speak_for_a_job_that_was_tried_again() {
    let base = inputs();
    std::fs::create_dir(base.path().join("output")).unwrap();
    std::fs::write(base.path().join("output/failure"), "the disk is full").unwrap();
    assert_eq!(run(base.path(), &Unwatched).exit_code(), 0);
    assert!(!base.path().join("output/failure").exists());
}
