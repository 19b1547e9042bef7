//! `AggregateSlices`: the slices of one list, as a child of a run that has many lists. Its history
//! holds them, so that the run's own does not grow with the data.

#![expect(missing_docs, reason = "the macro makes a constant of every handler and leaves its documentation behind")]

use protocol::Pipeline;
use protocol::StageName;
use protocol::steps::{AggregateBatch, AggregateSlice, ListParts, SliceToSum};
use protocol::{Reuse, Run, TableRef};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::workflows::join_all;
use temporalio_sdk::{WorkflowCancellationToken, WorkflowContext, WorkflowResult};

use crate::failure::Failure;
use crate::options::{Weight, options};

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
        let summed = sum(ctx, (&run, reuse), entries(&list), Some(&rest), || ()).await;
        let listed = match summed {
            Ok(parts) => list_parts(ctx, parts).await,
            Err(stop) => Err(stop),
        };
        Ok(listed?)
    }
}

async fn list_parts<W>(ctx: &WorkflowContext<W>, parts: Vec<TableRef>) -> Result<TableRef, Failure> {
    let options = options(Weight::Light, ctx.task_queue(), format!("list {} sums", parts.len()));
    let listed = ctx.execute_activity(Pipeline::list_parts, ListParts { parts }, options).await;
    listed.map_err(|error| stopped(ctx, Failure::in_stage(StageName::BronzeCustomerMonth.as_str(), &error)))
}

/// Of a cancelled run a slice may fail in many ways: its worker was lost, it could not stop.
pub(crate) fn stopped<W>(ctx: &WorkflowContext<W>, stop: Failure) -> Failure {
    if ctx.cancellation_token().is_cancelled() { Failure::Cancelled } else { stop }
}

/// The slices of a list in the lake.
pub(crate) fn entries(list: &TableRef) -> Vec<SliceToSum> {
    (0..list.rows).map(|place| SliceToSum::Listed { list: list.clone(), place }).collect()
}

/// Sums slices side by side, each an activity; their sums in slice order.
///
/// `rest` is cancelled at the first failure, so that no other slice works on for nothing.
pub(crate) async fn sum<W>(
    ctx: &WorkflowContext<W>,
    (run, reuse): (&Run, Reuse),
    slices: Vec<SliceToSum>,
    rest: Option<&WorkflowCancellationToken>,
    done: impl Fn(),
) -> Result<Vec<TableRef>, Failure> {
    let (all, done) = (slices.len(), &done);
    let work = slices.into_iter().enumerate().map(|(place, slice)| async move {
        let mut options = options(Weight::Heavy, ctx.task_queue(), format!("slice {} of {all}", place + 1));
        options.cancellation_token = rest.cloned();
        let request = AggregateSlice { run: run.clone(), slice, reuse };
        match ctx.execute_activity(Pipeline::aggregate_slice, request, options).await {
            Ok(part) => {
                done();
                Ok(part)
            }
            Err(error) => {
                if let Some(rest) = rest {
                    rest.cancel();
                }
                Err(stopped(ctx, Failure::in_stage(StageName::BronzeCustomerMonth.as_str(), &error)))
            }
        }
    });
    all_or_cause(join_all(work).await)
}

/// All answers, or why there are not all: what was cancelled because of a failure is not the cause.
pub(crate) fn all_or_cause<T>(answers: Vec<Result<T, Failure>>) -> Result<Vec<T>, Failure> {
    let mut all = Vec::with_capacity(answers.len());
    let mut cancelled = false;
    for answer in answers {
        match answer {
            Ok(answer) => all.push(answer),
            Err(Failure::Cancelled) => cancelled = true,
            Err(failed) => return Err(failed),
        }
    }
    if cancelled { Err(Failure::Cancelled) } else { Ok(all) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_even_if_others_were_cancelled_before_it() {
        let failed = || Err(Failure::bad_input("no timestamp".to_owned()));
        assert_eq!(all_or_cause(vec![Ok(1), Ok(2)]).unwrap(), [1, 2]);
        let told = all_or_cause(vec![Ok(1), Err(Failure::Cancelled), failed(), Err(Failure::Cancelled)]);
        assert!(matches!(told, Err(Failure::Failed { message, .. }) if message == "no timestamp"));
        assert!(matches!(all_or_cause(vec![Ok(1), Err(Failure::Cancelled)]), Err(Failure::Cancelled)));
    }
}
