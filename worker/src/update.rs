//! What a person tells a run: an update of Temporal's, and the run's own words back.

use std::time::Duration;

use anyhow::{anyhow, bail};
use serde::Serialize;
use temporalio_client::errors::WorkflowUpdateError;
use temporalio_client::{UntypedUpdate, WorkflowExecuteUpdateOptions};
use temporalio_common::data_converters::{PayloadConverter, RawValue};

use crate::follow::ask;
use crate::payloads::message_of;
use crate::pollers;
use crate::run_handle::RunHandle;

/// A worker answers at once; one that was just lost is noticed after ten seconds.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// Tells the run; its answer. A refusal is an error in the run's own words. Where nobody answers for the run nothing is
/// sent: the server would keep it, and a worker of tomorrow would carry it out.
pub async fn tell(handle: &RunHandle, task_queue: &str, name: &str, input: &impl Serialize) -> anyhow::Result<String> {
    let id = &handle.info().workflow_id;
    require_answer(handle, task_queue).await?;
    let value = RawValue::from_value(&serde_json::to_value(input)?, &PayloadConverter::default());
    let update = handle.execute_update(UntypedUpdate::new(name), value, WorkflowExecuteUpdateOptions::default());
    match tokio::time::timeout(ANSWER_WITHIN, update).await {
        Ok(Ok(answer)) => {
            let data = answer.payloads.first().map_or(&b"\"\""[..], |payload| payload.data.as_slice());
            Ok(serde_json::from_slice(data)?)
        }
        Ok(Err(WorkflowUpdateError::Failed(refusal))) => {
            let why = message_of(handle.client(), *refusal).await?;
            bail!("run {id} refuses: {why}")
        }
        Ok(Err(WorkflowUpdateError::NotFound(_))) => bail!("run {id} is not at work any more"),
        Ok(Err(error)) => Err(anyhow!(error).context(format!("could not tell run {id}"))),
        Err(_) => {
            let listeners = pollers::look(handle.client(), task_queue).await?;
            bail!(
                "run {id} has not answered within {} s: {}; the server may still hold what was sent, and carries it \
                 out when a worker comes back: look at the run again before you repeat it",
                ANSWER_WITHIN.as_secs(),
                listeners.with_age()
            )
        }
    }
}

/// A question changes nothing, and costs a moment where somebody is there.
async fn require_answer(handle: &RunHandle, task_queue: &str) -> anyhow::Result<()> {
    if ask::<String>(handle).await.is_some() {
        return Ok(());
    }
    let id = &handle.info().workflow_id;
    let listeners = pollers::look(handle.client(), task_queue).await?;
    bail!("run {id} was told nothing, since no worker answers for it: {}", listeners.with_age())
}
