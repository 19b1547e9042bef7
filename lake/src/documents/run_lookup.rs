//! Finding runs by what people know of them: a month, a run's ID or its beginning, a workflow's ID.

use protocol::{RunId, WorkflowId};

use super::run_index::lines_of;
use super::{RunLine, RunRecord};
use crate::{Lake, LakeError, keys};

/// The word for the run that started last.
pub const LATEST: &str = "latest";
/// A shorter beginning of an ID is no name.
const SHORTEST: usize = 4;

/// The runs that a name is for.
#[derive(Debug, Clone, PartialEq)]
pub enum NamedRun {
    /// This one.
    One(Box<RunRecord>),
    /// None is on record.
    None,
    /// Several begin so, the newest first.
    Several(Vec<RunId>),
}

/// The runs that started in a month (`YYYY-MM`), the newest first.
pub async fn runs_of_month(lake: &Lake, month: &str) -> Result<Vec<RunLine>, LakeError> {
    let key = keys::run_index(month);
    if lake.get(&key).await?.is_none() {
        return Ok(Vec::new());
    }
    let mut lines = lines_of(lake, &key).await?;
    lines.sort_by(|a, b| (&b.started, &b.run_id).cmp(&(&a.started, &a.run_id)));
    Ok(lines)
}

/// The record of the run that is named: by its ID, by the beginning of it, by its workflow's ID (the newest run of
/// that), or as the latest.
pub async fn find_run(lake: &Lake, name: &str) -> Result<NamedRun, LakeError> {
    if !name.contains('/')
        && let Some(record) = RunRecord::find(lake, name).await?
    {
        return Ok(NamedRun::One(Box::new(record)));
    }
    let mut months = lake.list(keys::RUN_INDEX).await?;
    months.reverse();
    for month in months {
        let mut lines = lines_of(lake, &month.key).await?;
        lines.sort_by(|a, b| (&b.started, &b.run_id).cmp(&(&a.started, &a.run_id)));
        let named = match named(&lines, name).as_slice() {
            [] => continue,
            [one] => RunRecord::find(lake, one).await?,
            several => return Ok(NamedRun::Several(several.to_vec())),
        };
        return Ok(named.map_or(NamedRun::None, |record| NamedRun::One(Box::new(record))));
    }
    Ok(NamedRun::None)
}

/// How the runs of a workflow ended, as far as the index of runs tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkflowEnd {
    /// One of them came to its result.
    Well,
    /// None did, and one failed or was cancelled.
    Badly,
    /// None is on record: it is at work, or ended without a word.
    NotOnRecord,
}

/// How the runs of a workflow ended. A failed one that somebody ran again with success ended well.
pub async fn end_of_workflow(lake: &Lake, workflow_id: &WorkflowId) -> Result<WorkflowEnd, LakeError> {
    let mut months = lake.list(keys::RUN_INDEX).await?;
    months.reverse();
    let mut end = WorkflowEnd::NotOnRecord;
    for month in months {
        let lines = lines_of(lake, &month.key).await?;
        for line in lines.iter().filter(|line| line.workflow_id == *workflow_id) {
            if line.state == "completed" {
                return Ok(WorkflowEnd::Well);
            }
            end = WorkflowEnd::Badly;
        }
    }
    Ok(end)
}

