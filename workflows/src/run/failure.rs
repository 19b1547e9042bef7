//! Why a run ended before its end, in words that a person can act on.

use std::time::Duration;

use protocol::ErrorNumber;
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
    /// A failure of our own.
    pub fn of(number: ErrorNumber, message: impl Into<String>) -> Self {
        Self::Failed { type_name: number.type_name().to_owned(), message: message.into() }
    }

    /// Whether it is the failure of this number.
    pub fn is(&self, number: ErrorNumber) -> bool {
        matches!(self, Self::Failed { type_name, .. } if ErrorNumber::parse(type_name) == Some(number))
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

    /// The run took longer than it may; `standing` says what it was at.
    pub fn run_timed_out(limit: Duration, standing: &str) -> Self {
        let message = format!(
            "the run was stopped after {} s, its limit; {standing}; look at the attempts in its history, \
             add workers or raise run_limit_secs in pipeline.yaml, then start it again: finished stages are found",
            limit.as_secs()
        );
        Self::of(ErrorNumber::RunTimedOut, message)
    }

    /// A child workflow could not be started.
    pub fn child_not_started(error: &ChildWorkflowStartError) -> Self {
        if error.as_cancelled().is_some() {
            return Self::Cancelled;
        }
        Self::of(ErrorNumber::ActivityFailed, error.to_string())
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

#[cfg(test)]
mod tests {
    use temporalio_common::data_converters::{
        ActivityExecutionDecodeHint, DefaultFailureConverter, FailureConverter, FailureDecodeHint, PayloadConverter,
        SerializationContextData,
    };
    use temporalio_common::protos::temporal::api::enums::v1::TimeoutType as ProtoTimeoutType;
    use temporalio_common::protos::temporal::api::failure::v1::failure::FailureInfo;
    use temporalio_common::protos::temporal::api::failure::v1::{
        ActivityFailureInfo, ApplicationFailureInfo, CanceledFailureInfo, Failure as Told, TimeoutFailureInfo,
    };

    use super::*;

    fn told(message: &str, info: FailureInfo, cause: Option<Told>) -> Told {
        let cause = cause.map(Box::new);
        Told { message: message.to_owned(), failure_info: Some(info), cause, ..Told::default() }
    }

    fn application(number: &str, message: &str, cause: Option<Told>) -> Told {
        let info = ApplicationFailureInfo { r#type: number.to_owned(), ..ApplicationFailureInfo::default() };
        told(message, FailureInfo::ApplicationFailureInfo(info), cause)
    }

    fn timeout(kind: ProtoTimeoutType, cause: Option<Told>) -> Told {
        let info = TimeoutFailureInfo { timeout_type: kind.into(), ..TimeoutFailureInfo::default() };
        told("activity timeout", FailureInfo::TimeoutFailureInfo(info), cause)
    }

    /// What a run makes of an activity that ended so, in stage `gold`.
    fn failure(cause: Told) -> Failure {
        let activity =
            told("activity error", FailureInfo::ActivityFailureInfo(ActivityFailureInfo::default()), Some(cause));
        let (payloads, context) = (PayloadConverter::default(), SerializationContextData::None);
        let incoming = DefaultFailureConverter::default().to_error(activity, &payloads, &context).unwrap();
        Failure::in_stage("gold", &ActivityExecutionDecodeHint::new(false).adapt(incoming))
    }

    fn parts(failure: &Failure) -> (&str, &str) {
        match failure {
            Failure::Failed { type_name, message } => (type_name, message),
            Failure::Cancelled => ("cancelled", ""),
        }
    }

    #[test]
    fn an_activitys_own_words_and_number_are_the_failure() {
        let below = application("Other", "deeper", None);
        let failed = failure(application("SG0002 ContractViolation", "a key twice", Some(below)));
        assert_eq!(parts(&failed), ("SG0002 ContractViolation", "stage gold: a key twice"));
        assert!(failed.is(ErrorNumber::ContractViolation) && !failed.is(ErrorNumber::BadInput));
    }

    #[test]
    fn a_limit_with_all_attempts_is_the_runs_limit_and_any_other_an_activity_that_failed() {
        let in_all = failure(timeout(ProtoTimeoutType::ScheduleToClose, None));
        assert!(in_all.is(ErrorNumber::RunTimedOut), "{in_all:?}");
        let lost = failure(timeout(ProtoTimeoutType::Heartbeat, None));
        assert_eq!(parts(&lost), (ErrorNumber::ActivityFailed.type_name(), "stage gold: activity timeout"));
        // What the last attempt said is nearer to the cause than the limit that ended it.
        let said =
            failure(timeout(ProtoTimeoutType::ScheduleToClose, Some(application("SG0010 X", "no answer", None))));
        assert_eq!(parts(&said).1, "stage gold: no answer");
    }

    #[test]
    fn a_cancelled_activity_is_a_cancellation_and_no_failure() {
        let cancelled = told("cancelled", FailureInfo::CanceledFailureInfo(CanceledFailureInfo::default()), None);
        assert!(matches!(failure(cancelled), Failure::Cancelled));
    }

    #[test]
    fn a_run_past_its_limit_says_what_it_was_at() {
        let limit = Duration::from_secs(90);
        let failed = Failure::run_timed_out(limit, "stage train was at work");
        assert!(failed.is(ErrorNumber::RunTimedOut));
        assert!(parts(&failed).1.starts_with("the run was stopped after 90 s, its limit; stage train was at work"));
    }
}
