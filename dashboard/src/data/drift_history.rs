//! The drift of the runs before, one after the other: what a strip and a trend of a column are made of.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use churn::drift::{DriftLevel, DriftReport};
use futures::future::join_all;
use lake::documents::RunLine;
use lake::keys;
use protocol::{ModelVersion, RunId};

use super::DataError;
use super::results::moment;
use super::store::Store;

/// The drift of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct DriftOfRun {
    /// The run.
    pub run_id: RunId,
    /// When it ended, or where that is not known, when it started.
    pub at: Option<DateTime<Utc>>,
    /// How serious the drift was.
    pub level: DriftLevel,
    /// The Kolmogorov-Smirnov statistic of every column that was compared.
    pub statistics: BTreeMap<String, f64>,
    /// The version that the run made champion, if it did: later runs are held against its training values.
    pub promoted: Option<ModelVersion>,
}

/// What is known of runs for good: a run that is on record writes no other report.
#[derive(Debug, Default)]
pub struct DriftHistory(Mutex<BTreeMap<RunId, Known>>);

/// What is known of a run.
#[derive(Debug, Clone)]
enum Known {
    /// It was held against its model's training values.
    Compared(Arc<DriftOfRun>),
    /// It was not, or left a report that this version cannot read.
    Not,
}

impl DriftHistory {
    fn known(&self, run_id: &RunId) -> Option<Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(run_id).cloned()
    }

    fn keep(&self, run_id: RunId, known: Known) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(run_id, known);
    }
}

impl Store {
    /// The drift of the newest runs on record, at most so many of them, the newest first. Runs without a report are
    /// left out: they failed before, or rejected their model.
    pub async fn drift_of_runs(&self, most: usize, now: DateTime<Utc>) -> Result<Vec<Arc<DriftOfRun>>, DataError> {
        let lines = self.newest_runs(most, now).await?;
        let looks: Vec<_> = lines.iter().map(|line| self.drift_of_run(line)).collect();
        let looked = join_all(looks).await.into_iter().collect::<Result<Vec<_>, DataError>>()?;
        let compared = looked.into_iter().filter_map(|known| match known {
            Known::Compared(drift) => Some(drift),
            Known::Not => None,
        });
        Ok(compared.collect())
    }

    async fn drift_of_run(&self, line: &RunLine) -> Result<Known, DataError> {
        if let Some(known) = self.drift_history.known(&line.run_id) {
            return Ok(known);
        }
        let report = match self.lake().get_json::<DriftReport>(&keys::drift_report(&line.run_id)).await {
            Ok(report) => report.map(|(report, _)| report),
            // A report that this version cannot read is one that it cannot show.
            Err(lake::LakeError::Unreadable { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let drift = report.map(|report| Known::Compared(Arc::new(DriftOfRun::of(line, &report))));
        let known = drift.unwrap_or(Known::Not);
        self.drift_history.keep(line.run_id.clone(), known.clone());
        Ok(known)
    }
}

impl DriftOfRun {
    /// Of a run in a line and its report.
    pub fn of(line: &RunLine, report: &DriftReport) -> Self {
        let statistics = report.columns.iter().filter_map(|column| Some((column.column.clone(), column.ks?.statistic)));
        let promoted = line.model_version.clone().filter(|_| line.outcome.as_deref() == Some("promoted"));
        Self {
            run_id: line.run_id.clone(),
            at: line.ended.as_deref().and_then(moment).or_else(|| moment(&line.started)),
            level: report.verdict.level,
            statistics: statistics.collect(),
            promoted,
        }
    }
}
