//! The drift of the runs before, one after the other: what a strip and a trend of a column are made of.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use churn::drift::{ColumnDrift, DriftLevel, DriftReport};
use churn::model::performance::PerformanceReport;
use futures::future::join_all;
use lake::documents::RunLine;
use lake::keys;
use protocol::{ModelVersion, RunId};
use serde::de::DeserializeOwned;

use super::DataError;
use super::left::Left;
use super::looked::Looked;
use super::results::moment;
use super::store::Store;
use super::torn::Torn;

/// The drift of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct DriftOfRun {
    /// The run.
    pub run_id: RunId,
    /// When it ended, or where that is not known, when it started.
    pub at: Option<DateTime<Utc>>,
    /// How serious the drift was.
    pub level: DriftLevel,
    /// How far every column moved that was compared; in reports of before, its Kolmogorov-Smirnov statistic.
    pub effects: BTreeMap<String, f64>,
    /// What the model promised, and what came to pass; none of runs from before that was looked at.
    pub performance: Option<Arc<PerformanceReport>>,
    /// The version that the run made champion, if it did: later runs are held against its training values.
    pub promoted: Option<ModelVersion>,
}

/// What is known of a run: that it was held against its model's training values, or that it was not. It writes no other
/// report; only one that cannot be read may be mended.
type Known = Option<Arc<DriftOfRun>>;

impl Store {
    /// The drift of the newest runs on record, at most so many of them, the newest first. Runs without a report are
    /// left out: they failed before, or rejected their model. A report that cannot be read is left out, and where the
    /// index of the runs cannot be read there are none; both are noted.
    pub async fn drift_of_runs(
        &self,
        most: usize,
        now: DateTime<Utc>,
        torn: &Torn,
    ) -> Result<Vec<Arc<DriftOfRun>>, DataError> {
        let lines = self.newest_runs_if_readable(most, now, torn).await?;
        let looks: Vec<_> = lines.iter().map(|line| self.drift_of_run(line, now, torn)).collect();
        let looked = join_all(looks).await.into_iter().collect::<Result<Vec<_>, DataError>>()?;
        Ok(looked.into_iter().flatten().collect())
    }

    async fn drift_of_run(&self, line: &RunLine, now: DateTime<Utc>, torn: &Torn) -> Result<Known, DataError> {
        if let Some(known) = self.by_run.known::<Known>(&line.run_id) {
            return Ok((*known).clone());
        }
        let question = format!("drift of {}", line.run_id);
        if let Some((known, unread)) = self.lists.get::<Looked<Known>>(&question, now) {
            torn.also(&unread);
            return Ok(known);
        }
        let report = match self.report_of_run::<DriftReport>(&keys::drift_report(&line.run_id), now, torn).await? {
            Left::There(report) => report,
            Left::Nothing => {
                self.by_run.keep::<Known>(line.run_id.clone(), Arc::default());
                return Ok(None);
            }
            Left::Unreadable => return Ok(None),
        };
        let unread = Torn::default();
        let performance = self.report_of_run(&keys::performance_report(&line.run_id), now, &unread).await?;
        torn.also(&unread);
        let is_whole = !matches!(performance, Left::Unreadable);
        let performance = match performance {
            Left::There(performance) => Some(Arc::new(performance)),
            Left::Nothing | Left::Unreadable => None,
        };
        let known: Known = Some(Arc::new(DriftOfRun { performance, ..DriftOfRun::of(line, &report) }));
        if is_whole {
            self.by_run.keep(line.run_id.clone(), Arc::new(known.clone()));
        } else {
            self.lists.keep::<Looked<Known>>(question, now, (known.clone(), unread));
        }
        Ok(known)
    }

    async fn report_of_run<T: DeserializeOwned>(
        &self,
        key: &str,
        now: DateTime<Utc>,
        torn: &Torn,
    ) -> Result<Left<T>, DataError> {
        let read = async {
            let found = self.lake().get_json::<T>(key).await?;
            Ok::<_, DataError>(found.map(|(report, _)| report))
        };
        self.left(key, now, torn, read).await
    }
}

impl DriftOfRun {
    /// Of a run in a line and its report.
    pub fn of(line: &RunLine, report: &DriftReport) -> Self {
        let effect = |column: &ColumnDrift| column.effect.or_else(|| column.ks.map(|ks| ks.statistic));
        let effects = report.columns.iter().filter_map(|column| Some((column.column.clone(), effect(column)?)));
        let promoted = line.model_version.clone().filter(|_| line.outcome.as_deref() == Some("promoted"));
        Self {
            run_id: line.run_id.clone(),
            at: line.ended.as_deref().and_then(moment).or_else(|| moment(&line.started)),
            level: report.verdict.level,
            effects: effects.collect(),
            performance: None,
            promoted,
        }
    }
}

#[cfg(test)]
mod tests {
    use churn::drift::{ColumnState, KsTest};
    use lake::Lake;
    use lake::documents::RunRecord;
    use serde_json::json;

    use super::*;
    use crate::data::LOOK_EVERY;
    use crate::test_site::{MODEL, TestSite, now};

