//! The curves of a card.

use super::for_whom::word;
use crate::html::charts::{Dot, Line, dots, square};
use crate::model::measure::curves::Curves;
use crate::model::measure::evaluate::Evaluation;
use crate::model::measure::metrics::ReliabilityBin;
use crate::model::measure::slices::Slice;

/// Precision by recall, beside a ranking by lot.
pub(super) fn precision_recall(evaluation: &Evaluation) -> String {
    let summary = &evaluation.summary;
    let rate = summary.holdout_positives as f64 / summary.holdout_rows.max(1) as f64;
    let points = evaluation.curves.precision_recall.iter().map(|point| (point.recall, point.precision)).collect();
    let lines = [Line { class: "then", points: vec![(0.0, rate), (1.0, rate)] }, Line { class: "line", points }];
    square("Precision by recall on the holdout; a ranking by lot is dashed", ("recall", "precision"), &lines)
}

/// The ROC curve, beside a ranking by lot.
pub(super) fn roc(curves: &Curves) -> String {
    let points = curves.roc.iter().map(|point| (point.false_positive_rate, point.true_positive_rate)).collect();
    let lines = [Line { class: "then", points: diagonal() }, Line { class: "line", points }];
    let axes = ("stayers that are flagged", "churners that are flagged");
    square("ROC on the holdout; a ranking by lot is dashed", axes, &lines)
}

/// What happened by what was said, before and after calibration.
pub(super) fn reliability(curves: &Curves) -> String {
    let points = |bins: &[ReliabilityBin]| bins.iter().map(|bin| (bin.predicted, bin.observed)).collect();
    let lines = [
        Line { class: "axis", points: diagonal() },
        Line { class: "then", points: points(&curves.reliability_raw) },
        Line { class: "line", points: points(&curves.reliability) },
    ];
    let title = "Calibration on the holdout: before dashed, after in colour; on the thin line all is as it was said";
    square(title, ("probability that was said", "share that left"), &lines)
}

/// The PR-AUC of every slice that was evaluated.
pub(super) fn slices(slices: &[Slice]) -> String {
    let dot = |slice: &Slice| {
        let figures = slice.figures()?;
        Some(Dot {
            name: format!("{} {}: {} churned", word(slice.by), slice.value, slice.positives),
            value: figures.pr_auc,
            interval: figures.pr_auc_interval.map(|interval| (interval.low, interval.high)),
        })
    };
    dots("PR-AUC by slice, with 95 % intervals", &slices.iter().filter_map(dot).collect::<Vec<_>>())
}

fn diagonal() -> Vec<(f64, f64)> {
    vec![(0.0, 0.0), (1.0, 1.0)]
}
