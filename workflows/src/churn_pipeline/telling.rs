//! Who hears what, and what is on record: the result, the record, the alerts. An alert that cannot be sent
//! never fails a good run; the record names it.

use std::collections::BTreeMap;

use churn::SnapshotDate;
use protocol::StageName;
use protocol::pipeline::{
    EarlyEnd, EarlyState, ModelResult, Outcome, PipelineResult, RunError, RunResult, VerdictResult,
};
use protocol::search_attributes as attributes;
use protocol::steps::{Facts, RawSnapshot, RecordRun, StopTraining};
use protocol::{Alert, AlertKind, TableRef};
use protocol::{ErrorNumber, Pipeline};
use temporalio_sdk::{WorkflowCancellationToken, WorkflowTermination};

use super::events::{Event, of_end, of_verdict, promoted, training_not_stopped};
use super::stages::{Order, Stages};
use crate::failure::Failure;
use crate::options::{Weight, options};

impl Stages {
    /// The result so far; scoring fills in the rest.
    pub fn result(
        &self,
        raw: &RawSnapshot,
        as_of: SnapshotDate,
        model: Option<ModelResult>,
        verdict: Option<VerdictResult>,
    ) -> PipelineResult {
        PipelineResult {
            run_id: self.run.run_id.clone(),
            workflow_id: self.run.workflow_id.clone(),
            state: "completed".to_owned(),
            outcome: verdict.as_ref().map_or(Outcome::Scored, |verdict| verdict.outcome),
            mode: self.input().mode,
            as_of,
            dataset: raw.digest.short().to_owned(),
            stages: Vec::new(),
            model,
            verdict,
            champion: None,
            tiers: BTreeMap::new(),
            drift: None,
            undelivered_alerts: Vec::new(),
            repairs: Vec::new(),
        }
    }

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
        if self.order == Order::FactsFirst
            && let Some(event) = of_verdict(model, verdict, champion)
        {
            self.tell(event).await;
        }
    }

    /// Makes the result searchable and tells people what they have not heard yet.
    pub async fn announce(&self, result: &PipelineResult) {
        let drift = result.drift.as_ref().map(|drift| drift.level.name().to_owned());
        let version = result.model.as_ref().map(|model| model.version.clone());
        self.ctx.upsert_search_attributes(
            [
                attributes::VERDICT.value_set(result.outcome.as_str().to_owned()),
                attributes::STAGE.value_set("done".to_owned()),
            ]
            .into_iter()
            .chain(drift.map(|level| attributes::DRIFT.value_set(level)))
            .chain(version.map(|version| attributes::MODEL_VERSION.value_set(version.to_string()))),
        );
        if self.order == Order::FactsLast
            && result.outcome != Outcome::NoChampion
            && let (Some(model), Some(verdict)) = (&result.model, &result.verdict)
            && let Some(event) = of_verdict(model, verdict, result.champion.as_deref())
        {
            self.tell(event).await;
        }
        let repairs = self.so_far.borrow().repairs.clone();
        for event in of_end(result, &repairs) {
            self.tell(event).await;
        }
    }

    /// Records the run, which is the last thing it does.
    pub async fn record(&self, raw: &RawSnapshot, mut result: PipelineResult) -> Result<PipelineResult, Failure> {
        result.undelivered_alerts.clone_from(&self.so_far.borrow().undelivered);
        result.repairs.clone_from(&self.so_far.borrow().repairs);
        let request = RecordRun {
            run: self.run.clone(),
            result: RunResult::Completed(Box::new(result.clone())),
            inputs: inputs(raw),
        };
        let facts = match self.order {
            Order::FactsLast => {
                self.execute("record", Pipeline::record_run, request, Weight::Light, "write run.json").await?
            }
            Order::FactsFirst => {
                // All is done and published: a cancellation that comes now changes none of it.
                let mut options = options(Weight::Light, self.ctx.task_queue(), "write run.json");
                options.cancellation_token = Some(WorkflowCancellationToken::new());
                let recorded = self.ctx.execute_activity(Pipeline::record_run, request, options).await;
                recorded.map_err(|error| Failure::in_stage("record", &error))?
            }
        };
        if self.order == Order::FactsFirst {
            self.tell_of_unheard_promotion(facts.unwrap_or_default()).await;
        }
        Ok(result)
    }

    /// Sends one alert.
    pub(super) async fn tell(&self, event: Event) {
        let Event { kind, subject, body } = event;
        let alert = Alert { run: self.run.clone(), kind, subject: subject.clone(), body };
        let mut options = options(Weight::Alert, self.ctx.task_queue(), subject.clone());
        // People hear of a cancelled or failed run too.
        options.cancellation_token = Some(WorkflowCancellationToken::new());
        if self.ctx.execute_activity(Pipeline::send_alert, alert, options).await.is_err() {
            self.so_far.borrow_mut().undelivered.push(subject);
        }
    }

    /// Ends a run that has no result: people hear of it and of what it did before, all of it is on record, and the
    /// failure keeps its number.
    pub async fn end(&self, stop: Failure) -> WorkflowTermination {
        let trained = self.is_at_work(StageName::Train);
        self.fail_running(stop.name());
        if let Failure::Failed { type_name, message } = &stop {
            let kind = if ErrorNumber::parse(type_name) == Some(ErrorNumber::ContractViolation) {
                AlertKind::QualityBlocked
            } else {
                AlertKind::RunFailed
            };
            let subject = format!("{} run failed: {type_name}", self.input().mode.as_str());
            self.tell(Event { kind, subject, body: message.clone() }).await;
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
        let request = StopTraining { run: self.run.clone() };
        let place = "stop_training";
        let summary = "stop what the training left at work";
        let stopped = self.execute(place, Pipeline::stop_training, request, Weight::CleanUp, summary).await;
        if let Err(Failure::Failed { message, .. }) = stopped {
            self.so_far.borrow_mut().not_stopped = Some(message.clone());
            self.tell(training_not_stopped(&message)).await;
        }
    }

    /// Writes the record of a run that ends without a result, and tells of a promotion that nobody has heard of:
    /// an activity that the end cut off may have finished it.
    async fn settle(&self, stop: &Failure) {
        let so_far = self.so_far.borrow().clone();
        let request = RecordRun {
            run: self.run.clone(),
            result: RunResult::EndedEarly(Box::new(self.without_result(stop, &so_far))),
            inputs: so_far.raw.as_ref().map(inputs).unwrap_or_default(),
        };
        let mut options = options(Weight::Alert, self.ctx.task_queue(), "write run.json");
        options.cancellation_token = Some(WorkflowCancellationToken::new());
        let recorded = self.ctx.execute_activity(Pipeline::record_run, request, options).await;
        let facts: Facts = recorded.ok().flatten().unwrap_or_default();
        self.tell_of_unheard_promotion(facts).await;
    }

    /// A promotion that the run did and never heard of: the answer of the activity was lost.
    async fn tell_of_unheard_promotion(&self, facts: Facts) {
        let Some(version) = facts.promoted else { return };
        let heard = self
            .so_far
            .borrow()
            .challenge
            .as_ref()
            .is_some_and(|(model, verdict)| model.version == version && verdict.outcome == Outcome::Promoted);
        if !heard {
            self.tell(promoted(&version, None)).await;
        }
    }

    /// What the run's record holds where there is no result.
    fn without_result(&self, failure: &Failure, so_far: &super::stages::SoFar) -> EarlyEnd {
        let (state, message) = match failure {
            Failure::Failed { message, .. } => (EarlyState::Failed, message.as_str()),
            Failure::Cancelled => (EarlyState::Cancelled, "somebody cancelled the run"),
        };
        let (model, verdict) = so_far.challenge.clone().unzip();
        EarlyEnd {
            run_id: self.run.run_id.clone(),
            workflow_id: self.run.workflow_id.clone(),
            state,
            outcome: None,
            mode: self.input().mode,
            as_of: so_far.as_of,
            dataset: so_far.raw.as_ref().map(|raw| raw.digest.short().to_owned()),
            stages: self.results(),
            model,
            verdict,
            tiers: BTreeMap::new(),
            drift: None,
            undelivered_alerts: so_far.undelivered.clone(),
            repairs: so_far.repairs.clone(),
            not_stopped: so_far.not_stopped.clone(),
            error: RunError { error_type: failure.name().to_owned(), message: message.to_owned() },
        }
    }
}

/// Every raw input by name.
fn inputs(raw: &RawSnapshot) -> BTreeMap<String, TableRef> {
    raw.tables.clone().into_iter().chain(raw.readings.named()).collect()
}
