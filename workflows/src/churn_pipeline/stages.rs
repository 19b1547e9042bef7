//! What the stages of one run have in common: what the run was started with, and what has happened so far.

use std::cell::RefCell;

use churn::SnapshotDate;
use churn::label::{LabelDates, LabelSource};
use churn::quality::{Finding, worst_first};
use protocol::pipeline::{ModelResult, PipelineInput, StageName, VerdictResult};
use protocol::progress::Pause;
use protocol::search_attributes as attributes;
use protocol::steps::{AskedDate, BuildStage, RawSnapshot, SettledDate, StageOutcome};
use protocol::{Reuse, TableRef};
use temporalio_common::ActivityDefinition;
use temporalio_sdk::{WaitConditionOptions, WorkflowCancellationToken, WorkflowContext};

use super::ChurnPipeline;
use super::order::Order;
use crate::run::{Call, Execution, Failure, Tracker, Weight};

/// What had happened by now.
#[derive(Debug, Clone, Default)]
pub struct SoFar {
    /// The raw files.
    pub raw: Option<RawSnapshot>,
    /// The date the run looks from.
    pub as_of: Option<SnapshotDate>,
    /// The last day that the readings cover, once they are summed.
    pub covered_to: Option<SnapshotDate>,
    /// What was found in the delivery and in the tables made of it, the worst first.
    pub quality: Vec<Finding>,
    /// The date of the labels, where it was asked for.
    pub label: Option<LabelDates>,
    /// The challenger and its verdict.
    pub challenge: Option<(ModelResult, VerdictResult)>,
    /// Stored tables that were damaged and were made again.
    pub repairs: Vec<String>,
    /// Why a training that the run had started could not be stopped.
    pub not_stopped: Option<String>,
    /// How often people were asked since the run looked at the raw files.
    pub questions: u32,
}

/// A run in the making.
pub struct Stages {
    pub(super) execution: Execution<ChurnPipeline>,
    pub(super) tracker: Tracker<ChurnPipeline>,
    pub(super) order: Order,
    pub(super) so_far: RefCell<SoFar>,
    pub(super) asked: AskedDate,
    input: PipelineInput,
}

impl Stages {
    /// Opens the run: all stages pending, the mode searchable.
    pub fn start(ctx: WorkflowContext<ChurnPipeline>, input: PipelineInput, asked: AskedDate) -> Self {
        let execution = Execution::of_itself(ctx);
        let tracker = Tracker::start(&execution, StageName::of(input.mode));
        execution.ctx.upsert_search_attributes([attributes::MODE.value_set(input.mode.as_str().to_owned())]);
        let order = Order::of(&execution.ctx);
        Self { execution, tracker, order, so_far: RefCell::default(), asked, input }
    }

    /// What the run was started with.
    pub fn input(&self) -> &PipelineInput {
        &self.input
    }

    /// Whether a stored output of the stage counts.
    pub(super) fn reuse(&self, stage: StageName) -> Reuse {
        self.input.reuse(stage)
    }

    /// The request of a stage made from `inputs`.
    pub(super) fn request(
        &self,
        stage: StageName,
        as_of: SnapshotDate,
        inputs: impl IntoIterator<Item = (String, TableRef)>,
    ) -> BuildStage {
        let run = self.execution.run.clone();
        BuildStage { run, as_of, inputs: inputs.into_iter().collect(), reuse: self.reuse(stage) }
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
        self.wait_while_paused().await?;
        self.tracker.begin(stage);
        let outcome = self.execution.call(activity, input, Call::of(stage, weight, summary)).await?;
        self.finish(stage, &outcome);
        Ok(outcome)
    }

    /// Waits while people let the run wait; called before every stage, and before the parts of a long one. It makes no
    /// command, so histories know nothing of it.
    ///
    /// # Errors
    /// [`Failure::Cancelled`] where the run is cancelled meanwhile, or its time limit is reached.
    pub(super) async fn wait_while_paused(&self) -> Result<(), Failure> {
        let resumed = self.execution.ctx.wait_condition(|state| state.pauses.current().is_none()).await;
        resumed.map_err(|_| Failure::Cancelled)
    }

