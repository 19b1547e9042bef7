//! The trainer port: a training job runs the same entry point wherever it runs.

mod child;
pub mod entry_point;
#[cfg(test)]
mod entry_point_test;
pub mod hyperparameters;
mod job_log;
mod process;
#[cfg(feature = "aws")]
mod sagemaker;
mod writable;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use process::ProcessTrainer;
#[cfg(feature = "aws")]
pub use sagemaker::SageMakerTrainer;

use crate::error::Result;
use crate::heartbeat::Heartbeat;
use lake::Lake;
use protocol::steps::JobUse;
use protocol::{Run, TableRef};

/// A training job, in the terms of SageMaker's container contract.
#[derive(Debug, Clone)]
pub struct TrainingJob {
    /// The name, derived from what decides the model: the same model is the same job.
    pub name: String,
    /// The run it is for.
    pub run: Run,
    /// Flat settings; every value is text. See [`hyperparameters`].
    pub hyperparameters: BTreeMap<String, String>,
    /// Input channels: the entry point finds one file each in `input/data/<channel>/`.
    pub channels: BTreeMap<String, Channel>,
}

/// The file of an input channel.
#[derive(Debug, Clone)]
pub enum Channel {
    /// An object of the lake.
    Object(TableRef),
    /// A file that is made for the job.
    Text {
        /// The file's name.
        file: &'static str,
        /// Its content.
        content: String,
    },
}

/// What a finished job leaves.
#[derive(Debug)]
pub struct Trained {
    /// The folder with the model's files; it lives as long as the job's scratch space.
    pub model: PathBuf,
    /// What the job took, where somebody pays for it.
    pub job: Option<JobUse>,
}

/// Where training jobs run.
#[derive(Debug, Clone)]
pub enum Trainer {
    /// A child process of this machine (`local` profile).
    Process(ProcessTrainer),
    /// A SageMaker training job (`aws` profile).
    #[cfg(feature = "aws")]
    SageMaker(Box<SageMakerTrainer>),
}

impl Trainer {
    /// Whether a job keeps another machine busy, and this one only waits for it.
    pub fn is_elsewhere(&self) -> bool {
        !matches!(self, Self::Process(_))
    }

    /// Runs the job to its end. A cancelled run stops the job.
    pub async fn train(
        &self,
        heartbeat: &Heartbeat,
        lake: &Lake,
        job: &TrainingJob,
        scratch: &Path,
    ) -> Result<Trained> {
        match self {
            Self::Process(trainer) => trainer.train(heartbeat, lake, job, scratch).await,
            #[cfg(feature = "aws")]
            Self::SageMaker(trainer) => Box::pin(trainer.train(heartbeat, job, scratch)).await,
        }
    }

    /// Stops what the run has started and nobody looks at any more; the names of the jobs that were at work.
    /// Another worker may have started them. A child process ends with its worker.
    #[cfg_attr(not(feature = "aws"), expect(clippy::unused_async, reason = "the same shape as with the feature"))]
    pub async fn stop(&self, run: &Run) -> Result<Vec<String>> {
        match self {
            Self::Process(_) => {
                let _ = run;
                Ok(Vec::new())
            }
            #[cfg(feature = "aws")]
            Self::SageMaker(trainer) => Box::pin(trainer.stop_all(run)).await,
        }
    }
}
