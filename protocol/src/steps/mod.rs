//! The request and the answer of every step, one file each.

mod check_layer;
mod date_labels;
mod detect_drift;
mod evaluate_model;
mod find_champion;
mod months;
mod publish_report;
mod publish_run;
mod recommend;
mod record_run;
mod score_customers;
mod settle_date;
mod snapshot_raw;
mod stage;
mod train_model;
mod try_model;
mod verdict;

pub use check_layer::{CheckLayer, LayerChecked, worst};
pub use date_labels::{DateLabels, LabelUse};
pub use detect_drift::{DriftFound, DriftSummary, PerformanceSummary};
pub use evaluate_model::{EvaluateModel, Evaluated};
pub use find_champion::Champion;
pub use months::{
    AggregateBatch, AggregateSlice, ListParts, MergeMonths, MonthsPlan, PlanMonths, ReadingsSlice, SliceToSum,
};
pub use publish_report::{PublishReport, Report};
pub use publish_run::{PublishRun, Published, Sight};
pub use recommend::{OffersSummary, Recommended};
pub use record_run::{Facts, RecordRun, StageTimes};
pub use score_customers::{ScoreCustomers, Scored};
pub use settle_date::{SettleDate, SettledDate};
pub use snapshot_raw::{
    ApprovalSettings, AskedDate, DATED_LABELS, Expected, LabelSnapshot, RawSnapshot, RunSettings, SnapshotRaw,
};
pub use stage::{BuildStage, JobUse, MissingOutput, StageOutcome, named};
pub use train_model::{StopTraining, StoppedTraining, TrainModel, Trained};
pub use try_model::{TriedModel, TryModel};
pub use verdict::{Applied, ApplyVerdict, JudgeModel};
