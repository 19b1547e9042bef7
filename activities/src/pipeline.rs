//! The activities, by the names that histories and the Temporal UI show. Each one is a step.

#![expect(missing_docs, reason = "the macro makes a constant of every activity and leaves its documentation behind")]

use std::sync::Arc;

use churn::model::Verdict;
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

use crate::error::Error;
use crate::messages::{
    AggregateSlice, Alert, Applied, ApplyVerdict, BuildStage, Champion, CheckLayer, DriftFound, EvaluateModel,
    Evaluated, Facts, JudgeModel, LayerChecked, MergeMonths, MonthsPlan, PlanMonths, PublishRun, Published,
    RawSnapshot, RecordRun, ScoreCustomers, Scored, SnapshotRaw, StageOutcome, StopTraining, StoppedTraining, TableRef,
    TrainModel,
};
use crate::steps::{
    World, alert, bronze, drift, evaluate, gold, months, publish, quality, raw, recommend, record, score, silver,
    train, verdict,
};
use crate::watched::Pulse;

/// All activities of the pipeline, with what they work with.
pub struct PipelineActivities {
    /// Ports and configuration.
    pub world: World,
}

#[activities]
impl PipelineActivities {
    /// Digests and checks the raw files.
    #[activity(name = "snapshot_raw")]
    pub async fn snapshot_raw(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: SnapshotRaw,
    ) -> Result<RawSnapshot, ActivityError> {
        let pulse = Pulse::of(ctx);
        pulse.keep(raw::snapshot_raw(&self.world, &pulse, request)).await.map_err(Error::into_failure)
    }

    /// Makes `bronze_customer`.
    #[activity(name = "build_bronze_customer")]
    pub async fn build_bronze_customer(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: BuildStage,
    ) -> Result<StageOutcome, ActivityError> {
        let pulse = Pulse::of(ctx);
        pulse.keep(bronze::build_bronze_customer(&self.world, &pulse, request)).await.map_err(Error::into_failure)
    }

    /// Finds `bronze_customer_month` or cuts the readings into slices.
    #[activity(name = "plan_months")]
    pub async fn plan_months(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: PlanMonths,
    ) -> Result<MonthsPlan, ActivityError> {
        let pulse = Pulse::of(ctx);
        pulse.keep(months::plan_months(&self.world, &pulse, request)).await.map_err(Error::into_failure)
    }

    /// Sums one slice of the readings.
    #[activity(name = "aggregate_slice")]
    pub async fn aggregate_slice(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: AggregateSlice,
    ) -> Result<TableRef, ActivityError> {
        let pulse = Pulse::of(ctx);
        pulse.keep(months::aggregate_slice(&self.world, &pulse, request)).await.map_err(Error::into_failure)
    }

    /// Merges the sums into `bronze_customer_month`.
    #[activity(name = "merge_months")]
    pub async fn merge_months(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: MergeMonths,
    ) -> Result<StageOutcome, ActivityError> {
        let pulse = Pulse::of(ctx);
        pulse.keep(months::merge_months(&self.world, &pulse, request)).await.map_err(Error::into_failure)
    }

    /// Checks a layer against its contracts.
    #[activity(name = "check_layer")]
    pub async fn check_layer(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: CheckLayer,
    ) -> Result<LayerChecked, ActivityError> {
        let pulse = Pulse::of(ctx);
        pulse.keep(quality::check_layer(&self.world, &pulse, request)).await.map_err(Error::into_failure)
    }

    /// Makes both silver tables.
    #[activity(name = "build_silver")]
    pub async fn build_silver(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: BuildStage,
    ) -> Result<StageOutcome, ActivityError> {
        let pulse = Pulse::of(ctx);
        pulse.keep(silver::build_silver(&self.world, &pulse, request)).await.map_err(Error::into_failure)
    }

    /// Makes `gold_master`.
    #[activity(name = "build_gold")]
    pub async fn build_gold(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: BuildStage,
    ) -> Result<StageOutcome, ActivityError> {
        let pulse = Pulse::of(ctx);
        pulse.keep(gold::build_gold(&self.world, &pulse, request)).await.map_err(Error::into_failure)
    }

