//! A run that ended without a result.

use anyhow::bail;
use temporalio_client::errors::WorkflowGetResultError;
use temporalio_common::error::IncomingError;

/// A run without a result.
#[derive(Debug)]
pub struct Failure {
    /// `failed`, `cancelled`, `terminated` or `timed_out`.
    pub state: &'static str,
    /// The number and name of the error table.
    pub error_type: String,
    /// What failed, and what to do.
    pub message: String,
}

impl Failure {
    /// How a run ended that gave no result; an error where it is not known.
    pub(super) fn of(error: WorkflowGetResultError) -> anyhow::Result<Self> {
        let ended = |state, message: &str| Self { state, error_type: String::new(), message: message.to_owned() };
        Ok(match error {
            WorkflowGetResultError::Failed(cause) => {
                let (error_type, message) = deepest(&cause);
                Self { state: "failed", error_type, message }
            }
            WorkflowGetResultError::Cancelled { .. } => ended("cancelled", "the run was cancelled"),
            WorkflowGetResultError::Terminated { .. } => ended("terminated", "the run was terminated"),
            WorkflowGetResultError::TimedOut => ended("timed_out", "the run exceeded its time limit"),
            other => bail!("could not get the run's result: {other}"),
        })
    }
}

fn deepest(error: &IncomingError) -> (String, String) {
    let mut current = error;
    while let Some(cause) = current.cause() {
        current = cause;
    }
    let kind = match current {
        IncomingError::Application(failure) => failure.type_name().unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    (kind, current.failure().message.clone())
}
