//! Why a step fails, its number, and whether a retry can help.

use churn::label::LabelDates;
use churn::{Kind, SnapshotDate};
use lake::LakeError;
use lake::RemoteError;
use protocol::ErrorNumber;
use protocol::steps::MissingOutput;
use temporalio_sdk::ApplicationFailure;
use temporalio_sdk::activities::ActivityError;

/// The result of every step.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A training without progress is tried so often.
const SILENT_ATTEMPTS: u32 = 3;

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The computation failed.
    #[error(transparent)]
    Churn(#[from] churn::Error),
    /// The lake could not be read or written.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// A service on the other side of the network did not do what was asked.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// A stage did not name an output that another one needs.
    #[error(transparent)]
    MissingOutput(#[from] MissingOutput),
    /// The training job failed because of its input: the same job fails again.
    #[error("training job {job} failed: {reason}")]
    TrainingFailed {
        /// The job's name.
        job: String,
        /// What the job wrote to its failure file.
        reason: String,
    },
    /// The training job was lost: killed, or its machine went away.
    #[error("training job {job} was interrupted: {reason}")]
    TrainingInterrupted {
        /// The job's name.
        job: String,
        /// What ended it.
        reason: String,
    },
    /// The training process lives, and nothing has come of it for too long.
    #[error(
        "training job {job} made no progress for {silent_secs} s and was killed (attempt {attempt} of {}); if a round \
         really takes longer, start the worker with a larger --training-patience-secs, then start the run again",
        SILENT_ATTEMPTS
    )]
    NoProgress {
        /// The job's name.
        job: String,
        /// How long it said nothing.
        silent_secs: u64,
        /// Which attempt at the training this was.
        attempt: u32,
    },
    /// Workers died while they read one and the same input.
    #[error(
        "{deaths} workers ended without a word while at work on {reads}, so no third one tries; if nobody killed them \
         (kill -9, out of memory), the input ends the program: read the end of their logs, replace the input and start \
         the run again; if somebody did, only start the run again"
    )]
    PoisonedInput {
        /// What was read.
        reads: String,
        /// How many attempts left their mark.
        deaths: usize,
    },
    /// The training job ended without a model and would again: stopped by somebody, or out of time.
    #[error("training job {job} was stopped: {reason}")]
    TrainingStopped {
        /// The job's name.
        job: String,
        /// By whom or what, and what to do.
        reason: String,
    },
    /// The jobs of a training were charged so often that no further one is started.
    #[error("no further job is started for training {job}: those of this run were charged {spent}; {setting}")]
    BudgetReached {
        /// What all jobs of the training share in their names.
        job: String,
        /// What they took.
        spent: String,
        /// Which limit is reached, and what to do.
        setting: String,
    },
    /// A version cannot become champion by hand.
    #[error("model {version} cannot become champion: {reason}")]
    NotPromotable {
        /// The version.
        version: String,
        /// Why, and what to do.
        reason: String,
    },
    /// A version cannot be withdrawn or reinstated by hand.
    #[error("could not {action} model {version}: {reason}")]
    NotChangeable {
        /// The verb.
        action: &'static str,
        /// The version.
        version: String,
        /// Why, and what to do.
        reason: String,
    },
    /// Another version is champion than the person had in mind.
    #[error(
        "the champion is {found}, and the change was asked for {expected} as champion; nothing was changed; look at `spanishgas models history`, then ask again"
    )]
    OtherChampion {
        /// The champion that was expected.
        expected: String,
        /// The champion of now, or none.
        found: String,
    },
    /// Models are signed, and this one has no signature that fits.
    #[error(
        "model {version} is not trusted: {problem}; `spanishgas models verify {version} --rebuild` compares it with a new training, `spanishgas models sign {version}` vouches for it, `spanishgas models rollback` goes back to another"
    )]
    UntrustedModel {
        /// The version.
        version: String,
        /// What is wrong with its signature.
        problem: String,
    },
    /// A run was started for another lake than the worker serves.
    #[error(
        "the run was started for lake {wanted}, and this worker serves {lake}, which is lake {found}; start a worker for that lake on a queue of its own, or start the run for this one"
    )]
    OtherLake {
        /// The lake's identity that the run names.
        wanted: String,
        /// The identity of the worker's lake.
        found: String,
        /// The worker's lake, as it shows itself.
        lake: String,
    },
    /// The raw files are not those that the run was started for.
    #[error(
        "the run was started for the raw files {wanted}, and there are now {found}; start again: the files of now get a run of their own"
    )]
    OtherData {
        /// The first characters of the digest that the run names.
        wanted: String,
        /// Those of the files that are there.
        found: String,
    },
    /// A training looks from a date that the labels are not of: it would learn what the labels do not tell.
    #[error(
        "a training as of {as_of} does not fit the labels, which are of {label}: the dates are {days} days apart, and \
         label.tolerance_days allows {tolerance_days}; train as of {} (--as-of), deliver labels of a date near {as_of} (column \
         label_date of churn_label.csv), or, where that date is wrong, give the right one (label.date in model.yaml)",
        .label.date
    )]
    LabelMisfit {
        /// The date of the training.
        as_of: SnapshotDate,
        /// The date of the labels, and how it is known.
        label: LabelDates,
        /// How many days lie between them.
        days: u64,
        /// How many may.
        tolerance_days: u32,
    },
    /// A customer who was erased came through: a reader understands the file otherwise than the copy without them.
    #[error(
        "{rows} rows of {key} are of customers who were erased, and nothing may be made of them; this is a bug: erase the \
         same IDs again (`spanishgas erase-customer`), then start the run again, and report it with the form of the file"
    )]
    ErasedCustomers {
        /// The raw file.
        key: String,
        /// How many rows.
        rows: u64,
    },
    /// Another erasure takes customers out of the same lake at this moment.
    #[error(
        "erasure {request} is taking customers out of this lake, and one at a time does; let it end, or, where it was \
         stopped, start it again with `spanishgas erase-customer --request {request}`"
    )]
    OtherErasure {
        /// Its request.
        request: protocol::erasure::RequestId,
    },
    /// A failure whose words named a customer, as the key of an object may; they are taken out.
    #[error("{said}")]
    WithoutNames {
        /// What the failure said, without the IDs.
        said: String,
        /// Its number.
        number: ErrorNumber,
        /// Whether a retry can help.
        kind: Kind,
    },
    /// The settings are not those that the run was started for.
    #[error(
        "the run was started for the settings {wanted}, and this worker has {found}; give all workers of a queue the same --config, then start again"
    )]
    OtherSettings {
        /// The first characters of the digest that the run names.
        wanted: String,
        /// Those of the worker's settings.
        found: String,
    },
    /// A bug of ours: a task ended without a result.
    #[error("{doing} ended without a result: {source}")]
    TaskLost {
        /// What was running.
        doing: &'static str,
        /// What the runtime said.
        source: tokio::task::JoinError,
    },
}

