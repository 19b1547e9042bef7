//! The promotions that wait for a person.

use chrono::{DateTime, Utc};
use futures::StreamExt;
use protocol::progress::WaitingApproval;
use temporalio_client::{Client, UntypedWorkflow};

use super::progress::queried;
use super::server::{Temporal, Unanswered};
use super::{Answer, RunFilter, RunState};

/// So many runs are asked at once.
const AT_ONCE: usize = 8;
/// More runs than these are never at work at once.
const MOST: u16 = 100;

/// A promotion that waits for a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    /// The workflow whose run asks.
    pub workflow_id: String,
    /// The run.
    pub run_id: String,
    /// What it asks.
    pub approval: WaitingApproval,
}

impl Temporal {
    /// The promotions that wait. A run at work for which no worker answers is no promotion that waits; where no run
    /// answers at all, that is the answer.
    pub async fn approvals(&self, now: DateTime<Utc>) -> Answer<Vec<Waiting>> {
        let at_work = RunFilter { state: Some(RunState::Running), ..RunFilter::default() };
        let runs = match self.runs(&at_work, None, MOST, now).await {
            Answer::Known(page) => page.runs,
            Answer::Down { reason } => return Answer::Down { reason },
            Answer::NoWorker => return Answer::NoWorker,
        };
        if runs.is_empty() {
            return Answer::Known(Vec::new());
        }
        let names: Vec<_> = runs.into_iter().map(|run| (run.workflow_id, run.run_id)).collect();
        Box::pin(self.ask("approvals".to_owned(), now, |client| waiting(client, names))).await
    }
}

async fn waiting(client: Client, runs: Vec<(String, String)>) -> Result<Vec<Waiting>, Unanswered> {
    let asked = runs.len();
    let answers = futures::stream::iter(runs).map(|(workflow_id, run_id)| {
        let handle = client.get_workflow_handle::<UntypedWorkflow>(workflow_id.clone());
        async move { (workflow_id, run_id, queried(&handle).await) }
    });
    let answers: Vec<_> = answers.buffered(AT_ONCE).collect().await;
    let silent = answers.iter().filter(|(_, _, answer)| answer.is_err()).count();
    if silent == asked {
        return Err(Unanswered::Worker);
    }
    let waiting = answers.into_iter().filter_map(|(workflow_id, run_id, answer)| {
        let approval = answer.ok()?.approval?;
        Some(Waiting { workflow_id, run_id, approval })
    });
    Ok(waiting.collect())
}
