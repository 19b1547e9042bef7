//! Training in a child process of the same binary, with the folders SageMaker would give it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use lake::Lake;
use tokio::process::{Child, Command};

use super::child::{Ended, Limits, follow};
use super::entry_point::Folders;
use super::{Channel, Trained, TrainingJob};
use crate::error::{Error, Result};
use crate::heartbeat::Heartbeat;

/// The child-process adapter.
#[derive(Debug, Clone)]
pub struct ProcessTrainer {
    /// The `spanishgas` binary.
    pub binary: PathBuf,
    /// How long a stopped job may take to end; then it is killed.
    pub grace: Duration,
    /// How long a job may be without progress; then it is killed.
    pub patience: Duration,
}

impl ProcessTrainer {
    pub(super) async fn train(
        &self,
        heartbeat: &Heartbeat,
        lake: &Lake,
        job: &TrainingJob,
        scratch: &Path,
    ) -> Result<Trained> {
        let folders = Folders::at(&scratch.join(&job.name));
        lay_out(&folders, lake, job, scratch).await?;
        let _held = heartbeat.delay_cancellation();
        let mut child = self.start(&folders)?;
        let limits = Limits { grace: self.grace, patience: self.patience };
        let stop = heartbeat.cancelled();
        let ended = follow(&mut child, limits, stop, |done, total| heartbeat.report(done, total)).await?;
        match ended {
            Ended::Stopped => Err(churn::Error::Cancelled.into()),
            Ended::Silent => Err(Error::NoProgress {
                job: job.name.clone(),
                silent_secs: self.patience.as_secs(),
                attempt: heartbeat.attempt(),
            }),
            Ended::Alone(status) if status.success() => Ok(Trained { model: folders.model, job: None }),
            Ended::Alone(status) => Err(explain(job, &folders, status)),
        }
    }

    fn start(&self, folders: &Folders) -> Result<Child> {
        Command::new(&self.binary)
            .arg("train")
            .arg("--base")
            .arg(&folders.base)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| churn::Error::file("start", &self.binary)(e).into())
    }
}

/// Writes hyperparameters and channels where the contract wants them.
async fn lay_out(folders: &Folders, lake: &Lake, job: &TrainingJob, scratch: &Path) -> Result<()> {
    // An earlier attempt of the same job may have left its folder behind.
    if folders.base.exists() {
        std::fs::remove_dir_all(&folders.base).map_err(churn::Error::file("clear", &folders.base))?;
    }
    folders.create()?;
    write(&folders.hyperparameters(), &lake::to_json(&job.hyperparameters))?;
    for (name, channel) in &job.channels {
        let folder = folders.channel(name);
        std::fs::create_dir_all(&folder).map_err(churn::Error::file("make", &folder))?;
        match channel {
            Channel::Text { file, content } => write(&folder.join(file), content.as_bytes())?,
            Channel::Object(object) => {
                let source = lake.copy(object, scratch).await?;
                let target = folder.join(source.file_name().unwrap_or(name.as_ref()));
                std::os::unix::fs::symlink(source, &target).map_err(churn::Error::file("link", &target))?;
            }
        }
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> churn::Result<()> {
    std::fs::write(path, bytes).map_err(churn::Error::file("write", path))
}

/// A job that wrote a failure file failed by itself; one that did not was ended from outside.
fn explain(job: &TrainingJob, folders: &Folders, status: std::process::ExitStatus) -> Error {
    let failure = std::fs::read_to_string(folders.failure()).unwrap_or_default();
    if failure.is_empty() {
        return Error::TrainingInterrupted { job: job.name.clone(), reason: status.to_string() };
    }
    Error::TrainingFailed { job: job.name.clone(), reason: failure.trim_end().to_owned() }
}
