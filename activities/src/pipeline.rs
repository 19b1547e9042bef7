//! The activities, by the names that histories and the Temporal UI show. Each one is a step.

#![expect(missing_docs, reason = "the macro makes a constant of every activity and leaves its documentation behind")]

use std::sync::Arc;

use churn::model::Verdict;
use protocol::definitions;
use protocol::steps::{
    AggregateSlice, Applied, ApplyVerdict, BuildStage, Champion, CheckLayer, DriftFound, EvaluateModel, Evaluated,
    Facts, JudgeModel, LayerChecked, ListParts, MergeMonths, MonthsPlan, PlanMonths, PublishRun, Published,
    RawSnapshot, RecordRun, ScoreCustomers, Scored, SnapshotRaw, StageOutcome, StopTraining, StoppedTraining,
    TrainModel,
};
use protocol::{Alert, Run, TableRef};
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

use crate::attempt::AtWork;
use crate::error::Result;
use crate::poison;
use crate::steps::{
    World, alert, bronze, drift, evaluate, gold, months, publish, quality, raw, recommend, record, score, silver,
    train, verdict,
};
use crate::watched::Pulse;

/// All activities of the pipeline, with what they work with.
pub struct PipelineActivities {
    /// Ports and configuration.
    pub world: World,
    /// What this process is at work on.
    pub at_work: AtWork,
}

impl PipelineActivities {
    /// An attempt of a step that takes its time: it beats, and hears a cancellation. The step is boxed here,
    /// before its future goes into others, each of which would hold it twice.
    fn beating<T>(
        &self,
        pulse: &Pulse,
        step: impl Future<Output = Result<T>>,
    ) -> impl Future<Output = Result<T, ActivityError>> {
        let step = Box::pin(step);
        async move { self.at_work.attempt(pulse.context(), pulse.keep(step)).await }
    }

    /// The same for a step that `reads` what may end the program.
    fn guarded<T>(
        &self,
        pulse: &Pulse,
        run: &Run,
        reads: String,
        step: impl Future<Output = Result<T>>,
    ) -> impl Future<Output = Result<T, ActivityError>> {
        let attempt = poison::Attempt::of(pulse.context(), run, reads);
        let step = Box::pin(step);
        async move { self.at_work.attempt(pulse.context(), attempt.guard(&self.world.lake, pulse.keep(step))).await }
    }
}

#[activities]
impl PipelineActivities {
    /// Digests and checks the raw files.
    #[activity(definition = definitions::SnapshotRaw)]
    pub async fn snapshot_raw(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: SnapshotRaw,
    ) -> Result<RawSnapshot, ActivityError> {
        let pulse = Pulse::of(ctx);
        let (run, reads) = (request.run.clone(), format!("the raw files in {}/", request.raw_prefix));
        self.guarded(&pulse, &run, reads, raw::snapshot_raw(&self.world, &pulse, request)).await
    }

    /// Makes `bronze_customer`.
    #[activity(definition = definitions::BuildBronzeCustomer)]
    pub async fn build_bronze_customer(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: BuildStage,
    ) -> Result<StageOutcome, ActivityError> {
        let pulse = Pulse::of(ctx);
        let (run, reads) = (request.run.clone(), "the raw files of the customers".to_owned());
        self.guarded(&pulse, &run, reads, bronze::build_bronze_customer(&self.world, &pulse, request)).await
    }

    /// Finds `bronze_customer_month` or cuts the readings into slices.
    #[activity(definition = definitions::PlanMonths)]
    pub async fn plan_months(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: PlanMonths,
    ) -> Result<MonthsPlan, ActivityError> {
        let pulse = Pulse::of(ctx);
        let (run, reads) = (request.stage.run.clone(), footers(&request));
        self.guarded(&pulse, &run, reads, months::plan_months(&self.world, &pulse, request)).await
    }

    /// Sums one slice of the readings.
    #[activity(definition = definitions::AggregateSlice)]
    pub async fn aggregate_slice(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: AggregateSlice,
    ) -> Result<TableRef, ActivityError> {
        let pulse = Pulse::of(ctx);
        let AggregateSlice { run, slice, reuse } = request;
        let step = async {
            let parts = months::find_slice(&self.world, slice).await?;
            let attempt = poison::Attempt::of(pulse.context(), &run, months::in_words(&parts));
            let sums = months::aggregate_slice(&self.world, &pulse, &run, parts, reuse);
            attempt.guard(&self.world.lake, pulse.keep(Box::pin(sums))).await
        };
        self.at_work.attempt(pulse.context(), Box::pin(step)).await
    }

    /// Puts the sums of a list of slices into a list.
    #[activity(definition = definitions::ListParts)]
    pub async fn list_parts(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: ListParts,
    ) -> Result<TableRef, ActivityError> {
        self.at_work.attempt(&ctx, months::list_parts(&self.world, request)).await
    }

    /// Merges the sums into `bronze_customer_month`.
    #[activity(definition = definitions::MergeMonths)]
    pub async fn merge_months(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: MergeMonths,
    ) -> Result<StageOutcome, ActivityError> {
        let pulse = Pulse::of(ctx);
        self.beating(&pulse, months::merge_months(&self.world, &pulse, request)).await
    }

    /// Checks a layer against its contracts.
    #[activity(definition = definitions::CheckLayer)]
    pub async fn check_layer(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: CheckLayer,
    ) -> Result<LayerChecked, ActivityError> {
        let pulse = Pulse::of(ctx);
        self.beating(&pulse, quality::check_layer(&self.world, &pulse, request)).await
    }

