//! Who listens on the task queues: the server knows which workers asked it for work lately.

use std::fmt;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use protocol::task_queues::cpu_queue;
use temporalio_client::Client;
use temporalio_client::grpc::WorkflowService;
use temporalio_common::protos::temporal::api::enums::v1::TaskQueueType;
use temporalio_common::protos::temporal::api::taskqueue::v1::{PollerInfo, TaskQueue};
use temporalio_common::protos::temporal::api::workflowservice::v1::DescribeTaskQueueRequest;
use tonic::IntoRequest;

/// A worker asks for work at least once a minute; the server remembers one that is gone for five.
pub const ASKS_WITHIN: Duration = Duration::from_secs(90);

/// What a task queue is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Workflows,
    Activities,
}

/// The workers of a pipeline's queues, as the server saw them lately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listeners {
    task_queue: String,
    workflows: usize,
    light: usize,
    heavy: usize,
    /// How long ago a worker last asked for workflow tasks; nothing where none is remembered.
    last_asked: Option<Duration>,
}

/// Looks who listens on `task_queue` and on the queue of heavy activities beside it.
pub async fn look(client: &Client, task_queue: &str) -> anyhow::Result<Listeners> {
    let heavy_queue = cpu_queue(task_queue);
    let (workflows, light, heavy) = tokio::try_join!(
        pollers(client, task_queue, Asked::Workflows),
        count(client, task_queue, Asked::Activities),
        count(client, &heavy_queue, Asked::Activities),
    )?;
    let now = SystemTime::now();
    let last_asked = workflows.iter().filter_map(|poller| age(poller, now)).min();
    Ok(Listeners { task_queue: task_queue.to_owned(), workflows: workflows.len(), light, heavy, last_asked })
}

impl Listeners {
    /// Whether a run on this queue is taken up and goes on.
    pub fn are_there(&self) -> bool {
        self.take_light_work() && self.heavy > 0
    }

    /// Whether a workflow on this queue goes on that computes nothing.
    pub fn take_light_work(&self) -> bool {
        self.workflows > 0 && self.light > 0
    }

    /// The same in words, with the age of what the server remembers: a worker that is just lost is still in its list.
    pub fn with_age(&self) -> String {
        match self.last_asked {
            Some(age) => format!("{self} (a worker last asked for its workflows {} s ago)", age.as_secs()),
            None => self.to_string(),
        }
    }
}

impl fmt::Display for Listeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let queue = &self.task_queue;
        let silent = match (self.workflows > 0 && self.light > 0, self.heavy > 0) {
            (true, true) => return write!(f, "a worker listens on task queue {queue}"),
            (false, true) => format!("task queue {queue}"),
            // All slots may be taken: a busy worker does not ask for more.
            (true, false) => {
                return write!(
                    f,
                    "no worker asks for work on task queue {}: the workers of {queue} are all busy, or just stopped",
                    cpu_queue(queue)
                );
            }
            (false, false) => format!("task queues {queue} and {}", cpu_queue(queue)),
        };
        write!(
            f,
            "no worker listens on {silent}: start one with `make up`, or `spanishgas worker --task-queue {queue}` with \
             the same lake, server and namespace; a run waits until there is one"
        )
    }
}

/// Whether a worker of `host` has lately asked for workflow tasks of `task_queue`.
///
/// A worker names itself `process@host`; in a container the host is the container, so that its health is its own.
pub async fn asks_from(client: &Client, task_queue: &str, host: &str) -> anyhow::Result<bool> {
    let pollers = pollers(client, task_queue, Asked::Workflows).await?;
    Ok(pollers.iter().any(|poller| host_of(&poller.identity) == Some(host)))
}

fn host_of(identity: &str) -> Option<&str> {
    Some(identity.split_once('@')?.1)
}

async fn count(client: &Client, queue: &str, asked: Asked) -> anyhow::Result<usize> {
    Ok(pollers(client, queue, asked).await?.len())
}

/// Who has lately asked `queue` for work.
async fn pollers(client: &Client, queue: &str, asked: Asked) -> anyhow::Result<Vec<PollerInfo>> {
    let kind = match asked {
        Asked::Workflows => TaskQueueType::Workflow,
        Asked::Activities => TaskQueueType::Activity,
    };
    let request = DescribeTaskQueueRequest {
        namespace: client.options().namespace.clone(),
        task_queue: Some(TaskQueue { name: queue.to_owned(), ..Default::default() }),
        task_queue_type: kind.into(),
        ..Default::default()
    };
    let answer = WorkflowService::describe_task_queue(&mut client.clone(), request.into_request()).await;
    let answer = answer.with_context(|| format!("could not ask the server who listens on task queue {queue}"))?;
    let now = SystemTime::now();
    Ok(answer.into_inner().pollers.into_iter().filter(|poller| asked_lately(poller, asked, now)).collect())
}

/// A worker that computes on all its cores asks for no more activities meanwhile: it counts for as long as the
/// server remembers it.
fn asked_lately(poller: &PollerInfo, asked: Asked, now: SystemTime) -> bool {
    if asked == Asked::Activities {
        return true;
    }
    age(poller, now).is_some_and(|age| age <= ASKS_WITHIN)
}

/// How long ago a worker asked. A clock that is behind the server's makes that this moment.
fn age(poller: &PollerInfo, now: SystemTime) -> Option<Duration> {
    let last = poller.last_access_time.and_then(|time| SystemTime::try_from(time).ok())?;
    Some(now.duration_since(last).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listeners(workflows: usize, light: usize, heavy: usize) -> String {
        Listeners { task_queue: "q".to_owned(), workflows, light, heavy, last_asked: None }.to_string()
    }

    #[test]
    fn the_message_names_the_silent_queues_and_the_command() {
        assert_eq!(listeners(1, 1, 1), "a worker listens on task queue q");
        let nobody = listeners(0, 0, 0);
        assert!(nobody.starts_with("no worker listens on task queues q and q-cpu: start one with"), "{nobody}");
        assert!(nobody.contains("spanishgas worker --task-queue q"), "{nobody}");
        assert!(listeners(0, 2, 2).starts_with("no worker listens on task queue q: start one"));
        assert!(listeners(1, 1, 0).contains("on task queue q-cpu: the workers of q are all busy"));
    }

    #[test]
    fn what_the_server_remembers_is_told_with_its_age() {
        let last_asked = Some(Duration::from_millis(42_700));
        let lost = Listeners { task_queue: "q".to_owned(), workflows: 1, light: 1, heavy: 1, last_asked };
        let words = lost.with_age();
        assert!(words.starts_with("a worker listens on task queue q (") && words.contains("42 s ago"), "{words}");
        assert_eq!(Listeners { last_asked: None, ..lost.clone() }.with_age(), lost.to_string());
    }

    #[test]
    fn a_worker_that_has_not_asked_for_workflows_for_long_is_gone() {
        let now = SystemTime::now();
        let asked = |ago: u64| PollerInfo {
            last_access_time: Some((now - Duration::from_secs(ago)).into()),
            ..Default::default()
        };
        assert!(asked_lately(&asked(60), Asked::Workflows, now));
        assert!(!asked_lately(&asked(120), Asked::Workflows, now));
        assert!(asked_lately(&asked(120), Asked::Activities, now), "it may be busy");
        assert!(asked_lately(&asked(0), Asked::Workflows, now - Duration::from_secs(5)), "its clock is ahead");
    }
}
