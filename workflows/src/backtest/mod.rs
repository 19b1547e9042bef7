//! `Backtest`: how much skill is left so long before the labels look, and at a later date than a model was fitted at. Dates
//! side by side; what is found is a report, and nothing else changes.

#![expect(missing_docs, reason = "the macro makes a constant of every handler and leaves its documentation behind")]

mod process;

use protocol::backtest::{BacktestInput, BacktestReport, BacktestStage, WORKFLOW_TYPE};
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
pub struct Backtest {
    progress: Progress<BacktestStage>,
}

impl Tracked for Backtest {
    type Stage = BacktestStage;

    fn progress(&self) -> &Progress<BacktestStage> {
        &self.progress
    }

    fn progress_mut(&mut self) -> &mut Progress<BacktestStage> {
        &mut self.progress
    }
}

#[workflow_methods]
impl Backtest {
    /// Looks back once; see [`BacktestInput`] for what it takes.
    #[run(name = WORKFLOW_TYPE)]
    pub async fn run(ctx: &mut WorkflowContext<Self>, input: RawValue) -> WorkflowResult<BacktestReport> {
        let input = match BacktestInput::parse(&input) {
            Ok(input) => input,
            Err(problem) => return Err(Failure::of(ErrorNumber::BadInput, problem).into()),
        };
        let reuse = if input.force { Reuse::Nothing } else { Reuse::Unchanged };
        let trials = Trials::start(ctx.clone(), BacktestStage::ALL, reuse);
        let ended = process::run(&trials, &input).await;
        Ok(trials.end("backtest", ended).await?)
    }

    /// How far the run is.
    #[query(name = progress::QUERY)]
    pub fn progress(&self, _ctx: &WorkflowContextView) -> Progress<BacktestStage> {
        self.progress.clone()
    }

    /// One of the run's activities is tried again and again; its own attempts say so.
    #[signal(name = progress::SIGNAL)]
    pub fn trouble(&mut self, ctx: &mut SyncWorkflowContext<Self>, report: RawValue) {
        hear_of(self, ctx, report);
    }
}
