//! The card's word on calibration: what was compared, what is kept, and how it does on the holdout.

use std::fmt::Write;

use crate::model::bundle::calibration::{CalibrationFigures, CalibrationMethod};
use crate::model::bundle::metadata::Metadata;
use crate::model::measure::evaluate::Evaluation;

/// Models of before had Platt scaling without a choice.
pub(super) fn section(metadata: &Metadata, evaluation: &Evaluation) -> String {
    let metrics = &evaluation.summary.metrics;
    let kept = metadata.calibration.as_ref().map_or(CalibrationMethod::Platt, |report| report.kept);
    let mut text = format!(
        "## Calibration: {}\n\n{} On the holdout: calibration error {:.4} before, {:.4} after; Brier score {:.4} before, \
         {:.4} after.\n",
        kept,
        meaning(kept),
        evaluation.ece_before_calibration,
        metrics.ece,
        evaluation.brier_before_calibration,
        metrics.brier,
    );
    let Some(report) = &metadata.calibration else { return text };
    text.push_str(
        "\n| compared | weight of churners | Brier score | calibration error | kept |\n|---|---|---|---|---|\n",
    );
    for figures in &report.compared {
        let CalibrationFigures { method, brier, ece, .. } = figures;
        let is_kept = if report.keeps(figures) { "yes" } else { "" };
        let _ = writeln!(text, "| `{method}` | {} | {brier:.5} | {ece:.5} | {is_kept} |", figures.weighting().as_str());
    }
    text.push_str(
        "\nEach figure is on training customers that neither the model nor the calibrator had seen; `balanced` gives churners \
         as much weight as all others have together, `even` the same as anybody. The lowest Brier \
         score is kept, of equal ones (to five decimals) the lowest calibration error.\n",
    );
    text
}

fn meaning(method: CalibrationMethod) -> &'static str {
    match method {
        CalibrationMethod::Platt => "A logistic curve on margins of models that did not see their rows (Platt).",
        CalibrationMethod::Isotonic => "The best increasing steps on margins of models that did not see their rows.",
        CalibrationMethod::Beta => "A slope for each end, on margins of models that did not see their rows.",
        CalibrationMethod::Unchanged => "The probabilities as they are: churners have no more weight in the fits.",
    }
}
