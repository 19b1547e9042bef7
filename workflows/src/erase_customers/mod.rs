//! `EraseCustomers`: the customers of a request are taken out of the lake, for good. First nothing is made of them any more,
//! then what is there goes, then what the business reads is made anew without them, then the rest goes; a certificate
//! says what was done. The history holds the name of the request, and nothing of whom it is about.

#![expect(missing_docs, reason = "the macro makes a constant of every handler and leaves its documentation behind")]

mod events;
mod process;

use protocol::ErrorNumber;
use protocol::erasure::{EraseInput, ErasureReport, WORKFLOW_TYPE};
use temporalio_common::data_converters::RawValue;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::{WorkflowContext, WorkflowResult};

use crate::run::{Event, Execution, Failure};

/// One erasure; it has no state of its own: the lake remembers.
#[workflow]
#[derive(Default)]
pub struct EraseCustomers;

#[workflow_methods]
impl EraseCustomers {
    /// Carries out one request; see [`EraseInput`] for what it takes.
    #[run(name = WORKFLOW_TYPE)]
    pub async fn run(ctx: &mut WorkflowContext<Self>, input: RawValue) -> WorkflowResult<ErasureReport> {
        let input = match EraseInput::parse(&input) {
            Ok(input) => input,
            Err(problem) => return Err(Failure::of(ErrorNumber::BadInput, problem).into()),
        };
        let execution = Execution::of_itself(ctx.clone());
        let ended = process::erase(&execution, input).await;
        if let Some(event) = ended.as_ref().err().and_then(|failure| Event::of_failure("erasure", failure)) {
            execution.tell(event).await;
        }
        Ok(ended?)
    }
}
