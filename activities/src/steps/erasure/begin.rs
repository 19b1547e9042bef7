//! The beginning: the tombstones, and who may still write what was read before them.

use chrono::{SecondsFormat, Utc};
use futures::StreamExt;
use lake::documents::{ErasureNotes, ErasureRequest, SettingsInForce, Tombstones};
use lake::{Lake, RemoteError, RemoteErrorKind, keys};
use protocol::erasure::{Begun, EraseStep, OpenRuns, RequestId, RunsBefore};
use protocol::pipeline::WORKFLOW_TYPE;
use temporalio_client::{Client, WorkflowListOptions};

use super::tombstones::hashes;
use crate::error::{Error, Result};
use crate::steps::Environment;

/// So many runs are named.
const SHOWN: usize = 3;

/// Writes the tombstones: a run that begins from now on leaves these customers out.
#[expect(clippy::disallowed_methods, reason = "when they were written is a fact")]
pub async fn begin_erasure(environment: &Environment, request: EraseStep) -> Result<Begun> {
    let lake = &environment.lake;
    if let Some(wanted) = request.lake {
        let found = lake.identity().await?.to_string();
        if found != wanted {
            return Err(Error::OtherLake { wanted, found, lake: lake.to_string() });
        }
    }
    let customers = wanted(lake, &request.request).await?.customers();
    let customers = customers.map_err(|error| churn::Error::settings("request of an erasure", error.to_string()))?;
    let mut notes = ErasureNotes::find(lake, &request.request).await?;
    notes.new_tombstones += Tombstones::add(lake, hashes(lake, &customers).await?).await?;
    notes.store(lake, &request.request).await?;
    let at = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
    Ok(Begun { customers: customers.len(), new_tombstones: notes.new_tombstones, at })
}

/// The request; an error when it is not there any more.
pub(super) async fn wanted(lake: &Lake, request: &RequestId) -> Result<ErasureRequest> {
    let found = ErasureRequest::find(lake, request).await?;
    let missing = || lake::LakeError::Missing { key: keys::erasure_request(request.as_str()), lake: lake.to_string() };
    Ok(found.ok_or_else(missing)?)
}

/// The runs at work on this lake's queues that began before a time of the server's clock.
pub async fn runs_before(environment: &Environment, client: Client, request: RunsBefore) -> Result<OpenRuns> {
    let queues = SettingsInForce::queues(&environment.lake).await?;
    let at = &request.at;
    let query = format!("WorkflowType = '{WORKFLOW_TYPE}' AND ExecutionStatus = 'Running' AND StartTime <= '{at}'");
    let mut found = client.list_workflows(query, WorkflowListOptions::default());
    let mut open = OpenRuns { count: 0, some: Vec::new() };
    while let Some(run) = found.next().await {
        let run = run.map_err(|error| not_listed(&error))?;
        if !queues.is_empty() && !queues.contains(run.task_queue()) {
            continue;
        }
        open.count += 1;
        if open.some.len() < SHOWN {
            open.some.push(run.id().to_owned());
        }
    }
    Ok(open)
}

fn not_listed(error: &impl std::fmt::Display) -> Error {
    RemoteError {
        service: "temporal",
        operation: "ListWorkflowExecutions",
        target: "the runs at work".to_owned(),
        kind: RemoteErrorKind::Unavailable,
        said: error.to_string(),
    }
    .into()
}
