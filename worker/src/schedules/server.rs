//! The schedules of a Temporal server: what it holds, and the calls that change it.

use std::time::SystemTime;

use anyhow::Context;
use chrono::{DateTime, Utc};
use temporalio_client::Client;
use temporalio_client::grpc::WorkflowService;
use temporalio_common::protos::temporal::api::enums::v1::WorkflowExecutionStatus;
use temporalio_common::protos::temporal::api::schedule::v1::{Schedule, ScheduleInfo, SchedulePatch};
use temporalio_common::protos::temporal::api::workflowservice::v1::{
    CreateScheduleRequest, DeleteScheduleRequest, DescribeScheduleRequest, ListScheduleMatchingTimesRequest,
    ListSchedulesRequest, PatchScheduleRequest, UpdateScheduleRequest,
};
use tonic::{Code, IntoRequest};

use super::facts::mark;
use super::file::ScheduledWorkflow;

/// Who we are, for the server.
const NAME: &str = "spanishgas";
const PAGE: i32 = 100;

/// A schedule as the server holds it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Described {
    /// What it is.
    pub schedule: Schedule,
    /// What it did and will do.
    pub info: ScheduleInfo,
    /// An update that was made after this look is refused.
    pub seen: Vec<u8>,
}

impl Described {
    /// Whether it was made from a file, for this queue.
    pub fn is_marked_for(&self, task_queue: &str) -> bool {
        mark(&self.schedule).as_deref() == Some(task_queue)
    }
}

/// A server's schedules. Its calls are the client's, which asks a busy server again: a schedule is a workflow, and one
/// with much to do has no room for a look at it.
pub struct Schedules<'a> {
    client: &'a Client,
    task_queue: &'a str,
}

impl<'a> Schedules<'a> {
    /// Those of the server's namespace, for the runs of a queue.
    pub fn of(client: &'a Client, task_queue: &'a str) -> Self {
        Self { client, task_queue }
    }

    /// What the server holds under an ID.
    pub async fn describe(&self, id: &str) -> anyhow::Result<Option<Described>> {
        let request = DescribeScheduleRequest { namespace: self.namespace(), schedule_id: id.to_owned() };
        match WorkflowService::describe_schedule(&mut self.client.clone(), request.into_request()).await {
            Err(status) if status.code() == Code::NotFound => Ok(None),
            answer => {
                let answer = answer.with_context(|| format!("could not look at schedule {id}"))?.into_inner();
                Ok(Some(Described {
                    schedule: answer.schedule.unwrap_or_default(),
                    info: answer.info.unwrap_or_default(),
                    seen: answer.conflict_token,
                }))
            }
        }
    }

    /// All schedules that bear the mark of this queue, by their IDs. The mark is in what a schedule starts, which a list
    /// does not show: those of our workflows are looked at one by one.
    pub async fn marked(&self) -> anyhow::Result<Vec<String>> {
        let mut marked = Vec::new();
        for id in self.of_our_workflows().await? {
            if self.describe(&id).await?.is_some_and(|described| described.is_marked_for(self.task_queue)) {
                marked.push(id);
            }
        }
        Ok(marked)
    }

    async fn of_our_workflows(&self) -> anyhow::Result<Vec<String>> {
        let mut ids = Vec::new();
        let mut next_page_token = Vec::new();
        loop {
            let namespace = self.namespace();
            let request =
                ListSchedulesRequest { namespace, maximum_page_size: PAGE, next_page_token, query: String::new() };
            let answer = WorkflowService::list_schedules(&mut self.client.clone(), request.into_request()).await;
            let answer = answer.context("could not list the schedules")?.into_inner();
            let ours = answer.schedules.into_iter().filter(|entry| {
                let workflow = entry.info.as_ref().and_then(|info| info.workflow_type.as_ref());
                workflow.is_some_and(|workflow| ScheduledWorkflow::is_one(&workflow.name))
            });
            ids.extend(ours.map(|entry| entry.schedule_id));
            next_page_token = answer.next_page_token;
            if next_page_token.is_empty() {
                ids.sort();
                return Ok(ids);
            }
        }
    }

