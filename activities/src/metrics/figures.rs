//! Which figures a run has, read from its result.

use churn::drift::DriftLevel;
use protocol::freshness::{FreshnessReport, FreshnessState};
use protocol::pipeline::{Mode, PipelineResult};
use protocol::progress::Stage;
use protocol::steps::DriftSummary;

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Seconds.
    Seconds,
    /// Neither: a share, a quality.
    None,
}

/// One figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// The name.
    pub name: &'static str,
    /// The value.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
    /// The stage it is about, if it is about one.
    pub stage: Option<String>,
}

/// The figures of a run that came to its result.
pub fn of_result(result: &PipelineResult) -> Vec<Figure> {
    let worked = || result.stages.iter().filter(|stage| !stage.skipped);
    let rows = worked().map(|stage| stage.rows as f64).sum();
    let mut figures = vec![figure("RunSucceeded", 1.0, Unit::Count), figure("RowsProcessed", rows, Unit::Count)];
    figures.push(figure("AlertsUndelivered", result.undelivered_alerts.len() as f64, Unit::Count));
    for stage in worked() {
        let name = Some(stage.name.as_str().to_owned());
        figures.push(Figure { stage: name, ..figure("StageSeconds", stage.seconds, Unit::Seconds) });
    }
    // In score mode the figures of the model are the champion's, and not news.
    if let (Mode::Train, Some(model)) = (result.mode, &result.model) {
        figures.push(figure("PrAuc", model.metrics.pr_auc, Unit::None));
    }
    figures.extend(result.drift.iter().flat_map(of_drift));
    figures
}

/// Too few customers to tell is not "no drift": then there is no figure.
fn of_drift(drift: &DriftSummary) -> Vec<Figure> {
    let detected = match drift.level {
        DriftLevel::None => 0.0,
        DriftLevel::Warn | DriftLevel::Critical => 1.0,
        DriftLevel::NotEnoughData => return Vec::new(),
    };
    let features = drift.features.len() as f64;
    vec![figure("DriftDetected", detected, Unit::Count), figure("FeaturesDrifted", features, Unit::Count)]
}

/// The figure of a run that failed.
pub fn of_failure() -> Vec<Figure> {
    vec![figure("RunFailed", 1.0, Unit::Count)]
}

/// The figures of the promise; without any scores they have no age.
pub fn of_freshness(report: &FreshnessReport) -> Vec<Figure> {
    let stale = if report.state == FreshnessState::Stale { 1.0 } else { 0.0 };
    let age = report.scores.as_ref().map(|scores| figure("ScoresAgeHours", scores.age_hours, Unit::None));
    [figure("ScoresStale", stale, Unit::Count)].into_iter().chain(age).collect()
}

fn figure(name: &'static str, value: f64, unit: Unit) -> Figure {
    Figure { name, value, unit, stage: None }
}

#[cfg(test)]
mod tests {
    use churn::model::Metrics;
    use serde_json::json;

    use super::*;

    fn value(figures: &[Figure], name: &str) -> Option<f64> {
        figures.iter().find(|figure| figure.name == name).map(|figure| figure.value)
    }

    fn result(mode: &str, level: &str) -> PipelineResult {
        let metrics = Metrics::of(&[true, true, false, false], &[0.9, 0.8, 0.2, 0.1], 0.5).unwrap();
        let stage = |name: &str, rows: u64, seconds: f64, skipped: bool| json!({ "name": name, "rows": rows, "seconds": seconds, "skipped": skipped, "reason": null, "outputs": {} });
        serde_json::from_value(json!({
            "run_id": "r", "workflow_id": "w", "state": "completed", "outcome": "scored", "mode": mode,
            "as_of": "2024-12-31", "dataset": "d", "verdict": null, "champion": "v", "tiers": {},
            "stages": [stage("raw", 100, 2.0, false), stage("gold", 7, 0.0, true), stage("score", 7, 1.5, false)],
            "model": { "version": "v", "experiment": null, "metrics": metrics },
            "drift": { "level": level, "rule": "ks", "features": ["tenure_months"] },
            "undelivered_alerts": ["drift warn: 1 features"],
        }))
        .unwrap()
    }

    #[test]
    fn a_training_run_has_every_figure_and_skipped_stages_none() {
        let figures = of_result(&result("train", "warn"));
        let wanted = [("RunSucceeded", 1.0), ("RowsProcessed", 107.0), ("PrAuc", 1.0), ("DriftDetected", 1.0)];
        for (name, wanted) in wanted.into_iter().chain([("FeaturesDrifted", 1.0), ("AlertsUndelivered", 1.0)]) {
            assert_eq!(value(&figures, name), Some(wanted), "{name}");
        }
        let stages: Vec<_> = figures.iter().filter_map(|figure| figure.stage.as_deref()).collect();
        assert_eq!(stages, ["raw", "score"]);
    }

    #[test]
    fn unknown_drift_is_no_figure_and_the_champions_figures_are_no_news() {
        let drift = |level: &str| of_result(&result("score", level));
        assert_eq!(value(&drift("none"), "DriftDetected"), Some(0.0));
        assert_eq!(value(&drift("not_enough_data"), "DriftDetected"), None);
        assert_eq!(value(&drift("none"), "PrAuc"), None);
    }
}
