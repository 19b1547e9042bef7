//! A run of any workflow, as it is asked and described.

use anyhow::Context;
use temporalio_client::errors::WorkflowInteractionError;
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

/// How the latest run of a workflow stands, in the server's own word: `running`, `completed`, `failed` ... None where
/// the server knows no run of this ID.
pub async fn state(handle: &RunHandle) -> anyhow::Result<Option<String>> {
    let described = match handle.describe(WorkflowDescribeOptions::default()).await {
        Ok(described) => described,
        Err(WorkflowInteractionError::NotFound(_)) => return Ok(None),
        Err(error) => return Err(anyhow::Error::new(error).context("could not ask the server for the run")),
    };
    let info = described.raw_description.workflow_execution_info.unwrap_or_default();
    let word = info.status().as_str_name().trim_start_matches("WORKFLOW_EXECUTION_STATUS_").to_lowercase();
    Ok(Some(word))
}
