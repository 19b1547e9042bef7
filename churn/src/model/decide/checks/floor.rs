//! `pr_auc_floor`: the business rule.

use crate::model::decide::check::Check;
use crate::model::decide::check_name::CheckName;
use crate::model::decide::settings::{FloorRule, GateSettings};
use crate::model::measure::evaluate::EvaluationSummary;
use crate::model::measure::for_gate::base_rate::PrAucAtRate;

/// The PR-AUC reaches the floor: judged by the point, told by its interval and by how many customers churned.
pub fn pr_auc_floor(evaluation: &EvaluationSummary, settings: &GateSettings) -> Check {
    let limit = settings.pr_auc_floor;
    let own = evaluation.metrics.pr_auc;
    let (value, what) = match settings.floor_rule {
        FloorRule::Fixed => (Some(own), format!("holdout PR-AUC {own:.3}")),
        FloorRule::LiftOverBaseRate => at_its_rate(evaluation, settings),
    };
    let passed = value.is_some_and(|value| value >= limit);
    let relation = if passed { "reaches" } else { "is below" };
    let note = format!("{what} {relation} the floor {limit:.3} ({})", told_by(evaluation));
    Check { name: CheckName::PrAucFloor, value, limit, passed, note }
}

/// What the PR-AUC is worth at the churn rate that the floor was set at; nothing where that was not measured.
fn at_its_rate(evaluation: &EvaluationSummary, settings: &GateSettings) -> (Option<f64>, String) {
    let (own, rate) = (evaluation.metrics.pr_auc, settings.floor_base_rate);
    let at = format!("at the {:.1} % churn of the floor,", 100.0 * rate);
    let measured = evaluation.gate.as_ref().map(|figures| figures.at_floor_rate);
    match measured.filter(|measured| measured.base_rate == rate) {
        Some(PrAucAtRate { pr_auc, .. }) => (Some(pr_auc), format!("holdout PR-AUC {own:.3}, worth {pr_auc:.3} {at}")),
        None => (None, format!("holdout PR-AUC {own:.3}, not measured {at}")),
    }
}

/// The interval, and how rare churn is: a ranking by lot has the churn rate as its PR-AUC.
fn told_by(evaluation: &EvaluationSummary) -> String {
    let interval = match evaluation.pr_auc_interval {
        Some(interval) => format!("95 % interval {:.3} to {:.3}", interval.low, interval.high),
        None => "too few churners for an interval".to_owned(),
    };
    let (rows, positives) = (evaluation.holdout_rows, evaluation.holdout_positives);
    let rate = positives as f64 / rows.max(1) as f64;
    let (percent, lift) = (100.0 * rate, evaluation.metrics.pr_auc / rate);
    format!(
        "{interval}; {rows} customers, {positives} of them churned: {percent:.1} %, so {lift:.1} times a ranking by lot"
    )
}

#[cfg(test)]
mod tests {
    use super::super::example::{figures, summary};
    use super::*;
    use crate::model::measure::bootstrap::Interval;
    use crate::model::measure::for_gate::GateFigures;

    #[test]
    fn a_figure_at_the_floor_reaches_it_and_one_just_below_does_not() {
        let settings = GateSettings { pr_auc_floor: 0.30, ..GateSettings::default() };
        for (pr_auc, reaches) in [(0.30, true), (0.30_f64.next_down(), false), (f64::NAN, false)] {
            let mut summary = summary();
            summary.metrics.pr_auc = pr_auc;
            let check = pr_auc_floor(&summary, &settings);
            assert_eq!((check.passed, check.limit), (reaches, 0.30));
            assert_eq!(check.note.contains("reaches the floor"), reaches, "{}", check.note);
        }
    }

    #[test]
    fn it_is_judged_by_the_point_and_told_by_interval_and_prevalence() {
        let interval = Some(Interval { low: 0.69, high: 0.79 });
        let summary = EvaluationSummary { pr_auc_interval: interval, ..summary() };
        let check = pr_auc_floor(&summary, &GateSettings::default());
        assert!(check.passed, "an interval that reaches below the floor is no reason: {check:?}");
        let told = "holdout PR-AUC 0.750 reaches the floor 0.700 (95 % interval 0.690 to 0.790; 4000 customers, 400 of \
                    them churned: 10.0 %, so 7.5 times a ranking by lot)";
        assert_eq!(check.note, told);
    }

    #[test]
    fn a_year_of_fewer_churners_is_held_against_the_floor_at_the_rate_that_it_was_set_at() {
        let of = |floor_rule| GateSettings { floor_rule, ..GateSettings::default() };
        let at_floor_rate = PrAucAtRate { base_rate: 0.097, pr_auc: 0.703 };
        let mut rare = summary();
        rare.gate = Some(GateFigures { at_floor_rate, ..figures() });
        (rare.holdout_positives, rare.metrics.pr_auc) = (240, 0.67);
        assert!(!pr_auc_floor(&rare, &of(FloorRule::Fixed)).passed);
        let check = pr_auc_floor(&rare, &of(FloorRule::LiftOverBaseRate));
        assert_eq!((check.passed, check.value, check.limit), (true, Some(0.703), 0.70));
        assert!(check.note.starts_with("holdout PR-AUC 0.670, worth 0.703 at the 9.7 % churn of the floor, reaches"));
    }

    #[test]
    fn what_was_measured_at_another_rate_or_not_at_all_does_not_pass() {
        let settings =
            GateSettings { floor_rule: FloorRule::LiftOverBaseRate, floor_base_rate: 0.12, ..GateSettings::default() };
        for gate in [Some(figures()), None] {
            let check = pr_auc_floor(&EvaluationSummary { gate, ..summary() }, &settings);
            assert_eq!((check.passed, check.value), (false, None));
            assert!(check.note.contains("not measured at the 12.0 % churn"), "{}", check.note);
        }
    }
}
