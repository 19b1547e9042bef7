//! The activities, by the names that histories and the Temporal UI show. Each one is a step.

#![expect(missing_docs, reason = "the macro makes a constant of every activity and leaves its documentation behind")]

use std::sync::Arc;

use churn::label::LabelDates;
use churn::model::Verdict;
use protocol::definitions;
use protocol::erasure::{
    Begun, CertifyErasure, EraseStep, ErasureReport, OpenRuns, RemoveCustomers, Removed, RunsBefore,
};
use protocol::experiment_ladder::{LadderPlan, PlanLadder};
use protocol::freshness::{FreshnessJudged, JudgeFreshness, NoteFreshness};
use protocol::garbage_collection::{FindGarbage, GarbageLook, SweepGarbage};
use protocol::model_admin::{AdministerModel, Administered};
use protocol::raw_watcher::{NoteDeliveries, RawWatched, WatchRaw};
use protocol::silence::NoteSilence;
use protocol::steps::{
    AggregateSlice, Applied, ApplyVerdict, BuildStage, Champion, CheckLayer, DateLabels, DriftFound, EvaluateModel,
    Evaluated, Facts, JudgeModel, LayerChecked, ListParts, MergeMonths, MonthsPlan, PlanMonths, PublishReport,
    PublishRun, Published, RawSnapshot, Recommended, RecordRun, ScoreCustomers, Scored, SettleDate, SettledDate,
    SnapshotRaw, StageOutcome, StopTraining, StoppedTraining, TrainModel, Trained, TriedModel, TryModel,
};
use protocol::{Alert, Run, TableRef};
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

use crate::attempt::AtWork;
use crate::error::Result;
use crate::heartbeat::Heartbeat;
use crate::poison;
use crate::steps::Environment;
use crate::steps::erasure;
use crate::steps::freshness;
use crate::steps::gc;
use crate::steps::model::{evaluate, train, trial};
use crate::steps::registry::{administer, find_champion, verdict};
use crate::steps::run::{alert, date_labels, record, report};
use crate::steps::serving::{drift, publish, recommend, score};
use crate::steps::silence;
use crate::steps::tables::{bronze, gold, months, quality, raw, settle_date, silver};
use crate::steps::watch;

/// All activities of the pipeline, with what they work with.
pub struct PipelineActivities {
    /// Ports and configuration.
    pub environment: Environment,
    /// What this process is at work on.
    pub at_work: AtWork,
}

impl PipelineActivities {
    /// An attempt of a step that takes its time: it beats, and hears a cancellation. The step is boxed here,
    /// before its future goes into others, each of which would hold it twice.
    fn beating<T>(
        &self,
        ctx: &ActivityContext,
        heartbeat: &Heartbeat,
        step: impl Future<Output = Result<T>>,
    ) -> impl Future<Output = Result<T, ActivityError>> {
        let step = Box::pin(step);
        async move { self.at_work.attempt(ctx, heartbeat.keep(step)).await }
    }

    /// The same for a step that `reads` what may end the program.
    fn guarded<T>(
        &self,
        ctx: &ActivityContext,
        heartbeat: &Heartbeat,
        run: &Run,
        reads: String,
        step: impl Future<Output = Result<T>>,
    ) -> impl Future<Output = Result<T, ActivityError>> {
        let attempt = poison::Attempt::of(ctx, run, reads);
        let step = Box::pin(step);
        async move { self.at_work.attempt(ctx, attempt.guard(&self.environment.lake, heartbeat.keep(step))).await }
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
        let heartbeat = Heartbeat::of(&ctx);
        let (run, reads) = (request.run.clone(), format!("the raw files in {}/", request.raw_prefix));
        self.guarded(&ctx, &heartbeat, &run, reads, raw::snapshot_raw(&self.environment, &heartbeat, request)).await
    }

    /// Makes `bronze_customer`.
    #[activity(definition = definitions::BuildBronzeCustomer)]
    pub async fn build_bronze_customer(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: BuildStage,
    ) -> Result<StageOutcome, ActivityError> {
        let heartbeat = Heartbeat::of(&ctx);
        let (run, reads) = (request.run.clone(), "the raw files of the customers".to_owned());
        self.guarded(
            &ctx,
            &heartbeat,
            &run,
            reads,
            bronze::build_bronze_customer(&self.environment, &heartbeat, request),
        )
        .await
    }

