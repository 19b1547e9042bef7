//! Which figures a run has, read from its result.

use serde_json::Value;

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
pub fn of_result(result: &Value) -> Vec<Figure> {
    let stages = result["stages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let worked = |stage: &&Value| stage["skipped"] == false;
    let rows: f64 = stages.iter().filter(worked).filter_map(|stage| stage["rows"].as_f64()).sum();
    let mut figures = vec![figure("RunSucceeded", 1.0, Unit::Count), figure("RowsProcessed", rows, Unit::Count)];
    for stage in stages.iter().filter(worked) {
        let seconds = stage["seconds"].as_f64().unwrap_or_default();
        let stage = stage["name"].as_str().map(str::to_owned);
        figures.push(Figure { stage, ..figure("StageSeconds", seconds, Unit::Seconds) });
    }
    // In score mode the figures of the model are the champion's, and not news.
    if result["mode"] == "train"
        && let Some(pr_auc) = result["model"]["metrics"]["pr_auc"].as_f64()
    {
        figures.push(figure("PrAuc", pr_auc, Unit::None));
    }
    figures.extend(of_drift(&result["drift"]));
    figures
}

/// Too few customers to tell is not "no drift": then there is no figure.
fn of_drift(drift: &Value) -> Vec<Figure> {
    let detected = match drift["level"].as_str() {
        Some("none") => 0.0,
        Some("warn" | "critical") => 1.0,
        _ => return Vec::new(),
    };
    let features = drift["features"].as_array().map_or(0, Vec::len) as f64;
    vec![figure("DriftDetected", detected, Unit::Count), figure("FeaturesDrifted", features, Unit::Count)]
}

/// The figure of a run that failed.
pub fn of_failure() -> Vec<Figure> {
    vec![figure("RunFailed", 1.0, Unit::Count)]
}

fn figure(name: &'static str, value: f64, unit: Unit) -> Figure {
    Figure { name, value, unit, stage: None }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn value(figures: &[Figure], name: &str) -> Option<f64> {
        figures.iter().find(|figure| figure.name == name).map(|figure| figure.value)
    }

    #[test]
    fn a_training_run_has_every_figure_and_skipped_stages_none() {
        let result = json!({
            "mode": "train",
            "stages": [
                { "name": "raw", "rows": 100, "seconds": 2.0, "skipped": false },
                { "name": "gold", "rows": 7, "seconds": 0.0, "skipped": true },
                { "name": "score", "rows": 7, "seconds": 1.5, "skipped": false },
            ],
            "model": { "metrics": { "pr_auc": 0.75 } },
            "drift": { "level": "warn", "features": ["tenure_months"] },
        });
        let figures = of_result(&result);
        let wanted = [("RunSucceeded", 1.0), ("RowsProcessed", 107.0), ("PrAuc", 0.75), ("DriftDetected", 1.0)];
        for (name, wanted) in wanted.into_iter().chain([("FeaturesDrifted", 1.0)]) {
            assert_eq!(value(&figures, name), Some(wanted), "{name}");
        }
        let stages: Vec<_> = figures.iter().filter_map(|figure| figure.stage.as_deref()).collect();
        assert_eq!(stages, ["raw", "score"]);
    }

    #[test]
    fn unknown_drift_is_no_figure() {
        let drift = |level: &str| of_result(&json!({ "mode": "score", "drift": { "level": level, "features": [] } }));
        assert_eq!(value(&drift("none"), "DriftDetected"), Some(0.0));
        assert_eq!(value(&drift("not_enough_data"), "DriftDetected"), None);
        assert_eq!(value(&drift("none"), "PrAuc"), None);
    }
}
