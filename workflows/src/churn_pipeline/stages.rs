//! What every stage has in common: it announces itself, runs its activities, and leaves its outputs
//! and its line of progress behind.

use std::cell::RefCell;

use chrono::{DateTime, SecondsFormat, Utc};
use churn::SnapshotDate;
use protocol::StageName;
use protocol::pipeline::PipelineInput;
use protocol::pipeline::{ModelResult, StageResult, VerdictResult};
use protocol::pipeline::{Progress, StageProgress, StageState};
use protocol::search_attributes as attributes;
use protocol::steps::{BuildStage, RawSnapshot, StageOutcome};
use protocol::{Reuse, Run, TableRef};
use temporalio_common::ActivityDefinition;
use temporalio_common::data_converters::TemporalDeserializable;
use temporalio_sdk::WorkflowContext;

use super::ChurnPipeline;
use crate::failure::Failure;
use crate::options::{Weight, options};

/// When people hear of facts and what is recorded: a run goes on as it began, also after an upgrade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Of runs from before: a verdict is told at the end, and only a run with a result is recorded.
    FactsLast,
    /// A verdict is told when it is a fact; every run is recorded, whatever its end.
    FactsFirst,
}

/// The patch that tells the two orders apart in histories.
const FACTS_FIRST: &str = "facts-first";

/// What had happened by now.
#[derive(Debug, Clone, Default)]
pub struct SoFar {
    /// The raw files.
    pub raw: Option<RawSnapshot>,
    /// The date the run looks from.
    pub as_of: Option<SnapshotDate>,
    /// The challenger and its verdict.
    pub challenge: Option<(ModelResult, VerdictResult)>,
    /// Alerts that could not be delivered.
    pub undelivered: Vec<String>,
    /// Stored tables that were damaged and were made again.
    pub repairs: Vec<String>,
    /// Why a training that the run had started could not be stopped.
    pub not_stopped: Option<String>,
}

/// A run in the making.
pub struct Stages {
    pub(super) ctx: WorkflowContext<ChurnPipeline>,
    pub(super) run: Run,
    pub(super) order: Order,
    pub(super) so_far: RefCell<SoFar>,
    input: PipelineInput,
}

impl Stages {
    /// Opens the run: all stages pending, the mode searchable.
    pub fn start(ctx: WorkflowContext<ChurnPipeline>, input: PipelineInput) -> Self {
        let run = Run { workflow_id: ctx.workflow_id().into(), run_id: ctx.run_id().into(), started: text(now(&ctx)) };
        let progress = Progress::new(input.mode, run.started.clone());
        ctx.state_mut(|state| state.progress = progress);
        ctx.upsert_search_attributes([attributes::MODE.value_set(input.mode.as_str().to_owned())]);
        let order = if ctx.patched(FACTS_FIRST) { Order::FactsFirst } else { Order::FactsLast };
        Self { ctx, run, order, so_far: RefCell::default(), input }
    }

    /// What the run was started with.
    pub fn input(&self) -> &PipelineInput {
        &self.input
    }

    /// Whether unchanged stages count.
    pub(super) fn reuse(&self) -> Reuse {
        if self.input.force { Reuse::Nothing } else { Reuse::Unchanged }
    }

    /// The request of a stage made from `inputs`.
    pub(super) fn request(
        &self,
        as_of: SnapshotDate,
        inputs: impl IntoIterator<Item = (String, TableRef)>,
    ) -> BuildStage {
        BuildStage { run: self.run.clone(), as_of, inputs: inputs.into_iter().collect(), reuse: self.reuse() }
    }

    /// Runs one activity; `place` names it in a failure.
    pub(super) async fn execute<A: ActivityDefinition>(
        &self,
        place: &str,
        activity: A,
        input: impl Into<A::Input>,
        weight: Weight,
        summary: impl Into<String>,
    ) -> Result<A::Output, Failure>
    where
        A::Output: TemporalDeserializable,
    {
        let options = options(weight, self.ctx.task_queue(), summary);
        self.ctx.execute_activity(activity, input, options).await.map_err(|error| {
            // Of a cancelled run an activity may fail in many ways: its worker was lost, it could not stop. Only what
            // cleans up after it must say how it ended.
            let is_cut_off = weight != Weight::CleanUp && self.ctx.cancellation_token().is_cancelled();
            if is_cut_off { Failure::Cancelled } else { Failure::in_stage(place, &error) }
        })
    }

    /// Runs a stage of one activity from its first line of progress to its last.
    pub(super) async fn one_activity<A>(
        &self,
        stage: StageName,
        activity: A,
        input: impl Into<A::Input>,
        weight: Weight,
        summary: impl Into<String>,
    ) -> Result<StageOutcome, Failure>
    where
        A: ActivityDefinition<Output = StageOutcome>,
    {
        self.begin(stage);
        let outcome = self.execute(stage.as_str(), activity, input, weight, summary).await?;
        self.finish(stage, &outcome);
        Ok(outcome)
    }

