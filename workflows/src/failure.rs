//! Why a run ended before its end, in words that a person can act on.

use std::time::Duration;

use protocol::ErrorNumber;
use protocol::steps::MissingOutput;
use temporalio_common::error::{
    ActivityExecutionError, ApplicationFailure, ChildWorkflowExecutionError, ChildWorkflowStartError, IncomingError,
    TimeoutType,
};
use temporalio_sdk::WorkflowTermination;

/// The end of a run that did not come to its result.
#[derive(Debug)]
pub enum Failure {
    /// Something failed for good.
    Failed {
        /// The number and name of the error table.
        type_name: String,
        /// What failed, and what to do.
        message: String,
    },
    /// Somebody cancelled the run.
    Cancelled,
}

impl Failure {
    /// The input is unusable.
    pub fn bad_input(problem: String) -> Self {
        Self::Failed { type_name: ErrorNumber::BadInput.type_name().to_owned(), message: problem }
    }

    /// A stage did not name an output that the next one needs.
    pub fn missing_output(error: &MissingOutput) -> Self {
        Self::Failed { type_name: ErrorNumber::MissingObject.type_name().to_owned(), message: error.to_string() }
    }

    /// Others move the champion faster than this run can compare or score.
    pub fn champion_keeps_changing(version: &str) -> Self {
        Self::Failed {
            type_name: ErrorNumber::ChampionChanged.type_name().to_owned(),
            message: format!(
                "model {version}: other runs moved the champion again and again while this run compared or scored; let runs not overlap, then run again"
            ),
        }
    }

    /// Whether a stored table was not what its digest says: made again, it will be.
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Failed { type_name, .. } if ErrorNumber::parse(type_name) == Some(ErrorNumber::TableDamaged))
    }

    /// The number, or the word for a cancellation.
    pub fn name(&self) -> &str {
        match self {
            Self::Failed { type_name, .. } => type_name,
            Self::Cancelled => "cancelled",
        }
    }

    /// An activity of a stage did not come to its result.
    pub fn in_stage(stage: &str, error: &ActivityExecutionError) -> Self {
        if error.as_cancelled().is_some() {
            return Self::Cancelled;
        }
        let (type_name, message) = reason(error.cause(), error);
        Self::Failed { type_name, message: format!("stage {stage}: {message}") }
    }

    /// The run took longer than it may; `at_work` names the stages that had not ended.
    pub fn run_timed_out(limit: Duration, at_work: &str) -> Self {
        let at_work = if at_work.is_empty() { "no stage".to_owned() } else { format!("stage {at_work}") };
        Self::Failed {
            type_name: ErrorNumber::RunTimedOut.type_name().to_owned(),
            message: format!(
                "the run was stopped after {} s, its limit; {at_work} was at work; look at the attempts in its history, \
                 add workers or raise run_limit_secs in pipeline.yaml, then start it again: finished stages are found",
                limit.as_secs()
            ),
        }
    }

    /// A child workflow could not be started.
    pub fn child_not_started(error: &ChildWorkflowStartError) -> Self {
        if error.as_cancelled().is_some() {
            return Self::Cancelled;
        }
        Self::Failed { type_name: ErrorNumber::ActivityFailed.type_name().to_owned(), message: error.to_string() }
    }

    /// A child workflow did not come to its result; it has named the stage.
    pub fn in_child(error: &ChildWorkflowExecutionError) -> Self {
        if error.as_cancelled().is_some() {
            return Self::Cancelled;
        }
        let (type_name, message) = reason(error.cause(), error);
        Self::Failed { type_name, message }
    }
}

/// The SDK's own message names an event number; the reason is at the end of the chain of causes.
fn reason(mut cause: Option<&IncomingError>, error: &dyn std::error::Error) -> (String, String) {
    let mut last = None;
    while let Some(current) = cause {
        last = Some(current);
        if matches!(current, IncomingError::Application(_)) {
            break;
        }
        cause = current.cause();
    }
    match last {
        Some(IncomingError::Application(failure)) => {
            let type_name = failure.type_name().unwrap_or(ErrorNumber::ActivityFailed.type_name()).to_owned();
            (type_name, failure.failure().map_or_else(|| failure.source_error().to_string(), |f| f.message.clone()))
        }
        Some(IncomingError::Timeout(timeout)) if timeout.timeout_type() == TimeoutType::ScheduleToClose => {
            let message = "it was not done within its limit of 48 h, waiting and all attempts included";
            (ErrorNumber::RunTimedOut.type_name().to_owned(), message.to_owned())
        }
        Some(other) => (ErrorNumber::ActivityFailed.type_name().to_owned(), other.failure().message.clone()),
        None => (ErrorNumber::ActivityFailed.type_name().to_owned(), error.to_string()),
    }
}

impl From<Failure> for WorkflowTermination {
    fn from(stop: Failure) -> Self {
        match stop {
            Failure::Cancelled => Self::cancelled(),
            Failure::Failed { type_name, message } => {
                ApplicationFailure::builder(message).type_name(type_name).non_retryable(true).build().into()
            }
        }
    }
}
