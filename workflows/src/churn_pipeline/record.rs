//! What is on record of a run: its result, or what it had done by the time it ended without one.

use std::collections::BTreeMap;

use churn::SnapshotDate;
use protocol::TableRef;
use protocol::pipeline::{
    EarlyEnd, EarlyState, ModelResult, Outcome, PipelineInput, PipelineResult, RunError, RunResult, VerdictResult,
};
use protocol::progress::Pause;
use protocol::steps::RawSnapshot;

use super::order::Order;
use super::stages::Stages;
use crate::run::{Failure, Recording};

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
            run_id: self.execution.run.run_id.clone(),
            workflow_id: self.execution.run.workflow_id.clone(),
            state: "completed".to_owned(),
            outcome: verdict.as_ref().map_or(Outcome::Scored, |verdict| verdict.outcome),
            mode: self.input().mode,
            as_of,
            label: self.so_far.borrow().label,
            dataset: raw.digest.short().to_owned(),
            stages: Vec::new(),
            model,
            verdict,
            champion: None,
            tiers: BTreeMap::new(),
            offers: None,
            drift: None,
            quality: self.so_far.borrow().quality.clone(),
            undelivered_alerts: Vec::new(),
            repairs: Vec::new(),
        }
    }

    /// Records the run, which is the last thing it does.
    pub async fn record(&self, raw: &RawSnapshot, mut result: PipelineResult) -> Result<PipelineResult, Failure> {
        result.undelivered_alerts = self.execution.undelivered();
        result.repairs.clone_from(&self.so_far.borrow().repairs);
        let recording = match self.order {
            Order::FactsLast => Recording::Step,
            Order::FactsFirst => Recording::Done,
        };
        let input = self.input_on_record();
        let (inputs, pauses, stages) = (inputs(raw), self.pauses(), self.tracker.times());
        let facts = self.execution.record(recording, &input, &result, inputs, pauses, stages).await?;
        if self.order == Order::FactsFirst {
            self.tell_of_unheard_promotion(facts).await;
        }
        Ok(result)
    }

    /// What the run was started with; where it asked for the latest delivery, with the folder that it got.
    pub(super) fn input_on_record(&self) -> PipelineInput {
        let input = self.input().clone();
        let folder = self.so_far.borrow().raw.as_ref().and_then(|raw| raw.raw_prefix.clone());
        match folder.filter(|_| input.asks_for_latest()) {
            Some(folder) => input.reading(folder),
            None => input,
        }
    }

    /// When people let the run wait.
    pub(super) fn pauses(&self) -> Vec<Pause> {
        self.execution.ctx.state(|state| state.pauses.all().to_vec())
    }

    /// What the run's record holds where there is no result.
    pub(super) fn early_end(&self, stop: &Failure) -> RunResult {
        let so_far = self.so_far.borrow().clone();
        let (state, message) = match stop {
            Failure::Failed { message, .. } => (EarlyState::Failed, message.as_str()),
            Failure::Cancelled => (EarlyState::Cancelled, "somebody cancelled the run"),
        };
        let (model, verdict) = so_far.challenge.unzip();
        RunResult::EndedEarly(Box::new(EarlyEnd {
            run_id: self.execution.run.run_id.clone(),
            workflow_id: self.execution.run.workflow_id.clone(),
            state,
            outcome: None,
            mode: self.input().mode,
            as_of: so_far.as_of,
            dataset: so_far.raw.as_ref().map(|raw| raw.digest.short().to_owned()),
            stages: self.tracker.results(),
            model,
            verdict,
            tiers: BTreeMap::new(),
            drift: None,
            quality: so_far.quality,
            undelivered_alerts: self.execution.undelivered(),
            repairs: so_far.repairs,
            not_stopped: so_far.not_stopped,
            error: RunError { error_type: stop.name().to_owned(), message: message.to_owned() },
        }))
    }
}

/// Every raw input by name.
pub(super) fn inputs(raw: &RawSnapshot) -> BTreeMap<String, TableRef> {
    raw.tables.clone().into_iter().chain(raw.readings.named()).collect()
}