impl From<lake::Error> for Error {
    fn from(error: lake::Error) -> Self {
        match error {
            lake::Error::Churn(error) => Self::Churn(error),
            lake::Error::Lake(error) => Self::Lake(error),
            lake::Error::TaskLost { doing, source } => Self::TaskLost { doing, source },
        }
    }
}

impl Error {
    /// Its number: the one table of them is [`ErrorNumber`].
    pub fn number(&self) -> ErrorNumber {
        match self {
            Self::Churn(error) => ErrorNumber::of_computation(error),
            Self::Lake(error) => error.number(),
            Self::Remote(error) => error.kind.number(),
            Self::MissingOutput(_) => ErrorNumber::MissingObject,
            Self::TrainingFailed { .. } => ErrorNumber::TrainingFailed,
            Self::TrainingInterrupted { .. } => ErrorNumber::TrainingInterrupted,
            Self::TrainingStopped { .. } => ErrorNumber::TrainingStopped,
            Self::NoProgress { .. } => ErrorNumber::NoProgress,
            Self::PoisonedInput { .. } => ErrorNumber::PoisonedInput,
            Self::NotPromotable { .. } | Self::NotChangeable { .. } => ErrorNumber::NotPromotable,
            Self::OtherChampion { .. } => ErrorNumber::OtherChampion,
            Self::UntrustedModel { .. } => ErrorNumber::UntrustedModel,
            Self::BudgetReached { .. } => ErrorNumber::BudgetReached,
            Self::OtherLake { .. } => ErrorNumber::OtherLake,
            Self::OtherData { .. } => ErrorNumber::OtherData,
            Self::WithoutNames { number, .. } => *number,
            Self::OtherErasure { .. } => ErrorNumber::PointerMoved,
            Self::LabelMisfit { .. } => ErrorNumber::LabelMisfit,
            Self::ErasedCustomers { .. } => ErrorNumber::BadData,
            Self::OtherSettings { .. } => ErrorNumber::OtherSettings,
            Self::TaskLost { .. } => ErrorNumber::TaskLost,
        }
    }

    /// The number and the stable name, as `docs/errors/` and the Temporal UI show them.
    pub fn type_name(&self) -> &'static str {
        self.number().type_name()
    }

    /// Whether the same step may succeed when it is tried again: the number says so, or what happened does.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Churn(error) => error.kind(),
            Self::Lake(error) => error.kind(),
            Self::WithoutNames { kind, .. } => *kind,
            // It may be the machine, and it costs its patience every time.
            Self::NoProgress { attempt, .. } if *attempt >= SILENT_ATTEMPTS => Kind::Permanent,
            // The same data would panic again; only a runtime that shuts down is worth another attempt.
            Self::TaskLost { source, .. } if source.is_panic() => Kind::Permanent,
            other => other.number().kind().unwrap_or(Kind::Retry),
        }
    }

    /// The failure that Temporal sees: stable type name, retry decided here and nowhere else.
    ///
    /// A plain `?` in an activity would lose both, since the SDK takes any error as retryable.
    pub fn into_failure(self) -> ActivityError {
        if matches!(self, Self::Churn(churn::Error::Cancelled)) {
            return ActivityError::cancelled();
        }
        let (type_name, permanent) = (self.type_name(), self.kind() == Kind::Permanent);
        ApplicationFailure::builder(anyhow::Error::new(self))
            .type_name(type_name.to_owned())
            .non_retryable(permanent)
            .build()
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_training_without_progress_and_a_poisoned_input_say_what_to_do() {
        let silent = Error::NoProgress { job: "churn-1".to_owned(), silent_secs: 1800, attempt: 2 }.to_string();
        assert!(silent.contains("(attempt 2 of 3)") && silent.contains("--training-patience-secs"), "{silent}");
        let poisoned = Error::PoisonedInput { reads: "raw/x.parquet".to_owned(), deaths: 2 }.to_string();
        assert!(poisoned.contains("raw/x.parquet") && poisoned.contains("kill -9"), "{poisoned}");
    }
}
