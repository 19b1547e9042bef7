//! What monitoring computes: the drift against the training and since the last published run, the performance, and the
//! page for people; and what of it travels with the result of the run.

use churn::drift::{Comparison, Customers, DriftReport, LastRun, compare, html_page};
use churn::model::Bundle;
use churn::model::performance::{Departure, PastScores, PerformanceReport, RealisedOf, View, monitor};
use churn::{DataFrame, Kind, SnapshotDate, Watch};
use lake::Fetched;
use protocol::ModelVersion;
use protocol::steps::{DriftSummary, PerformanceSummary};

use crate::configuration::Configuration;
use crate::error::Result;

/// Local files of earlier runs.
#[derive(Default)]
pub(super) struct Past {
    /// The gold table of the last published run.
    pub last: Option<(SnapshotDate, Fetched)>,
    /// That of the same month of an earlier year.
    pub same_month: Option<(SnapshotDate, Fetched)>,
    /// The scores of earlier months, and the models that scored.
    pub earlier: Vec<(SnapshotDate, ModelVersion, Fetched)>,
}

/// What is known of the dates.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    /// The date of the run.
    pub as_of: SnapshotDate,
    /// The date that the model was trained for.
    pub trained_as_of: Option<SnapshotDate>,
    /// The date that the labels look from.
    pub label_date: Option<SnapshotDate>,
}

/// What monitoring found.
pub(super) struct Monitored {
    /// The drift.
    pub report: DriftReport,
    /// The performance.
    pub performance: PerformanceReport,
    /// Both for people.
    pub page: String,
}

impl Monitored {
    /// Compares, estimates, measures and draws.
    pub fn of(
        bundle: &Bundle,
        gold: &DataFrame,
        told: &Told,
        past: Past,
        configuration: &Configuration,
        watch: &dyn Watch,
    ) -> Result<Self> {
        let current = bundle.observe(gold)?;
        let same_month = observed(bundle, past.same_month)?;
        let last = observed(bundle, past.last)?;
        let settings = &configuration.drift;
        let against_training = Comparison {
            reference: Customers { table: bundle.reference(), as_of: told.trained_as_of },
            current: Customers { table: &current, as_of: Some(told.as_of) },
            same_month: same_month.as_ref().map(customers),
            calendar: configuration.tiers.calendar(),
            importance: bundle.feature_shares(watch)?,
        };
        let mut report = compare(&against_training, settings, watch)?;
        if let Some(last) = &last {
            let since = Comparison { reference: customers(last), same_month: None, ..against_training };
            let found = compare(&since, settings, watch)?;
            report = report.with_skew(LastRun { as_of: last.as_of }, found);
        }
        let Told { as_of, trained_as_of, label_date } = *told;
        let view = View { gold, as_of, trained_as_of, label_date };
        let performance = monitor(bundle, &view, &earlier(past.earlier)?, &settings.performance, watch)?;
        let page = html_page(&report, Some(&performance), bundle.reference(), &current)?;
        Ok(Self { report, performance, page })
    }
}

/// Customers of an earlier run as the model of now sees them: so a change is one of the customers, and not of the model.
struct Observed {
    as_of: SnapshotDate,
    table: DataFrame,
}

fn customers(observed: &Observed) -> Customers<'_> {
    Customers { table: &observed.table, as_of: Some(observed.as_of) }
}

