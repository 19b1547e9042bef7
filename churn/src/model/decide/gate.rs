//! The promotion gate: may the challenger become champion? Pure and cheap: figures and limits in, a verdict out.
//!
//! Every check is evaluated and written down, not only the first that fails. `docs/gate.md` says the same rules in words.

use serde::{Deserialize, Serialize};

use super::check::Check;
use super::checks;
use super::settings::{GateSettings, known_limits_if_any};
use crate::model::measure::evaluate::EvaluationSummary;

/// The gate's decision with its reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// All checks, passed or not.
    pub checks: Vec<Check>,
    /// Whether all of them passed.
    pub passed: bool,
    /// The limits that it was judged by; nothing in verdicts of before they were noted.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "known_limits_if_any")]
    pub limits: Option<GateSettings>,
}

impl Verdict {
    /// Passed when every check is; what nobody checked has not passed.
    pub fn of(checks: Vec<Check>) -> Self {
        let passed = !checks.is_empty() && checks.iter().all(|check| check.passed);
        Self { checks, passed, limits: None }
    }

    /// The verdict with more checks.
    pub fn and(self, more: impl IntoIterator<Item = Check>) -> Self {
        let Self { mut checks, limits, .. } = self;
        checks.extend(more);
        Self { limits, ..Self::of(checks) }
    }

    /// The notes of the checks that failed.
    pub fn reasons(&self) -> Vec<&str> {
        self.checks.iter().filter(|check| !check.passed).map(|check| check.note.as_str()).collect()
    }

    /// The checks that failed with their notes, as it is noted of a model that a person promotes against them.
    pub fn failed_checks(&self) -> String {
        let failed = self.checks.iter().filter(|check| !check.passed);
        failed.map(|check| format!("{}: {}", check.name, check.note)).collect::<Vec<_>>().join("; ")
    }
}

/// Judges a challenger by its holdout figures.
///
/// An evaluation of before all of these were measured is judged by what it has, so that a stored history replays.
pub fn gate(evaluation: &EvaluationSummary, settings: &GateSettings) -> Verdict {
    let mut checks =
        vec![checks::pr_auc_floor(evaluation, settings), checks::not_worse_than_champion(evaluation, settings)];
    if let Some(figures) = &evaluation.gate {
        checks.extend([
            checks::not_worse_than_best(evaluation, &figures.best, settings),
            checks::calibration(evaluation, figures, settings),
            checks::slices(&figures.slices, settings),
            checks::leakage(&figures.leakage, settings),
        ]);
    }
    Verdict { limits: Some(settings.clone()), ..Verdict::of(checks) }
}

#[cfg(test)]
mod tests {
    use super::super::check_name::CheckName;
    use super::super::checks::example::{against, figures, slice, summary};
    use super::*;
    use crate::model::measure::for_gate::GateFigures;
    use crate::model::measure::for_gate::best::BestChampion;
    use crate::model::measure::for_gate::calibration_line::CalibrationLine;
    use crate::model::measure::for_gate::leakage::{FeatureAlone, Leakage, PureGroup};

    fn failed(summary: &EvaluationSummary) -> Vec<CheckName> {
        let verdict = gate(summary, &GateSettings::default());
        let failed: Vec<_> = verdict.checks.into_iter().filter(|check| !check.passed).map(|check| check.name).collect();
        assert_eq!(verdict.passed, failed.is_empty());
        failed
    }

    /// A challenger of which nothing is good.
    fn without_merit() -> EvaluationSummary {
        let mark = PureGroup { values: "1".to_owned(), rows: 554, positives: 554 };
        let mark = FeatureAlone { feature: "mark".to_owned(), roc_auc: Some(0.62), purest: Some(mark) };
        let gate = GateFigures {
            best: BestChampion { compared: Some(against("best", -0.5)), candidates: 2, left_out: Vec::new() },
            calibration: CalibrationLine { slope: 0.5, intercept: 0.0 },
            slices: vec![slice("SME", 200, Some(0.7), None)],
            leakage: Leakage { suspects: vec![mark], ..figures().leakage },
            ..figures()
        };
        let mut summary = EvaluationSummary { champion: Some(against("now", -0.5)), gate: Some(gate), ..summary() };
        summary.metrics.pr_auc = 0.3;
        summary
    }

