//! `GarbageCollection`: looks for stored outputs that nothing reaches any more, and deletes them where its input says so. A
//! schedule starts it every week; people hear only of a doubt.

#![expect(missing_docs, reason = "the macro makes a constant of every handler and leaves its documentation behind")]

mod events;

use events::news;
use protocol::garbage_collection::{
    FindGarbage, GarbageCollectionInput, GarbageLook, GarbageOutcome, GarbageReport, SweepGarbage, WORKFLOW_TYPE,
};
use protocol::{ErrorNumber, Pipeline};
use temporalio_common::data_converters::RawValue;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::{WorkflowContext, WorkflowResult};

use crate::run::{Call, Execution, Failure, Weight};

/// So many sweeps a run, so that no history grows with the lake; the next run goes on.
const MOST_SWEEPS: usize = 100;

/// One collection; it has no state of its own: the lake is looked at each time.
#[workflow]
#[derive(Default)]
pub struct GarbageCollection;

#[workflow_methods]
impl GarbageCollection {
    /// Collects once; see [`GarbageCollectionInput`] for what it takes.
    #[run(name = WORKFLOW_TYPE)]
    pub async fn run(ctx: &mut WorkflowContext<Self>, input: RawValue) -> WorkflowResult<GarbageReport> {
        let wish = match GarbageCollectionInput::parse(&input) {
            Ok(wish) => wish,
            Err(problem) => return Err(Failure::of(ErrorNumber::BadInput, problem).into()),
        };
        Ok(collect(&Execution::of_itself(ctx.clone()), &wish).await?)
    }
}

/// Looks, deletes if that is wanted, and tells people of a doubt.
async fn collect(
    execution: &Execution<GarbageCollection>,
    wish: &GarbageCollectionInput,
) -> Result<GarbageReport, Failure> {
    let GarbageCollectionInput { older_than_days, delete } = *wish;
    let summary = format!("what is older than {older_than_days} days and reached by nothing");
    let call = Call::between("find", Weight::Heavy, summary);
    let found = execution.call(Pipeline::find_garbage, FindGarbage { older_than_days }, call).await?;
    let unreached = found.unreached;
    let left = if delete { sweep(execution, found).await? } else { found };
    if let Some(event) = news(&left) {
        execution.tell(event).await;
    }
    Ok(GarbageReport {
        outcome: GarbageOutcome::of(delete, unreached, &left),
        older_than_days,
        unreached,
        deleted: unreached.without(left.unreached),
        kept_reached: left.kept_reached,
        kept_young: left.kept_young,
        runs_at_work: left.runs_at_work,
        doubts: left.doubts_in_all,
        undelivered_alerts: execution.undelivered(),
    })
}

/// Deletes step by step; every step looks again. Answers what is left.
async fn sweep(execution: &Execution<GarbageCollection>, found: GarbageLook) -> Result<GarbageLook, Failure> {
    let mut left = found;
    for _ in 0..MOST_SWEEPS {
        let before = left.unreached.folders;
        if before == 0 || !left.may_delete() {
            break;
        }
        let call = Call::between("sweep", Weight::Heavy, format!("delete: {before} folders are left"));
        let request = SweepGarbage { limit: left.limit.clone() };
        left = execution.call(Pipeline::sweep_garbage, request, call).await?;
        if left.unreached.folders >= before {
            break;
        }
    }
    Ok(left)
}
