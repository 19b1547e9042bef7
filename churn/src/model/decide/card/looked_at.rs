//! Every number behind the verdict: who was compared with, what slices lost, what single columns give away.

use std::fmt::Write;

use crate::markdown::cell;
use crate::model::decide::gate::Verdict;
use crate::model::decide::settings::{FloorRule, GateSettings};
use crate::model::measure::comparison::ChampionComparison;
use crate::model::measure::evaluate::EvaluationSummary;
use crate::model::measure::for_gate::GateFigures;
use crate::model::measure::for_gate::leakage::Leakage;
use crate::model::measure::for_gate::slice_losses::SliceLoss;

/// Evaluations of before have no such figures.
pub(super) fn section(summary: &EvaluationSummary, verdict: &Verdict) -> String {
    let Some(figures) = &summary.gate else { return String::new() };
    let mut text = "## What the gate looked at\n\n| figure | value |\n|---|---|\n".to_owned();
    for (figure, value) in rows(summary, figures, verdict.limits.as_ref()) {
        let _ = writeln!(text, "| {figure} | {} |", cell(&value));
    }
    text + &slices(&figures.slices) + &columns(&figures.leakage, verdict.limits.as_ref()) + &left_out(figures)
}

fn rows(summary: &EvaluationSummary, figures: &GateFigures, limits: Option<&GateSettings>) -> Vec<(String, String)> {
    let (rate, line, leakage) = (&figures.at_floor_rate, &figures.calibration, &figures.leakage);
    let mut rows = vec![(
        format!("PR-AUC at the churn rate of the floor, {:.1} %", 100.0 * rate.base_rate),
        format!("{:.4}", rate.pr_auc),
    )];
    rows.extend(summary.champion.as_ref().map(|champion| compared("champion", champion)));
    rows.extend(figures.best.compared.as_ref().map(|best| compared("best champion", best)));
    rows.extend([
        ("champions that were measured".to_owned(), figures.best.candidates.to_string()),
        ("calibration line".to_owned(), format!("slope {:.3}, intercept {:+.3}", line.slope, line.intercept)),
        (
            "single columns".to_owned(),
            format!(
                "{} on {} customers, values of at least {} of them",
                leakage.features, leakage.rows, leakage.support
            ),
        ),
    ]);
    rows.extend(limits.map(|limits| ("limits".to_owned(), in_words(limits))));
    rows
}

fn compared(who: &str, them: &ChampionComparison) -> (String, String) {
    let low = them.pr_auc_difference_low.map_or_else(|| "not known".to_owned(), |low| format!("{low:+.4}"));
    let seen = if them.same_split { "has not seen these customers" } else { "may have seen some of these customers" };
    let value = format!(
        "PR-AUC {:.4}, ROC-AUC {:.4}, Brier score {:.4}; ours is better by {:+.4}, lower 95 % bound {low}; it {seen}",
        them.pr_auc, them.roc_auc, them.brier, them.pr_auc_difference
    );
    (format!("{who} `{}`", them.version), value)
}

fn in_words(limits: &GateSettings) -> String {
    let floor = match limits.floor_rule {
        FloorRule::Fixed => "as it is",
        FloorRule::LiftOverBaseRate => "at the churn rate of the floor",
    };
    let (calibration, slices, leakage) = (&limits.calibration, &limits.slices, &limits.leakage);
    format!(
        "PR-AUC {:.3} {floor}, loss {:.3}; Brier loss {:.4}, slope {:.2} to {:.2} from {} churners on; slices {:.3} from {} \
         churners on; a column alone ROC-AUC {:.2}, churn rate {:.2} from {:.1} % of the customers on",
        limits.pr_auc_floor,
        limits.max_pr_auc_loss,
        calibration.max_brier_loss,
        calibration.min_slope,
        calibration.max_slope,
        calibration.min_positives,
        slices.max_pr_auc_loss,
        slices.min_positives,
        leakage.max_roc_auc,
        leakage.max_churn_rate,
        100.0 * leakage.min_support,
    )
}

