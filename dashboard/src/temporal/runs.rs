//! The runs of the pipeline as the server lists and counts them.

use std::fmt::Write as _;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, Utc};
use protocol::pipeline::{Mode, Outcome, WORKFLOW_TYPE};
use protocol::search_attributes;
use serde::de::DeserializeOwned;
use temporalio_client::Client;
use temporalio_common::protos::temporal::api::common::v1::Payload;
use temporalio_common::protos::temporal::api::enums::v1::WorkflowExecutionStatus;
use temporalio_common::protos::temporal::api::workflow::v1::WorkflowExecutionInfo;
use temporalio_common::protos::temporal::api::workflowservice::v1::{
    CountWorkflowExecutionsRequest, ListWorkflowExecutionsRequest,
};
use tonic::IntoRequest;

use super::Answer;
use super::server::{Temporal, Unanswered};

/// How a run stands, in the server's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunState {
    /// At work.
    Running,
    /// It came to a result.
    Completed,
    /// Something failed for good.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
    /// Somebody ended it at once.
    Terminated,
    /// Its time was over.
    TimedOut,
    /// It goes on as a run of another ID.
    ContinuedAsNew,
}

impl RunState {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Running,
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
        Self::Terminated,
        Self::TimedOut,
        Self::ContinuedAsNew,
    ];

    /// The word in URLs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Terminated => "terminated",
            Self::TimedOut => "timed_out",
            Self::ContinuedAsNew => "continued",
        }
    }

    /// The state of a word in a URL.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// The server's own name.
    fn name(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Cancelled => "Canceled",
            Self::Terminated => "Terminated",
            Self::TimedOut => "TimedOut",
            Self::ContinuedAsNew => "ContinuedAsNew",
        }
    }

    pub(super) fn of_status(status: WorkflowExecutionStatus) -> Option<Self> {
        match status {
            WorkflowExecutionStatus::Running => Some(Self::Running),
            WorkflowExecutionStatus::Completed => Some(Self::Completed),
            WorkflowExecutionStatus::Failed => Some(Self::Failed),
            WorkflowExecutionStatus::Canceled => Some(Self::Cancelled),
            WorkflowExecutionStatus::Terminated => Some(Self::Terminated),
            WorkflowExecutionStatus::TimedOut => Some(Self::TimedOut),
            WorkflowExecutionStatus::ContinuedAsNew => Some(Self::ContinuedAsNew),
            _ => None,
        }
    }
}

/// A run in a line of the server's list.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerRun {
    /// Its workflow.
    pub workflow_id: String,
    /// Its own ID.
    pub run_id: String,
    /// How it stands; none where the server has a newer word.
    pub state: Option<RunState>,
    /// When it started.
    pub started: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended: Option<DateTime<Utc>>,
    /// `train` or `score`.
    pub mode: Option<String>,
    /// The date it looks from.
    pub as_of: Option<NaiveDate>,
    /// The stages that were at work when one last began.
    pub stage: Option<String>,
    /// The model that it is about.
    pub model_version: Option<String>,
    /// What became of it.
    pub outcome: Option<String>,
    /// The drift level.
    pub drift: Option<String>,
    /// The challenger's PR-AUC.
    pub pr_auc: Option<f64>,
}

/// Some runs, and how to ask for more.
#[derive(Debug, Clone, PartialEq)]
pub struct RunsPage {
    /// The newest first.
    pub runs: Vec<ServerRun>,
    /// What the next page is asked with.
    pub next: Option<String>,
}

/// Which runs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunFilter {
    /// In this state.
    pub state: Option<RunState>,
    /// In this mode.
    pub mode: Option<Mode>,
    /// With this outcome.
    pub outcome: Option<Outcome>,
    /// Started on this day or later, UTC.
    pub from: Option<NaiveDate>,
    /// Started on this day or before, UTC.
    pub to: Option<NaiveDate>,
}

