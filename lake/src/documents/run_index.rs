//! The index of runs: a document a month, `runs/index/<YYYY-MM>.json`, with a line for every run that started
//! in it. A reader of the last weeks opens one or two of them, however many runs there ever were.

use std::collections::BTreeMap;

use churn::SnapshotDate;
use protocol::pipeline::{Mode, Outcome, RunResult};
use protocol::{ModelVersion, RunId, WorkflowId};
use serde::{Deserialize, Serialize};

use super::RunRecord;
use crate::{Lake, LakeError, keys, to_json};

/// How often a line is added again after another run has added its own in between.
const WRITE_ATTEMPTS: u32 = 20;

/// A run in a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunLine {
    /// The run's ID.
    pub run_id: RunId,
    /// The workflow's ID.
    pub workflow_id: WorkflowId,
    /// When it started, RFC 3339.
    pub started: String,
    /// When it ended, RFC 3339.
    pub ended: Option<String>,
    /// `completed`, `failed` or `cancelled`.
    pub state: String,
    /// The mode.
    pub mode: Mode,
    /// What became of it, if it came to a result.
    pub outcome: Option<Outcome>,
    /// The date it looked from.
    pub as_of: Option<SnapshotDate>,
    /// The model that it is about.
    pub model_version: Option<ModelVersion>,
    /// The challenger's PR-AUC on the holdout, in train mode.
    pub pr_auc: Option<f64>,
    /// Number and name of the error, if it failed.
    pub error: Option<String>,
}

impl RunLine {
    /// A record in a line.
    pub fn of(record: &RunRecord) -> Self {
        let (outcome, as_of, model, error) = match &record.result {
            RunResult::Completed(result) => (Some(result.outcome), Some(result.as_of), &result.model, None),
            RunResult::EndedEarly(end) => (None, end.as_of, &end.model, Some(end.error.error_type.clone())),
        };
        let mode = record.result.mode();
        Self {
            run_id: record.run.run_id.clone(),
            workflow_id: record.run.workflow_id.clone(),
            started: record.run.started.clone(),
            ended: record.ended.clone(),
            state: record.result.state().to_owned(),
            mode,
            outcome,
            as_of,
            model_version: model.as_ref().map(|model| model.version.clone()),
            pr_auc: model.as_ref().filter(|_| mode == Mode::Train).map(|model| model.metrics.pr_auc),
            error,
        }
    }
}

/// What a month's document holds: its runs by ID. Run IDs are UUIDs of version 7, which sort by time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct RunsOfMonth {
    runs: BTreeMap<RunId, RunLine>,
}

/// Adds a line, or replaces the one that the run has.
pub(super) async fn add(lake: &Lake, line: &RunLine) -> Result<(), LakeError> {
    // 2026-11-25T02:00:00.000Z
    let key = keys::run_index(line.started.get(..7).unwrap_or("unknown"));
    let mut attempt = 1;
    loop {
        let (month, seen) = lake.get_json::<RunsOfMonth>(&key).await?.unzip();
        let mut month = month.unwrap_or_default();
        if month.runs.insert(line.run_id.clone(), line.clone()).as_ref() == Some(line) {
            return Ok(());
        }
        match lake.compare_and_swap(&key, seen.as_ref(), to_json(&month)).await {
            Err(LakeError::Conflict { .. }) if attempt < WRITE_ATTEMPTS => attempt += 1,
            written => return written,
        }
    }
}

/// The newest runs, the newest first, at most `most` of them.
pub async fn newest_runs(lake: &Lake, most: usize) -> Result<Vec<RunLine>, LakeError> {
    let mut months = lake.list(keys::RUN_INDEX).await?;
    months.reverse();
    let mut lines = Vec::new();
    for month in months {
        if lines.len() >= most {
            break;
        }
        let month: RunsOfMonth = lake.read_json(&month.key).await?;
        lines.extend(month.runs.into_values());
        lines.sort_by(|a, b| (&b.started, &b.run_id).cmp(&(&a.started, &a.run_id)));
    }
    lines.truncate(most);
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FolderLake;

    fn line(day: u32) -> RunLine {
        let started = format!("2026-{:02}-{:02}T02:00:00.000Z", 1 + day / 28, 1 + day % 28);
        RunLine {
            run_id: format!("{day:06}").into(),
            workflow_id: "nightly".into(),
            started,
            ended: None,
            state: "completed".to_owned(),
            mode: Mode::Score,
            outcome: Some(Outcome::Scored),
            as_of: None,
            model_version: None,
            pr_auc: None,
            error: None,
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn runs_that_end_at_the_same_time_all_have_their_line_and_a_repeated_one_has_one() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let adding = (0..8).chain(0..8).map(|day| {
            let lake = lake.clone();
            tokio::spawn(async move { add(&lake, &line(day)).await })
        });
        for added in adding.collect::<Vec<_>>() {
            added.await.unwrap().unwrap();
        }
        let days: Vec<_> = newest_runs(&lake, 100).await.unwrap().into_iter().map(|line| line.run_id).collect();
        assert_eq!(days, (0..8).rev().map(|day| format!("{day:06}").into()).collect::<Vec<RunId>>());
    }

    #[tokio::test]
    async fn the_newest_runs_come_from_as_few_months_as_they_need() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        for day in 0..60 {
            add(&lake, &line(day)).await.unwrap();
        }
        // An old month that cannot be read is no trouble to who asks for the newest.
        std::fs::write(root.path().join(keys::run_index("2026-01")), "damaged").unwrap();
        let newest = newest_runs(&lake, 5).await.unwrap();
        assert_eq!(
            newest.iter().map(|line| line.run_id.as_str()).collect::<Vec<_>>(),
            ["000059", "000058", "000057", "000056", "000055"]
        );
        assert!(newest_runs(&lake, 60).await.is_err(), "who needs the old month is told");
    }
}
