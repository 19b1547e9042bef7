//! `leakage`: no single column gives the outcome away.

use crate::model::decide::check::Check;
use crate::model::decide::check_name::CheckName;
use crate::model::decide::settings::{GateSettings, LeakageLimits};
use crate::model::measure::for_gate::leakage::{FeatureAlone, Leakage};

/// No feature that nobody has reviewed ranks the holdout too well alone, and none has a value or range, on enough customers,
/// of whom too many churned.
pub fn leakage(found: &Leakage, settings: &GateSettings) -> Check {
    let limits = &settings.leakage;
    let check = |value, limit, passed, note| Check { name: CheckName::Leakage, value, limit, passed, note };
    let above: Vec<Above<'_>> = found.suspects.iter().filter_map(|one| Above::of(one, limits)).collect();
    let (reviewed, leaks): (Vec<&Above<'_>>, Vec<&Above<'_>>) =
        above.iter().partition(|one| limits.reason_for(&one.alone.feature).is_some());
    let known = known_ones(&reviewed);
    if let Some(worst) = leaks.first() {
        let told: Vec<String> = leaks.iter().map(|one| one.in_words()).collect();
        let note = format!(
            "{} gives the outcome away: correct the column, or name it with its reason in gate.leakage.reviewed of \
             model.yaml{known}",
            told.join(", ")
        );
        return check(Some(worst.figure), worst.limit, false, note);
    }
    let note = format!(
        "of {} features none that nobody has reviewed ranks above ROC-AUC {:.2} alone, or has a value of at least {} \
         customers with more than {:.1} % churn{known}",
        found.features,
        limits.max_roc_auc,
        found.support,
        100.0 * limits.max_churn_rate
    );
    let free = found.suspects.iter().filter(|one| limits.reason_for(&one.feature).is_none());
    let highest = free.map(FeatureAlone::churn_rate).reduce(f64::max);
    check(highest, limits.max_churn_rate, true, note)
}

/// A feature that is above a limit.
struct Above<'a> {
    alone: &'a FeatureAlone,
    figure: f64,
    limit: f64,
    by: By,
}

/// Which limit it is above.
enum By {
    ChurnRate,
    Ranking,
}

impl<'a> Above<'a> {
    fn of(alone: &'a FeatureAlone, limits: &LeakageLimits) -> Option<Self> {
        let (churn_rate, roc_auc) = (alone.churn_rate(), alone.roc_auc.unwrap_or_default());
        if is_above(churn_rate, limits.max_churn_rate) {
            return Some(Self { alone, figure: churn_rate, limit: limits.max_churn_rate, by: By::ChurnRate });
        }
        let limit = limits.max_roc_auc;
        is_above(roc_auc, limit).then_some(Self { alone, figure: roc_auc, limit, by: By::Ranking })
    }

    fn in_words(&self) -> String {
        let FeatureAlone { feature, purest, .. } = self.alone;
        match (&self.by, purest) {
            (By::ChurnRate, Some(purest)) => format!("{feature} = {purest}"),
            (By::ChurnRate, None) | (By::Ranking, _) => format!("{feature} alone has a ROC-AUC of {:.3}", self.figure),
        }
    }
}

/// The reviewed features that are above a limit: the first one whole, the others by name.
fn known_ones(reviewed: &[&Above<'_>]) -> String {
    let Some((first, others)) = reviewed.split_first() else { return String::new() };
    let names = std::iter::once(first.in_words()).chain(others.iter().map(|one| one.alone.feature.clone()));
    let names: Vec<String> = names.collect();
    format!("; reviewed, each with its reason in gate.leakage.reviewed: {}", names.join(", "))
}

/// What is no number is above every limit.
fn is_above(figure: f64, limit: f64) -> bool {
    let is_allowed = figure <= limit;
    !is_allowed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::decide::settings::ReviewedFeature;
    use crate::model::measure::for_gate::leakage::PureGroup;

    fn alone(feature: &str, roc_auc: f64, positives: u64) -> FeatureAlone {
        let purest = Some(PureGroup { values: "1".to_owned(), rows: 1000, positives });
        FeatureAlone { feature: feature.to_owned(), roc_auc: Some(roc_auc), purest }
    }

    fn judged(suspects: &[FeatureAlone], reviewed: &[&str]) -> Check {
        let mut settings = GateSettings::default();
        let reviewed = reviewed
            .iter()
            .map(|feature| ReviewedFeature { feature: (*feature).to_owned(), reason: "it is known before".to_owned() });
        settings.leakage.reviewed = reviewed.collect();
        leakage(&Leakage { rows: 20_000, support: 200, features: 56, suspects: suspects.to_vec() }, &settings)
    }

    #[test]
    fn a_value_that_is_pure_churn_fails_although_the_column_ranks_hardly_anybody() {
        let check = judged(&[alone("mark", 0.62, 1000)], &[]);
        assert_eq!((check.passed, check.value, check.limit), (false, Some(1.0), 0.95));
        assert!(check.note.starts_with("mark = 1: 100.0 % churn on 1000 customers gives"), "{check:?}");
        assert!(judged(&[alone("mark", 0.62, 950)], &[]).passed, "at the limit is not above it");
        assert!(!judged(&[alone("mark", 0.62, 951)], &[]).passed);
    }

    #[test]
    fn a_column_that_ranks_everybody_fails_without_a_pure_value() {
        let check = judged(&[alone("score", 0.951, 400)], &[]);
        assert_eq!((check.passed, check.value, check.limit), (false, Some(0.951), 0.95));
        assert!(check.note.contains("score alone has a ROC-AUC of 0.951"), "{check:?}");
        assert!(judged(&[alone("score", 0.95, 400)], &[]).passed);
        assert!(!judged(&[alone("score", f64::NAN, 400)], &[]).passed);
    }

    #[test]
    fn what_somebody_has_reviewed_passes_with_its_reason_and_no_other() {
        let suspects = [alone("mark", 0.62, 1000), alone("word", 0.62, 970), alone("plain", 0.8, 600)];
        let check = judged(&suspects, &["word", "mark"]);
        assert_eq!((check.passed, check.value), (true, Some(0.6)));
        let known = "each with its reason in gate.leakage.reviewed: mark = 1: 100.0 % churn on 1000 customers, word";
        assert!(check.note.ends_with(known), "{check:?}");
        assert!(!judged(&[alone("mark", 0.62, 1000), alone("marked", 0.62, 990)], &["mark"]).passed);
    }

    #[test]
    fn columns_that_know_nothing_pass() {
        let check = judged(&[], &[]);
        assert_eq!((check.passed, check.value), (true, None));
        assert!(check.note.starts_with("of 56 features none"), "{check:?}");
    }
}