fn slices(slices: &[SliceLoss]) -> String {
    if slices.is_empty() {
        return String::new();
    }
    let head = "\n| slice | measured on | churned | PR-AUC | champion | best champion |\n|---|---|---|---|---|---|\n";
    let mut text = head.to_owned();
    let figure = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
    for slice in slices {
        let (name, rows, positives) = (cell(&slice.name()), slice.measured_on.as_str(), slice.positives);
        let (ours, champion, best) = (figure(slice.pr_auc), figure(slice.champion), figure(slice.best));
        let _ = writeln!(text, "| {name} | {rows} | {positives} | {ours} | {champion} | {best} |");
    }
    text
}

fn columns(leakage: &Leakage, limits: Option<&GateSettings>) -> String {
    if leakage.suspects.is_empty() {
        return String::new();
    }
    let mut text = "\n| column alone | ROC-AUC | its purest value | reviewed |\n|---|---|---|---|\n".to_owned();
    for suspect in &leakage.suspects {
        let area = suspect.roc_auc.map_or_else(|| "-".to_owned(), |area| format!("{area:.3}"));
        let purest = suspect.purest.as_ref().map_or_else(|| "-".to_owned(), |purest| cell(&purest.to_string()));
        let reason = limits.and_then(|limits| limits.leakage.reason_for(&suspect.feature)).unwrap_or("no");
        let _ = writeln!(text, "| `{}` | {area} | {purest} | {} |", suspect.feature, cell(reason));
    }
    text
}

fn left_out(figures: &GateFigures) -> String {
    let mut text = String::new();
    for one in &figures.best.left_out {
        let bar = if one.held_the_bar { "; it held the bar" } else { "" };
        let _ = writeln!(text, "- Champion `{}` sets no bar: {}{bar}.", one.version, one.reason);
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}

#[cfg(test)]
mod tests {
    use super::super::super::checks::example::{against, figures, slice, summary};
    use super::*;
    use crate::model::gate;
    use crate::model::measure::for_gate::best::LeftOut;
    use crate::model::measure::for_gate::leakage::{FeatureAlone, PureGroup};

    #[test]
    fn every_number_behind_the_verdict_is_told() {
        let mut summary = summary();
        let purest = PureGroup { values: "1".to_owned(), rows: 554, positives: 554 };
        let suspect =
            FeatureAlone { feature: "sentiment_label".to_owned(), roc_auc: Some(0.634), purest: Some(purest) };
        let gone = LeftOut { version: "a".to_owned(), reason: "its files are gone".to_owned(), held_the_bar: true };
        let mut looked = figures();
        looked.best.compared = Some(against("b", -0.005));
        looked.best.left_out = vec![gone];
        looked.slices = vec![slice("SME", 120, Some(0.52), None)];
        looked.leakage.suspects = vec![suspect];
        summary.champion = Some(against("c", None::<f64>));
        summary.gate = Some(looked);
        let text = section(&summary, &gate(&summary, &GateSettings::default()));
        let said = [
            "| champion `c` | PR-AUC 0.7500, ROC-AUC 0.9000, Brier score 0.0440; ours is better by +0.0000, lower 95 % bound \
             not known; it has not seen these customers |",
            "| best champion `b` | ",
            "lower 95 % bound -0.0050",
            "| calibration line | slope 1.020, intercept +0.010 |",
            "| limits | PR-AUC 0.700 as it is, loss 0.020; Brier loss 0.0050, slope 0.80 to 1.25 from 100 churners on;",
            "| segment SME | holdout | 120 | 0.500 | 0.520 | - |",
            "| `sentiment_label` | 0.634 | 1: 100.0 % churn on 554 customers | how the customer sounded,",
            "- Champion `a` sets no bar: its files are gone; it held the bar.",
        ];
        for said in said {
            assert!(text.contains(said), "{said} is not in\n{text}");
        }
    }
}