    /// Makes a schedule.
    pub async fn create(&self, id: &str, schedule: Schedule) -> anyhow::Result<()> {
        let request = CreateScheduleRequest {
            namespace: self.namespace(),
            schedule_id: id.to_owned(),
            schedule: Some(schedule),
            identity: identity(),
            request_id: new_request(),
            ..CreateScheduleRequest::default()
        };
        let made = WorkflowService::create_schedule(&mut self.client.clone(), request.into_request()).await;
        made.map(drop).with_context(|| format!("could not create schedule {id}"))
    }

    /// Replaces what is there, unless somebody changed it since it was looked at.
    pub async fn update(&self, id: &str, schedule: Schedule, seen: Vec<u8>) -> anyhow::Result<()> {
        let request = UpdateScheduleRequest {
            namespace: self.namespace(),
            schedule_id: id.to_owned(),
            schedule: Some(schedule),
            conflict_token: seen,
            identity: identity(),
            request_id: new_request(),
            ..UpdateScheduleRequest::default()
        };
        let updated = WorkflowService::update_schedule(&mut self.client.clone(), request.into_request()).await;
        updated.map(drop).with_context(|| format!("could not update schedule {id}"))
    }

    /// Removes a schedule; its runs stay.
    pub async fn delete(&self, id: &str) -> anyhow::Result<()> {
        let request =
            DeleteScheduleRequest { namespace: self.namespace(), schedule_id: id.to_owned(), identity: identity() };
        let gone = WorkflowService::delete_schedule(&mut self.client.clone(), request.into_request()).await;
        gone.map(drop).with_context(|| format!("could not remove schedule {id}"))
    }

    /// Pauses, resumes, triggers or backfills.
    pub async fn patch(&self, id: &str, patch: SchedulePatch) -> anyhow::Result<()> {
        let request = PatchScheduleRequest {
            namespace: self.namespace(),
            schedule_id: id.to_owned(),
            patch: Some(patch),
            identity: identity(),
            request_id: new_request(),
        };
        let patched = WorkflowService::patch_schedule(&mut self.client.clone(), request.into_request()).await;
        patched.map(drop).with_context(|| format!("could not change schedule {id}"))
    }

    /// The times at which it is due, both ends included.
    pub async fn due(&self, id: &str, from: SystemTime, to: SystemTime) -> anyhow::Result<Vec<DateTime<Utc>>> {
        let request = ListScheduleMatchingTimesRequest {
            namespace: self.namespace(),
            schedule_id: id.to_owned(),
            start_time: Some(from.into()),
            end_time: Some(to.into()),
        };
        let answer =
            WorkflowService::list_schedule_matching_times(&mut self.client.clone(), request.into_request()).await;
        let times = answer.with_context(|| format!("could not ask when schedule {id} is due"))?.into_inner().start_time;
        Ok(times.into_iter().filter_map(time).collect())
    }

    fn namespace(&self) -> String {
        self.client.options().namespace.clone()
    }
}

/// Who changed something, for the server.
fn identity() -> String {
    format!("{NAME} schedules {}", std::process::id())
}

/// A name that no other call has: the server does the same call once.
fn new_request() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("{NAME}-{}-{}", std::process::id(), now.as_nanos())
}

/// The server's time as ours.
pub fn time<T: TryInto<SystemTime>>(time: T) -> Option<DateTime<Utc>> {
    time.try_into().ok().map(DateTime::from)
}

/// `RUNNING`, `COMPLETED`, ... as the Temporal CLI shows them.
pub fn status_name(status: WorkflowExecutionStatus) -> &'static str {
    status.as_str_name().trim_start_matches("WORKFLOW_EXECUTION_STATUS_")
}
