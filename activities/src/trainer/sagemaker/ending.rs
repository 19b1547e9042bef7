//! How a job ended, and whether another one may do better.

use aws_sdk_sagemaker::operation::describe_training_job::DescribeTrainingJobOutput;
use aws_sdk_sagemaker::types::{SecondaryStatus, TrainingJobStatus};

use crate::error::Error;

/// Where a job stands.
#[derive(Debug)]
pub(super) enum JobEnd {
    /// At work, or on its way to an end.
    NotYet,
    /// It has its model.
    Completed,
    /// It has none.
    Failed(Error),
}

/// Reads a job's status.
pub(super) fn ending(name: &str, job: &DescribeTrainingJobOutput) -> JobEnd {
    let job_name = || name.to_owned();
    match job.training_job_status() {
        Some(TrainingJobStatus::Completed) => JobEnd::Completed,
        Some(TrainingJobStatus::Failed) => JobEnd::Failed(failed(name, job.failure_reason().unwrap_or_default())),
        Some(TrainingJobStatus::Stopped) => JobEnd::Failed(match job.secondary_status() {
            Some(SecondaryStatus::MaxRuntimeExceeded) => Error::TrainingStopped {
                job: job_name(),
                reason: "it ran longer than training.max_runtime_secs; raise it in aws.yaml, or choose a larger \
                         instance type"
                    .to_owned(),
            },
            Some(SecondaryStatus::MaxWaitTimeExceeded) => Error::TrainingInterrupted {
                job: job_name(),
                reason: "no spare capacity within training.spot.max_wait_secs".to_owned(),
            },
            _ => Error::TrainingStopped {
                job: job_name(),
                reason: "somebody stopped it in SageMaker; start the run again if that was not meant".to_owned(),
            },
        }),
        _ => JobEnd::NotYet,
    }
}

/// SageMaker begins a reason with its kind: `AlgorithmError: ...`, `InternalServerError: ...`.
fn failed(name: &str, reason: &str) -> Error {
    let kind = reason.split(':').next().unwrap_or_default();
    let passes = ["CapacityError", "InsufficientCapacity", "InternalServerError", "InternalError", "Throttling"];
    let job = name.to_owned();
    if passes.iter().any(|passing| kind.contains(passing)) {
        return Error::TrainingInterrupted { job, reason: reason.to_owned() };
    }
    let advice = if kind == "ClientError" {
        "; correct what it names in aws.yaml or in the account"
    } else if reason.contains("exit code: 137") || reason.contains("ExitCode: 137") {
        // 128 + SIGKILL: the kernel of the machine, which has told nobody.
        "; a job that is killed so has mostly run out of memory: choose a larger training.instance_type in aws.yaml"
    } else {
        ""
    };
    Error::TrainingFailed { job, reason: format!("{reason}{advice}") }
}

#[cfg(test)]
mod tests {
    use churn::Kind;

    use super::*;

    fn ended(status: TrainingJobStatus, secondary: Option<SecondaryStatus>, reason: &str) -> Option<Error> {
        let job = DescribeTrainingJobOutput::builder()
            .training_job_status(status)
            .set_secondary_status(secondary)
            .failure_reason(reason)
            .build();
        match ending("job-1", &job) {
            JobEnd::Failed(error) => Some(error),
            JobEnd::NotYet | JobEnd::Completed => None,
        }
    }

    #[test]
    fn a_killed_job_hints_at_memory() {
        let reason = "AlgorithmError: , exit code: 137";
        let error = ended(TrainingJobStatus::Failed, None, reason).unwrap();
        assert!(error.to_string().contains("memory") && error.kind() == Kind::Permanent, "{error}");
        let other = ended(TrainingJobStatus::Failed, None, "AlgorithmError: x, exit code: 1").unwrap();
        assert!(!other.to_string().contains("memory"), "{other}");
    }

    #[test]
    fn only_what_passes_by_itself_is_tried_with_another_job() {
        use TrainingJobStatus::{Failed, Stopped};
        let cases = [
            (Failed, None, "CapacityError: Unable to provision requested ML compute capacity", Kind::Retry),
            (Failed, None, "InternalServerError: We encountered an internal error", Kind::Retry),
            (Failed, None, "AlgorithmError: model: could not calibrate, exit code: 1", Kind::Permanent),
            (Failed, None, "ClientError: Data download failed: AccessDenied", Kind::Permanent),
            (Failed, None, "", Kind::Permanent),
            (Stopped, Some(SecondaryStatus::MaxWaitTimeExceeded), "", Kind::Retry),
            (Stopped, Some(SecondaryStatus::MaxRuntimeExceeded), "", Kind::Permanent),
            (Stopped, Some(SecondaryStatus::Stopped), "", Kind::Permanent),
        ];
        for (status, secondary, reason, kind) in cases {
            let error = ended(status.clone(), secondary, reason).unwrap();
            assert_eq!(error.kind(), kind, "{status:?} {reason}: {error}");
        }
        assert!(ended(TrainingJobStatus::Stopping, None, "").is_none());
        assert!(ended(TrainingJobStatus::Completed, None, "").is_none());
    }
}