/// Which of these lines, the newest first, a name is for.
fn named(lines: &[RunLine], name: &str) -> Vec<RunId> {
    let newest = |is: &dyn Fn(&&RunLine) -> bool| lines.iter().find(is).map(|line| line.run_id.clone());
    if name == LATEST {
        return newest(&|_| true).into_iter().collect();
    }
    if let Some(run_id) = newest(&|line| line.workflow_id == *name) {
        return vec![run_id];
    }
    let begins = |line: &&RunLine| name.len() >= SHORTEST && line.run_id.starts_with(name);
    lines.iter().filter(begins).map(|line| line.run_id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::FolderLake;

    async fn lake(root: &std::path::Path, runs: &[(&str, &str, &str)]) -> Lake {
        let lake = Lake::Folder(FolderLake::open(root).unwrap());
        for (run_id, workflow_id, started) in runs {
            let record: RunRecord = serde_json::from_value(json!({
                "run": { "workflow_id": workflow_id, "run_id": run_id, "started": started },
                "inputs": {}, "result": { "state": "completed" }, "code_version": "0", "settings": {},
            }))
            .unwrap();
            record.store(&lake).await.unwrap();
        }
        lake
    }

    #[tokio::test]
    async fn a_run_is_found_by_all_that_people_know_of_it() {
        let root = tempfile::tempdir().unwrap();
        let lake = lake(
            root.path(),
            &[
                ("aaaa-1", "nightly", "2026-10-01T02:00:00.000Z"),
                ("aaaa-2", "nightly", "2026-11-01T02:00:00.000Z"),
                ("bbbb-1", "by-hand", "2026-11-02T02:00:00.000Z"),
                ("aaab-3", "by-hand", "2026-11-01T03:00:00.000Z"),
            ],
        )
        .await;
        let found = async |name: &str| match find_run(&lake, name).await.unwrap() {
            NamedRun::One(record) => record.run.run_id.to_string(),
            NamedRun::None => "none".to_owned(),
            NamedRun::Several(runs) => format!("{} runs", runs.len()),
        };
        for (name, run) in [
            ("aaaa-1", "aaaa-1"),
            ("nightly", "aaaa-2"),
            ("by-hand", "bbbb-1"),
            ("latest", "bbbb-1"),
            ("bbbb", "bbbb-1"),
            ("bbb", "none"),
            ("../bbbb-1", "none"),
        ] {
            assert_eq!(found(name).await, run, "{name}");
        }
        let november = runs_of_month(&lake, "2026-11").await.unwrap();
        assert_eq!(
            november.iter().map(|line| line.run_id.as_str()).collect::<Vec<_>>(),
            ["bbbb-1", "aaab-3", "aaaa-2"]
        );
        assert_eq!(runs_of_month(&lake, "2025-01").await.unwrap(), []);
    }

    #[tokio::test]
    async fn a_failed_run_that_was_repeated_with_success_ended_well() {
        let root = tempfile::tempdir().unwrap();
        let lake = lake(root.path(), &[("aaaa-2", "repeated", "2026-11-01T02:00:00.000Z")]).await;
        for (run_id, workflow_id, state) in [("aaaa-1", "repeated", "failed"), ("aaaa-3", "broken", "cancelled")] {
            let record: RunRecord = serde_json::from_value(json!({
                "run": { "workflow_id": workflow_id, "run_id": run_id, "started": "2026-10-31T02:00:00.000Z" },
                "inputs": {}, "result": { "state": state }, "code_version": "0", "settings": {},
            }))
            .unwrap();
            record.store(&lake).await.unwrap();
        }
        let end = async |id: &str| end_of_workflow(&lake, &id.into()).await.unwrap();
        assert_eq!(end("repeated").await, WorkflowEnd::Well);
        assert_eq!(end("broken").await, WorkflowEnd::Badly);
        assert_eq!(end("at-work").await, WorkflowEnd::NotOnRecord);
    }

    #[tokio::test]
    async fn several_that_begin_so_are_told_the_newest_first() {
        let root = tempfile::tempdir().unwrap();
        let runs = [1, 3, 2].map(|day| (format!("aaaa-{day}"), format!("2026-11-0{day}T02:00:00.000Z")));
        let texts = runs.iter().map(|(run_id, started)| (run_id.as_str(), "nightly", started.as_str()));
        let lake = lake(root.path(), &texts.collect::<Vec<_>>()).await;
        let NamedRun::Several(several) = find_run(&lake, "aaaa").await.unwrap() else { panic!("three begin so") };
        assert_eq!(several.iter().map(RunId::as_str).collect::<Vec<_>>(), ["aaaa-3", "aaaa-2", "aaaa-1"]);
    }
}
