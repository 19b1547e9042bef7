//! `spanishgas train`: the entry point of a training job.

use std::path::PathBuf;
use std::process::ExitCode;

use activities::trainer::entry_point::{progress_line, run as train};
use churn::Watch;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The base folder of the container contract.
    #[arg(long, default_value = "/opt/ml", env = "SAGEMAKER_BASE_DIR")]
    pub base: PathBuf,
}

/// Progress on standard output, where the trainer and SageMaker's metric definitions read it.
struct ProgressLines;

impl Watch for ProgressLines {
    fn report(&self, done: u64, total: Option<u64>) -> churn::Result<()> {
        println!("{}", progress_line(done, total.unwrap_or_default()));
        Ok(())
    }
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    train(&arguments.base, &ProgressLines)?;
    Ok(ExitCode::SUCCESS)
}
