//! Starting a run of `ChurnPipeline`.

use protocol::pipeline::{PipelineInput, WORKFLOW_TYPE};
use temporalio_client::Client;
use temporalio_common::WorkerDeploymentVersion;

use crate::launch::{self, Launched, Repeat, Start};

/// Starts the run, or finds the one of this ID.
pub async fn start(
    client: &Client,
    id: &str,
    task_queue: &str,
    input: &PipelineInput,
    repeat: Repeat,
) -> anyhow::Result<Launched> {
    start_on(client, id, task_queue, input, repeat, None).await
}

/// The same by the code of a version, whichever is current.
pub async fn start_on(
    client: &Client,
    id: &str,
    task_queue: &str,
    input: &PipelineInput,
    repeat: Repeat,
    version: Option<&WorkerDeploymentVersion>,
) -> anyhow::Result<Launched> {
    let summary = format!("churn pipeline, mode {}", input.mode.as_str());
    let start = Start { workflow_type: WORKFLOW_TYPE, id, task_queue, summary: &summary, repeat, version };
    launch::start(client, start, input).await
}
