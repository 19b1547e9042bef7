//! What the model promised, run by run, and what came to pass: an estimate is of the run that made it, and a realised figure of
//! the run whose scores it measures, whichever later run found the labels.

use std::sync::Arc;

use churn::SnapshotDate;
use churn::model::Interval;
use churn::model::performance::{Departure, Figure, PerformanceReport, RealisedOf, Whose};

use crate::data::DriftOfRun;

/// The PR-AUC of the scores of one date by one model.
#[derive(Debug, Clone, PartialEq)]
pub struct Promise {
    /// The date of the scores.
    pub as_of: SnapshotDate,
    /// The model that scored.
    pub model_version: String,
    /// What the probabilities promise; none where they are too few, or where no run of it is known.
    pub estimated: Option<Figure>,
    /// What came to pass; none where no labels are known.
    pub realised: Option<f64>,
    /// The interval of that.
    pub interval: Option<Interval>,
    /// Customers whose labels are known.
    pub rows: Option<u64>,
    /// Whether it is as promised; not known without labels.
    pub is_kept: Option<bool>,
}

/// Of runs with the oldest first, one promise for each date and model, in the order of the dates; the newest run counts.
pub fn promises(runs: &[Arc<DriftOfRun>]) -> Vec<Promise> {
    let mut promises: Vec<Promise> = Vec::new();
    for report in runs.iter().filter_map(|run| run.performance.as_deref()) {
        promise_of(&mut promises, report.as_of, &report.model_version).estimated = of_run(report);
        for one in &report.realised {
            keep(promise_of(&mut promises, one.as_of, &one.model_version), one);
        }
    }
    promises.sort_by(|a, b| (a.as_of, &a.model_version).cmp(&(b.as_of, &b.model_version)));
    promises.retain(|promise| promise.estimated.is_some() || promise.realised.is_some());
    promises
}

fn of_run(report: &PerformanceReport) -> Option<Figure> {
    report.estimated.as_ref().map(|estimated| estimated.pr_auc)
}

/// The promise of a date and a model, which is there afterwards.
fn promise_of<'a>(promises: &'a mut Vec<Promise>, as_of: SnapshotDate, model_version: &str) -> &'a mut Promise {
    let is_it = |promise: &Promise| promise.as_of == as_of && promise.model_version == model_version;
    let place = promises.iter().position(is_it).unwrap_or_else(|| {
        let model_version = model_version.to_owned();
        promises.push(Promise {
            as_of,
            model_version,
            estimated: None,
            realised: None,
            interval: None,
            rows: None,
            is_kept: None,
        });
        promises.len() - 1
    });
    &mut promises[place]
}

/// What came to pass, beside what was promised of the very same customers.
fn keep(promise: &mut Promise, one: &RealisedOf) {
    promise.realised = Some(one.realised.pr_auc);
    promise.interval = one.realised.pr_auc_interval;
    promise.rows = Some(one.realised.rows);
    promise.is_kept = one.estimated.as_ref().map(|_| !one.departures.iter().any(Departure::is_trouble));
    if one.whose == Whose::Earlier {
        // Of the customers whose labels have come, which need not be all.
        promise.estimated = one.estimated.as_ref().map(|estimated| estimated.pr_auc).or(promise.estimated);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use churn::drift::DriftLevel;
    use serde_json::{Value, json};

    use super::*;

    fn figure(value: f64) -> Value {
        json!({ "value": value, "low": value - 0.1, "high": value + 0.1 })
    }

    fn estimated(pr_auc: f64) -> Value {
        json!({
            "rows": 900, "coverage": 0.99, "churn_rate": figure(0.1), "pr_auc": figure(pr_auc), "roc_auc": figure(0.9),
            "recall": figure(0.7),
        })
    }

    fn realised(whose: &str, as_of: &str, pr_auc: f64, departures: &Value) -> Value {
        json!({
            "whose": whose, "as_of": as_of, "model_version": "v", "estimated": estimated(0.75), "departures": departures,
            "realised": {
                "rows": 800, "positives": 80, "churn_rate": 0.1, "pr_auc": pr_auc,
                "pr_auc_interval": { "low": pr_auc - 0.05, "high": pr_auc + 0.05 }, "roc_auc": 0.8, "brier": 0.1,
                "recall": 0.6,
            },
        })
    }

    fn run(as_of: &str, pr_auc: Option<f64>, realised: &[Value]) -> Arc<DriftOfRun> {
        let report = json!({
            "model_version": "v", "as_of": as_of, "estimated": pr_auc.map(estimated), "realised": realised,
        });
        let performance = Some(Arc::new(serde_json::from_value(report).unwrap()));
        let (run_id, level) = (as_of.into(), DriftLevel::None);
        Arc::new(DriftOfRun { run_id, at: None, level, effects: BTreeMap::new(), performance, promoted: None })
    }

    #[test]
    fn labels_that_come_later_belong_to_the_run_whose_scores_they_are_of() {
        let departure = json!([{ "figure": "pr_auc", "estimated": figure(0.75), "realised": 0.4 }]);
        let runs = [
            run("2025-01-31", Some(0.7), &[]),
            run("2025-02-28", Some(0.72), &[realised("this_run", "2025-02-28", 0.71, &json!([]))]),
            run("2025-03-31", None, &[realised("earlier", "2025-01-31", 0.4, &departure)]),
        ];
        let promises = promises(&runs);
        let [january, february] = promises.as_slice() else { panic!("{promises:?}") };
        assert_eq!((january.as_of.to_string().as_str(), january.realised), ("2025-01-31", Some(0.4)));
        assert_eq!((january.is_kept, january.rows), (Some(false), Some(800)));
        assert_eq!(january.estimated.unwrap().value, 0.75, "of the same customers");
        assert_eq!((february.realised, february.is_kept), (Some(0.71), Some(true)));
        assert_eq!(february.estimated.unwrap().value, 0.72);
    }

    #[test]
    fn runs_that_say_nothing_have_no_promise() {
        assert_eq!(promises(&[run("2025-01-31", None, &[])]), []);
        assert_eq!(promises(&[]), []);
    }
}
