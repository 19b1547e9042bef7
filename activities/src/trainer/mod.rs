//! The trainer port: a training job runs the same entry point wherever it runs.

pub mod entry_point;
#[cfg(test)]
mod entry_point_test;
pub mod hyperparameters;
mod job_log;
mod process;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use process::ProcessTrainer;
use temporalio_sdk::activities::ActivityContext;

use crate::error::Result;

/// A training job, in the terms of SageMaker's container contract.
#[derive(Debug, Clone)]
pub struct TrainingJob {
    /// The name, derived from the model's version: the same model is the same job.
    pub name: String,
    /// Flat settings; every value is text. See [`hyperparameters`].
    pub hyperparameters: BTreeMap<String, String>,
    /// Input channels: each a local file that the entry point finds in `input/data/<channel>/`.
    pub channels: BTreeMap<String, PathBuf>,
}

/// Where training jobs run.
#[derive(Debug, Clone)]
pub enum Trainer {
    /// A child process of this machine (`local` profile).
    Process(ProcessTrainer),
}

impl Trainer {
    /// Runs the job to its end; the returned folder holds the model's files.
    ///
    /// A cancelled activity stops the job. The folder lives as long as `scratch`.
    pub async fn train(&self, ctx: &ActivityContext, job: &TrainingJob, scratch: &std::path::Path) -> Result<PathBuf> {
        match self {
            Self::Process(trainer) => trainer.train(ctx, job, scratch).await,
        }
    }
}
