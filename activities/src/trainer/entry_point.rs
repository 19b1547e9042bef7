//! The training entry point, `spanishgas train`: SageMaker's container contract.
//!
//! Reads hyperparameters and two channels of one file each below a base folder (`/opt/ml` in a container),
//! trains, writes the model's files to `model/`. It needs nothing but these folders. Where there is a
//! folder `checkpoints/`, finished fits are kept in it, and a restarted job goes on behind them.
//!
//! How a job ends, which its exit code tells ([`TrainingEnd::exit_code`]):
//!
//! | code | ending |
//! |---|---|
//! | 0 | the model is written |
//! | 1 | there is no model, and `output/failure` says why; it is written last of all |
//! | 143 | stopped by SIGTERM or SIGINT at the next boosting round: no model, no failure, only checkpoints |
//!
//! 143 is 128 + 15, what a shell reports of a process that SIGTERM ended. A stopped job must not end with 0,
//! because it has no model. It must not leave a failure file either: by that file the trainer tells a job
//! that would fail again from one that was ended from outside and may be tried again.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use churn::Watch;
use churn::features::FeatureTiers;
use churn::model::{CheckpointFolder, Checkpoints, NoCheckpoints, TrainingFigures};

use super::hyperparameters;
pub use super::job_log::{METRICS, is_metric, metric_lines, parse_progress, progress_line};
use super::writable::problem_of_writing;

/// The channel with the gold table.
pub const GOLD: &str = "gold";
/// The channel with `feature_tiers.yaml`.
pub const CONFIG: &str = "config";
/// SageMaker reads this many characters of the failure file.
const FAILURE_CHARACTERS: usize = 1024;

/// The folders of the contract.
#[derive(Debug, Clone)]
pub struct Folders {
    /// The base, `/opt/ml` in a container.
    pub base: PathBuf,
    /// Where the model's files go.
    pub model: PathBuf,
}

impl Folders {
    /// The contract's folders below `base`.
    pub fn at(base: &Path) -> Self {
        Self { base: base.to_owned(), model: base.join("model") }
    }

    /// Makes them.
    pub fn create(&self) -> churn::Result<()> {
        for folder in [self.base.join("input/config"), self.base.join("input/data"), self.base.join("output")] {
            std::fs::create_dir_all(&folder).map_err(churn::Error::file("make", &folder))?;
        }
        std::fs::create_dir_all(&self.model).map_err(churn::Error::file("make", &self.model))
    }

    /// The hyperparameters' file.
    pub fn hyperparameters(&self) -> PathBuf {
        self.base.join("input/config/hyperparameters.json")
    }

    /// The folder of one input channel.
    pub fn channel(&self, name: &str) -> PathBuf {
        self.base.join("input/data").join(name)
    }

    /// The folder that keeps finished fits for a restart; only there when the job has a place for them.
    pub fn checkpoints(&self) -> PathBuf {
        self.base.join("checkpoints")
    }

    /// The file that says why the job failed.
    pub fn failure(&self) -> PathBuf {
        self.base.join("output/failure")
    }
}

/// How a training job ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TrainingEnd {
    /// The model is written.
    Trained(TrainingFigures),
    /// There is no model, and the failure file says why.
    Failed,
    /// The job was stopped from outside before it had a model.
    Stopped,
}

impl TrainingEnd {
    /// The exit code of the process.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Trained(_) => 0,
            Self::Failed => 1,
            Self::Stopped => 143,
        }
    }
}

/// Trains as the hyperparameters say. `watch` stops it by [`churn::Error::Cancelled`].
pub fn run(base: &Path, watch: &dyn Watch) -> TrainingEnd {
    let folders = Folders::at(base);
    // A panic is a bug of ours, and the job has to say so as it says everything else.
    match catch_unwind(AssertUnwindSafe(|| train(&folders, watch))) {
        Ok(Ok(figures)) => TrainingEnd::Trained(figures),
        Ok(Err(churn::Error::Cancelled)) => {
            tracing::info!("training stopped on request");
            TrainingEnd::Stopped
        }
        Ok(Err(error)) => fail(base, &error.to_string()),
        Err(panic) => fail(base, &format!("a bug: {}", message_of(&*panic))),
    }
}

