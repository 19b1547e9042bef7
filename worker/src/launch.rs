//! Starting a run under the ID that its data gives: the same data is not run twice by accident.

use activities::lake::Lake;
use activities::steps::raw::{RawFiles, identify_raw};
use churn::{SnapshotDate, Watch};
use temporalio_client::errors::WorkflowStartError;
use temporalio_client::{Client, WorkflowIdConflictPolicy, WorkflowIdReusePolicy, WorkflowStartOptions};
use temporalio_common::data_converters::{PayloadConverter, RawValue};
use workflows::ChurnPipeline;
use workflows::churn_pipeline::input::{Mode, PipelineInput};

/// What came of the attempt to start.
pub enum Launched {
    /// A new run, or the one that is at work under this ID.
    Running,
    /// A run under this ID ended well before; nothing was started.
    EndedBefore,
}

/// `churn-pipeline-<mode>-<as_of>-<first 12 of the raw digest>`.
pub fn workflow_id(mode: Mode, as_of: SnapshotDate, files: &RawFiles) -> String {
    format!("churn-pipeline-{}-{as_of}-{}", mode.as_str(), files.digest().short())
}

/// The ID for an input, from the raw files as they are now.
pub async fn content_id(lake: &Lake, input: &PipelineInput, watch: &dyn Watch) -> anyhow::Result<String> {
    let prefix = input.raw_prefix.as_deref().unwrap_or("raw");
    let files = identify_raw(lake, prefix, watch).await?;
    let as_of = match input.as_of {
        Some(as_of) => as_of,
        None => files.last_date(lake, watch).await?,
    };
    Ok(workflow_id(input.mode, as_of, &files))
}

/// Whether a run that ended well may run again under its ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Only a failed run: the same data is not run twice by accident.
    Failed,
    /// Any run; its stages are found unchanged.
    Any,
}

/// Starts the run, or finds the one of this ID.
pub async fn start(
    client: &Client,
    id: &str,
    task_queue: &str,
    input: &PipelineInput,
    repeat: Repeat,
) -> anyhow::Result<Launched> {
    let reuse = match repeat {
        Repeat::Failed => WorkflowIdReusePolicy::AllowDuplicateFailedOnly,
        Repeat::Any => WorkflowIdReusePolicy::AllowDuplicate,
    };
    let options = WorkflowStartOptions::new(task_queue, id)
        .id_reuse_policy(reuse)
        .id_conflict_policy(WorkflowIdConflictPolicy::UseExisting)
        .static_summary(format!("churn pipeline, mode {}", input.mode.as_str()))
        .build();
    let value = RawValue::from_value(&serde_json::to_value(input)?, &PayloadConverter::default());
    match client.start_workflow(ChurnPipeline::run, value, options).await {
        Ok(_) => Ok(Launched::Running),
        Err(WorkflowStartError::AlreadyStarted { .. }) => Ok(Launched::EndedBefore),
        Err(error) => Err(anyhow::Error::new(error).context(format!("could not start workflow {id}"))),
    }
}
