//! Which figures a run has, read from its result.

use churn::drift::DriftLevel;
use protocol::freshness::{FreshnessReport, FreshnessState};
use protocol::pipeline::{Mode, PipelineResult};
use protocol::progress::Stage;
use protocol::raw_watcher::{DeliveryState, RawWatched};
use protocol::steps::DriftSummary;

use super::FigureName;

/// One figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Which.
    pub name: FigureName,
    /// The value.
    pub value: f64,
    /// The stage, the layer or the state that it is about, if it is about one.
    pub of: Option<String>,
}

/// The figures of a run that came to its result.
pub fn of_result(result: &PipelineResult) -> Vec<Figure> {
    let worked = || result.stages.iter().filter(|stage| !stage.skipped);
    let rows = worked().map(|stage| stage.rows as f64).sum();
    let mut figures = vec![figure(FigureName::RunSucceeded, 1.0), figure(FigureName::RowsProcessed, rows)];
    figures.push(figure(FigureName::AlertsUndelivered, result.undelivered_alerts.len() as f64));
    for stage in worked() {
        let name = stage.name.as_str();
        figures.push(about(FigureName::StageSeconds, name, stage.seconds));
        figures.push(about(FigureName::StageRows, name, stage.rows as f64));
    }
    // In score mode the figures of the model are the champion's, and not news.
    if let (Mode::Train, Some(model)) = (result.mode, &result.model) {
        figures.push(figure(FigureName::PrAuc, model.metrics.pr_auc));
    }
    figures.extend(result.drift.iter().flat_map(of_drift));
    figures
}

/// Too few customers to tell is not "no drift": then the level says that it cannot be told, and nothing else is said.
fn of_drift(drift: &DriftSummary) -> Vec<Figure> {
    let (level, detected) = match drift.level {
        DriftLevel::None => (0.0, 0.0),
        DriftLevel::Warn => (1.0, 1.0),
        DriftLevel::Critical => (2.0, 1.0),
        DriftLevel::NotEnoughData => return vec![figure(FigureName::DriftLevel, -1.0)],
    };
    let features = drift.features.len() as f64;
    vec![
        figure(FigureName::DriftLevel, level),
        figure(FigureName::DriftDetected, detected),
        figure(FigureName::FeaturesDrifted, features),
    ]
}

/// The figure of a run that failed.
pub fn of_failure() -> Vec<Figure> {
    vec![figure(FigureName::RunFailed, 1.0)]
}

/// The figures of the promise; without any scores they have no age.
pub fn of_freshness(report: &FreshnessReport) -> Vec<Figure> {
    let is = |state: FreshnessState| if report.state == state { 1.0 } else { 0.0 };
    let states = [FreshnessState::Fresh, FreshnessState::Due, FreshnessState::Stale, FreshnessState::Recovered];
    let states = states.map(|state| about(FigureName::FreshnessState, state.as_str(), is(state)));
    let age = report.scores.as_ref().map(|scores| figure(FigureName::ScoresAge, scores.age_hours));
    [figure(FigureName::ScoresStale, is(FreshnessState::Stale))].into_iter().chain(states).chain(age).collect()
}

/// How many deliveries wait, and for what.
pub fn of_deliveries(watched: &RawWatched) -> Vec<Figure> {
    let (mut incomplete, mut settling, mut unusable) = (0.0, 0.0, 0.0);
    for delivery in &watched.deliveries {
        match delivery.state {
            DeliveryState::Incomplete { .. } => incomplete += 1.0,
            DeliveryState::Settling => settling += 1.0,
            DeliveryState::Unusable { .. } => unusable += 1.0,
            // Its run is started with this answer.
            DeliveryState::Ready(_) => {}
        }
    }
    let counts = [("incomplete", incomplete), ("settling", settling), ("unusable", unusable)];
    counts.into_iter().map(|(state, count)| about(FigureName::DeliveriesWaiting, state, count)).collect()
}

