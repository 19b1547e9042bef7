//! `send_alert`: what people should hear of, once.

use serde::{Deserialize, Serialize};

use crate::Run;

/// Something that people should hear of, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// The run.
    pub run: Run,
    /// What kind of event.
    pub kind: AlertKind,
    /// At most 100 ASCII characters.
    pub subject: String,
    /// What happened, how large, what to do.
    pub body: String,
    /// The columns that drifted; of other kinds, and in alerts of before this was noted, none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// What exactly it tells of, beside the subject: missing files, failed checks, doubts. Who knows of it knows of these,
    /// and of no other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}

/// The events that people hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// A run failed.
    RunFailed,
    /// A contract stopped a run.
    QualityBlocked,
    /// Something in the delivery is not as it should be, and did not stop the run.
    QualityWarning,
    /// A challenger became champion.
    ModelPromoted,
    /// A challenger was rejected.
    ModelRejected,
    /// Nothing was scored: no champion.
    NoChampion,
    /// Features drifted.
    DriftWarn,
    /// Important features drifted far.
    DriftCritical,
    /// Labels have come, and customers churn otherwise than the model promised.
    PerformanceShifted,
    /// A promotion waits for a person.
    ApprovalRequested,
    /// The champion was judged on new data and would not be promoted today.
    ChampionFailsGate,
    /// A stored table was damaged and was made again.
    TableRepaired,
    /// A training job that a run had started could not be stopped when the run ended.
    TrainingNotStopped,
    /// A delivery of raw files does not come to its end, or cannot be read.
    DeliveryTrouble,
    /// The scores of the day were not there when they were promised.
    ScoresStale,
    /// They have come.
    ScoresRecovered,
    /// A person made a version champion.
    ChampionMoved,
    /// A person took a version back.
    ModelWithdrawn,
    /// A person gave a withdrawn version free again.
    ModelReinstated,
    /// Whether stored outputs are still reached could not be found out, so none was deleted.
    GarbageDoubtful,
    /// A watcher has come to no end for too long.
    WatcherSilent,
    /// An erasure of customers came to its end.
    CustomersErased,
}

/// What an acknowledgement of an alert keeps from people until its date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quiets {
    /// Drift that is no worse: its level is not higher, and no column has drifted that was not known.
    KnownDrift,
    /// Alerts of the same kind with the same subject, and with no detail that was not known.
    SameSubject,
    /// None: the next one is told, whatever anybody knows of the last. Only the list of alerts is shorter by it.
    Nothing,
}

impl AlertKind {
    /// What an acknowledgement of such an alert keeps quiet: the one table of it.
    pub fn quiets(self) -> Quiets {
        match self {
            Self::DriftWarn | Self::DriftCritical => Quiets::KnownDrift,
            Self::QualityWarning
            | Self::ModelRejected
            | Self::NoChampion
            | Self::ChampionFailsGate
            | Self::TableRepaired
            | Self::PerformanceShifted
            | Self::DeliveryTrouble
            | Self::ScoresStale
            | Self::GarbageDoubtful
            | Self::WatcherSilent => Quiets::SameSubject,
            // A failure of tonight is not that of yesterday, a question needs an answer, a job that goes on costs, and
            // good news is no trouble.
            Self::RunFailed
            | Self::QualityBlocked
            | Self::ApprovalRequested
            | Self::TrainingNotStopped
            | Self::ModelPromoted
            | Self::ScoresRecovered
            | Self::ChampionMoved
            | Self::ModelWithdrawn
            | Self::ModelReinstated
            | Self::CustomersErased => Quiets::Nothing,
        }
    }

    /// The word in alerts, messages and the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RunFailed => "run_failed",
            Self::QualityBlocked => "quality_blocked",
            Self::QualityWarning => "quality_warning",
            Self::ModelPromoted => "model_promoted",
            Self::ModelRejected => "model_rejected",
            Self::NoChampion => "no_champion",
            Self::DriftWarn => "drift_warn",
            Self::DriftCritical => "drift_critical",
            Self::PerformanceShifted => "performance_shifted",
            Self::ApprovalRequested => "approval_requested",
            Self::ChampionFailsGate => "champion_fails_gate",
            Self::TableRepaired => "table_repaired",
            Self::TrainingNotStopped => "training_not_stopped",
            Self::DeliveryTrouble => "delivery_trouble",
            Self::ScoresStale => "scores_stale",
            Self::ScoresRecovered => "scores_recovered",
            Self::ChampionMoved => "champion_moved",
            Self::ModelWithdrawn => "model_withdrawn",
            Self::ModelReinstated => "model_reinstated",
            Self::GarbageDoubtful => "garbage_doubtful",
            Self::WatcherSilent => "watcher_silent",
            Self::CustomersErased => "customers_erased",
        }
    }
}