    /// Finds `bronze_customer_month` or cuts the readings into slices.
    #[activity(definition = definitions::PlanMonths)]
    pub async fn plan_months(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: PlanMonths,
    ) -> Result<MonthsPlan, ActivityError> {
        let heartbeat = Heartbeat::of(&ctx);
        let (run, reads) = (request.stage.run.clone(), footers(&request));
        self.guarded(&ctx, &heartbeat, &run, reads, months::plan_months(&self.environment, &heartbeat, request)).await
    }

    /// Sums one slice of the readings.
    #[activity(definition = definitions::AggregateSlice)]
    pub async fn aggregate_slice(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: AggregateSlice,
    ) -> Result<TableRef, ActivityError> {
        let heartbeat = Heartbeat::of(&ctx);
        let AggregateSlice { run, slice, reuse } = request;
        let step = async {
            let parts = months::find_slice(&self.environment, slice).await?;
            let attempt = poison::Attempt::of(&ctx, &run, months::in_words(&parts));
            let sums = months::aggregate_slice(&self.environment, &heartbeat, &run, parts, reuse);
            attempt.guard(&self.environment.lake, heartbeat.keep(Box::pin(sums))).await
        };
        self.at_work.attempt(&ctx, Box::pin(step)).await
    }

    /// Puts the sums of a list of slices into a list.
    #[activity(definition = definitions::ListParts)]
    pub async fn list_parts(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: ListParts,
    ) -> Result<TableRef, ActivityError> {
        self.at_work.attempt(&ctx, months::list_parts(&self.environment, request)).await
    }

    /// Merges the sums into `bronze_customer_month`.
    #[activity(definition = definitions::MergeMonths)]
    pub async fn merge_months(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: MergeMonths,
    ) -> Result<StageOutcome, ActivityError> {
        let heartbeat = Heartbeat::of(&ctx);
        self.beating(&ctx, &heartbeat, months::merge_months(&self.environment, &heartbeat, request)).await
    }

    /// Settles the date that the run looks from.
    #[activity(definition = definitions::SettleDate)]
    pub async fn settle_date(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: SettleDate,
    ) -> Result<SettledDate, ActivityError> {
        self.at_work.attempt(&ctx, settle_date::settle_date(&self.environment, request)).await
    }

    /// Checks a layer against its contracts.
    #[activity(definition = definitions::CheckLayer)]
    pub async fn check_layer(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: CheckLayer,
    ) -> Result<LayerChecked, ActivityError> {
        let heartbeat = Heartbeat::of(&ctx);
        self.beating(&ctx, &heartbeat, quality::check_layer(&self.environment, &heartbeat, request)).await
    }

    /// Makes both silver tables.
    #[activity(definition = definitions::BuildSilver)]
    pub async fn build_silver(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: BuildStage,
    ) -> Result<StageOutcome, ActivityError> {
        let heartbeat = Heartbeat::of(&ctx);
        self.beating(&ctx, &heartbeat, silver::build_silver(&self.environment, &heartbeat, request)).await
    }

    /// Makes `gold_master`.
    #[activity(definition = definitions::BuildGold)]
    pub async fn build_gold(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: BuildStage,
    ) -> Result<StageOutcome, ActivityError> {
        let heartbeat = Heartbeat::of(&ctx);
        self.beating(&ctx, &heartbeat, gold::build_gold(&self.environment, &heartbeat, request)).await
    }

    /// Trains the challenger.
    #[activity(definition = definitions::TrainModel)]
    pub async fn train_model(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: TrainModel,
    ) -> Result<Trained, ActivityError> {
        let heartbeat = Heartbeat::of(&ctx);
        self.beating(&ctx, &heartbeat, train::train_model(&self.environment, &heartbeat, request)).await
    }

    /// Stops the training jobs of a run that was cancelled or has failed.
    #[activity(definition = definitions::StopTraining)]
    pub async fn stop_training(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: StopTraining,
    ) -> Result<StoppedTraining, ActivityError> {
        self.at_work.attempt(&ctx, train::stop_training(&self.environment, request)).await
    }

    /// Evaluates the challenger beside the champion.
    #[activity(definition = definitions::EvaluateModel)]
    pub async fn evaluate_model(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: EvaluateModel,
    ) -> Result<Evaluated, ActivityError> {
        let heartbeat = Heartbeat::of(&ctx);
        let (run, reads) = (request.run.clone(), format!("model {}", request.version));
        self.guarded(&ctx, &heartbeat, &run, reads, evaluate::evaluate_model(&self.environment, &heartbeat, request))
            .await
    }

    /// Judges the challenger.
    #[activity(definition = definitions::JudgeModel)]
    pub async fn judge_model(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: JudgeModel,
    ) -> Result<Verdict, ActivityError> {
        self.at_work.attempt(&ctx, verdict::judge_model(&self.environment, request)).await
    }

