//! What a run waits for: its activities that have not ended, as the server describes them.

use std::collections::BTreeMap;

use activities::retry_report::words;
use serde_json::Value;
use temporalio_client::WorkflowDescribeOptions;
use temporalio_common::protos::temporal::api::workflow::v1::PendingActivityInfo;

use crate::run_handle::RunHandle;

/// An attempt that is told of: before it, two have failed.
const TOLD_FROM: u32 = 3;

/// The pending activities of one type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pending {
    /// Units done, as the last heartbeats said.
    pub done: u64,
    /// Units in all.
    pub total: u64,
    /// The highest attempt among them.
    pub attempt: u32,
    /// What the attempt before that one failed with.
    pub last_failure: Option<String>,
}

impl Pending {
    /// What keeps the activity from ending, when it is tried again and again.
    pub fn trouble(&self, activity: &str) -> Option<String> {
        let why = self.last_failure.as_deref().filter(|_| self.attempt >= TOLD_FROM)?;
        Some(format!("attempt {} of {activity}, after: {why}", self.attempt))
    }

    fn add(&mut self, activity: &PendingActivityInfo) {
        let payload = activity.heartbeat_details.as_ref().and_then(|details| details.payloads.first());
        let details: Option<Value> = payload.and_then(|payload| serde_json::from_slice(&payload.data).ok());
        let unit = |field: &str| details.as_ref().and_then(|details| details[field].as_u64()).unwrap_or_default();
        self.done += unit("done");
        self.total += unit("total");
        let attempt = u32::try_from(activity.attempt).unwrap_or_default();
        if attempt > self.attempt {
            self.attempt = attempt;
            self.last_failure = activity.last_failure.as_ref().map(words);
        }
    }
}

/// The pending activities by their type; nothing while the server does not answer.
pub async fn pending(handle: &RunHandle) -> BTreeMap<String, Pending> {
    let described = handle.describe(WorkflowDescribeOptions::default()).await;
    described.map(|described| by_type(&described.raw().pending_activities)).unwrap_or_default()
}

fn by_type(activities: &[PendingActivityInfo]) -> BTreeMap<String, Pending> {
    let mut by_type: BTreeMap<String, Pending> = BTreeMap::new();
    for activity in activities {
        let name = activity.activity_type.as_ref().map(|kind| kind.name.clone()).unwrap_or_default();
        by_type.entry(name).or_default().add(activity);
    }
    by_type
}

#[cfg(test)]
mod tests {
    use temporalio_common::protos::temporal::api::common::v1::{ActivityType, Payload, Payloads};
    use temporalio_common::protos::temporal::api::failure::v1::Failure;

    use super::*;

    fn slice(attempt: i32, done: u64, failure: &str) -> PendingActivityInfo {
        let data = format!(r#"{{"done":{done},"total":10}}"#).into_bytes();
        PendingActivityInfo {
            activity_type: Some(ActivityType { name: "aggregate_slice".to_owned() }),
            attempt,
            heartbeat_details: Some(Payloads { payloads: vec![Payload { data, ..Default::default() }] }),
            last_failure: Some(Failure { message: failure.to_owned(), ..Default::default() }),
            ..Default::default()
        }
    }

    #[test]
    fn units_add_up_and_the_worst_attempt_speaks() {
        let all = by_type(&[slice(1, 3, ""), slice(4, 2, "no space left"), slice(2, 1, "reset")]);
        let slices = &all["aggregate_slice"];
        assert_eq!((slices.done, slices.total), (6, 30));
        let trouble = slices.trouble("aggregate_slice").unwrap();
        assert_eq!(trouble, "attempt 4 of aggregate_slice, after: no space left");
    }

    #[test]
    fn a_second_attempt_is_nothing_to_tell() {
        assert_eq!(by_type(&[slice(2, 0, "reset")])["aggregate_slice"].trouble("aggregate_slice"), None);
    }
}