    /// A stage starts.
    pub(super) fn begin(&self, stage: StageName) {
        let now = text(now(&self.ctx));
        self.progress(|progress| {
            if let Some(line) = progress.stage_mut(stage) {
                line.state = StageState::Running;
                line.started = Some(now);
            }
        });
        let stage = self.ctx.state(|state| state.progress.stage.clone());
        self.ctx.upsert_search_attributes([attributes::STAGE.value_set(stage)]);
    }

    /// A stage has its outputs.
    pub(super) fn finish(&self, stage: StageName, outcome: &StageOutcome) {
        self.so_far.borrow_mut().repairs.extend(outcome.repaired.clone());
        let outputs = outcome.outputs.iter().map(|(table, output)| (table.clone(), output.key.clone())).collect();
        self.progress(|progress| {
            if let Some(line) = progress.stage_mut(stage) {
                line.outputs = outputs;
            }
        });
        let state = if outcome.skipped.is_some() { StageState::Skipped } else { StageState::Done };
        let repaired = outcome.repaired.as_ref().map(|damage| format!("made again: {damage}"));
        self.close(stage, state, outcome.rows, outcome.skipped.clone().or(repaired));
    }

    /// A stage ends, for better or worse.
    pub(super) fn close(&self, stage: StageName, state: StageState, rows: u64, reason: Option<String>) {
        let now = now(&self.ctx);
        self.progress(|progress| {
            if let Some(line) = progress.stage_mut(stage) {
                let started = line.started.as_deref().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
                line.seconds = Some(started.map_or(0.0, |started| (now - started.to_utc()).as_seconds_f64()));
                line.state = state;
                line.rows = rows;
                line.reason = reason;
            }
        });
    }

    /// Whether a stage has begun and not ended.
    pub(super) fn is_at_work(&self, stage: StageName) -> bool {
        let at_work = |line: &StageProgress| line.name == stage && line.state == StageState::Running;
        self.ctx.state(|state| state.progress.stages.iter().any(at_work))
    }

    /// The stages at work end with the run.
    pub(super) fn fail_running(&self, reason: &str) {
        let running = |state: &ChurnPipeline| {
            let lines = state.progress.stages.iter().filter(|line| line.state == StageState::Running);
            lines.map(|line| line.name).collect::<Vec<_>>()
        };
        for stage in self.ctx.state(running) {
            self.close(stage, StageState::Failed, 0, Some(reason.to_owned()));
        }
    }

    /// More slices of the readings are summed.
    pub(super) fn slices_done(&self, more: u64, all: u64) {
        let count = |slices: u64| u32::try_from(slices).unwrap_or(u32::MAX);
        self.progress(|progress| {
            if let Some(line) = progress.stage_mut(StageName::BronzeCustomerMonth) {
                let done = line.slices.map_or(0, |(done, _)| done).saturating_add(count(more));
                line.slices = Some((done, count(all)));
            }
        });
    }

    /// The data and the date are known from here on.
    pub(super) fn look_from(&self, raw: &RawSnapshot, as_of: SnapshotDate) {
        let mut so_far = self.so_far.borrow_mut();
        (so_far.raw, so_far.as_of) = (Some(raw.clone()), Some(as_of));
        self.progress(|progress| progress.as_of = Some(as_of));
    }

    /// The run goes back to its first stage; all that is whole will be found unchanged.
    pub(super) fn start_over(&self, stop: &Failure) {
        if let Failure::Failed { message, .. } = stop {
            self.so_far.borrow_mut().repairs.push(message.clone());
        }
        let mode = self.input.mode;
        self.progress(|progress| progress.start_over(mode));
    }

    /// The stages that have ended, as the result lists them.
    pub fn results(&self) -> Vec<StageResult> {
        self.ctx.state(|state| {
            let ended = state.progress.stages.iter().filter(|line| line.seconds.is_some());
            ended.map(StageResult::of).collect()
        })
    }

    /// Changes the progress and shows it in the Temporal UI.
    fn progress(&self, change: impl FnOnce(&mut Progress)) {
        let now = text(now(&self.ctx));
        let details = self.ctx.state_mut(|state| {
            change(&mut state.progress);
            state.progress.summarise(now);
            state.progress.markdown()
        });
        self.ctx.set_current_details(details);
    }
}

/// The workflow's clock: the same in a replay.
fn now(ctx: &WorkflowContext<ChurnPipeline>) -> DateTime<Utc> {
    ctx.workflow_time().map(DateTime::<Utc>::from).unwrap_or_default()
}

fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}
