//! `ChurnPipeline`: raw files become scored customers, durably.

#![expect(missing_docs, reason = "the macro makes a constant of every handler and leaves its documentation behind")]

mod aggregate_slices;
mod approval;
mod asked_date;
mod challenge;
mod deadline;
mod ending;
mod events;
mod failures;
mod order;
mod process;
mod record;
mod serving;
mod slices;
mod stages;
mod tables;

pub use aggregate_slices::AggregateSlices;
use approval::{Answer, Approval};
use protocol::ErrorNumber;
use protocol::pipeline::{Decision, PipelineInput, PipelineResult, StageName, WORKFLOW_TYPE};
use protocol::progress::{self, Progress};
use stages::Stages;
use temporalio_common::data_converters::RawValue;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::{SyncWorkflowContext, WorkflowContext, WorkflowContextView, WorkflowResult};

use crate::run::{Failure, Tracked, hear_of};

/// The state of a run: its progress, and a promotion that may wait for a person.
#[workflow]
#[derive(Default)]
pub struct ChurnPipeline {
    progress: Progress<StageName>,
    approval: Approval,
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
    #[update(name = "approve")]
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
    #[update(name = "reject")]
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
}
