//! `AggregateSlices`: the slices of one list, as a child of a run that has many lists. Its history
//! holds them, so that the run's own does not grow with the data.

#![expect(missing_docs, reason = "the macro makes a constant of every handler and leaves its documentation behind")]

use protocol::pipeline::StageName;
use protocol::steps::{AggregateBatch, AggregateSlice, ListParts, SliceToSum};
use protocol::{Pipeline, Reuse, TableRef};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::workflows::join_all;
use temporalio_sdk::{WorkflowCancellationToken, WorkflowContext, WorkflowResult};

use crate::run::{Call, Execution, Failure, Weight, all_or_cause};

/// The slices of one list; it has no state of its own.
#[workflow]
#[derive(Default)]
pub struct AggregateSlices;

#[workflow_methods]
impl AggregateSlices {
    /// Sums every slice of the list; the answer lists their sums.
    #[run(name = "AggregateSlices")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, batch: AggregateBatch) -> WorkflowResult<TableRef> {
        let AggregateBatch { run, list, reuse } = batch;
        let rest = ctx.cancellation_token().child_token();
        let execution = Execution::for_run(ctx.clone(), run);
        let parts = sum(&execution, reuse, entries(&list), Some(&rest), || ()).await?;
        Ok(list_parts(&execution, parts).await?)
    }
}

async fn list_parts<W>(execution: &Execution<W>, parts: Vec<TableRef>) -> Result<TableRef, Failure> {
    let call = Call::of(StageName::BronzeCustomerMonth, Weight::Light, format!("list {} sums", parts.len()));
    execution.call(Pipeline::list_parts, ListParts { parts }, call).await
}

/// The slices of a list in the lake.
pub(crate) fn entries(list: &TableRef) -> Vec<SliceToSum> {
    (0..list.rows).map(|place| SliceToSum::Listed { list: list.clone(), place }).collect()
}

/// Sums slices side by side, each an activity; their sums in slice order.
///
/// `rest` is cancelled at the first failure, so that no other slice works on for nothing.
pub(crate) async fn sum<W>(
    execution: &Execution<W>,
    reuse: Reuse,
    slices: Vec<SliceToSum>,
    rest: Option<&WorkflowCancellationToken>,
    done: impl Fn(),
) -> Result<Vec<TableRef>, Failure> {
    let (all, done) = (slices.len(), &done);
    let work = slices.into_iter().enumerate().map(|(place, slice)| async move {
        let summary = format!("slice {} of {all}", place + 1);
        let call = Call::of(StageName::BronzeCustomerMonth, Weight::Heavy, summary).stopped_by(rest);
        let request = AggregateSlice { run: execution.run.clone(), slice, reuse };
        let part = execution.call(Pipeline::aggregate_slice, request, call).await;
        match &part {
            Ok(_) => done(),
            Err(_) => rest.into_iter().for_each(WorkflowCancellationToken::cancel),
        }
        part
    });
    all_or_cause(join_all(work).await)
}
