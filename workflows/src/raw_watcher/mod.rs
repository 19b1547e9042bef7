//! `RawWatcher`: a delivery of raw files that is complete and at rest starts a run, once. A schedule starts it every few
//! minutes; whoever else knows of a new file may start it at any time, also side by side, or tell one that is at work.

#![expect(missing_docs, reason = "the macro makes a constant of every handler and leaves its documentation behind")]

mod asked;
mod events;
mod process;

use asked::Asked;
use protocol::ErrorNumber;
use protocol::raw_watcher::{LOOK_AGAIN, WORKFLOW_TYPE, WatcherInput, WatcherResult};
use temporalio_common::data_converters::RawValue;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::{SyncWorkflowContext, WorkflowContext, WorkflowResult};

use crate::run::{Execution, Failure};

/// A look at the raw files, or several. Of the files it knows nothing by itself: the lake remembers.
#[workflow]
#[derive(Default)]
pub struct RawWatcher {
    asked: Asked,
}

#[workflow_methods]
impl RawWatcher {
    /// Looks once, or again while it is told of changes; see [`WatcherInput`] for what it takes.
    #[run(name = WORKFLOW_TYPE)]
    pub async fn run(ctx: &mut WorkflowContext<Self>, input: RawValue) -> WorkflowResult<WatcherResult> {
        let input = match WatcherInput::parse(&input) {
            Ok(input) => input,
            Err(problem) => return Err(Failure::of(ErrorNumber::BadInput, problem).into()),
        };
        Ok(process::watch(&Execution::of_itself(ctx.clone()), input).await?)
    }

    /// Something has changed, as somebody says. What else they say is not read: the look sees for itself.
    #[signal(name = LOOK_AGAIN)]
    pub fn look_again(&mut self, _ctx: &mut SyncWorkflowContext<Self>, _: RawValue) {
        self.asked.tell();
    }
}
