//! Which looks an event asks for: those of the schedules of the raw watcher, with the same input, limit and priority, so that
//! what operators set holds for both. A paused schedule is left alone. Where there is none, the watcher looks as it usually does.

use std::time::Duration;

use anyhow::Context;
use protocol::raw_watcher::{LOOK_AGAIN, WORKFLOW_TYPE};
use temporalio_client::{
    Client, UntypedSignal, UntypedWorkflow, WorkflowIdConflictPolicy, WorkflowIdReusePolicy, WorkflowStartOptions,
};
use temporalio_common::Priority;
use temporalio_common::data_converters::RawValue;

use crate::schedules::{Described, ScheduledWorkflow, Schedules};

/// The name of the schedule in `schedules.yaml`; for the ID of a look where there is none.
const USUAL_SCHEDULE: &str = "raw-watcher";
/// What people read beside it in the Temporal UI.
const SUMMARY: &str = "look at the raw files: an event tells of new ones";

/// A watcher to start, or to tell where it is at work.
#[derive(Debug, Clone)]
struct Look {
    workflow_id: String,
    input: RawValue,
    execution_timeout: Option<Duration>,
    priority: Priority,
}

/// Asks for the looks of a queue; how many that were.
pub async fn ask(client: &Client, task_queue: &str) -> anyhow::Result<usize> {
    let schedules = Schedules::of(client, task_queue).that_start(ScheduledWorkflow::RawWatcher).await?;
    let looks = wanted(&schedules);
    let count = looks.len();
    for look in looks {
        ask_for(client, task_queue, look).await?;
    }
    Ok(count)
}

fn wanted(schedules: &[(String, Described)]) -> Vec<Look> {
    if schedules.is_empty() {
        return vec![Look::usual()];
    }
    let active = schedules.iter().filter(|(_, schedule)| !schedule.is_paused());
    active.map(|(id, schedule)| Look::of_schedule(id, schedule)).collect()
}

impl Look {
    fn usual() -> Self {
        Self {
            workflow_id: workflow_id(USUAL_SCHEDULE),
            input: RawValue::new(Vec::new()),
            execution_timeout: None,
            priority: Priority::default(),
        }
    }

    fn of_schedule(id: &str, schedule: &Described) -> Self {
        let started = schedule.started().cloned().unwrap_or_default();
        let timeout: Option<Duration> = started.workflow_execution_timeout.and_then(|limit| limit.try_into().ok());
        Self {
            workflow_id: workflow_id(id),
            input: RawValue::new(started.input.unwrap_or_default().payloads),
            // The server's word for none is 0.
            execution_timeout: timeout.filter(|limit| !limit.is_zero()),
            priority: started.priority.map(Priority::from).unwrap_or_default(),
        }
    }
}

/// One for all events, so that whoever tells of the next one finds the look at work.
fn workflow_id(schedule: &str) -> String {
    format!("{schedule}-events")
}

/// Starts the watcher, or tells the one that is at work: in one call, so that none ends between the two.
async fn ask_for(client: &Client, task_queue: &str, look: Look) -> anyhow::Result<()> {
    let Look { workflow_id, input, execution_timeout, priority } = look;
    let options = WorkflowStartOptions::new(task_queue, workflow_id.as_str())
        .id_reuse_policy(WorkflowIdReusePolicy::AllowDuplicate)
        .id_conflict_policy(WorkflowIdConflictPolicy::UseExisting)
        .maybe_execution_timeout(execution_timeout)
        .priority(priority)
        .static_summary(SUMMARY.to_owned())
        .build();
    let (watcher, told) = (UntypedWorkflow::new(WORKFLOW_TYPE), UntypedSignal::<UntypedWorkflow>::new(LOOK_AGAIN));
    let asked = client.signal_with_start_workflow(watcher, input, told, RawValue::new(Vec::new()), options).await;
    asked.map(drop).with_context(|| format!("could not ask for a look at the raw files (workflow {workflow_id})"))
}

#[cfg(test)]
mod tests {
    use temporalio_common::protos::temporal::api::common::v1::{Payload, Payloads, Priority as Wanted};
    use temporalio_common::protos::temporal::api::schedule::v1::schedule_action::Action;
    use temporalio_common::protos::temporal::api::schedule::v1::{Schedule, ScheduleAction, ScheduleState};
    use temporalio_common::protos::temporal::api::workflow::v1::NewWorkflowExecutionInfo;

    use super::*;

    fn schedule(id: &str, paused: bool) -> (String, Described) {
        let input = Payload { data: br#"{"settle_secs":300}"#.to_vec(), ..Payload::default() };
        let started = NewWorkflowExecutionInfo {
            input: Some(Payloads { payloads: vec![input] }),
            workflow_execution_timeout: Duration::from_hours(24).try_into().ok(),
            priority: Some(Wanted { priority_key: 2, ..Wanted::default() }),
            ..NewWorkflowExecutionInfo::default()
        };
        let schedule = Schedule {
            action: Some(ScheduleAction { action: Some(Action::StartWorkflow(started)) }),
            state: Some(ScheduleState { paused, ..ScheduleState::default() }),
            ..Schedule::default()
        };
        (id.to_owned(), Described { schedule, ..Described::default() })
    }

    #[test]
    fn a_look_is_as_the_schedule_would_have_it_under_an_id_of_its_own() {
        let looks = wanted(&[schedule("raw-watcher", false)]);
        assert_eq!(looks.len(), 1);
        let Look { workflow_id, input, execution_timeout, priority } = &looks[0];
        assert_eq!((workflow_id.as_str(), *execution_timeout), ("raw-watcher-events", Some(Duration::from_hours(24))));
        assert_eq!(priority.priority_key, Some(2));
        assert_eq!(input.payloads[0].data, br#"{"settle_secs":300}"#);
    }

    #[test]
    fn a_paused_schedule_is_left_alone_and_others_are_not() {
        assert_eq!(wanted(&[schedule("raw-watcher", true)]).len(), 0);
        let looks = wanted(&[schedule("raw-watcher", true), schedule("raw-watcher-north", false)]);
        let ids: Vec<_> = looks.iter().map(|look| look.workflow_id.as_str()).collect();
        assert_eq!(ids, ["raw-watcher-north-events"]);
    }

    #[test]
    fn without_a_schedule_the_watcher_looks_as_it_usually_does() {
        let looks = wanted(&[]);
        assert_eq!(looks.len(), 1);
        assert_eq!((looks[0].workflow_id.as_str(), looks[0].input.payloads.len()), ("raw-watcher-events", 0));
    }
}
