//! `ChurnPipeline`: raw files become scored customers, durably.

#![expect(missing_docs, reason = "the macro makes a constant of every handler and leaves its documentation behind")]

pub(crate) mod aggregate_slices;
mod approval;
mod asked_date;
mod challenge;
mod deadline;
mod ending;
mod events;
mod failures;
mod labels;
mod order;
mod pause;
mod process;
mod record;
mod serving;
mod slices;
mod stages;
mod tables;

pub use aggregate_slices::AggregateSlices;
use approval::{Answer, Approval};
use pause::{Pauses, StagesLeft};
use protocol::ErrorNumber;
use protocol::pipeline::{Decision, PipelineInput, PipelineResult, StageName, WORKFLOW_TYPE};
use protocol::progress::{self, PauseRequest, Progress, StageState};
use stages::Stages;
use temporalio_common::data_converters::RawValue;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::{SyncWorkflowContext, WorkflowContext, WorkflowContextView, WorkflowResult};

use crate::run::{Failure, Tracked, hear_of, moment, text};

/// The state of a run: its progress, a promotion that may wait for a person, and the pauses that people asked for.
#[workflow]
#[derive(Default)]
pub struct ChurnPipeline {
    progress: Progress<StageName>,
    approval: Approval,
    pauses: Pauses,
}

impl ChurnPipeline {
    /// Whether a stage could wait; before the run has begun, all can.
    fn stages_left(&self) -> StagesLeft {
        let stages = &self.progress.stages;
        let waits = stages.is_empty() || stages.iter().any(|stage| stage.state == StageState::Pending);
        if waits { StagesLeft::Some } else { StagesLeft::None }
    }

    fn show_pause(&mut self, ctx: &SyncWorkflowContext<Self>) {
        self.progress.paused = self.pauses.current().cloned();
        ctx.set_current_details(self.progress.markdown());
    }
}

impl Tracked for ChurnPipeline {
    type Stage = StageName;

    fn progress(&self) -> &Progress<StageName> {
        &self.progress
    }

    fn progress_mut(&mut self) -> &mut Progress<StageName> {
        &mut self.progress
    }
}

#[workflow_methods]
impl ChurnPipeline {
    /// Runs the pipeline; see [`PipelineInput`] for what it takes.
    #[run(name = WORKFLOW_TYPE)]
    pub async fn run(ctx: &mut WorkflowContext<Self>, input: RawValue) -> WorkflowResult<PipelineResult> {
        let asked = |input: PipelineInput| Ok((asked_date::of(&ctx.search_attributes(), input.as_of)?, input));
        let (asked, input) = match PipelineInput::parse(&input).and_then(asked) {
            Ok(asked) => asked,
            Err(problem) => return Err(Failure::of(ErrorNumber::BadInput, problem).into()),
        };
        let stages = Stages::start(ctx.clone(), input, asked);
        match process::run(&stages).await {
            Ok(result) => Ok(result),
            Err(stop) => Err(stages.end(stop).await),
        }
    }

    /// How far the run is.
    #[query(name = progress::QUERY)]
    pub fn progress(&self, _ctx: &WorkflowContextView) -> Progress<StageName> {
        self.progress.clone()
    }

    /// One of the run's activities is tried again and again; its own attempts say so.
    #[signal(name = progress::SIGNAL)]
    pub fn trouble(&mut self, ctx: &mut SyncWorkflowContext<Self>, report: RawValue) {
        hear_of(self, ctx, report);
    }

    /// Lets a promotion that waits for a person go ahead.
    #[update(name = progress::APPROVE)]
    pub fn approve(&mut self, _ctx: &mut SyncWorkflowContext<Self>, decision: Decision) -> String {
        self.approval.decide(Answer::Approved, decision)
    }

    /// Refuses while no promotion waits, or without a name.
    #[update_validator(approve)]
    fn may_approve(
        &self,
        _ctx: &WorkflowContextView,
        decision: &Decision,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(self.approval.may_decide(decision)?)
    }

    /// Turns a promotion that waits for a person down.
    #[update(name = progress::REJECT)]
    pub fn reject(&mut self, _ctx: &mut SyncWorkflowContext<Self>, decision: Decision) -> String {
        self.approval.decide(Answer::Rejected, decision)
    }

    /// Refuses while no promotion waits, or without a name.
    #[update_validator(reject)]
    fn may_reject(
        &self,
        _ctx: &WorkflowContextView,
        decision: &Decision,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(self.approval.may_decide(decision)?)
    }

    /// Lets the run wait before its next stage.
    #[update(name = progress::PAUSE)]
    pub fn pause(&mut self, ctx: &mut SyncWorkflowContext<Self>, request: PauseRequest) -> String {
        let words = self.pauses.pause(request, text(moment(ctx.workflow_time())));
        self.show_pause(ctx);
        words
    }

    /// Refuses a run that is paused or has no stage left, and whoever does not say who and why.
    #[update_validator(pause)]
    fn may_pause(
        &self,
        _ctx: &WorkflowContextView,
        request: &PauseRequest,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(self.pauses.may_pause(request, self.stages_left())?)
    }

    /// Lets a paused run go on.
    #[update(name = progress::RESUME)]
    pub fn resume(&mut self, ctx: &mut SyncWorkflowContext<Self>, request: PauseRequest) -> String {
        let words = self.pauses.resume(request, text(moment(ctx.workflow_time())));
        self.show_pause(ctx);
        words
    }

    /// Refuses a run that is not paused, and whoever does not say who and why.
    #[update_validator(resume)]
    fn may_resume(
        &self,
        _ctx: &WorkflowContextView,
        request: &PauseRequest,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(self.pauses.may_resume(request)?)
    }
}
