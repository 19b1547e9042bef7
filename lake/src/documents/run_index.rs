//! The index of runs: a document a month, `runs/index/<YYYY-MM>.json`, with a line for every run that started
//! in it. A reader of the last weeks opens one or two of them, however many runs there ever were. It is made of the
//! records: a month without an index, or with a damaged one, gets it from them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use churn::SnapshotDate;
use protocol::{ModelVersion, RunId, WorkflowId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::RunRecord;
use crate::{Lake, LakeError, Version, keys, to_json};

/// How often a line is added again after another run has added its own in between.
const WRITE_ATTEMPTS: u32 = 20;

/// A run in a line. Words stay texts, since newer versions have more of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunLine {
    /// The run's ID.
    pub run_id: RunId,
    /// The workflow's ID.
    pub workflow_id: WorkflowId,
    /// When it started, RFC 3339.
    pub started: String,
    /// When it ended, RFC 3339.
    #[serde(default)]
    pub ended: Option<String>,
    /// `completed`, `failed` or `cancelled`.
    pub state: String,
    /// The mode, of a workflow that has modes.
    #[serde(default)]
    pub mode: Option<String>,
    /// What became of it, if it came to a result.
    #[serde(default)]
    pub outcome: Option<String>,
    /// The date it looked from.
    #[serde(default)]
    pub as_of: Option<SnapshotDate>,
    /// The model that it is about.
    #[serde(default)]
    pub model_version: Option<ModelVersion>,
    /// That model's PR-AUC on the holdout.
    #[serde(default)]
    pub pr_auc: Option<f64>,
    /// Number and name of the error, if it failed.
    #[serde(default)]
    pub error: Option<String>,
}

impl RunLine {
    /// A record in a line.
    pub fn of(record: &RunRecord) -> Self {
        let summary = record.summary();
        Self {
            run_id: record.run.run_id.clone(),
            workflow_id: record.run.workflow_id.clone(),
            started: record.run.started.clone(),
            ended: record.ended.clone(),
            state: summary.state,
            mode: summary.mode,
            outcome: summary.outcome,
            as_of: summary.as_of,
            pr_auc: summary.model.as_ref().map(|model| model.metrics.pr_auc),
            model_version: summary.model.map(|model| model.version),
            error: summary.error.map(|error| error.error_type),
        }
    }

    /// `2026-11` of `2026-11-25T02:00:00.000Z`.
    fn month(&self) -> &str {
        self.started.get(..7).unwrap_or("unknown")
    }
}

/// What a month's document holds: its runs by ID. A line that another version wrote stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct RunsOfMonth {
    runs: BTreeMap<RunId, Value>,
}

impl RunsOfMonth {
    /// Adds a line, or replaces the one that the run has; tells whether that changed anything.
    fn insert(&mut self, line: &RunLine) -> bool {
        // Plain texts and finite numbers always serialise.
        let line_as_json = serde_json::to_value(line).unwrap_or_default();
        self.runs.insert(line.run_id.clone(), line_as_json.clone()) != Some(line_as_json)
    }
}

/// Adds a line, or replaces the one that the run has.
pub(super) async fn add(lake: &Lake, line: &RunLine) -> Result<(), LakeError> {
    let key = keys::run_index(line.month());
    let mut attempt = 1;
    loop {
        let (mut month, seen) = match load(lake, &key).await? {
            (Some(mut month), seen) => {
                if !month.insert(line) {
                    return Ok(());
                }
                (month, seen)
            }
            (None, seen) => (gather(lake, line.month()).await?, seen),
        };
        month.insert(line);
        match lake.compare_and_swap(&key, seen.as_ref(), to_json(&month)).await {
            Err(LakeError::Conflict { .. }) if attempt < WRITE_ATTEMPTS => attempt += 1,
            written => return written,
        }
    }
}

/// The month's document, if there is one that can be read, and the version of what is there.
async fn load(lake: &Lake, key: &str) -> Result<(Option<RunsOfMonth>, Option<Version>), LakeError> {
    let Some((bytes, seen)) = lake.get(key).await? else { return Ok((None, None)) };
    let read = serde_json::from_slice(&bytes);
    if let Err(error) = &read {
        tracing::warn!(key, %error, "a damaged index of runs is made again");
    }
    Ok((read.ok(), Some(seen)))
}

