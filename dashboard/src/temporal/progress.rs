//! How far a run is: what its worker answers, and what the server knows of its activities.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use protocol::progress::{Progress, QUERY};
use serde_json::Value;
use temporalio_client::{
    Client, UntypedQuery, UntypedWorkflowHandle, WorkflowDescribeOptions, WorkflowExecutionInfo, WorkflowQueryOptions,
};
use temporalio_common::data_converters::RawValue;
use temporalio_common::protos::temporal::api::workflow::v1::PendingActivityInfo;
use tokio::time::timeout;

use super::Answer;
use super::server::{Temporal, Unanswered};

/// A worker answers at once; a query that it lost is asked once more, all within the deadline of a page.
const ONE_QUERY: Duration = Duration::from_millis(900);
const ASKED: usize = 2;

/// The activities of one type that have not ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Work {
    /// Units done, as the last heartbeats said.
    pub done: u64,
    /// Units in all.
    pub total: u64,
    /// The highest attempt among them.
    pub attempt: u32,
}

impl Temporal {
    /// How far a run is, its stages by name.
    pub async fn progress(
        &self,
        workflow_id: &str,
        run_id: Option<&str>,
        now: DateTime<Utc>,
    ) -> Answer<Progress<String>> {
        let question = format!("progress {workflow_id} {}", run_id.unwrap_or_default());
        let run = Run::of(workflow_id, run_id);
        Box::pin(self.ask(question, now, |client| async move { queried(&run.handle(&client)).await })).await
    }

    /// The activities of a run that have not ended, by their type.
    pub async fn work(
        &self,
        workflow_id: &str,
        run_id: Option<&str>,
        now: DateTime<Utc>,
    ) -> Answer<BTreeMap<String, Work>> {
        let question = format!("work {workflow_id} {}", run_id.unwrap_or_default());
        let run = Run::of(workflow_id, run_id);
        let ask = |client: Client| async move {
            let described = run.handle(&client).describe(WorkflowDescribeOptions::default()).await;
            let described = described.map_err(|error| Unanswered::Server(error.to_string()))?;
            Ok::<_, Unanswered>(by_type(&described.raw().pending_activities))
        };
        Box::pin(self.ask(question, now, ask)).await
    }
}

/// A run by its IDs.
struct Run {
    workflow_id: String,
    run_id: Option<String>,
}

impl Run {
    fn of(workflow_id: &str, run_id: Option<&str>) -> Self {
        Self { workflow_id: workflow_id.to_owned(), run_id: run_id.map(str::to_owned) }
    }

    fn handle(&self, client: &Client) -> UntypedWorkflowHandle<Client> {
        let info = WorkflowExecutionInfo::builder()
            .namespace(client.options().namespace.clone())
            .workflow_id(self.workflow_id.clone())
            .maybe_run_id(self.run_id.clone())
            .build();
        info.bind_untyped(client.clone())
    }
}

/// What the worker says; that none answers is an answer of its own.
pub(super) async fn queried(handle: &UntypedWorkflowHandle<Client>) -> Result<Progress<String>, Unanswered> {
    for _ in 0..ASKED {
        let asked = handle.query(UntypedQuery::new(QUERY), RawValue::new(Vec::new()), WorkflowQueryOptions::default());
        let Ok(Ok(answer)) = timeout(ONE_QUERY, asked).await else { continue };
        let data = answer.payloads.first().map(|payload| payload.data.as_slice()).unwrap_or_default();
        return serde_json::from_slice(data).map_err(|_| Unanswered::Worker);
    }
    Err(Unanswered::Worker)
}

fn by_type(activities: &[PendingActivityInfo]) -> BTreeMap<String, Work> {
    let mut by_type: BTreeMap<String, Work> = BTreeMap::new();
    for activity in activities {
        let name = activity.activity_type.as_ref().map(|kind| kind.name.clone()).unwrap_or_default();
        let payload = activity.heartbeat_details.as_ref().and_then(|details| details.payloads.first());
        let details: Option<Value> = payload.and_then(|payload| serde_json::from_slice(&payload.data).ok());
        let unit = |field: &str| details.as_ref().and_then(|details| details[field].as_u64()).unwrap_or_default();
        let work = by_type.entry(name).or_default();
        work.done += unit("done");
        work.total += unit("total");
        work.attempt = work.attempt.max(u32::try_from(activity.attempt).unwrap_or_default());
    }
    by_type
}

#[cfg(test)]
mod tests {
    use temporalio_common::protos::temporal::api::common::v1::{ActivityType, Payload, Payloads};

    use super::*;

    #[test]
    fn the_units_of_slices_add_up() {
        let slice = |attempt: i32, done: u64| PendingActivityInfo {
            activity_type: Some(ActivityType { name: "aggregate_slice".to_owned() }),
            attempt,
            heartbeat_details: Some(Payloads {
                payloads: vec![Payload {
                    data: format!(r#"{{"done":{done},"total":10}}"#).into_bytes(),
                    ..Payload::default()
                }],
            }),
            ..PendingActivityInfo::default()
        };
        let work = by_type(&[slice(1, 3), slice(4, 2)]);
        assert_eq!(work["aggregate_slice"], Work { done: 5, total: 20, attempt: 4 });
    }
}
