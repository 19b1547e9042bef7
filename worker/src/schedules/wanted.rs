//! A schedule of the file as the server takes it.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::anyhow;
use serde_json::Value;
use temporalio_common::protos::temporal::api::common::v1::{Memo, Payload, Payloads, Priority, WorkflowType};
use temporalio_common::protos::temporal::api::schedule::v1::{
    Schedule, ScheduleAction, SchedulePolicies, ScheduleSpec, ScheduleState, schedule_action::Action,
};
use temporalio_common::protos::temporal::api::taskqueue::v1::TaskQueue;
use temporalio_common::protos::temporal::api::workflow::v1::NewWorkflowExecutionInfo;

use super::ScheduleDefinition;

/// The entry in the memo of what a schedule starts that says that it was made from a file, and for which task queue. (The
/// memo of the schedule itself cannot be changed on every server.)
pub const MARK: &str = "spanishgas";

/// What the server should hold: all of it, in a state.
pub fn wanted(definition: &ScheduleDefinition, task_queue: &str, state: ScheduleState) -> anyhow::Result<Schedule> {
    let times = definition.times().map_err(|problem| anyhow!("{}: {problem}", definition.id))?;
    Ok(Schedule {
        spec: Some(ScheduleSpec {
            structured_calendar: vec![times],
            timezone_name: definition.time_zone.clone(),
            jitter: seconds(definition.jitter_secs),
            ..ScheduleSpec::default()
        }),
        action: Some(ScheduleAction { action: Some(Action::StartWorkflow(started(definition, task_queue))) }),
        policies: Some(SchedulePolicies {
            overlap_policy: definition.overlap.policy().into(),
            catchup_window: seconds(definition.catchup_window_secs),
            pause_on_failure: definition.pause_on_failure,
            keep_original_workflow_id: false,
        }),
        state: Some(state),
    })
}

fn started(definition: &ScheduleDefinition, task_queue: &str) -> NewWorkflowExecutionInfo {
    NewWorkflowExecutionInfo {
        workflow_id: definition.id.clone(),
        workflow_type: Some(WorkflowType { name: definition.workflow.as_str().to_owned() }),
        task_queue: Some(TaskQueue { name: task_queue.to_owned(), ..TaskQueue::default() }),
        input: Some(Payloads { payloads: vec![json(&definition.input)] }),
        workflow_execution_timeout: definition.execution_timeout_secs.and_then(seconds),
        memo: Some(Memo { fields: HashMap::from([(MARK.to_owned(), json(&task_queue.into()))]) }),
        priority: Some(Priority { priority_key: definition.priority, ..Priority::default() }),
        ..NewWorkflowExecutionInfo::default()
    }
}

/// A value as the SDKs write it.
fn json(value: &Value) -> Payload {
    let metadata = HashMap::from([("encoding".to_owned(), b"json/plain".to_vec())]);
    Payload { metadata, data: value.to_string().into_bytes(), ..Payload::default() }
}

fn seconds<D: TryFrom<Duration>>(seconds: u64) -> Option<D> {
    D::try_from(Duration::from_secs(seconds)).ok()
}
