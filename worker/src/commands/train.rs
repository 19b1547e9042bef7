//! `spanishgas train`: the entry point of a training job as a process with signals, output and an exit code.
//!
//! [`activities::trainer::entry_point`] says what a job reads and leaves, and what its exit codes mean.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use activities::trainer::entry_point::{self, TrainingEnd, metric_lines, progress_line};
use anyhow::Context;
use churn::Watch;
use churn::model::TrainingFigures;

use super::block_on;
use crate::worker_process::stop_signal;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The base folder of the container contract.
    #[arg(long, default_value = "/opt/ml", env = "SAGEMAKER_BASE_DIR")]
    pub base: PathBuf,
}

pub fn run(arguments: &Arguments) -> ExitCode {
    let ending = block_on(train_until_stopped(&arguments.base))
        .unwrap_or_else(|error| entry_point::fail(&arguments.base, &format!("{error:#}")));
    if let TrainingEnd::Trained(figures) = ending {
        print_metrics(&figures);
    }
    ExitCode::from(ending.exit_code())
}

/// Training keeps a thread busy for minutes; a signal has to be heard meanwhile.
async fn train_until_stopped(base: &Path) -> anyhow::Result<TrainingEnd> {
    let stop = stop_signal()?;
    let watch = Arc::new(ProgressLines::default());
    let (base, seen) = (base.to_owned(), Arc::clone(&watch));
    let mut training = tokio::task::spawn_blocking(move || entry_point::run(&base, &*seen));
    let ended = tokio::select! {
        ended = &mut training => ended,
        () = stop => {
            watch.stop.store(true, Ordering::Relaxed);
            training.await
        }
    };
    ended.context("a bug: the training thread was lost")
}

/// So many lines of progress at most, however many rounds there are: who reads them has better to do.
const LINES: u64 = 500;

/// Progress on standard output, where the trainer and SageMaker's metric definitions read it.
#[derive(Default)]
struct ProgressLines {
    stop: AtomicBool,
}

impl Watch for ProgressLines {
    fn report(&self, done: u64, total: Option<u64>) -> churn::Result<()> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(churn::Error::Cancelled);
        }
        let total = total.unwrap_or_default();
        if !has_line(done, total) {
            return Ok(());
        }
        // Who reads the other end is gone: so is the reason to go on.
        writeln!(std::io::stdout(), "{}", progress_line(done, total))
            .map_err(churn::Error::file("write", Path::new("standard output")))
    }
}

/// The last round has one, and as many before it as there is room for.
fn has_line(done: u64, total: u64) -> bool {
    done == total || done.is_multiple_of((total / LINES).max(1))
}

/// The model is written by now: a reader that is gone does not make the job a failure.
fn print_metrics(figures: &TrainingFigures) {
    for line in metric_lines(figures) {
        if let Err(error) = writeln!(std::io::stdout(), "{line}") {
            tracing::warn!(%error, "metrics could not be printed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rounds_have_few_lines_and_few_rounds_one_each() {
        let lines = |total: u64| (1..=total).filter(|&done| has_line(done, total)).collect::<Vec<_>>();
        assert_eq!(lines(440), (1..=440).collect::<Vec<_>>());
        let many = lines(6_600);
        assert_eq!((many.len(), many.last()), (508, Some(&6_600)));
        assert!(has_line(7, 0), "what is not known has all");
    }
}
