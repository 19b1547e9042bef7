//! The activities, by the names that histories and the Temporal UI show. Each one is a step.

use std::sync::Arc;

use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

use crate::messages::{
    AggregateSlice, Alert, ApplyVerdict, BuildStage, Champion, CheckLayer, DriftFound, Evaluated, EvaluateModel,
    LayerChecked, MergeMonths, MonthsPlan, PlanMonths, PublishRun, RawSnapshot, RecordRun, ScoreCustomers, Scored,
    SnapshotRaw, StageOutcome, TableRef, TrainModel,
};
use crate::steps::{
    World, alert, bronze, drift, evaluate, gold, months, publish, quality, raw, recommend, score, silver, train,
    verdict,
};

/// All activities of the pipeline, with what they work with.
pub struct PipelineActivities {
    /// Ports and configuration.
    pub world: World,
}

/// What an activity returns to Temporal.
type Done<T> = Result<T, ActivityError>;

#[activities]
impl PipelineActivities {
    /// Digests and checks the raw files.
    #[activity(name = "snapshot_raw")]
    pub async fn snapshot_raw(self: Arc<Self>, ctx: ActivityContext, request: SnapshotRaw) -> Done<RawSnapshot> {
        Ok(raw::snapshot_raw(&self.world, &ctx, request).await?)
    }

    /// Makes `bronze_customer`.
    #[activity(name = "build_bronze_customer")]
    pub async fn build_bronze_customer(self: Arc<Self>, ctx: ActivityContext, request: BuildStage) -> Done<StageOutcome> {
        Ok(bronze::build_bronze_customer(&self.world, &ctx, request).await?)
    }

    /// Finds `bronze_customer_month` or cuts the readings into slices.
    #[activity(name = "plan_months")]
    pub async fn plan_months(self: Arc<Self>, ctx: ActivityContext, request: PlanMonths) -> Done<MonthsPlan> {
        Ok(months::plan_months(&self.world, &ctx, request).await?)
    }

    /// Sums one slice of the readings.
    #[activity(name = "aggregate_slice")]
    pub async fn aggregate_slice(self: Arc<Self>, ctx: ActivityContext, request: AggregateSlice) -> Done<TableRef> {
        Ok(months::aggregate_slice(&self.world, &ctx, request).await?)
    }

    /// Merges the sums into `bronze_customer_month`.
    #[activity(name = "merge_months")]
    pub async fn merge_months(self: Arc<Self>, ctx: ActivityContext, request: MergeMonths) -> Done<StageOutcome> {
        Ok(months::merge_months(&self.world, &ctx, request).await?)
    }

    /// Checks a layer against its contracts.
    #[activity(name = "check_layer")]
    pub async fn check_layer(self: Arc<Self>, ctx: ActivityContext, request: CheckLayer) -> Done<LayerChecked> {
        Ok(quality::check_layer(&self.world, &ctx, request).await?)
    }

    /// Makes both silver tables.
    #[activity(name = "build_silver")]
    pub async fn build_silver(self: Arc<Self>, ctx: ActivityContext, request: BuildStage) -> Done<StageOutcome> {
        Ok(silver::build_silver(&self.world, &ctx, request).await?)
    }

    /// Makes `gold_master`.
    #[activity(name = "build_gold")]
    pub async fn build_gold(self: Arc<Self>, ctx: ActivityContext, request: BuildStage) -> Done<StageOutcome> {
        Ok(gold::build_gold(&self.world, &ctx, request).await?)
    }

    /// Trains the challenger.
    #[activity(name = "train_model")]
    pub async fn train_model(self: Arc<Self>, ctx: ActivityContext, request: TrainModel) -> Done<StageOutcome> {
        Ok(train::train_model(&self.world, &ctx, request).await?)
    }

    /// Evaluates the challenger beside the champion.
    #[activity(name = "evaluate_model")]
    pub async fn evaluate_model(self: Arc<Self>, ctx: ActivityContext, request: EvaluateModel) -> Done<Evaluated> {
        Ok(evaluate::evaluate_model(&self.world, &ctx, request).await?)
    }

    /// Registers the verdict; promotes a challenger that passed.
    #[activity(name = "apply_verdict")]
    pub async fn apply_verdict(self: Arc<Self>, ctx: ActivityContext, request: ApplyVerdict) -> Done<StageOutcome> {
        Ok(verdict::apply_verdict(&self.world, &ctx, request).await?)
    }

    /// The champion, if there is one.
    #[activity(name = "find_champion")]
    pub async fn find_champion(self: Arc<Self>, _ctx: ActivityContext) -> Done<Option<Champion>> {
        Ok(verdict::find_champion(&self.world).await?)
    }

    /// Scores all customers with the champion.
    #[activity(name = "score_customers")]
    pub async fn score_customers(self: Arc<Self>, ctx: ActivityContext, request: ScoreCustomers) -> Done<Scored> {
        Ok(score::score_customers(&self.world, &ctx, request).await?)
    }

    /// Writes the recommendations.
    #[activity(name = "write_recommendations")]
    pub async fn write_recommendations(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: ScoreCustomers,
    ) -> Done<StageOutcome> {
        Ok(recommend::write_recommendations(&self.world, &ctx, request).await?)
    }

    /// Compares this run's customers with the champion's training data.
    #[activity(name = "detect_drift")]
    pub async fn detect_drift(self: Arc<Self>, ctx: ActivityContext, request: ScoreCustomers) -> Done<DriftFound> {
        Ok(drift::detect_drift(&self.world, &ctx, request).await?)
    }

    /// Moves the pointers that the business reads.
    #[activity(name = "publish_run")]
    pub async fn publish_run(self: Arc<Self>, _ctx: ActivityContext, request: PublishRun) -> Done<StageOutcome> {
        Ok(publish::publish_run(&self.world, request).await?)
    }

    /// Writes the run's record.
    #[activity(name = "record_run")]
    pub async fn record_run(self: Arc<Self>, _ctx: ActivityContext, request: RecordRun) -> Done<()> {
        Ok(publish::record_run(&self.world, request).await?)
    }

    /// Sends an alert, once.
    #[activity(name = "send_alert")]
    pub async fn send_alert(self: Arc<Self>, _ctx: ActivityContext, request: Alert) -> Done<bool> {
        Ok(alert::send_alert(&self.world, request).await?)
    }
}