/// Ends the job with a reason, in the log first: the failure file is the last that a job writes.
pub fn fail(base: &Path, reason: &str) -> TrainingEnd {
    tracing::error!(reason, "training failed");
    if let Err(error) = write_failure(&Folders::at(base).failure(), reason) {
        tracing::error!(%error, "the reason could not be written to the failure file");
    }
    TrainingEnd::Failed
}

fn train(folders: &Folders, watch: &dyn Watch) -> churn::Result<TrainingFigures> {
    forget_failure(&folders.failure())?;
    check_writable(&folders.model)?;
    let (experiment, settings) = hyperparameters::parse(&read(&folders.hyperparameters())?)?;
    let features = read_tiers(folders)?.features(&experiment)?;
    let gold = churn::table_file::read(&only_file(&folders.channel(GOLD))?)?;
    let kept = CheckpointFolder::new(&folders.checkpoints(), &warn_of_checkpoint);
    let checkpoints: &dyn Checkpoints = if folders.checkpoints().is_dir() { &kept } else { &NoCheckpoints };
    let trained = churn::model::train(&gold, &experiment, &features, &settings, checkpoints, watch)?;
    trained.bundle.save(&folders.model)?;
    Ok(trained.figures)
}

/// An earlier attempt in the same folders must not speak for this one.
fn forget_failure(path: &Path) -> churn::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(churn::Error::file("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Before anything is computed: a model that cannot be saved was trained for nothing.
fn check_writable(model: &Path) -> churn::Result<()> {
    match problem_of_writing(model) {
        Some(problem) => Err(churn::Error::settings("training folder", problem)),
        None => Ok(()),
    }
}

fn read_tiers(folders: &Folders) -> churn::Result<FeatureTiers> {
    let path = only_file(&folders.channel(CONFIG))?;
    let text = std::fs::read_to_string(&path).map_err(churn::Error::file("read", &path))?;
    FeatureTiers::parse(&text)
}

fn only_file(folder: &Path) -> churn::Result<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(churn::Error::file("list", folder))? {
        files.push(entry.map_err(churn::Error::file("list", folder))?.path());
    }
    let [file] = files.as_slice() else {
        let problem = format!("{} holds {} files; give it exactly one", folder.display(), files.len());
        return Err(churn::Error::settings("input channel", problem));
    };
    Ok(file.clone())
}

fn read(path: &Path) -> churn::Result<Vec<u8>> {
    std::fs::read(path).map_err(churn::Error::file("read", path))
}

fn warn_of_checkpoint(file: &Path, problem: &churn::Error) {
    tracing::warn!(file = %file.display(), %problem, "checkpoint cannot be used; its fit is made again");
}

fn message_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without a message")
}

fn write_failure(path: &Path, reason: &str) -> churn::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(churn::Error::file("make", folder))?;
    }
    let start: String = reason.chars().take(FAILURE_CHARACTERS).collect();
    std::fs::write(path, start).map_err(churn::Error::file("write", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(base: &Path) -> String {
        std::fs::read_to_string(base.join("output/failure")).unwrap()
    }

    #[test]
    fn a_job_without_hyperparameters_says_so_in_its_failure_file() {
        let base = tempfile::tempdir().unwrap();
        assert_eq!(run(base.path(), &churn::Unwatched), TrainingEnd::Failed);
        assert!(failure(base.path()).contains("hyperparameters.json"), "{}", failure(base.path()));
    }

    #[test]
    fn a_job_that_could_not_save_its_model_says_so_before_it_reads_anything() {
        let base = tempfile::tempdir().unwrap();
        std::fs::write(Folders::at(base.path()).model, "").unwrap();
        assert_eq!(run(base.path(), &churn::Unwatched), TrainingEnd::Failed);
        assert!(failure(base.path()).contains("model is not writable for "), "{}", failure(base.path()));
    }

    #[test]
    fn a_long_reason_is_cut_between_two_characters() {
        let base = tempfile::tempdir().unwrap();
        assert_eq!(fail(base.path(), &"ñ€".repeat(1000)).exit_code(), 1);
        assert_eq!(failure(base.path()), "ñ€".repeat(512));
    }
}
