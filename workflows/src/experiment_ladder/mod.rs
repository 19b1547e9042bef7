//! `ExperimentLadder`: every feature set with every algorithm, from the one that looks at nobody to the one that scores, side
//! by side. What is found is a leaderboard, and nothing else changes.

#![expect(missing_docs, reason = "the macro makes a constant of every handler and leaves its documentation behind")]

mod process;

use protocol::experiment_ladder::{LadderInput, LadderStage, Leaderboard, WORKFLOW_TYPE};
use protocol::progress::{self, Progress};
use protocol::{ErrorNumber, Reuse};
use temporalio_common::data_converters::RawValue;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::{SyncWorkflowContext, WorkflowContext, WorkflowContextView, WorkflowResult};

use crate::run::{Failure, Tracked, hear_of};
use crate::trials::Trials;

/// The state of a run: its progress.
#[workflow]
#[derive(Default)]
pub struct ExperimentLadder {
    progress: Progress<LadderStage>,
}

impl Tracked for ExperimentLadder {
    type Stage = LadderStage;

    fn progress(&self) -> &Progress<LadderStage> {
        &self.progress
    }

    fn progress_mut(&mut self) -> &mut Progress<LadderStage> {
        &mut self.progress
    }
}

#[workflow_methods]
impl ExperimentLadder {
    /// Tries all once; see [`LadderInput`] for what it takes.
    #[run(name = WORKFLOW_TYPE)]
    pub async fn run(ctx: &mut WorkflowContext<Self>, input: RawValue) -> WorkflowResult<Leaderboard> {
        let input = match LadderInput::parse(&input) {
            Ok(input) => input,
            Err(problem) => return Err(Failure::of(ErrorNumber::BadInput, problem).into()),
        };
        let reuse = if input.force { Reuse::Nothing } else { Reuse::Unchanged };
        let trials = Trials::start(ctx.clone(), LadderStage::ALL, reuse);
        let ended = process::run(&trials, &input).await;
        Ok(trials.end("ladder", ended).await?)
    }

    /// How far the run is.
    #[query(name = progress::QUERY)]
    pub fn progress(&self, _ctx: &WorkflowContextView) -> Progress<LadderStage> {
        self.progress.clone()
    }

    /// One of the run's activities is tried again and again; its own attempts say so.
    #[signal(name = progress::SIGNAL)]
    pub fn trouble(&mut self, ctx: &mut SyncWorkflowContext<Self>, report: RawValue) {
        hear_of(self, ctx, report);
    }
}