    /// Makes both silver tables.
    #[activity(definition = definitions::BuildSilver)]
    pub async fn build_silver(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: BuildStage,
    ) -> Result<StageOutcome, ActivityError> {
        let pulse = Pulse::of(ctx);
        self.beating(&pulse, silver::build_silver(&self.world, &pulse, request)).await
    }

    /// Makes `gold_master`.
    #[activity(definition = definitions::BuildGold)]
    pub async fn build_gold(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: BuildStage,
    ) -> Result<StageOutcome, ActivityError> {
        let pulse = Pulse::of(ctx);
        self.beating(&pulse, gold::build_gold(&self.world, &pulse, request)).await
    }

    /// Trains the challenger.
    #[activity(definition = definitions::TrainModel)]
    pub async fn train_model(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: TrainModel,
    ) -> Result<StageOutcome, ActivityError> {
        let pulse = Pulse::of(ctx);
        self.beating(&pulse, train::train_model(&self.world, &pulse, request)).await
    }

    /// Stops the training jobs of a run that was cancelled or has failed.
    #[activity(definition = definitions::StopTraining)]
    pub async fn stop_training(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: StopTraining,
    ) -> Result<StoppedTraining, ActivityError> {
        self.at_work.attempt(&ctx, train::stop_training(&self.world, request)).await
    }

    /// Evaluates the challenger beside the champion.
    #[activity(definition = definitions::EvaluateModel)]
    pub async fn evaluate_model(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: EvaluateModel,
    ) -> Result<Evaluated, ActivityError> {
        let pulse = Pulse::of(ctx);
        let (run, reads) = (request.run.clone(), format!("model {}", request.version));
        self.guarded(&pulse, &run, reads, evaluate::evaluate_model(&self.world, &pulse, request)).await
    }

    /// Judges the challenger.
    #[activity(definition = definitions::JudgeModel)]
    pub async fn judge_model(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: JudgeModel,
    ) -> Result<Verdict, ActivityError> {
        self.at_work.attempt(&ctx, verdict::judge_model(&self.world, request)).await
    }

    /// Registers the verdict; promotes a challenger that passed.
    #[activity(definition = definitions::ApplyVerdict)]
    pub async fn apply_verdict(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: ApplyVerdict,
    ) -> Result<Applied, ActivityError> {
        let pulse = Pulse::of(ctx);
        self.beating(&pulse, verdict::apply_verdict(&self.world, &pulse, request)).await
    }

    /// The champion, if there is one.
    #[activity(definition = definitions::FindChampion)]
    pub async fn find_champion(self: Arc<Self>, ctx: ActivityContext) -> Result<Option<Champion>, ActivityError> {
        self.at_work.attempt(&ctx, verdict::find_champion(&self.world)).await
    }

    /// Scores all customers with the champion.
    #[activity(definition = definitions::ScoreCustomers)]
    pub async fn score_customers(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: ScoreCustomers,
    ) -> Result<Scored, ActivityError> {
        let pulse = Pulse::of(ctx);
        let (run, reads) = (request.stage.run.clone(), format!("model {}", request.version));
        self.guarded(&pulse, &run, reads, score::score_customers(&self.world, &pulse, request)).await
    }

    /// Writes the recommendations.
    #[activity(definition = definitions::WriteRecommendations)]
    pub async fn write_recommendations(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: ScoreCustomers,
    ) -> Result<StageOutcome, ActivityError> {
        let pulse = Pulse::of(ctx);
        let (run, reads) = (request.stage.run.clone(), format!("model {}", request.version));
        self.guarded(&pulse, &run, reads, recommend::write_recommendations(&self.world, &pulse, request)).await
    }

    /// Compares this run's customers with the champion's training data.
    #[activity(definition = definitions::DetectDrift)]
    pub async fn detect_drift(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: ScoreCustomers,
    ) -> Result<DriftFound, ActivityError> {
        let pulse = Pulse::of(ctx);
        self.beating(&pulse, drift::detect_drift(&self.world, &pulse, request)).await
    }

    /// Moves the pointers that the business reads.
    #[activity(definition = definitions::PublishRun)]
    pub async fn publish_run(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: PublishRun,
    ) -> Result<Published, ActivityError> {
        self.at_work.attempt(&ctx, publish::publish_run(&self.world, request)).await
    }

    /// Writes the run's record.
    #[activity(definition = definitions::RecordRun)]
    pub async fn record_run(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: RecordRun,
    ) -> Result<Option<Facts>, ActivityError> {
        // Runs from before this answer had none.
        let step = record::record_run(&self.world, request);
        self.at_work.attempt(&ctx, async { step.await.map(Some) }).await
    }

    /// Sends an alert, once.
    #[activity(definition = definitions::SendAlert)]
    pub async fn send_alert(self: Arc<Self>, ctx: ActivityContext, request: Alert) -> Result<bool, ActivityError> {
        let info = ctx.info();
        let step = alert::send_alert(&self.world, request, &info.namespace, info.attempt);
        self.at_work.attempt(&ctx, step).await
    }
}

/// What the plan of the months reads, in words.
fn footers(request: &PlanMonths) -> String {
    let named: Vec<_> = request.readings.named().into_values().map(|file| file.key).collect();
    format!("the footers of {}", named.join(", "))
}
