//! `ChurnPipeline`: raw files become scored customers, durably.

#![expect(missing_docs, reason = "the macro makes a constant of every handler and leaves its documentation behind")]

mod approval;
mod challenge;
mod deadline;
mod events;
mod process;
mod serving;
mod slices;
mod stages;
mod tables;
mod telling;

use approval::Approval;
use protocol::pipeline::Decision;
use protocol::pipeline::PipelineInput;
use protocol::pipeline::PipelineResult;
use protocol::pipeline::Progress;
use stages::Stages;
use temporalio_common::data_converters::RawValue;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::{SyncWorkflowContext, WorkflowContext, WorkflowContextView, WorkflowResult};

use crate::failure::Failure;

/// The state of a run: its progress, and a promotion that may wait for a person.
#[workflow]
#[derive(Default)]
pub struct ChurnPipeline {
    progress: Progress,
    approval: Approval,
}

#[workflow_methods]
impl ChurnPipeline {
    /// Runs the pipeline; see [`PipelineInput`] for what it takes.
    #[run(name = "ChurnPipeline")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, input: RawValue) -> WorkflowResult<PipelineResult> {
        let input = match PipelineInput::parse(&input) {
            Ok(input) => input,
            Err(problem) => return Err(Failure::bad_input(problem).into()),
        };
        let stages = Stages::start(ctx.clone(), input);
        match process::run(&stages).await {
            Ok(result) => Ok(result),
            Err(stop) => Err(stages.end(stop).await),
        }
    }

    /// How far the run is.
    #[query(name = "progress")]
    pub fn progress(&self, _ctx: &WorkflowContextView) -> Progress {
        self.progress.clone()
    }

    /// One of the run's activities is tried again and again; its own attempts say so.
    #[signal(name = "trouble")]
    pub fn trouble(&mut self, ctx: &mut SyncWorkflowContext<Self>, report: RawValue) {
        // Whoever else may signal: what cannot be read changes nothing.
        let payload = report.payloads.into_iter().next();
        if let Some(report) = payload.and_then(|payload| serde_json::from_slice(&payload.data).ok()) {
            self.progress.hear_of(&report);
            ctx.set_current_details(self.progress.markdown());
        }
    }

    /// Lets a promotion that waits for a person go ahead.
    #[update(name = "approve")]
    pub fn approve(&mut self, _ctx: &mut SyncWorkflowContext<Self>, decision: Decision) -> String {
        self.approval.decide(true, decision)
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
        self.approval.decide(false, decision)
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
