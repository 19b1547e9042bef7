//! The activities, by the names that histories and the Temporal UI show: what each one takes and answers.
//! Workflows call these definitions; the crate `activities` does the work behind them.

#![expect(missing_docs, reason = "the macro makes a constant of every activity and leaves its documentation behind")]
#![expect(clippy::unimplemented, reason = "a definition has no body of its own; the macro asks for this one")]

use churn::label::LabelDates;
use churn::model::Verdict;
use temporalio_macros::activity_definitions;

use crate::TableRef;
use crate::alert::Alert;
use crate::erasure::{Begun, CertifyErasure, EraseStep, ErasureReport, OpenRuns, RemoveCustomers, Removed, RunsBefore};
use crate::experiment_ladder::{LadderPlan, PlanLadder};
use crate::freshness::{FreshnessJudged, JudgeFreshness, NoteFreshness};
use crate::garbage_collection::{FindGarbage, GarbageLook, SweepGarbage};
use crate::model_admin::{AdministerModel, Administered};
use crate::raw_watcher::{NoteDeliveries, RawWatched, WatchRaw};
use crate::silence::NoteSilence;
use crate::steps::{
    AggregateSlice, Applied, ApplyVerdict, BuildStage, Champion, CheckLayer, DateLabels, DriftFound, EvaluateModel,
    Evaluated, Facts, JudgeModel, LayerChecked, ListParts, MergeMonths, MonthsPlan, PlanMonths, PublishReport,
    PublishRun, Published, RawSnapshot, Recommended, RecordRun, ScoreCustomers, Scored, SettleDate, SettledDate,
    SnapshotRaw, StageOutcome, StopTraining, StoppedTraining, TrainModel, Trained, TriedModel, TryModel,
};

/// What the body of a definition would fail with.
type Never = std::convert::Infallible;

/// All activities of the pipeline.
#[derive(Debug)]
pub enum Pipeline {}

#[activity_definitions]
impl Pipeline {
    /// Digests and checks the raw files.
    #[activity(name = "snapshot_raw")]
    pub fn snapshot_raw(_: SnapshotRaw) -> Result<RawSnapshot, Never> {
        unimplemented!()
    }

    /// Makes `bronze_customer`.
    #[activity(name = "build_bronze_customer")]
    pub fn build_bronze_customer(_: BuildStage) -> Result<StageOutcome, Never> {
        unimplemented!()
    }

    /// Finds `bronze_customer_month` or cuts the readings into slices.
    #[activity(name = "plan_months")]
    pub fn plan_months(_: PlanMonths) -> Result<MonthsPlan, Never> {
        unimplemented!()
    }

    /// Sums one slice of the readings.
    #[activity(name = "aggregate_slice")]
    pub fn aggregate_slice(_: AggregateSlice) -> Result<TableRef, Never> {
        unimplemented!()
    }

    /// Puts the sums of a list of slices into a list.
    #[activity(name = "list_parts")]
    pub fn list_parts(_: ListParts) -> Result<TableRef, Never> {
        unimplemented!()
    }

    /// Merges the sums into `bronze_customer_month`.
    #[activity(name = "merge_months")]
    pub fn merge_months(_: MergeMonths) -> Result<StageOutcome, Never> {
        unimplemented!()
    }

    /// Settles the date that the run looks from.
    #[activity(name = "settle_date")]
    pub fn settle_date(_: SettleDate) -> Result<SettledDate, Never> {
        unimplemented!()
    }

    /// Checks a layer against its contracts.
    #[activity(name = "check_layer")]
    pub fn check_layer(_: CheckLayer) -> Result<LayerChecked, Never> {
        unimplemented!()
    }

    /// Makes both silver tables.
    #[activity(name = "build_silver")]
    pub fn build_silver(_: BuildStage) -> Result<StageOutcome, Never> {
        unimplemented!()
    }

    /// Makes `gold_master`.
    #[activity(name = "build_gold")]
    pub fn build_gold(_: BuildStage) -> Result<StageOutcome, Never> {
        unimplemented!()
    }

    /// Finds the date of the labels, and refuses a training that does not fit it.
    #[activity(name = "date_labels")]
    pub fn date_labels(_: DateLabels) -> Result<LabelDates, Never> {
        unimplemented!()
    }

    /// Trains the challenger.
    #[activity(name = "train_model")]
    pub fn train_model(_: TrainModel) -> Result<Trained, Never> {
        unimplemented!()
    }

    /// Stops the training jobs of a run that was cancelled or has failed.
    #[activity(name = "stop_training")]
    pub fn stop_training(_: StopTraining) -> Result<StoppedTraining, Never> {
        unimplemented!()
    }

    /// Evaluates the challenger beside the champion.
    #[activity(name = "evaluate_model")]
    pub fn evaluate_model(_: EvaluateModel) -> Result<Evaluated, Never> {
        unimplemented!()
    }

    /// Judges the challenger.
    #[activity(name = "judge_model")]
    pub fn judge_model(_: JudgeModel) -> Result<Verdict, Never> {
        unimplemented!()
    }

