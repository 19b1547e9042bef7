//! Who asked an activity to stop. The SDK cancels an attempt in three cases that it does not tell
//! apart: somebody cancelled the run, the worker shuts down, the server was out of reach too long.

use std::time::Duration;

use temporalio_client::{UntypedWorkflow, WorkflowDescribeOptions, WorkflowExecutionStatus};
use temporalio_common::protos::temporal::api::enums::v1::PendingActivityState;
use temporalio_common::protos::temporal::api::workflow::v1::PendingActivityInfo;
use temporalio_sdk::activities::ActivityContext;

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The run: it was cancelled, terminated, or has ended.
    Run,
    /// Nobody: another attempt will go on.
    Nobody,
}

/// Asks the server; one that does not answer has not been asked by anybody.
pub async fn who_asked(ctx: &ActivityContext) -> Asked {
    let info = ctx.info();
    let Some(workflow_id) = info.workflow_id.clone() else {
        return Asked::Run;
    };
    let client = ctx.client();
    let handle = client.get_workflow_handle::<UntypedWorkflow>(workflow_id);
    let describe = handle.describe(WorkflowDescribeOptions::default());
    let Ok(Ok(described)) = tokio::time::timeout(PATIENCE, describe).await else {
        return Asked::Nobody;
    };
    let same_run = info.workflow_run_id.as_deref() == Some(described.run_id());
    if !same_run || described.status() != WorkflowExecutionStatus::Running {
        return Asked::Run;
    }
    let pending = &described.raw_description.pending_activities;
    let mine = pending.iter().find(|activity| activity.activity_id == info.activity_id);
    match mine.map(PendingActivityInfo::state) {
        // An activity that the server does not know any more has been given up.
        None | Some(PendingActivityState::CancelRequested) => Asked::Run,
        Some(_) => Asked::Nobody,
    }
}
