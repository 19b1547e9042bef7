//! What is told, and when: a verdict when it is a fact, the rest when the run ends, whatever its end.

use protocol::Pipeline;
use protocol::pipeline::{ModelResult, Outcome, PipelineResult, StageName, VerdictResult};
use protocol::search_attributes as attributes;
use protocol::steps::{Facts, StopTraining};
use temporalio_sdk::WorkflowTermination;

use super::events::{at_the_end, at_the_verdict, failed, of_quality, training_not_stopped, unheard_promotion};
use super::order::Order;
use super::record::inputs;
use super::stages::Stages;
use crate::run::{Call, Failure, Recording, Weight};

/// The patch of runs that tell what their checks found.
const QUALITY_IS_TOLD: &str = "quality-is-told";

impl Stages {
    /// Whether this very run made the model champion before it went back to the raw files.
    pub fn promoted_before(&self, model: &ModelResult) -> Option<Outcome> {
        let so_far = self.so_far.borrow();
        let (before, verdict) = so_far.challenge.as_ref()?;
        let promoted = before.version == model.version && verdict.outcome == Outcome::Promoted;
        promoted.then_some(Outcome::Promoted)
    }

    /// People hear of a verdict as soon as it is a fact, not when the run ends.
    pub async fn tell_verdict(&self, model: &ModelResult, verdict: &VerdictResult, champion: Option<&str>) {
        self.so_far.borrow_mut().challenge = Some((model.clone(), verdict.clone()));
        if let Some(event) = at_the_verdict(self.order, model, verdict, champion) {
            self.execution.tell(event).await;
        }
    }

    /// Makes the result searchable and tells people what they have not heard yet.
    pub async fn announce(&self, result: &PipelineResult) {
        let drift = result.drift.as_ref().map(|drift| drift.level.as_str().to_owned());
        let version = result.model.as_ref().map(|model| model.version.clone());
        self.execution.ctx.upsert_search_attributes(
            [
                attributes::VERDICT.value_set(result.outcome.as_str().to_owned()),
                attributes::STAGE.value_set("done".to_owned()),
            ]
            .into_iter()
            .chain(drift.map(|level| attributes::DRIFT.value_set(level)))
            .chain(version.map(|version| attributes::MODEL_VERSION.value_set(version.to_string()))),
        );
        let repairs = self.so_far.borrow().repairs.clone();
        for event in at_the_end(self.order, result, &repairs) {
            self.execution.tell(event).await;
        }
        if let Some(event) = of_quality(&result.quality)
            && self.execution.ctx.patched(QUALITY_IS_TOLD)
        {
            self.execution.tell(event).await;
        }
    }

    /// Ends a run that has no result: people hear of it and of what it did before, all of it is on record, and the
    /// failure keeps its number.
    pub async fn end(&self, stop: Failure) -> WorkflowTermination {
        let trained = self.tracker.is_at_work(StageName::Train);
        self.tracker.fail_running(stop.name());
        self.close_to_pauses();
        if let Some(event) = failed(&self.input_on_record(), &stop) {
            self.execution.tell(event).await;
        }
        if self.order == Order::FactsFirst {
            if trained {
                self.stop_training().await;
            }
            self.settle(&stop).await;
        }
        stop.into()
    }

    /// Whatever a run has started, the run itself stops, also when the worker that started it is lost. What could
    /// not be stopped goes on and costs: people hear of it.
    async fn stop_training(&self) {
        let request = StopTraining { run: self.execution.run.clone() };
        let call = Call::between("stop_training", Weight::CleanUp, "stop what the training left at work");
        let stopped = self.execution.call(Pipeline::stop_training, request, call).await;
        if let Err(Failure::Failed { message, .. }) = stopped {
            self.so_far.borrow_mut().not_stopped = Some(message.clone());
            self.execution.tell(training_not_stopped(&message)).await;
        }
    }

    /// Writes the record of a run that ends without a result, and tells of a promotion that nobody has heard of:
    /// an activity that the end cut off may have finished it.
    async fn settle(&self, stop: &Failure) {
        let inputs = self.so_far.borrow().raw.as_ref().map(inputs).unwrap_or_default();
        let (input, end) = (self.input_on_record(), self.early_end(stop));
        let (pauses, stages) = (self.pauses(), self.tracker.times());
        let recorded = self.execution.record(Recording::Ended, &input, &end, inputs, pauses, stages).await;
        self.tell_of_unheard_promotion(recorded.unwrap_or_default()).await;
    }

    pub(super) async fn tell_of_unheard_promotion(&self, facts: Facts) {
        let event = unheard_promotion(facts, self.so_far.borrow().challenge.as_ref());
        if let Some(event) = event {
            self.execution.tell(event).await;
        }
    }
}
