//! `RawWatcher`: a delivery of raw files that is complete and at rest starts a run, once. A schedule starts it every few
//! minutes; whoever else knows of a new file may start it at any time, also side by side.

#![expect(missing_docs, reason = "the macro makes a constant of every handler and leaves its documentation behind")]

mod events;
mod process;

use protocol::ErrorNumber;
use protocol::raw_watcher::{WORKFLOW_TYPE, WatcherInput, WatcherResult};
use temporalio_common::data_converters::RawValue;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::{WorkflowContext, WorkflowResult};

use crate::run::{Execution, Failure};

/// One look at the raw files; it has no state of its own: the lake remembers.
#[workflow]
#[derive(Default)]
pub struct RawWatcher;

#[workflow_methods]
impl RawWatcher {
    /// Looks once; see [`WatcherInput`] for what it takes.
    #[run(name = WORKFLOW_TYPE)]
    pub async fn run(ctx: &mut WorkflowContext<Self>, input: RawValue) -> WorkflowResult<WatcherResult> {
        let input = match WatcherInput::parse(&input) {
            Ok(input) => input,
            Err(problem) => return Err(Failure::of(ErrorNumber::BadInput, problem).into()),
        };
        Ok(process::watch(&Execution::of_itself(ctx.clone()), input).await?)
    }
}