    #[test]
    fn a_good_first_model_passes_every_check() {
        assert_eq!(failed(&summary()), []);
        let names: Vec<_> = gate(&summary(), &GateSettings::default()).checks.into_iter().map(|it| it.name).collect();
        assert_eq!(names, CheckName::KNOWN[..6]);
    }

    #[test]
    fn all_checks_are_evaluated_when_several_fail() {
        assert_eq!(failed(&without_merit()), CheckName::KNOWN[..6]);
    }

    #[test]
    fn one_failed_check_fails_the_verdict_and_only_it_is_a_reason() {
        let mut poor = summary();
        poor.metrics.pr_auc = 0.3;
        let verdict = gate(&poor, &GateSettings::default());
        let [reason] = verdict.reasons().try_into().unwrap();
        assert!(!verdict.passed && reason.contains("below the floor"), "{reason}");
        assert!(!Verdict::of(Vec::new()).passed);
    }

    #[test]
    fn a_figure_that_is_no_number_does_not_pass() {
        let mut summary = EvaluationSummary { champion: Some(against("now", f64::NAN)), ..summary() };
        summary.metrics.pr_auc = f64::NAN;
        assert_eq!(failed(&summary), [CheckName::PrAucFloor, CheckName::NotWorseThanChampion]);
    }

    #[test]
    fn an_evaluation_of_before_is_judged_as_it_was_then() {
        let before = EvaluationSummary { gate: None, ..without_merit() };
        assert_eq!(failed(&before), [CheckName::PrAucFloor, CheckName::NotWorseThanChampion]);
        assert_eq!(gate(&EvaluationSummary { gate: None, ..summary() }, &GateSettings::default()).checks.len(), 2);
    }

    #[test]
    fn a_verdict_says_by_which_limits_and_one_more_check_can_only_fail_it() {
        let settings = GateSettings { pr_auc_floor: 0.5, ..GateSettings::default() };
        let verdict = gate(&summary(), &settings);
        assert_eq!(verdict.limits.as_ref(), Some(&settings));
        let check = |passed| Check { passed, ..verdict.checks[0].clone() };
        let (good, bad) = (verdict.clone().and([check(true)]), verdict.clone().and([check(false)]));
        assert_eq!((good.passed, good.checks.len(), bad.passed), (true, 7, false));
        assert_eq!((good.limits.as_ref(), bad.and([check(true)]).passed), (Some(&settings), false));
    }

    #[test]
    fn a_verdict_survives_json_and_one_of_before_is_still_read() {
        let verdict = gate(&without_merit(), &GateSettings::default());
        let json = serde_json::to_string(&verdict).unwrap();
        assert_eq!(serde_json::from_str::<Verdict>(&json).unwrap(), verdict);
        let before =
            r#"{"checks":[{"name":"pr_auc_floor","value":0.75,"limit":0.7,"passed":true,"note":"n"}],"passed":true}"#;
        assert_eq!(serde_json::from_str::<Verdict>(before).unwrap().limits, None);
    }

    #[test]
    fn the_page_about_the_gate_has_every_check_and_every_limit() {
        let page = include_str!("../../../../docs/gate.md");
        for name in CheckName::KNOWN {
            assert!(page.contains(&format!("| `{name}` |")), "docs/gate.md does not say what {name} asks for");
        }
        let limits = serde_json::to_value(GateSettings::default()).unwrap();
        for (key, value) in limits.as_object().unwrap() {
            let keys: Vec<String> = match value.as_object() {
                Some(section) => section.keys().map(|inner| format!("{key}.{inner}")).collect(),
                None => vec![key.clone()],
            };
            for key in keys {
                assert!(page.contains(&format!("`{key}`")), "docs/gate.md does not name the setting {key}");
            }
        }
    }
}
