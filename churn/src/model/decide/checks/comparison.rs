//! `not_worse_than_champion` and `not_worse_than_best`: no night may lose much, and small losses must not add up.

use crate::model::decide::check::Check;
use crate::model::decide::check_name::CheckName;
use crate::model::decide::settings::GateSettings;
use crate::model::measure::comparison::ChampionComparison;
use crate::model::measure::evaluate::EvaluationSummary;
use crate::model::measure::for_gate::best::{BestChampion, LeftOut};

/// Against the champion that scores.
pub fn not_worse_than_champion(evaluation: &EvaluationSummary, settings: &GateSettings) -> Check {
    let name = CheckName::NotWorseThanChampion;
    match &evaluation.champion {
        Some(champion) => compared(name, "champion", champion, settings),
        None => without_comparison(name, "there is no champion to compare with".to_owned(), settings),
    }
}

/// Against the best champion of these labels, measured again on the same customers.
pub fn not_worse_than_best(evaluation: &EvaluationSummary, best: &BestChampion, settings: &GateSettings) -> Check {
    let name = CheckName::NotWorseThanBest;
    if let Some(lost) = best.left_out.iter().find(|one| one.held_the_bar) {
        return Check { passed: false, ..without_comparison(name, unknown(lost), settings) };
    }
    let left_out = left_out(&best.left_out);
    let Some(champion) = &best.compared else {
        let note = format!("there is no champion of these labels to compare with{left_out}");
        return without_comparison(name, note, settings);
    };
    let is_champion = evaluation.champion.as_ref().is_some_and(|of_now| of_now.version == champion.version);
    let standing = if is_champion { ", and the champion of now" } else { "" };
    let check = compared(name, "best champion", champion, settings);
    Check { note: format!("{}; it is the best of {}{standing}{left_out}", check.note, best.candidates), ..check }
}

fn without_comparison(name: CheckName, note: String, settings: &GateSettings) -> Check {
    Check { name, value: None, limit: -settings.max_pr_auc_loss, passed: true, note }
}

fn compared(name: CheckName, whom: &str, champion: &ChampionComparison, settings: &GateSettings) -> Check {
    let limit = -settings.max_pr_auc_loss;
    let Some(low) = champion.pr_auc_difference_low else {
        let note = format!("the holdout is too small to compare with the {whom}; use more customers");
        return Check { name, value: None, limit, passed: false, note };
    };
    let passed = low > limit;
    let relation = if passed { "above" } else { "not above" };
    let seen = if champion.same_split {
        ""
    } else {
        "; the champion was trained with another split and may have seen these customers"
    };
    let note = format!(
        "PR-AUC differs by {:+.3} from {whom} {} on the same customers; the lower 95 % bound {low:+.3} is {relation} {limit:+.3}{seen}",
        champion.pr_auc_difference, champion.version
    );
    Check { name, value: Some(low), limit, passed, note }
}

/// What was the best cannot be measured: nobody knows whether the challenger is worse.
fn unknown(LeftOut { version, reason, .. }: &LeftOut) -> String {
    format!(
        "the best champion so far, {version}, cannot be measured: {reason}; make it readable again, or let it set no \
         bar any more: spanishgas models withdraw {version} --by NAME --reason TEXT"
    )
}

fn left_out(left_out: &[LeftOut]) -> String {
    let told = left_out.iter().map(|one| format!("; champion {} sets no bar: {}", one.version, one.reason));
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::super::example::{against, summary};
    use super::*;

    fn with_best(compared: Option<ChampionComparison>, left_out: Vec<LeftOut>) -> Check {
        let best = BestChampion { candidates: compared.iter().len() as u64, compared, left_out };
        let summary = EvaluationSummary { champion: Some(against("now", -0.001)), ..summary() };
        not_worse_than_best(&summary, &best, &GateSettings::default())
    }

    fn without(version: &str, held_the_bar: bool) -> LeftOut {
        LeftOut { version: version.to_owned(), reason: "its files are gone".to_owned(), held_the_bar }
    }

    #[test]
    fn a_bound_at_the_limit_is_not_above_it_whatever_the_difference_itself_is() {
        let settings = GateSettings { max_pr_auc_loss: 0.05, ..GateSettings::default() };
        for (low, passes) in [(-0.05, false), ((-0.05_f64).next_up(), true), (f64::NAN, false)] {
            let champion = ChampionComparison { pr_auc_difference: 0.5, ..against("champion", low) };
            let summary = EvaluationSummary { champion: Some(champion), ..summary() };
            let check = not_worse_than_champion(&summary, &settings);
            assert_eq!((check.passed, check.limit), (passes, -0.05), "{low}");
        }
        // No loss allowed: as good as the champion is not proved by a bound of 0.
        let strict = GateSettings { max_pr_auc_loss: 0.0, ..GateSettings::default() };
        let summary = EvaluationSummary { champion: Some(against("champion", 0.0)), ..summary() };
        assert!(!not_worse_than_champion(&summary, &strict).passed);
    }

    #[test]
    fn a_champion_that_cannot_be_compared_with_is_not_beaten() {
        let summary = EvaluationSummary { champion: Some(against("champion", None)), ..summary() };
        let check = not_worse_than_champion(&summary, &GateSettings::default());
        let told = "the holdout is too small to compare with the champion; use more customers";
        assert_eq!((check.passed, check.note.as_str()), (false, told));
        assert!(!with_best(Some(against("best", None)), Vec::new()).passed);
    }

    #[test]
    fn what_loses_little_to_the_last_champion_and_much_to_the_best_does_not_pass() {
        let check = with_best(Some(against("best", -0.021)), Vec::new());
        assert_eq!((check.passed, check.value, check.limit), (false, Some(-0.021), -0.02));
        assert!(check.note.contains("from best champion best on the same customers"), "{}", check.note);
        assert!(with_best(Some(against("best", -0.019)), Vec::new()).passed);
        let of_now = with_best(Some(against("now", -0.019)), Vec::new());
        assert!(of_now.note.ends_with("; it is the best of 1, and the champion of now"), "{}", of_now.note);
    }

    #[test]
    fn without_another_champion_there_is_no_bar_and_who_sets_none_is_named() {
        let check = with_best(None, vec![without("older", false)]);
        assert!(check.passed && check.value.is_none(), "{check:?}");
        assert!(check.note.ends_with("champion older sets no bar: its files are gone"), "{}", check.note);
    }

    #[test]
    fn a_best_champion_that_cannot_be_measured_is_not_beaten_until_a_person_takes_it_back() {
        for compared in [None, Some(against("another", 0.01))] {
            let check = with_best(compared, vec![without("best", true)]);
            assert!(!check.passed, "{check:?}");
            assert!(check.note.contains("spanishgas models withdraw best"), "{}", check.note);
        }
    }
}