    /// Registers the verdict; promotes a challenger that passed.
    #[activity(name = "apply_verdict")]
    pub fn apply_verdict(_: ApplyVerdict) -> Result<Applied, Never> {
        unimplemented!()
    }

    /// The champion, if there is one.
    #[activity(name = "find_champion")]
    pub fn find_champion() -> Result<Option<Champion>, Never> {
        unimplemented!()
    }

    /// Scores all customers with the champion.
    #[activity(name = "score_customers")]
    pub fn score_customers(_: ScoreCustomers) -> Result<Scored, Never> {
        unimplemented!()
    }

    /// Writes the recommendations.
    #[activity(name = "write_recommendations")]
    pub fn write_recommendations(_: ScoreCustomers) -> Result<Recommended, Never> {
        unimplemented!()
    }

    /// Compares this run's customers with the champion's training data.
    #[activity(name = "detect_drift")]
    pub fn detect_drift(_: ScoreCustomers) -> Result<DriftFound, Never> {
        unimplemented!()
    }

    /// Moves the pointers that the business reads.
    #[activity(name = "publish_run")]
    pub fn publish_run(_: PublishRun) -> Result<Published, Never> {
        unimplemented!()
    }

    /// Writes the run's record. Runs from before this answer had none.
    #[activity(name = "record_run")]
    pub fn record_run(_: RecordRun) -> Result<Option<Facts>, Never> {
        unimplemented!()
    }

    /// Looks which deliveries of raw files there are, and which of them are new.
    #[activity(name = "watch_raw")]
    pub fn watch_raw(_: WatchRaw) -> Result<RawWatched, Never> {
        unimplemented!()
    }

    /// Remembers what came of deliveries; tells whether any of it was new.
    #[activity(name = "note_deliveries")]
    pub fn note_deliveries(_: NoteDeliveries) -> Result<bool, Never> {
        unimplemented!()
    }

    /// Looks whether the scores of the day are there.
    #[activity(name = "judge_freshness")]
    pub fn judge_freshness(_: JudgeFreshness) -> Result<FreshnessJudged, Never> {
        unimplemented!()
    }

    /// Remembers what people have heard of the scores of the day.
    #[activity(name = "note_freshness")]
    pub fn note_freshness(_: NoteFreshness) -> Result<bool, Never> {
        unimplemented!()
    }

    /// Remembers that people have heard of a watcher that is silent.
    #[activity(name = "note_silence")]
    pub fn note_silence(_: NoteSilence) -> Result<bool, Never> {
        unimplemented!()
    }

    /// Changes the registry as a person wants it.
    #[activity(name = "administer_model")]
    pub fn administer_model(_: AdministerModel) -> Result<Administered, Never> {
        unimplemented!()
    }

    /// Looks how much nothing reaches any more.
    #[activity(name = "find_garbage")]
    pub fn find_garbage(_: FindGarbage) -> Result<GarbageLook, Never> {
        unimplemented!()
    }

    /// Deletes some of what nothing reaches any more; says what is left.
    #[activity(name = "sweep_garbage")]
    pub fn sweep_garbage(_: SweepGarbage) -> Result<GarbageLook, Never> {
        unimplemented!()
    }

    /// Writes the tombstones of a request: from then on nothing is made of its customers.
    #[activity(name = "begin_erasure")]
    pub fn begin_erasure(_: EraseStep) -> Result<Begun, Never> {
        unimplemented!()
    }

    /// Which runs are at work that began before a time.
    #[activity(name = "runs_before")]
    pub fn runs_before(_: RunsBefore) -> Result<OpenRuns, Never> {
        unimplemented!()
    }

    /// Takes the customers of a request out of the lake.
    #[activity(name = "remove_customers")]
    pub fn remove_customers(_: RemoveCustomers) -> Result<Removed, Never> {
        unimplemented!()
    }

    /// Writes the certificate of an erasure and removes its request.
    #[activity(name = "certify_erasure")]
    pub fn certify_erasure(_: CertifyErasure) -> Result<ErasureReport, Never> {
        unimplemented!()
    }

    /// Says what the ladder tries.
    #[activity(name = "plan_ladder")]
    pub fn plan_ladder(_: PlanLadder) -> Result<LadderPlan, Never> {
        unimplemented!()
    }

    /// Measures a candidate that is kept nowhere.
    #[activity(name = "try_model")]
    pub fn try_model(_: TryModel) -> Result<TriedModel, Never> {
        unimplemented!()
    }

    /// Stores a report, and moves the pointer of its kind.
    #[activity(name = "publish_report")]
    pub fn publish_report(_: PublishReport) -> Result<TableRef, Never> {
        unimplemented!()
    }

    /// Sends an alert, once; tells whether it was new.
    #[activity(name = "send_alert")]
    pub fn send_alert(_: Alert) -> Result<bool, Never> {
        unimplemented!()
    }
}

/// The definitions by type, for the implementations.
pub mod definitions {
    pub use super::pipeline::*;
}
