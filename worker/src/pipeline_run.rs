//! Starting a run of `ChurnPipeline`.

use protocol::pipeline::{PipelineInput, WORKFLOW_TYPE};
use temporalio_client::Client;

use crate::launch::{self, Launched, Repeat, Start};

/// Starts the run, or finds the one of this ID.
pub async fn start(
    client: &Client,
    id: &str,
    task_queue: &str,
    input: &PipelineInput,
    repeat: Repeat,
) -> anyhow::Result<Launched> {
    let summary = format!("churn pipeline, mode {}", input.mode.as_str());
    let start = Start { workflow_type: WORKFLOW_TYPE, id, task_queue, summary: &summary, repeat };
    launch::start(client, start, input).await
}
