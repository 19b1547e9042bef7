//! Starting a run of any workflow under an ID: the same is not run twice by accident.

use serde::Serialize;
use temporalio_client::errors::WorkflowStartError;
use temporalio_client::{
    Client, UntypedWorkflow, VersioningOverride, WorkflowIdConflictPolicy, WorkflowIdReusePolicy, WorkflowStartOptions,
};
use temporalio_common::WorkerDeploymentVersion;
use temporalio_common::data_converters::{PayloadConverter, RawValue};

/// What came of the attempt to start.
pub enum Launched {
    /// A new run, or the one that is at work under this ID.
    Running,
    /// A run under this ID ended well before; nothing was started.
    EndedBefore,
}

/// Whether a run that ended well may run again under its ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Only a failed run: the same data is not run twice by accident.
    Failed,
    /// Any run; its stages are found unchanged.
    Any,
}

/// What is started.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    /// The workflow's type.
    pub workflow_type: &'a str,
    /// The workflow's ID.
    pub id: &'a str,
    /// The queue of the workers that know the type.
    pub task_queue: &'a str,
    /// A few words for the Temporal UI.
    pub summary: &'a str,
    /// What to do where a run of this ID ended before.
    pub repeat: Repeat,
    /// The version of the code that does it, whichever is current; of a queue whose workers have versions.
    pub version: Option<&'a WorkerDeploymentVersion>,
}

/// Starts the run, or finds the one of this ID.
pub async fn start(client: &Client, start: Start<'_>, input: &impl Serialize) -> anyhow::Result<Launched> {
    let reuse = match start.repeat {
        Repeat::Failed => WorkflowIdReusePolicy::AllowDuplicateFailedOnly,
        Repeat::Any => WorkflowIdReusePolicy::AllowDuplicate,
    };
    let options = WorkflowStartOptions::new(start.task_queue, start.id)
        .id_reuse_policy(reuse)
        .id_conflict_policy(WorkflowIdConflictPolicy::UseExisting)
        .static_summary(start.summary.to_owned())
        .maybe_versioning_override(start.version.cloned().map(VersioningOverride::Pinned))
        .build();
    let value = RawValue::from_value(&serde_json::to_value(input)?, &PayloadConverter::default());
    match client.start_workflow(UntypedWorkflow::new(start.workflow_type), value, options).await {
        Ok(_) => Ok(Launched::Running),
        Err(WorkflowStartError::AlreadyStarted { .. }) => Ok(Launched::EndedBefore),
        Err(error) => Err(anyhow::Error::new(error).context(format!("could not start workflow {}", start.id))),
    }
}
