//! A run of any workflow, as it is asked and described.

use anyhow::Context;
use temporalio_client::{Client, UntypedWorkflow, UntypedWorkflowHandle, WorkflowDescribeOptions};

/// A run of any workflow.
pub type RunHandle = UntypedWorkflowHandle<Client>;

/// The handle of a run by its workflow's ID.
pub fn handle(client: &Client, id: &str) -> RunHandle {
    client.get_workflow_handle::<UntypedWorkflow>(id)
}

/// The ID of the latest run of a workflow.
pub async fn run_id(handle: &RunHandle) -> anyhow::Result<String> {
    let described = handle.describe(WorkflowDescribeOptions::default()).await.context("could not find the run")?;
    let info = described.raw_description.workflow_execution_info.unwrap_or_default();
    Ok(info.execution.map(|execution| execution.run_id).unwrap_or_default())
}