    /// The same of work that is stopped with other work, behind which it does not begin.
    pub(super) async fn wait_while_paused_until(
        &self,
        stop: Option<&WorkflowCancellationToken>,
    ) -> Result<(), Failure> {
        let Some(stop) = stop else { return self.wait_while_paused().await };
        let options = WaitConditionOptions::builder().cancellation_token(stop.clone()).build();
        let is_resumed = |state: &ChurnPipeline| state.pauses.current().is_none();
        let resumed = self.execution.ctx.wait_condition_with_options(is_resumed, options).await;
        if resumed.is_err() || stop.is_cancelled() { Err(Failure::Cancelled) } else { Ok(()) }
    }

    /// No stage is left that could wait.
    pub(super) fn close_to_pauses(&self) {
        self.execution.ctx.state_mut(|state| state.pauses.close());
        self.tracker.change(|progress| progress.paused = None);
    }

    /// How often people were asked.
    pub(super) fn questions(&self) -> u32 {
        self.so_far.borrow().questions
    }

    /// What the run is at, in words.
    pub(super) fn standing(&self) -> String {
        let paused = self.execution.ctx.state(|state| state.pauses.current().cloned());
        standing(&self.tracker.at_work(), paused.as_ref())
    }

    /// A stage has its outputs.
    pub(super) fn finish(&self, stage: StageName, outcome: &StageOutcome) {
        self.so_far.borrow_mut().repairs.extend(outcome.repaired.clone());
        self.tracker.finish(stage, outcome);
    }

    /// The data and the date are known from here on.
    pub(super) fn look_from(&self, raw: &RawSnapshot, as_of: SnapshotDate) {
        let mut so_far = self.so_far.borrow_mut();
        (so_far.raw, so_far.as_of, so_far.questions) = (Some(raw.clone()), Some(as_of), 0);
        so_far.covered_to = None;
        self.tracker.change(|progress| progress.as_of = Some(as_of));
    }

    /// The run looks from another date than the raw files alone had said, now that it is known what the readings cover.
    pub(super) fn look_from_settled(&self, settled: SettledDate) {
        let mut so_far = self.so_far.borrow_mut();
        (so_far.as_of, so_far.covered_to) = (Some(settled.as_of), Some(settled.covered_to));
        self.tracker.change(|progress| progress.as_of = Some(settled.as_of));
    }

    /// The last day that the readings cover; before they are summed, the last date in them.
    pub(super) fn covered_to(&self, raw: &RawSnapshot) -> SnapshotDate {
        self.so_far.borrow().covered_to.unwrap_or(raw.last_date)
    }

    /// The date of the labels, where the data or the settings say one; an assumed one is none.
    pub(super) fn label_date(&self) -> Option<SnapshotDate> {
        let said = self.so_far.borrow().label.filter(|label| label.source != LabelSource::Assumed);
        said.map(|label| label.date)
    }

    /// A check has found something.
    pub(super) fn find(&self, findings: &[Finding]) {
        let mut so_far = self.so_far.borrow_mut();
        so_far.quality.extend_from_slice(findings);
        worst_first(&mut so_far.quality);
        self.tracker.change(|progress| progress.find(findings));
    }

    /// The run goes back to its first stage; all that is whole will be found unchanged.
    pub(super) fn start_over(&self, stop: &Failure) {
        if let Failure::Failed { message, .. } = stop {
            self.so_far.borrow_mut().repairs.push(message.clone());
        }
        self.so_far.borrow_mut().quality.clear();
        self.tracker.start_over(StageName::of(self.input.mode));
    }
}

fn standing(at_work: &str, paused: Option<&Pause>) -> String {
    let stages = if at_work.is_empty() { "no stage".to_owned() } else { format!("stage {at_work}") };
    let paused = paused.map(|Pause { by, since, reason, .. }| {
        format!(", and {by} had paused the run since {since} ({reason}): a pause does not stop the clock")
    });
    format!("{stages} was at work{}", paused.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_says_what_it_is_at_and_who_lets_it_wait() {
        assert_eq!(standing("train", None), "stage train was at work");
        let (by, reason) = ("ana".to_owned(), "wrong prices".to_owned());
        let pause = Pause { by, reason, since: "t1".to_owned(), resumed: None };
        let words = standing("", Some(&pause));
        assert!(
            words.starts_with("no stage was at work, and ana had paused the run since t1 (wrong prices)"),
            "{words}"
        );
    }
}
