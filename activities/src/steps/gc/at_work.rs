//! Whether a run is at work: it may have found any stage, and nobody sees which.

use std::collections::BTreeSet;

use futures::StreamExt;
use lake::Lake;
use lake::documents::SettingsInForce;
use protocol::pipeline::WORKFLOW_TYPE;
use temporalio_client::{Client, WorkflowListOptions};

/// The workflow IDs of the runs at work on the queues whose workers have ever started on this lake; where none has, of all
/// there are. The error says why that is not known.
pub async fn runs_at_work(lake: &Lake, client: &Client) -> Result<Vec<String>, String> {
    let queues: BTreeSet<String> = SettingsInForce::queues(lake).await.map_err(|error| error.to_string())?;
    let query = format!("WorkflowType = '{WORKFLOW_TYPE}' AND ExecutionStatus = 'Running'");
    let mut found = client.list_workflows(query, WorkflowListOptions::default());
    let mut runs = Vec::new();
    while let Some(run) = found.next().await {
        let run = run.map_err(|error| format!("could not list the runs at work: {error}"))?;
        if queues.is_empty() || queues.contains(run.task_queue()) {
            runs.push(run.id().to_owned());
        }
    }
    Ok(runs)
}
