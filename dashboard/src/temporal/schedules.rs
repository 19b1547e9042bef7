//! What runs when: the schedules that were made from our file for this queue.

use chrono::{DateTime, Utc};
use temporalio_client::Client;
use temporalio_common::protos::temporal::api::schedule::v1::{
    Range, Schedule, ScheduleActionResult, ScheduleInfo, ScheduleListEntry, StructuredCalendarSpec,
    schedule_action::Action,
};
use temporalio_common::protos::temporal::api::workflow::v1::NewWorkflowExecutionInfo;
use temporalio_common::protos::temporal::api::workflowservice::v1::{DescribeScheduleRequest, ListSchedulesRequest};
use tonic::{Code, IntoRequest};

use super::runs::time;
use super::server::{Temporal, Unanswered};
use super::{Answer, RunState};

/// As `spanishgas schedules` marks what it makes: the entry of the memo of what a schedule starts.
const MARK: &str = "spanishgas";
const MOST: i32 = 100;
/// How many coming times are shown.
const NEXT: usize = 3;

/// A schedule as people look at it.
#[derive(Debug, Clone, PartialEq)]
pub struct Scheduled {
    /// Its name.
    pub id: String,
    /// The workflow that it starts.
    pub workflow: String,
    /// What that is started with, as JSON.
    pub input: String,
    /// The zone that its times are of.
    pub time_zone: String,
    /// Its times as cron lines: minute, hour, day of the month, month, day of the week.
    pub times: Vec<String>,
    /// Whether it waits.
    pub paused: bool,
    /// What people wrote, or why it waits.
    pub note: String,
    /// The coming times.
    pub next: Vec<DateTime<Utc>>,
    /// What it started last.
    pub last: Option<LastStart>,
    /// How many times were missed for longer than the catch-up window.
    pub missed: u64,
    /// How many times were left out since the run before was at work.
    pub skipped: u64,
}

/// What a schedule started last.
#[derive(Debug, Clone, PartialEq)]
pub struct LastStart {
    /// When it was due.
    pub due: Option<DateTime<Utc>>,
    /// When it started.
    pub started: Option<DateTime<Utc>>,
    /// The workflow.
    pub workflow_id: String,
    /// The run.
    pub run_id: String,
    /// How that stands.
    pub state: Option<RunState>,
}

impl Temporal {
    /// The schedules of our file for this queue, by their names.
    pub async fn schedules(&self, now: DateTime<Utc>) -> Answer<Vec<Scheduled>> {
        let task_queue = self.task_queue.clone();
        Box::pin(self.ask("schedules".to_owned(), now, |client| marked(client, task_queue))).await
    }
}

async fn marked(client: Client, task_queue: String) -> Result<Vec<Scheduled>, Unanswered> {
    let namespace = client.options().namespace.clone();
    let request =
        ListSchedulesRequest { namespace, maximum_page_size: MOST, ..ListSchedulesRequest::default() }.into_request();
    let listed = client.connection().workflow_service().list_schedules(request).await?.into_inner();
    let mut marked = Vec::new();
    for entry in listed.schedules {
        marked.extend(described(&client, entry, &task_queue).await?);
    }
    marked.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(marked)
}

/// A schedule, if it is marked for the queue and still there.
async fn described(
    client: &Client,
    entry: ScheduleListEntry,
    task_queue: &str,
) -> Result<Option<Scheduled>, Unanswered> {
    let namespace = client.options().namespace.clone();
    let request = DescribeScheduleRequest { namespace, schedule_id: entry.schedule_id.clone() }.into_request();
    let described = match client.connection().workflow_service().describe_schedule(request).await {
        Err(status) if status.code() == Code::NotFound => return Ok(None),
        answer => answer?.into_inner(),
    };
    let (schedule, info) = (described.schedule.unwrap_or_default(), described.info.unwrap_or_default());
    Ok((mark(&schedule).as_deref() == Some(task_queue)).then(|| scheduled(entry.schedule_id, schedule, &info)))
}

fn mark(schedule: &Schedule) -> Option<String> {
    let Action::StartWorkflow(started) = schedule.action.as_ref()?.action.as_ref()?;
    serde_json::from_slice(&started.memo.as_ref()?.fields.get(MARK)?.data).ok()
}

fn scheduled(id: String, schedule: Schedule, info: &ScheduleInfo) -> Scheduled {
    let started = match schedule.action.and_then(|action| action.action) {
        Some(Action::StartWorkflow(started)) => started,
        None => NewWorkflowExecutionInfo::default(),
    };
    let input = started.input.unwrap_or_default().payloads.into_iter().next().unwrap_or_default().data;
    let spec = schedule.spec.unwrap_or_default();
    let state = schedule.state.unwrap_or_default();
    Scheduled {
        id,
        workflow: started.workflow_type.unwrap_or_default().name,
        input: String::from_utf8_lossy(&input).into_owned(),
        time_zone: if spec.timezone_name.is_empty() { "UTC".to_owned() } else { spec.timezone_name.clone() },
        times: spec.structured_calendar.iter().map(cron).collect(),
        paused: state.paused,
        note: state.notes,
        next: info.future_action_times.iter().take(NEXT).filter_map(|at| time(*at)).collect(),
        last: info.recent_actions.last().map(last),
        missed: u64::try_from(info.missed_catchup_window).unwrap_or_default(),
        skipped: u64::try_from(info.overlap_skipped).unwrap_or_default(),
    }
}

fn cron(times: &StructuredCalendarSpec) -> String {
    let fields = [
        (&times.minute, 0, 59),
        (&times.hour, 0, 23),
        (&times.day_of_month, 1, 31),
        (&times.month, 1, 12),
        (&times.day_of_week, 0, 6),
    ];
    fields.map(|(ranges, from, to)| field(ranges, from, to)).join(" ")
}

fn field(ranges: &[Range], from: i32, to: i32) -> String {
    let part = |range: &Range| {
        // What the server leaves out is 0.
        let (start, end, step) = (range.start, range.end.max(range.start), range.step.max(1));
        let span = match (start, end) {
            (start, end) if start == from && end == to => "*".to_owned(),
            (start, end) if start == end => start.to_string(),
            (start, end) => format!("{start}-{end}"),
        };
        if step == 1 || start == end { span } else { format!("{span}/{step}") }
    };
    ranges.iter().map(part).collect::<Vec<_>>().join(",")
}

fn last(action: &ScheduleActionResult) -> LastStart {
    let started = action.start_workflow_result.clone().unwrap_or_default();
    LastStart {
        due: action.schedule_time.and_then(time),
        started: action.actual_time.and_then(time),
        workflow_id: started.workflow_id,
        run_id: started.run_id,
        state: RunState::of_status(action.start_workflow_status()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_a_schedule_are_a_cron_line() {
        let range = |start: i32, end: i32, step: i32| vec![Range { start, end, step }];
        let times = StructuredCalendarSpec {
            minute: range(0, 59, 15),
            hour: range(2, 0, 0),
            day_of_month: range(1, 31, 1),
            month: range(1, 12, 0),
            day_of_week: range(1, 5, 1),
            ..StructuredCalendarSpec::default()
        };
        assert_eq!(cron(&times), "*/15 2 * * 1-5");
    }
}