/// How many runs there are in each state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// In any state.
    pub total: u64,
    /// At work.
    pub running: u64,
    /// With a result.
    pub completed: u64,
    /// Failed, or out of time.
    pub failed: u64,
}

impl RunFilter {
    /// As the server takes it.
    fn query(&self, task_queue: &str) -> String {
        let mut query = format!("WorkflowType = '{WORKFLOW_TYPE}' AND TaskQueue = '{}'", quoted(task_queue));
        let mut and = |attribute: &str, comparison: &str, value: &str| {
            // Writing to a string cannot fail.
            let _ = write!(query, " AND {attribute} {comparison} '{}'", quoted(value));
        };
        if let Some(state) = self.state {
            and("ExecutionStatus", "=", state.name());
        }
        if let Some(mode) = self.mode {
            and(search_attributes::MODE.name(), "=", mode.as_str());
        }
        if let Some(outcome) = self.outcome {
            and(search_attributes::VERDICT.name(), "=", outcome.as_str());
        }
        if let Some(from) = self.from {
            and("StartTime", ">=", &format!("{from}T00:00:00Z"));
        }
        if let Some(day_after) = self.to.and_then(|to| to.succ_opt()) {
            and("StartTime", "<", &format!("{day_after}T00:00:00Z"));
        }
        query
    }
}

fn quoted(value: &str) -> String {
    value.replace('\\', "\\\\").replace('\'', "\\'")
}

impl Temporal {
    /// A page of runs; `token` is the `next` of the page before.
    pub async fn runs(
        &self,
        filter: &RunFilter,
        token: Option<&str>,
        size: u16,
        now: DateTime<Utc>,
    ) -> Answer<RunsPage> {
        let query = filter.query(&self.task_queue);
        // A token that is none asks for the first page.
        let next_page_token = token.and_then(|token| URL_SAFE_NO_PAD.decode(token).ok()).unwrap_or_default();
        let question = format!("runs {size} {} {query}", token.unwrap_or_default());
        let ask = |client: Client| async move {
            let request = ListWorkflowExecutionsRequest {
                namespace: client.options().namespace.clone(),
                page_size: i32::from(size),
                next_page_token,
                query,
            };
            let answer = client.connection().workflow_service().list_workflow_executions(request.into_request()).await;
            let answer = answer.map_err(Unanswered::from)?.into_inner();
            let next = (!answer.next_page_token.is_empty()).then(|| URL_SAFE_NO_PAD.encode(&answer.next_page_token));
            Ok::<_, Unanswered>(RunsPage { runs: answer.executions.iter().map(ServerRun::of).collect(), next })
        };
        Box::pin(self.ask(question, now, ask)).await
    }

    /// How many runs started since then stand how.
    pub async fn counts(&self, since: NaiveDate, now: DateTime<Utc>) -> Answer<Counts> {
        let filter = RunFilter { from: Some(since), ..RunFilter::default() };
        let query = format!("{} GROUP BY ExecutionStatus", filter.query(&self.task_queue));
        let question = format!("counts {query}");
        let ask = |client: Client| async move {
            let namespace = client.options().namespace.clone();
            let request = CountWorkflowExecutionsRequest { namespace, query };
            let answer = client.connection().workflow_service().count_workflow_executions(request.into_request()).await;
            let answer = answer.map_err(Unanswered::from)?.into_inner();
            let groups = answer.groups.iter().map(|group| {
                let state = group.group_values.first().and_then(json::<String>).unwrap_or_default();
                (state, u64::try_from(group.count).unwrap_or_default())
            });
            Ok::<_, Unanswered>(counts(groups))
        };
        Box::pin(self.ask(question, now, ask)).await
    }
}

fn counts(groups: impl Iterator<Item = (String, u64)>) -> Counts {
    let mut counts = Counts::default();
    for (state, count) in groups {
        counts.total += count;
        match RunState::ALL.into_iter().find(|known| known.name() == state) {
            Some(RunState::Running) => counts.running += count,
            Some(RunState::Completed) => counts.completed += count,
            Some(RunState::Failed | RunState::TimedOut) => counts.failed += count,
            _ => {}
        }
    }
    counts
}

