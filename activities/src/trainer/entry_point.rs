//! The training entry point, `spanishgas train`: SageMaker's container contract.
//!
//! Reads hyperparameters and channels below a base folder (`/opt/ml` in a container), trains, writes
//! the model's files to `model/`. On failure the reason goes to `output/failure`, last of all.

use std::path::{Path, PathBuf};

use churn::Watch;
use churn::features::FeatureTiers;
use churn::model::{NoCheckpoints, TrainSettings};

use super::hyperparameters;

/// The channel with the gold table.
pub const GOLD: &str = "gold";
/// The channel with `feature_tiers.yaml`.
pub const CONFIG: &str = "config";

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

    /// The file that says why the job failed.
    pub fn failure(&self) -> PathBuf {
        self.base.join("output/failure")
    }
}

/// Trains as the hyperparameters say; writes the failure file when it cannot.
pub fn run(base: &Path, watch: &dyn Watch) -> churn::Result<()> {
    let folders = Folders::at(base);
    let trained = train(&folders, watch);
    if let Err(error) = &trained {
        write_failure(&folders, error)?;
    }
    trained
}

fn train(folders: &Folders, watch: &dyn Watch) -> churn::Result<()> {
    let (experiment, settings) = read_hyperparameters(&folders.hyperparameters())?;
    let features = read_tiers(folders)?.features(&experiment)?;
    let gold = churn::table_file::read(&only_file(&folders.channel(GOLD))?)?;
    let trained = churn::model::train(&gold, &experiment, &features, &settings, &NoCheckpoints, watch)?;
    std::fs::create_dir_all(&folders.model).map_err(churn::Error::file("make", &folders.model))?;
    trained.bundle.save(&folders.model)
}

fn read_hyperparameters(path: &Path) -> churn::Result<(String, TrainSettings)> {
    hyperparameters::parse(&std::fs::read(path).map_err(churn::Error::file("read", path))?)
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

fn write_failure(folders: &Folders, error: &churn::Error) -> churn::Result<()> {
    let path = folders.failure();
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(churn::Error::file("make", folder))?;
    }
    std::fs::write(&path, error.to_string()).map_err(churn::Error::file("write", &path))
}

/// A progress line of the job's log, as [`parse_progress`] reads it.
pub fn progress_line(done: u64, total: u64) -> String {
    format!("progress rounds_done={done}; rounds_total={total};")
}

/// Rounds done and in all, when the line is a progress line.
pub fn parse_progress(line: &str) -> Option<(u64, u64)> {
    let rest = line.strip_prefix("progress rounds_done=")?.strip_suffix(';')?;
    let (done, total) = rest.split_once("; rounds_total=")?;
    Some((done.parse().ok()?, total.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_progress_line_is_read_back() {
        assert_eq!(parse_progress(&progress_line(120, 3600)), Some((120, 3600)));
        assert_eq!(parse_progress("logloss=0.2;"), None);
    }

    #[test]
    fn a_job_without_hyperparameters_says_so_in_its_failure_file() {
        let base = tempfile::tempdir().unwrap();
        assert!(run(base.path(), &churn::Unwatched).is_err());
        let failure = std::fs::read_to_string(base.path().join("output/failure")).unwrap();
        assert!(failure.contains("hyperparameters.json"), "{failure}");
    }
}
