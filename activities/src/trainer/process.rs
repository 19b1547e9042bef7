//! Training in a child process of the same binary, with the folders SageMaker would give it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use churn::Watch;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use temporalio_sdk::activities::ActivityContext;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::TrainingJob;
use super::entry_point::{self, Folders};
use crate::error::{Error, Result};
use crate::watched::{SharedWatch, beat_while};

/// How long a stopped job may take to end, as on SageMaker.
const STOP_GRACE: Duration = Duration::from_mins(2);

/// The child-process adapter.
#[derive(Debug, Clone)]
pub struct ProcessTrainer {
    /// The `spanishgas` binary.
    pub binary: PathBuf,
}

impl ProcessTrainer {
    pub(super) async fn train(&self, ctx: &ActivityContext, job: &TrainingJob, scratch: &Path) -> Result<PathBuf> {
        let folders = Folders::at(&scratch.join(&job.name));
        lay_out(&folders, job)?;
        let mut child = self.start(&folders)?;
        let watch = SharedWatch::default();
        let status = beat_while(ctx, &watch, follow(&mut child, ctx, &watch)).await?;
        if ctx.is_cancelled() {
            return Err(churn::Error::Cancelled.into());
        }
        if status.success() {
            return Ok(folders.model);
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
fn lay_out(folders: &Folders, job: &TrainingJob) -> churn::Result<()> {
    // An earlier attempt of the same job may have left its folder behind.
    if folders.base.exists() {
        std::fs::remove_dir_all(&folders.base).map_err(churn::Error::file("clear", &folders.base))?;
    }
    folders.create()?;
    let hyperparameters = crate::lake::to_json(&job.hyperparameters);
    let path = folders.hyperparameters();
    std::fs::write(&path, hyperparameters).map_err(churn::Error::file("write", &path))?;
    for (channel, source) in &job.channels {
        let folder = folders.channel(channel);
        std::fs::create_dir_all(&folder).map_err(churn::Error::file("make", &folder))?;
        let target = folder.join(source.file_name().unwrap_or(channel.as_ref()));
        std::os::unix::fs::symlink(source, &target).map_err(churn::Error::file("link", &target))?;
    }
    Ok(())
}

/// Reads the job's progress lines until it ends; ends it when the activity is cancelled.
async fn follow(child: &mut Child, ctx: &ActivityContext, watch: &SharedWatch) -> Result<std::process::ExitStatus> {
    let mut stopped = false;
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout).lines();
        loop {
            tokio::select! {
                line = lines.next_line() => match line {
                    Ok(Some(line)) => report(&line, watch),
                    Ok(None) | Err(_) => break,
                },
                () = ctx.cancelled(), if !stopped => {
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

/// A progress line tells rounds done; every other line is for the log.
fn report(line: &str, watch: &SharedWatch) {
    let Some((done, total)) = entry_point::parse_progress(line) else {
        return tracing::info!(target: "training", "{line}");
    };
    // A cancelled watch is handled by the signal; the job decides when it ends.
    drop(watch.report(done, Some(total)));
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