impl ServerRun {
    fn of(info: &WorkflowExecutionInfo) -> Self {
        let execution = info.execution.clone().unwrap_or_default();
        let attributes = info.search_attributes.clone().unwrap_or_default().indexed_fields;
        let text = |name: &str| attributes.get(name).and_then(json::<String>);
        Self {
            workflow_id: execution.workflow_id,
            run_id: execution.run_id,
            state: RunState::of_status(info.status()),
            started: info.start_time.and_then(time),
            ended: info.close_time.and_then(time),
            mode: text(search_attributes::MODE.name()),
            as_of: text(search_attributes::AS_OF.name()).and_then(|date| date.parse().ok()),
            stage: text(search_attributes::STAGE.name()),
            model_version: text(search_attributes::MODEL_VERSION.name()),
            outcome: text(search_attributes::VERDICT.name()),
            drift: text(search_attributes::DRIFT.name()),
            pr_auc: attributes.get(search_attributes::PR_AUC.name()).and_then(json::<f64>),
        }
    }
}

/// A value of the server's own.
fn json<T: DeserializeOwned>(payload: &Payload) -> Option<T> {
    serde_json::from_slice(&payload.data).ok()
}

/// The server's time as ours.
pub(super) fn time<T: TryInto<SystemTime>>(time: T) -> Option<DateTime<Utc>> {
    time.try_into().ok().map(DateTime::from)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use temporalio_common::protos::temporal::api::common::v1::{SearchAttributes, WorkflowExecution};

    use super::*;

    #[test]
    fn a_filter_is_a_query_and_no_value_leaves_its_quotes() {
        let filter = RunFilter {
            state: Some(RunState::Cancelled),
            mode: Some(Mode::Train),
            to: NaiveDate::from_ymd_opt(2024, 12, 31),
            ..RunFilter::default()
        };
        let query = filter.query("q' OR '1");
        assert_eq!(
            query,
            "WorkflowType = 'ChurnPipeline' AND TaskQueue = 'q\\' OR \\'1' AND ExecutionStatus = 'Canceled' AND \
             ChurnMode = 'train' AND StartTime < '2025-01-01T00:00:00Z'"
        );
    }

    #[test]
    fn states_are_counted_and_a_newer_word_is_in_the_total_alone() {
        let groups = [("Completed", 3), ("Running", 1), ("TimedOut", 1), ("Failed", 2), ("Paused", 1)];
        let counted = counts(groups.into_iter().map(|(state, count)| (state.to_owned(), count)));
        assert_eq!(counted, Counts { total: 8, running: 1, completed: 3, failed: 3 });
    }

    #[test]
    fn a_line_of_the_list_is_a_run() {
        let payload = |json: &str| Payload { data: json.as_bytes().to_vec(), ..Payload::default() };
        let attributes = [("ChurnMode", "\"train\""), ("ChurnAsOf", "\"2024-12-31\""), ("ChurnPrAuc", "0.75")];
        let indexed_fields: HashMap<_, _> =
            attributes.into_iter().map(|(name, value)| (name.to_owned(), payload(value))).collect();
        let info = WorkflowExecutionInfo {
            execution: Some(WorkflowExecution { workflow_id: "nightly".to_owned(), run_id: "r1".to_owned() }),
            status: WorkflowExecutionStatus::Running.into(),
            search_attributes: Some(SearchAttributes { indexed_fields }),
            ..WorkflowExecutionInfo::default()
        };
        let run = ServerRun::of(&info);
        assert_eq!((run.workflow_id.as_str(), run.state), ("nightly", Some(RunState::Running)));
        assert_eq!((run.as_of, run.pr_auc), (NaiveDate::from_ymd_opt(2024, 12, 31), Some(0.75)));
        assert_eq!((run.mode.as_deref(), run.drift), (Some("train"), None));
    }
}