/// The lines of a month's runs from their records.
async fn gather(lake: &Lake, month: &str) -> Result<RunsOfMonth, LakeError> {
    let mut gathered = RunsOfMonth::default();
    for object in lake.list(keys::RUNS).await? {
        let Some(run_id) = keys::run_of_record(&object.key).filter(|run_id| may_be_of(run_id, month)) else { continue };
        match RunRecord::find(lake, run_id).await {
            Ok(Some(record)) if record.run.started.starts_with(month) => {
                gathered.insert(&RunLine::of(&record));
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(run_id, %error, "the index of runs leaves out a record that cannot be read"),
        }
    }
    Ok(gathered)
}

/// Whether a run may have started in a month: its ID is a UUID of version 7 and begins with the time. Of any other
/// ID the record must tell.
fn may_be_of(run_id: &str, month: &str) -> bool {
    let digits: String = run_id.chars().filter(|letter| *letter != '-').take(12).collect();
    let time = i64::from_str_radix(&digits, 16).ok().and_then(DateTime::<Utc>::from_timestamp_millis);
    let is_uuid_7 = run_id.len() == 36 && run_id.as_bytes()[14] == b'7';
    // The server's clock gives the ID and the time of the start, some moments apart.
    let around =
        |time: DateTime<Utc>| [-1, 0, 1].map(|day| (time + chrono::Duration::days(day)).format("%Y-%m").to_string());
    time.filter(|_| is_uuid_7).is_none_or(|time| around(time).iter().any(|near| near == month))
}

/// The lines of a month's document, by the IDs of the runs.
pub(super) async fn lines_of(lake: &Lake, key: &str) -> Result<Vec<RunLine>, LakeError> {
    let stored: RunsOfMonth = lake.read_json(key).await?;
    let mut lines = Vec::new();
    for (run_id, line) in stored.runs {
        match serde_json::from_value(line) {
            Ok(line) => lines.push(line),
            Err(error) => tracing::warn!(%run_id, %error, "a line of the index of runs cannot be read"),
        }
    }
    Ok(lines)
}

/// The newest runs, the newest first, at most `most` of them. A line that this version cannot read is left out, and
/// said in the log.
pub async fn newest_runs(lake: &Lake, most: usize) -> Result<Vec<RunLine>, LakeError> {
    let mut months = lake.list(keys::RUN_INDEX).await?;
    months.reverse();
    let mut lines: Vec<RunLine> = Vec::new();
    for month in months {
        if lines.len() >= most {
            break;
        }
        lines.extend(lines_of(lake, &month.key).await?);
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
            mode: Some("score".to_owned()),
            outcome: Some("scored".to_owned()),
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

    fn record(run_id: &str, started: &str) -> RunRecord {
        serde_json::from_value(serde_json::json!({
            "run": { "workflow_id": "w", "run_id": run_id, "started": started },
            "inputs": {}, "result": { "state": "failed" }, "code_version": "x", "settings": {},
        }))
        .unwrap()
    }

    #[tokio::test]
    async fn a_month_without_an_index_or_with_a_damaged_one_gets_it_from_the_records() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        // Of before there was an index, and of another month.
        for (run_id, started) in [
            ("01a214f3-f7d3-7616-b0a6-de8413cca5cb", "2026-11-25T23:04:22.764Z"),
            ("0197f3d2-0000-7000-8000-000000000000", "2025-07-10T00:00:00.000Z"),
            ("by-hand", "2026-11-01T00:00:00.000Z"),
        ] {
            lake.put_json(&keys::run_record(run_id), &record(run_id, started)).await.unwrap();
        }
        let of_this_month = ["this", "01a214f3-f7d3-7616-b0a6-de8413cca5cb", "by-hand"];
        for damage in [None, Some("{ damaged")] {
            if let Some(damage) = damage {
                std::fs::write(root.path().join(keys::run_index("2026-11")), damage).unwrap();
            }
            record("this", "2026-11-26T00:00:00.000Z").store(&lake).await.unwrap();
            let runs: Vec<_> = newest_runs(&lake, 9).await.unwrap().into_iter().map(|line| line.run_id).collect();
            assert_eq!(runs.iter().map(RunId::as_str).collect::<Vec<_>>(), of_this_month, "{damage:?}");
        }
    }

    #[tokio::test]
    async fn a_line_of_a_newer_version_stays_as_it_is() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let newer = serde_json::json!({ "run_id": "newer", "started": 7, "cost": 0.2 });
        let month = RunsOfMonth { runs: BTreeMap::from([("newer".into(), newer.clone())]) };
        let key = keys::run_index("2026-01");
        lake.put_json(&key, &month).await.unwrap();
        add(&lake, &line(1)).await.unwrap();
        assert_eq!(lake.read_json::<RunsOfMonth>(&key).await.unwrap().runs[&RunId::new("newer")], newer);
        assert_eq!(newest_runs(&lake, 9).await.unwrap().len(), 1, "what cannot be read is left out");
    }

    #[tokio::test]
    async fn thousands_of_runs_are_found_in_one_document() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let mut month = RunsOfMonth::default();
        for run in 0..5000 {
            month.insert(&RunLine { run_id: format!("{run:06}").into(), ..line(2) });
        }
        lake.put_json(&keys::run_index("2026-01"), &month).await.unwrap();
        assert_eq!(newest_runs(&lake, 50).await.unwrap()[0].run_id, "004999");
    }
}