/// Nothing of a table that lacks what the model asks for: code of before made it.
fn observed(bundle: &Bundle, past: Option<(SnapshotDate, Fetched)>) -> Result<Option<Observed>> {
    let Some((as_of, file)) = past else { return Ok(None) };
    let gold = file.read(churn::table_file::read)?;
    match bundle.observe(&gold) {
        Ok(table) => Ok(Some(Observed { as_of, table })),
        Err(error) if error.kind() == Kind::Permanent => {
            tracing::warn!(%as_of, %error, "the customers of an earlier run cannot be compared");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn earlier(files: Vec<(SnapshotDate, ModelVersion, Fetched)>) -> Result<Vec<PastScores>> {
    let read = |(as_of, version, file): (SnapshotDate, ModelVersion, Fetched)| {
        let table = file.read(churn::table_file::read)?;
        Ok(PastScores { as_of, model_version: version.to_string(), table })
    };
    files.into_iter().map(read).collect()
}

/// What travels with the result of the run.
pub(super) fn summary(report: &DriftReport, performance: &PerformanceReport) -> DriftSummary {
    let verdict = &report.verdict;
    DriftSummary {
        level: verdict.level,
        rule: verdict.rule,
        features: verdict.drifted.clone(),
        reason: verdict.reason.clone(),
        importance: verdict.importance_drifted,
        performance: Some(in_short(performance)),
    }
}

fn in_short(performance: &PerformanceReport) -> PerformanceSummary {
    let pr_auc = performance.estimated.as_ref().map(|estimated| estimated.pr_auc);
    let troubles: Vec<(&RealisedOf, &Departure)> = performance.troubles().collect();
    let name = |(one, departure): &(&RealisedOf, &Departure)| format!("{} of {}", departure.figure.as_str(), one.as_of);
    let say = |trouble: &(&RealisedOf, &Departure)| {
        let (_, Departure { estimated, realised, .. }) = trouble;
        let promised = format!("{:.3} to {:.3}", estimated.low, estimated.high);
        format!("{} is {realised:.3}, and was to be {promised}", name(trouble))
    };
    PerformanceSummary {
        estimated_pr_auc: pr_auc.map(|figure| figure.value),
        estimated_low: pr_auc.map(|figure| figure.low),
        estimated_high: pr_auc.map(|figure| figure.high),
        realised_pr_auc: performance.own().map(|own| own.realised.pr_auc),
        troubles: troubles.iter().map(name).collect(),
        reason: troubles.iter().map(say).collect::<Vec<_>>().join("; "),
    }
}

#[cfg(test)]
mod tests {
    use churn::drift::DriftLevel;
    use serde_json::json;

    use super::*;

    fn report() -> DriftReport {
        serde_json::from_value(json!({
            "verdict": {
                "level": "warn", "rule": "effect", "alpha": 0.01, "features_compared": 2, "features_drifted": 1,
                "prediction_drifted": false, "drifted": ["margin"], "lost": [], "importance_drifted": 0.25, "reason": "why",
            },
            "rows_ref": 9, "rows_cur": 9, "columns": [], "skipped": [],
        }))
        .unwrap()
    }

    fn performance() -> PerformanceReport {
        let figure = |value: f64| json!({ "value": value, "low": value - 0.1, "high": value + 0.1 });
        let estimated = json!({
            "rows": 900, "coverage": 0.99, "churn_rate": figure(0.1), "pr_auc": figure(0.7), "roc_auc": figure(0.9),
            "recall": figure(0.7),
        });
        let realised = |pr_auc: f64| {
            json!({
                "rows": 900, "positives": 90, "churn_rate": 0.1, "pr_auc": pr_auc, "pr_auc_interval": null,
                "roc_auc": 0.8, "brier": 0.1, "recall": 0.6,
            })
        };
        let departure = json!({ "figure": "pr_auc", "estimated": figure(0.7), "realised": 0.5 });
        let of = |whose: &str, as_of: &str, pr_auc: f64, departures: serde_json::Value| {
            json!({
                "whose": whose, "as_of": as_of, "model_version": "v", "realised": realised(pr_auc), "estimated": estimated,
                "departures": departures,
            })
        };
        let both =
            [of("this_run", "2025-01-31", 0.71, json!([])), of("earlier", "2024-10-31", 0.5, json!([departure]))];
        serde_json::from_value(json!({
            "model_version": "v", "as_of": "2025-01-31", "estimated": estimated, "realised": both,
        }))
        .unwrap()
    }

    #[test]
    fn the_result_tells_the_verdict_the_promise_and_what_was_not_kept() {
        let summary = summary(&report(), &performance());
        assert_eq!((summary.level, summary.importance), (DriftLevel::Warn, Some(0.25)));
        assert_eq!(summary.features, ["margin"]);
        let performance = summary.performance.unwrap();
        assert_eq!((performance.estimated_pr_auc, performance.realised_pr_auc), (Some(0.7), Some(0.71)));
        assert_eq!(performance.troubles, ["pr_auc of 2024-10-31"]);
        assert_eq!(performance.reason, "pr_auc of 2024-10-31 is 0.500, and was to be 0.600 to 0.800");
    }
}
