//! The promotion gate: may the challenger become champion? Pure and cheap, for use in a workflow.
//!
//! Every check is evaluated and written down, not only the first that fails.

use serde::{Deserialize, Serialize};

use super::check_name::CheckName;
use crate::model::measure::evaluate::EvaluationSummary;
use crate::model::settings::GateSettings;

/// The gate's decision with its reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// All checks, passed or not.
    pub checks: Vec<Check>,
    /// Whether all of them passed.
    pub passed: bool,
}

/// One check of the gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Which one.
    pub name: CheckName,
    /// What was measured; nothing when there is nothing to measure.
    pub value: Option<f64>,
    /// What it must reach.
    pub limit: f64,
    /// Whether it does.
    pub passed: bool,
    /// The same for people, in one sentence.
    pub note: String,
}

impl Verdict {
    /// Passed when every check is; what nobody checked has not passed.
    pub fn of(checks: Vec<Check>) -> Self {
        let passed = !checks.is_empty() && checks.iter().all(|check| check.passed);
        Self { checks, passed }
    }

    /// The notes of the checks that failed.
    pub fn reasons(&self) -> Vec<&str> {
        self.checks.iter().filter(|check| !check.passed).map(|check| check.note.as_str()).collect()
    }
}

/// Judges a challenger by its holdout figures.
pub fn gate(evaluation: &EvaluationSummary, settings: &GateSettings) -> Verdict {
    Verdict::of(vec![pr_auc_floor(evaluation, settings), not_worse_than_champion(evaluation, settings)])
}

fn pr_auc_floor(evaluation: &EvaluationSummary, settings: &GateSettings) -> Check {
    let (value, limit) = (evaluation.metrics.pr_auc, settings.pr_auc_floor);
    let passed = value >= limit;
    let relation = if passed { "reaches" } else { "is below" };
    let note = format!(
        "holdout PR-AUC {value:.3} {relation} the floor {limit:.3} ({} customers, {} of them churned)",
        evaluation.holdout_rows, evaluation.holdout_positives
    );
    Check { name: CheckName::PrAucFloor, value: Some(value), limit, passed, note }
}