    fn report(level: DriftLevel) -> DriftReport {
        let column = |name: &str, ks: Option<KsTest>, effect: Option<f64>| ColumnDrift {
            ks,
            effect,
            ..ColumnDrift::of(name, ColumnState::Compared)
        };
        let ks = Some(KsTest { statistic: 0.25, p_value: 0.5 });
        let columns = vec![column("tenure", ks, Some(0.75)), column("of_before", ks, None), column("gone", None, None)];
        let report = json!({
            "verdict": {
                "level": level, "rule": "ks", "alpha": 0.01, "features_compared": 1, "features_drifted": 0,
                "prediction_drifted": false, "drifted": [], "lost": [], "reason": "",
            },
            "rows_ref": 9, "rows_cur": 9, "columns": columns, "skipped": [],
        });
        serde_json::from_value(report).unwrap()
    }

    fn performance() -> serde_json::Value {
        json!({ "model_version": MODEL, "as_of": "2024-12-31", "estimated": null, "realised": [] })
    }

    /// A run of a day in December, on record.
    async fn record(lake: &Lake, run_id: &str, day: u32, outcome: &str) {
        let record: RunRecord = serde_json::from_value(json!({
            "run": { "workflow_id": "nightly", "run_id": run_id, "started": format!("2024-12-{day:02}T02:00:00.000Z") },
            "ended": format!("2024-12-{day:02}T02:00:30.000Z"), "inputs": {}, "code_version": "0", "settings": {},
            "result": {
                "state": "completed", "outcome": outcome, "mode": "train",
                "model": { "version": MODEL, "metrics": { "pr_auc": 0.75 } },
            },
        }))
        .unwrap();
        record.store(lake).await.unwrap();
    }

    #[tokio::test]
    async fn the_newest_run_comes_first_and_one_without_a_report_that_can_be_read_is_left_out() {
        let site = TestSite::empty();
        let outcomes = [("a", "promoted"), ("b", "rejected"), ("c", "scored"), ("d", "scored")];
        for ((run, outcome), day) in outcomes.into_iter().zip(1..) {
            record(&site.lake, run, day, outcome).await;
        }
        for (run, level) in [("a", DriftLevel::None), ("d", DriftLevel::Warn)] {
            site.lake.put_json(&keys::drift_report(run), &report(level)).await.unwrap();
        }
        site.lake.put(&keys::drift_report("c"), b"{}".to_vec()).await.unwrap();
        site.lake.put_json(&keys::performance_report("d"), &performance()).await.unwrap();
        site.lake.put(&keys::performance_report("a"), b"{}".to_vec()).await.unwrap();
        let runs = site.site.store().drift_of_runs(60, now(), &Torn::default()).await.unwrap();
        let found: Vec<_> = runs.iter().map(|run| (run.run_id.as_str(), run.level)).collect();
        assert_eq!(found, [("d", DriftLevel::Warn), ("a", DriftLevel::None)]);
        let first = &runs[1];
        assert_eq!((first.at, &first.promoted), (moment("2024-12-01T02:00:30Z"), &Some(MODEL.into())));
        let effects = BTreeMap::from([("tenure".to_owned(), 0.75), ("of_before".to_owned(), 0.25)]);
        assert_eq!(first.effects, effects, "what was compared");
        assert!(runs[0].performance.is_some() && first.performance.is_none(), "one that cannot be read is left out");
        assert_eq!(runs[0].promoted, None, "it made no model champion");
        assert_eq!(site.site.store().drift_of_runs(1, now(), &Torn::default()).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn what_is_known_of_a_run_is_not_read_again() {
        let site = TestSite::empty();
        record(&site.lake, "a", 1, "scored").await;
        site.lake.put_json(&keys::drift_report("a"), &report(DriftLevel::Warn)).await.unwrap();
        let (store, torn) = (site.site.store(), Torn::default());
        assert_eq!(store.drift_of_runs(60, now(), &torn).await.unwrap().len(), 1);
        site.lake.remove(&keys::drift_report("a")).await.unwrap();
        assert_eq!(store.drift_of_runs(60, now(), &torn).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_torn_report_is_there_again_when_it_is_mended_without_a_restart() {
        let site = TestSite::empty();
        record(&site.lake, "a", 1, "scored").await;
        let (drift, performance_key) = (keys::drift_report("a"), keys::performance_report("a"));
        site.lake.put(&drift, b"{ torn".to_vec()).await.unwrap();
        site.lake.put(&performance_key, b"[]".to_vec()).await.unwrap();
        let store = site.site.store();
        let later = |looks: i32| now() + LOOK_EVERY * looks;
        for _ in 0..2 {
            let torn = Torn::default();
            assert!(store.drift_of_runs(60, now(), &torn).await.unwrap().is_empty());
            assert!(torn.names(&drift), "it is noted at every look");
        }
        site.lake.put_json(&drift, &report(DriftLevel::Warn)).await.unwrap();
        for _ in 0..2 {
            let torn = Torn::default();
            let runs = store.drift_of_runs(60, later(1), &torn).await.unwrap();
            assert!(runs.len() == 1 && runs[0].performance.is_none());
            assert!(torn.names(&performance_key) && !torn.names(&drift));
        }
        site.lake.put_json(&performance_key, &performance()).await.unwrap();
        let torn = Torn::default();
        let runs = store.drift_of_runs(60, later(2), &torn).await.unwrap();
        assert!(runs[0].performance.is_some() && torn.noted().is_empty());
    }
}