    /// Registers the verdict; promotes a challenger that passed.
    #[activity(definition = definitions::ApplyVerdict)]
    pub async fn apply_verdict(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: ApplyVerdict,
    ) -> Result<Applied, ActivityError> {
        let heartbeat = Heartbeat::of(&ctx);
        self.beating(&ctx, &heartbeat, verdict::apply_verdict(&self.environment, &heartbeat, request)).await
    }

    /// The champion, if there is one.
    #[activity(definition = definitions::FindChampion)]
    pub async fn find_champion(self: Arc<Self>, ctx: ActivityContext) -> Result<Option<Champion>, ActivityError> {
        self.at_work.attempt(&ctx, find_champion::find_champion(&self.environment)).await
    }

    /// Scores all customers with the champion.
    #[activity(definition = definitions::ScoreCustomers)]
    pub async fn score_customers(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: ScoreCustomers,
    ) -> Result<Scored, ActivityError> {
        let heartbeat = Heartbeat::of(&ctx);
        let (run, reads) = (request.stage.run.clone(), format!("model {}", request.version));
        self.guarded(&ctx, &heartbeat, &run, reads, score::score_customers(&self.environment, &heartbeat, request))
            .await
    }

    /// Writes the recommendations.
    #[activity(definition = definitions::WriteRecommendations)]
    pub async fn write_recommendations(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: ScoreCustomers,
    ) -> Result<Recommended, ActivityError> {
        let heartbeat = Heartbeat::of(&ctx);
        let (run, reads) = (request.stage.run.clone(), format!("model {}", request.version));
        self.guarded(
            &ctx,
            &heartbeat,
            &run,
            reads,
            recommend::write_recommendations(&self.environment, &heartbeat, request),
        )
        .await
    }

    /// Compares this run's customers with the champion's training data.
    #[activity(definition = definitions::DetectDrift)]
    pub async fn detect_drift(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: ScoreCustomers,
    ) -> Result<DriftFound, ActivityError> {
        let heartbeat = Heartbeat::of(&ctx);
        self.beating(&ctx, &heartbeat, drift::detect_drift(&self.environment, &heartbeat, request)).await
    }

    /// Moves the pointers that the business reads.
    #[activity(definition = definitions::PublishRun)]
    pub async fn publish_run(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: PublishRun,
    ) -> Result<Published, ActivityError> {
        self.at_work.attempt(&ctx, publish::publish_run(&self.environment, request)).await
    }

    /// Writes the run's record.
    #[activity(definition = definitions::RecordRun)]
    pub async fn record_run(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: RecordRun,
    ) -> Result<Option<Facts>, ActivityError> {
        // Runs from before this answer had none.
        let step = record::record_run(&self.environment, request);
        self.at_work.attempt(&ctx, async { step.await.map(Some) }).await
    }

    /// Looks which deliveries of raw files there are.
    #[activity(definition = definitions::WatchRaw)]
    pub async fn watch_raw(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: WatchRaw,
    ) -> Result<RawWatched, ActivityError> {
        let heartbeat = Heartbeat::of(&ctx);
        // Each delivery is guarded by itself: one that ends the program keeps no other from its run.
        self.beating(&ctx, &heartbeat, watch::watch_raw(&self.environment, &heartbeat, request)).await
    }

    /// Remembers what came of deliveries.
    #[activity(definition = definitions::NoteDeliveries)]
    pub async fn note_deliveries(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: NoteDeliveries,
    ) -> Result<bool, ActivityError> {
        self.at_work.attempt(&ctx, watch::note_deliveries(&self.environment, request)).await
    }

    /// Looks whether the scores of the day are there.
    #[activity(definition = definitions::JudgeFreshness)]
    pub async fn judge_freshness(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: JudgeFreshness,
    ) -> Result<FreshnessJudged, ActivityError> {
        self.at_work.attempt(&ctx, freshness::judge_freshness(&self.environment, request)).await
    }

    /// Remembers what people have heard of the scores of the day.
    #[activity(definition = definitions::NoteFreshness)]
    pub async fn note_freshness(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: NoteFreshness,
    ) -> Result<bool, ActivityError> {
        self.at_work.attempt(&ctx, freshness::note_freshness(&self.environment, request)).await
    }

    /// Remembers that people have heard of a watcher that is silent.
    #[activity(definition = definitions::NoteSilence)]
    pub async fn note_silence(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: NoteSilence,
    ) -> Result<bool, ActivityError> {
        self.at_work.attempt(&ctx, silence::note_silence(&self.environment, request)).await
    }