    /// Trains the challenger.
    #[activity(name = "train_model")]
    pub async fn train_model(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: TrainModel,
    ) -> Result<StageOutcome, ActivityError> {
        let pulse = Pulse::of(ctx);
        pulse.keep(train::train_model(&self.world, &pulse, request)).await.map_err(Error::into_failure)
    }

    /// Stops the training jobs of a run that was cancelled or has failed.
    #[activity(name = "stop_training")]
    pub async fn stop_training(
        self: Arc<Self>,
        _ctx: ActivityContext,
        request: StopTraining,
    ) -> Result<StoppedTraining, ActivityError> {
        train::stop_training(&self.world, request).await.map_err(Error::into_failure)
    }

    /// Evaluates the challenger beside the champion.
    #[activity(name = "evaluate_model")]
    pub async fn evaluate_model(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: EvaluateModel,
    ) -> Result<Evaluated, ActivityError> {
        let pulse = Pulse::of(ctx);
        pulse.keep(evaluate::evaluate_model(&self.world, &pulse, request)).await.map_err(Error::into_failure)
    }

    /// Judges the challenger.
    #[activity(name = "judge_model")]
    pub async fn judge_model(
        self: Arc<Self>,
        _ctx: ActivityContext,
        request: JudgeModel,
    ) -> Result<Verdict, ActivityError> {
        verdict::judge_model(&self.world, request).await.map_err(Error::into_failure)
    }

    /// Registers the verdict; promotes a challenger that passed.
    #[activity(name = "apply_verdict")]
    pub async fn apply_verdict(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: ApplyVerdict,
    ) -> Result<Applied, ActivityError> {
        let pulse = Pulse::of(ctx);
        pulse.keep(verdict::apply_verdict(&self.world, &pulse, request)).await.map_err(Error::into_failure)
    }

    /// The champion, if there is one.
    #[activity(name = "find_champion")]
    pub async fn find_champion(self: Arc<Self>, _ctx: ActivityContext) -> Result<Option<Champion>, ActivityError> {
        verdict::find_champion(&self.world).await.map_err(Error::into_failure)
    }

    /// Scores all customers with the champion.
    #[activity(name = "score_customers")]
    pub async fn score_customers(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: ScoreCustomers,
    ) -> Result<Scored, ActivityError> {
        let pulse = Pulse::of(ctx);
        pulse.keep(score::score_customers(&self.world, &pulse, request)).await.map_err(Error::into_failure)
    }

    /// Writes the recommendations.
    #[activity(name = "write_recommendations")]
    pub async fn write_recommendations(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: ScoreCustomers,
    ) -> Result<StageOutcome, ActivityError> {
        let pulse = Pulse::of(ctx);
        pulse.keep(recommend::write_recommendations(&self.world, &pulse, request)).await.map_err(Error::into_failure)
    }

    /// Compares this run's customers with the champion's training data.
    #[activity(name = "detect_drift")]
    pub async fn detect_drift(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: ScoreCustomers,
    ) -> Result<DriftFound, ActivityError> {
        let pulse = Pulse::of(ctx);
        pulse.keep(drift::detect_drift(&self.world, &pulse, request)).await.map_err(Error::into_failure)
    }

    /// Moves the pointers that the business reads.
    #[activity(name = "publish_run")]
    pub async fn publish_run(
        self: Arc<Self>,
        _ctx: ActivityContext,
        request: PublishRun,
    ) -> Result<Published, ActivityError> {
        publish::publish_run(&self.world, request).await.map_err(Error::into_failure)
    }

    /// Writes the run's record.
    #[activity(name = "record_run")]
    pub async fn record_run(
        self: Arc<Self>,
        _ctx: ActivityContext,
        request: RecordRun,
    ) -> Result<Option<Facts>, ActivityError> {
        // Runs from before this answer had none.
        record::record_run(&self.world, request).await.map(Some).map_err(Error::into_failure)
    }

    /// Sends an alert, once.
    #[activity(name = "send_alert")]
    pub async fn send_alert(self: Arc<Self>, ctx: ActivityContext, request: Alert) -> Result<bool, ActivityError> {
        let info = ctx.info();
        alert::send_alert(&self.world, request, &info.namespace, info.attempt).await.map_err(Error::into_failure)
    }
}
