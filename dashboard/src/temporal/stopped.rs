//! Who told a run to stop, and why: the end of its history says so.

use chrono::{DateTime, Utc};
use temporalio_client::Client;
use temporalio_common::protos::temporal::api::common::v1::WorkflowExecution;
use temporalio_common::protos::temporal::api::history::v1::HistoryEvent;
use temporalio_common::protos::temporal::api::history::v1::history_event::Attributes;
use temporalio_common::protos::temporal::api::workflowservice::v1::GetWorkflowExecutionHistoryReverseRequest;
use tonic::{Code, IntoRequest};

use super::Answer;
use super::runs::time;
use super::server::{Temporal, Unanswered};

/// So many events are looked through from the end: a run that was told to stop does little more.
const MOST_EVENTS: i32 = 200;

/// That somebody told a run to stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// What they said. The pages put the name of who is signed in before it: `ana: the files are wrong`.
    pub reason: String,
    /// The program that told the server, by its own name.
    pub by: String,
    /// When.
    pub at: Option<DateTime<Utc>>,
}

impl Stopped {
    fn of(event: &HistoryEvent) -> Option<Self> {
        let (reason, by) = match event.attributes.as_ref()? {
            Attributes::WorkflowExecutionCancelRequestedEventAttributes(asked) => (&asked.cause, &asked.identity),
            Attributes::WorkflowExecutionTerminatedEventAttributes(ended) => (&ended.reason, &ended.identity),
            _ => return None,
        };
        Some(Self { reason: reason.trim().to_owned(), by: by.clone(), at: event.event_time.and_then(time) })
    }
}

impl Temporal {
    /// Who told a run to stop; nobody where its history does not say, or is not kept any more.
    pub async fn stopped(&self, workflow_id: &str, run_id: &str, now: DateTime<Utc>) -> Answer<Option<Stopped>> {
        let question = format!("stopped {workflow_id} {run_id}");
        let execution = WorkflowExecution { workflow_id: workflow_id.to_owned(), run_id: run_id.to_owned() };
        let ask = |client: Client| async move {
            let request = GetWorkflowExecutionHistoryReverseRequest {
                namespace: client.options().namespace.clone(),
                execution: Some(execution),
                maximum_page_size: MOST_EVENTS,
                next_page_token: Vec::new(),
            };
            let mut service = client.connection().workflow_service();
            let answer = match service.get_workflow_execution_history_reverse(request.into_request()).await {
                Ok(answer) => answer.into_inner(),
                // A history is kept for some days, a record for good.
                Err(status) if status.code() == Code::NotFound => return Ok(None),
                Err(status) => return Err(Unanswered::from(status)),
            };
            let events = answer.history.unwrap_or_default().events;
            Ok(events.iter().find_map(Stopped::of))
        };
        Box::pin(self.ask(question, now, ask)).await
    }
}

#[cfg(test)]
mod tests {
    use temporalio_common::protos::temporal::api::history::v1::{
        WorkflowExecutionCancelRequestedEventAttributes, WorkflowExecutionTerminatedEventAttributes,
    };

    use super::*;

    #[test]
    fn who_told_a_run_to_stop_and_why_is_in_its_history() {
        let event = |attributes| HistoryEvent { attributes: Some(attributes), ..HistoryEvent::default() };
        let cancelled = event(Attributes::WorkflowExecutionCancelRequestedEventAttributes(
            WorkflowExecutionCancelRequestedEventAttributes {
                cause: "ana: the files are wrong ".to_owned(),
                identity: "7@desk".to_owned(),
                ..WorkflowExecutionCancelRequestedEventAttributes::default()
            },
        ));
        let said = Stopped { reason: "ana: the files are wrong".to_owned(), by: "7@desk".to_owned(), at: None };
        assert_eq!(Stopped::of(&cancelled), Some(said));
        let ended = event(Attributes::WorkflowExecutionTerminatedEventAttributes(
            WorkflowExecutionTerminatedEventAttributes::default(),
        ));
        assert_eq!(Stopped::of(&ended).unwrap().reason, "");
        assert_eq!(Stopped::of(&HistoryEvent::default()), None);
    }
}