    /// Changes the registry as a person wants it.
    #[activity(definition = definitions::AdministerModel)]
    pub async fn administer_model(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: AdministerModel,
    ) -> Result<Administered, ActivityError> {
        self.at_work.attempt(&ctx, administer::administer_model(&self.environment, request)).await
    }

    /// Looks how much nothing reaches any more.
    #[activity(definition = definitions::FindGarbage)]
    pub async fn find_garbage(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: FindGarbage,
    ) -> Result<GarbageLook, ActivityError> {
        let heartbeat = Heartbeat::of(&ctx);
        let client = ctx.client();
        self.beating(&ctx, &heartbeat, gc::find_garbage(&self.environment, &client, request)).await
    }

    /// Deletes some of what nothing reaches any more.
    #[activity(definition = definitions::SweepGarbage)]
    pub async fn sweep_garbage(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: SweepGarbage,
    ) -> Result<GarbageLook, ActivityError> {
        let heartbeat = Heartbeat::of(&ctx);
        let client = ctx.client();
        self.beating(&ctx, &heartbeat, gc::sweep_garbage(&self.environment, &client, &heartbeat, request)).await
    }

    /// Writes the tombstones of a request.
    #[activity(definition = definitions::BeginErasure)]
    pub async fn begin_erasure(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: EraseStep,
    ) -> Result<Begun, ActivityError> {
        self.at_work.attempt(&ctx, erasure::begin_erasure(&self.environment, request)).await
    }

    /// Which runs are at work that began before a time.
    #[activity(definition = definitions::RunsBefore)]
    pub async fn runs_before(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: RunsBefore,
    ) -> Result<OpenRuns, ActivityError> {
        let step = erasure::runs_before(&self.environment, ctx.client(), request);
        self.at_work.attempt(&ctx, step).await
    }

    /// Takes the customers of a request out of the lake.
    #[activity(definition = definitions::RemoveCustomers)]
    pub async fn remove_customers(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: RemoveCustomers,
    ) -> Result<Removed, ActivityError> {
        let heartbeat = Heartbeat::of(&ctx);
        self.beating(&ctx, &heartbeat, erasure::remove_customers(&self.environment, &heartbeat, request)).await
    }

    /// Writes the certificate of an erasure and removes its request.
    #[activity(definition = definitions::CertifyErasure)]
    pub async fn certify_erasure(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: CertifyErasure,
    ) -> Result<ErasureReport, ActivityError> {
        self.at_work.attempt(&ctx, erasure::certify_erasure(&self.environment, request)).await
    }

    /// Finds the date of the labels, and refuses a training that does not fit it.
    #[activity(definition = definitions::DateLabels)]
    pub async fn date_labels(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: DateLabels,
    ) -> Result<LabelDates, ActivityError> {
        self.at_work.attempt(&ctx, date_labels::date_labels(&self.environment, request)).await
    }

    /// Says what the ladder tries.
    #[activity(definition = definitions::PlanLadder)]
    pub async fn plan_ladder(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: PlanLadder,
    ) -> Result<LadderPlan, ActivityError> {
        let step = async { trial::plan_ladder(&self.environment.configuration, &request) };
        self.at_work.attempt(&ctx, step).await
    }

    /// Measures a candidate that is kept nowhere.
    #[activity(definition = definitions::TryModel)]
    pub async fn try_model(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: TryModel,
    ) -> Result<TriedModel, ActivityError> {
        let heartbeat = Heartbeat::of(&ctx);
        self.beating(&ctx, &heartbeat, trial::try_model(&self.environment, &heartbeat, request)).await
    }

    /// Stores a report, and moves the pointer of its kind.
    #[activity(definition = definitions::PublishReport)]
    pub async fn publish_report(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: PublishReport,
    ) -> Result<TableRef, ActivityError> {
        self.at_work.attempt(&ctx, report::publish_report(&self.environment, request)).await
    }

    /// Sends an alert, once.
    #[activity(definition = definitions::SendAlert)]
    pub async fn send_alert(self: Arc<Self>, ctx: ActivityContext, request: Alert) -> Result<bool, ActivityError> {
        let info = ctx.info();
        let step = alert::send_alert(&self.environment, request, &info.namespace, info.attempt);
        self.at_work.attempt(&ctx, step).await
    }
}

/// What the plan of the months reads, in words.
fn footers(request: &PlanMonths) -> String {
    let named: Vec<_> = request.readings.named().into_values().map(|file| file.key).collect();
    format!("the footers of {}", named.join(", "))
}