/// How many events of new raw files were followed by a look.
pub fn of_events(count: usize) -> Vec<Figure> {
    vec![figure(FigureName::RawEvents, count as f64)]
}

/// How many violations the check of a layer found.
pub fn of_layer(layer: &str, violations: usize) -> Vec<Figure> {
    vec![about(FigureName::Findings, layer, violations as f64)]
}

fn figure(name: FigureName, value: f64) -> Figure {
    Figure { name, value, of: None }
}

fn about(name: FigureName, of: &str, value: f64) -> Figure {
    Figure { of: Some(of.to_owned()), ..figure(name, value) }
}

#[cfg(test)]
mod tests {
    use churn::model::Metrics;
    use serde_json::json;

    use super::*;

    fn value(figures: &[Figure], name: FigureName) -> Option<f64> {
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
        use FigureName::{AlertsUndelivered, DriftDetected, FeaturesDrifted, PrAuc, RowsProcessed, RunSucceeded};
        let figures = of_result(&result("train", "warn"));
        let wanted = [(RunSucceeded, 1.0), (RowsProcessed, 107.0), (PrAuc, 1.0), (DriftDetected, 1.0)];
        let others = [(FeaturesDrifted, 1.0), (AlertsUndelivered, 1.0), (FigureName::DriftLevel, 1.0)];
        for (name, wanted) in wanted.into_iter().chain(others) {
            assert_eq!(value(&figures, name), Some(wanted), "{name:?}");
        }
        let of_stages = |name: FigureName| {
            let of_name = figures.iter().filter(move |figure: &&Figure| figure.name == name);
            of_name.map(|figure| (figure.of.as_deref().unwrap(), figure.value)).collect::<Vec<_>>()
        };
        assert_eq!(of_stages(FigureName::StageSeconds), [("raw", 2.0), ("score", 1.5)]);
        assert_eq!(of_stages(FigureName::StageRows), [("raw", 100.0), ("score", 7.0)]);
    }

    #[test]
    fn unknown_drift_is_not_no_drift_and_the_champions_figures_are_no_news() {
        let drift = |level: &str| of_result(&result("score", level));
        assert_eq!(value(&drift("none"), FigureName::DriftDetected), Some(0.0));
        assert_eq!(value(&drift("not_enough_data"), FigureName::DriftDetected), None);
        assert_eq!(value(&drift("not_enough_data"), FigureName::DriftLevel), Some(-1.0));
        assert_eq!(value(&drift("critical"), FigureName::DriftLevel), Some(2.0));
        assert_eq!(value(&drift("none"), FigureName::PrAuc), None);
    }

    #[test]
    fn the_states_of_the_promise_add_up_to_one() {
        let nothing = serde_json::Value::Null;
        let report = json!({
            "state": "due", "since": "", "looked_at": "", "deadline": "", "scores": nothing, "told": nothing,
        });
        let figures = of_freshness(&serde_json::from_value(report).unwrap());
        let states = figures.iter().filter(|figure| figure.name == FigureName::FreshnessState);
        assert_eq!(states.map(|figure| figure.value).sum::<f64>(), 1.0);
        assert_eq!(value(&figures, FigureName::ScoresAge), None);
    }

    #[test]
    fn deliveries_are_counted_by_what_they_wait_for() {
        let delivery = |state| json!({ "prefix": "raw/1", "since": "", "state": state, "missing": [], "tell": false });
        let deliveries = [delivery("incomplete"), delivery("settling"), delivery("incomplete")];
        let watched = json!({ "deliveries": deliveries, "known": 4 });
        let figures = of_deliveries(&serde_json::from_value(watched).unwrap());
        let counts: Vec<_> = figures.iter().map(|figure| (figure.of.as_deref().unwrap(), figure.value)).collect();
        assert_eq!(counts, [("incomplete", 2.0), ("settling", 1.0), ("unusable", 0.0)]);
    }
}