fn not_worse_than_champion(evaluation: &EvaluationSummary, settings: &GateSettings) -> Check {
    let limit = -settings.max_pr_auc_loss;
    let check = |value, passed, note| Check { name: CheckName::NotWorseThanChampion, value, limit, passed, note };
    let Some(champion) = &evaluation.champion else {
        return check(None, true, "there is no champion to compare with".into());
    };
    let Some(low) = champion.pr_auc_difference_low else {
        let note = "the holdout is too small to compare with the champion; use more customers";
        return check(None, false, note.into());
    };
    let passed = low > limit;
    let relation = if passed { "above" } else { "not above" };
    let seen = if champion.same_split {
        ""
    } else {
        "; the champion was trained with another split and may have seen these customers"
    };
    let note = format!(
        "PR-AUC differs by {:+.3} from champion {} on the same customers; the lower 95 % bound {low:+.3} is {relation} {limit:+.3}{seen}",
        champion.pr_auc_difference, champion.version
    );
    check(Some(low), passed, note)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::bundle::threshold::ThresholdRule;
    use crate::model::measure::evaluate::ChampionComparison;
    use crate::model::measure::metrics::Metrics;

    fn measured(labels: [bool; 4], champion: Option<ChampionComparison>) -> EvaluationSummary {
        EvaluationSummary {
            model_version: "challenger".into(),
            holdout_rows: 4,
            holdout_positives: 2,
            metrics: Metrics::of(&labels, &[0.9, 0.8, 0.2, 0.1], 0.5).unwrap(),
            threshold_rule: ThresholdRule::MinRecall,
            pr_auc_interval: None,
            roc_auc_interval: None,
            champion,
            slices: Vec::new(),
        }
    }

    /// A champion whose lower bound of the difference is `pr_auc_difference_low`.
    fn against(pr_auc_difference_low: impl Into<Option<f64>>) -> ChampionComparison {
        ChampionComparison {
            version: "champion".into(),
            pr_auc: 0.8,
            roc_auc: 0.9,
            brier: 0.1,
            pr_auc_difference: 0.0,
            pr_auc_difference_low: pr_auc_difference_low.into(),
            same_split: true,
        }
    }

    const PERFECT: [bool; 4] = [true, true, false, false];
    const POOR: [bool; 4] = [false, false, true, true];

    fn passed(summary: &EvaluationSummary) -> (bool, bool, bool) {
        let verdict = gate(summary, &GateSettings::default());
        (verdict.checks[0].passed, verdict.checks[1].passed, verdict.passed)
    }

    #[test]
    fn a_good_first_model_passes_and_the_verdict_says_that_there_is_no_champion() {
        let summary = measured(PERFECT, None);
        assert_eq!(passed(&summary), (true, true, true));
        assert!(gate(&summary, &GateSettings::default()).checks[1].note.contains("no champion"));
    }

    #[test]
    fn a_model_below_the_floor_is_rejected_with_a_reason() {
        let summary = measured(POOR, None);
        assert_eq!(passed(&summary), (false, true, false));
        assert!(gate(&summary, &GateSettings::default()).reasons()[0].contains("below the floor"));
    }

    #[test]
    fn a_loss_at_the_limit_is_too_much_and_one_inside_is_not() {
        assert_eq!(passed(&measured(PERFECT, Some(against(-0.02)))), (true, false, false));
        assert_eq!(passed(&measured(PERFECT, Some(against(-0.019)))), (true, true, true));
    }

    #[test]
    fn a_figure_at_the_floor_reaches_it_and_one_just_below_does_not() {
        let mut summary = measured(PERFECT, None);
        for (pr_auc, reaches) in [(0.30, true), (0.30_f64.next_down(), false)] {
            summary.metrics.pr_auc = pr_auc;
            let settings = GateSettings { pr_auc_floor: 0.30, ..GateSettings::default() };
            let check = gate(&summary, &settings).checks.remove(0);
            assert_eq!((check.passed, check.value, check.limit), (reaches, Some(pr_auc), 0.30));
            assert_eq!(check.note.contains("reaches the floor"), reaches, "{}", check.note);
        }
    }

    #[test]
    fn a_bound_at_the_limit_is_not_above_it_whatever_the_difference_itself_is() {
        let settings = GateSettings { max_pr_auc_loss: 0.05, ..GateSettings::default() };
        for (low, passes) in [(-0.05, false), ((-0.05_f64).next_up(), true), (f64::NAN, false)] {
            let champion = ChampionComparison { pr_auc_difference: 0.5, ..against(low) };
            let check = gate(&measured(PERFECT, Some(champion)), &settings).checks.remove(1);
            assert_eq!((check.passed, check.limit), (passes, -0.05), "{low}");
        }
        // No loss allowed: as good as the champion is not proved by a bound of 0.
        let strict = GateSettings { max_pr_auc_loss: 0.0, ..GateSettings::default() };
        assert!(!gate(&measured(PERFECT, Some(against(0.0))), &strict).passed);
    }

    #[test]
    fn one_failed_check_fails_the_verdict_and_only_it_is_a_reason() {
        let verdict = gate(&measured(POOR, None), &GateSettings::default());
        assert_eq!((verdict.passed, verdict.reasons().len()), (false, 1));
        assert!(!Verdict::of(Vec::new()).passed);
    }

    #[test]
    fn all_checks_are_evaluated_when_several_fail() {
        assert_eq!(passed(&measured(POOR, Some(against(-0.5)))), (false, false, false));
    }

    #[test]
    fn a_champion_that_cannot_be_compared_with_is_not_beaten() {
        assert_eq!(passed(&measured(PERFECT, Some(against(None)))), (true, false, false));
    }

    #[test]
    fn a_figure_that_is_no_number_does_not_pass() {
        let mut summary = measured(PERFECT, Some(against(f64::NAN)));
        summary.metrics.pr_auc = f64::NAN;
        assert_eq!(passed(&summary), (false, false, false));
    }
}
