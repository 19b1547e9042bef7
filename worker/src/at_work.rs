//! The pipeline's runs that are at work, and the one that a person names.

use anyhow::{Context, bail};
use futures::StreamExt;
use protocol::pipeline::WORKFLOW_TYPE;
use temporalio_client::{Client, WorkflowListOptions};

use crate::display::few;
use crate::run_handle::{RunHandle, handle, state};

/// A run at work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtWork {
    /// Its workflow's ID.
    pub workflow_id: String,
    /// Its own.
    pub run_id: String,
}

/// The runs of `ChurnPipeline` at work on a task queue, as the server's list shows them: one that began this very moment
/// may not be in it.
pub async fn runs_at_work(client: &Client, task_queue: &str) -> anyhow::Result<Vec<AtWork>> {
    let query = format!("WorkflowType = '{WORKFLOW_TYPE}' AND ExecutionStatus = 'Running'");
    let mut found = client.list_workflows(query, WorkflowListOptions::default());
    let mut runs = Vec::new();
    while let Some(run) = found.next().await {
        let run = run.context("could not list the runs at work")?;
        if run.task_queue() == task_queue {
            runs.push(AtWork { workflow_id: run.id().to_owned(), run_id: run.run_id().to_owned() });
        }
    }
    runs.sort_by(|a, b| a.workflow_id.cmp(&b.workflow_id));
    Ok(runs)
}

/// The run that a person names: by its workflow's ID, or by a beginning of it that no other run at work has. Who gives the
/// whole ID of a run that has ended means that run, and no other that begins so.
pub async fn named(client: &Client, task_queue: &str, name: &str) -> anyhow::Result<RunHandle> {
    let exact = handle(client, name);
    let state = state(&exact).await?;
    if state.as_deref() == Some("running") {
        return Ok(exact);
    }
    let runs = runs_at_work(client, task_queue).await?;
    let id = choose(&runs, name, state.as_deref(), task_queue)?;
    Ok(handle(client, &id))
}

fn choose(runs: &[AtWork], name: &str, state: Option<&str>, task_queue: &str) -> anyhow::Result<String> {
    let begin_so: Vec<_> = runs.iter().map(|run| run.workflow_id.as_str()).filter(|id| id.starts_with(name)).collect();
    match (begin_so.as_slice(), state) {
        (_, Some(state)) => bail!("run {name} is not at work: it is {state}"),
        ([id], None) => Ok((*id).to_owned()),
        ([], None) => bail!(
            "no run at work on task queue {task_queue} has an ID that begins with {name}; at work are: {}",
            listed(&runs.iter().map(|run| run.workflow_id.as_str()).collect::<Vec<_>>())
        ),
        (several, None) => bail!("several runs at work begin with {name}: {}", listed(several)),
    }
}

fn listed(ids: &[&str]) -> String {
    if ids.is_empty() { "none".to_owned() } else { few(ids) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_names_a_run_where_it_names_only_one() {
        let run = |id: &str| AtWork { workflow_id: id.to_owned(), run_id: String::new() };
        let runs = [run("nightly-retrain-1"), run("nightly-score-2")];
        let refused = |name, state| choose(&runs, name, state, "q").unwrap_err().to_string();
        assert_eq!(choose(&runs, "nightly-r", None, "q").unwrap(), "nightly-retrain-1");
        assert!(refused("nightly", None).ends_with("nightly-retrain-1, nightly-score-2"));
        assert!(refused("morning", None).contains("task queue q"));
        // Another run begins with its whole ID.
        assert_eq!(
            refused("nightly-retrain", Some("completed")),
            "run nightly-retrain is not at work: it is completed"
        );
        assert!(choose(&[], "x", None, "q").unwrap_err().to_string().ends_with("at work are: none"));
    }
}
