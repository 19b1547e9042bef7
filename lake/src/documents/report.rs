//! Reports of runs that try models and publish no scores: each run's own, which never changes, and per kind a pointer to
//! the newest one.

use protocol::steps::Report;
use protocol::{Digest, Run, RunId, TableRef, WorkflowId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Lake, LakeError, Result, keys, to_json};

/// How often a pointer is moved again after another run has moved it in between.
const WRITE_ATTEMPTS: u32 = 20;

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportKind {
    /// Skill by lead time.
    Backtest,
    /// Experiments and algorithms beside each other.
    Ladder,
}

impl ReportKind {
    /// The word in keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Backtest => "backtest",
            Self::Ladder => "ladder",
        }
    }

    /// The kind of a report.
    pub fn of(report: &Report) -> Self {
        match report {
            Report::Backtest(_) => Self::Backtest,
            Report::Ladder(_) => Self::Ladder,
        }
    }
}

/// What `monitoring/backtest.json` and `monitoring/ladder.json` hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewestReport {
    /// The run that made the report.
    pub run_id: RunId,
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// When it started, RFC 3339: of two the later one is the newest.
    pub started: String,
    /// The report.
    pub report: TableRef,
}

/// Stores the report of a run, then moves the pointer of its kind, unless that leads to one of a run that started later.
pub async fn publish_report(lake: &Lake, run: &Run, report: &Report) -> Result<TableRef, LakeError> {
    let kind = ReportKind::of(report);
    let bytes = match report {
        Report::Backtest(report) => to_json(report),
        Report::Ladder(report) => to_json(report),
    };
    let key = keys::report_of_run(&run.run_id, kind.as_str());
    let stored = TableRef { digest: Digest::of(&bytes), key, rows: 0 };
    lake.put(&stored.key, bytes).await?;
    let newest = NewestReport {
        run_id: run.run_id.clone(),
        workflow_id: run.workflow_id.clone(),
        started: run.started.clone(),
        report: stored.clone(),
    };
    point_to(lake, kind, &newest).await?;
    Ok(stored)
}

async fn point_to(lake: &Lake, kind: ReportKind, newest: &NewestReport) -> Result<(), LakeError> {
    let pointer = keys::newest_report(kind.as_str());
    let mut attempt = 1;
    loop {
        let present = lake.get_json::<NewestReport>(&pointer).await?;
        if present.as_ref().is_some_and(|(present, _)| present.started > newest.started || present == newest) {
            return Ok(());
        }
        let seen = present.as_ref().map(|(_, seen)| seen);
        match lake.compare_and_swap(&pointer, seen, to_json(newest)).await {
            Err(LakeError::Conflict { .. }) if attempt < WRITE_ATTEMPTS => attempt += 1,
            written => return written,
        }
    }
}

/// The newest report of a kind, and who made it; nothing where there is none.
pub async fn newest_report<T: DeserializeOwned>(lake: &Lake, kind: ReportKind) -> Result<Option<(NewestReport, T)>> {
    let Some((newest, _)) = lake.get_json::<NewestReport>(&keys::newest_report(kind.as_str())).await? else {
        return Ok(None);
    };
    let report = lake.read_json_exactly(&newest.report).await?;
    Ok(Some((newest, report)))
}

#[cfg(test)]
mod tests {
    use protocol::backtest::BacktestReport;
    use serde_json::json;

    use super::*;
    use crate::FolderLake;

    fn run(id: &str, started: &str) -> Run {
        Run { workflow_id: "backtest".into(), run_id: id.into(), started: started.to_owned() }
    }

    fn report(of: &Run) -> Report {
        let report = json!({
            "run_id": of.run_id, "workflow_id": "backtest", "started": of.started, "dataset": "0123456789ab",
            "experiment": "E5_full", "algorithm": "xgboost", "lead": [], "out_of_time": [],
            "label": { "date": "2024-12-31", "horizon_days": 180, "source": "assumed" },
        });
        Report::Backtest(serde_json::from_value(report).unwrap())
    }

    #[tokio::test]
    async fn the_pointer_leads_to_the_report_of_the_run_that_started_last() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        assert!(newest_report::<BacktestReport>(&lake, ReportKind::Backtest).await.unwrap().is_none());
        let (early, late) = (run("early", "2025-01-05T04:00:00.000Z"), run("late", "2025-01-12T04:00:00.000Z"));
        let stored = publish_report(&lake, &late, &report(&late)).await.unwrap();
        assert_eq!(stored.key, "monitoring/late/backtest.json");
        publish_report(&lake, &early, &report(&early)).await.unwrap();
        assert!(root.path().join("monitoring/early/backtest.json").is_file());
        let (newest, found) = newest_report::<BacktestReport>(&lake, ReportKind::Backtest).await.unwrap().unwrap();
        assert_eq!((newest.report, found.run_id), (stored, "late".into()));
        assert!(newest_report::<BacktestReport>(&lake, ReportKind::Ladder).await.unwrap().is_none());
    }
}
