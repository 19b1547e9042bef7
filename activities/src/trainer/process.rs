//! Training in a child process of the same binary, with the folders SageMaker would give it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::entry_point::{self, Folders};
use super::{Channel, Trained, TrainingJob};
use crate::error::{Error, Result};
use crate::lake::Lake;
use crate::watched::Pulse;

/// How long a stopped job may take to end, as on SageMaker.
const STOP_GRACE: Duration = Duration::from_mins(2);

/// The child-process adapter.
#[derive(Debug, Clone)]
pub struct ProcessTrainer {
    /// The `spanishgas` binary.
    pub binary: PathBuf,
}

impl ProcessTrainer {
    pub(super) async fn train(&self, pulse: &Pulse, lake: &Lake, job: &TrainingJob, scratch: &Path) -> Result<Trained> {
        let folders = Folders::at(&scratch.join(&job.name));
        lay_out(&folders, lake, job, scratch).await?;
        let _held = pulse.hold();
        let mut child = self.start(&folders)?;
        let status = follow(&mut child, pulse).await?;
        if pulse.context().is_cancelled() {
            return Err(churn::Error::Cancelled.into());
        }
        if status.success() {
            return Ok(Trained { model: folders.model, job: None });
        }
        Err(explain(job, &folders, status))
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
    write(&folders.hyperparameters(), &crate::lake::to_json(&job.hyperparameters))?;
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

/// Reads the job's progress lines until it ends; ends it when the activity is cancelled.
async fn follow(child: &mut Child, pulse: &Pulse) -> Result<std::process::ExitStatus> {
    let mut stopped = false;
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout).lines();
        loop {
            tokio::select! {
                line = lines.next_line() => match line {
                    Ok(Some(line)) => report(&line, pulse),
                    Ok(None) | Err(_) => break,
                },
                () = pulse.context().cancelled(), if !stopped => {
                    stopped = true;
                    terminate(child);
                }
            }
        }
    }
    let ended = if let Ok(ended) = tokio::time::timeout(STOP_GRACE, child.wait()).await {
        ended
    } else {
        child.start_kill().map_err(churn::Error::file("kill", Path::new("training process")))?;
        child.wait().await
    };
    ended.map_err(|e| churn::Error::file("wait for", Path::new("training process"))(e).into())
}

/// A progress line tells rounds done; the figures are for SageMaker's metrics; every other line is for the log.
fn report(line: &str, pulse: &Pulse) {
    match entry_point::parse_progress(line) {
        Some((done, total)) => pulse.report(done, total),
        None if entry_point::is_metric(line) => tracing::debug!(target: "training", "{line}"),
        None => tracing::info!(target: "training", "{line}"),
    }
}

fn terminate(child: &Child) {
    if let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok())
        && let Err(error) = kill(Pid::from_raw(pid), Signal::SIGTERM)
    {
        tracing::warn!(%error, "training process could not be signalled");
    }
}

/// A job that wrote a failure file failed by itself; one that did not was ended from outside.
fn explain(job: &TrainingJob, folders: &Folders, status: std::process::ExitStatus) -> Error {
    let failure = std::fs::read_to_string(folders.failure()).unwrap_or_default();
    if failure.is_empty() {
        return Error::TrainingInterrupted { job: job.name.clone(), reason: status.to_string() };
    }
    Error::TrainingFailed { job: job.name.clone(), reason: failure.trim_end().to_owned() }
}
