//! `slices`: no kind of customers pays for the others.

use crate::model::decide::check::Check;
use crate::model::decide::check_name::CheckName;
use crate::model::decide::settings::{GateSettings, SliceLimits};
use crate::model::measure::for_gate::slice_losses::SliceLoss;

/// No slice with enough churners loses more than is allowed against the better one of champion and best champion.
pub fn slices(slices: &[SliceLoss], settings: &GateSettings) -> Check {
    let limits = &settings.slices;
    let limit = -limits.max_pr_auc_loss;
    let check = |value, passed, note| Check { name: CheckName::Slices, value, limit, passed, note };
    if slices.iter().all(|slice| slice.champion.is_none() && slice.best.is_none()) {
        return check(None, true, "there is no champion to compare with that has not seen these customers".to_owned());
    }
    let judged: Vec<Judged> = slices.iter().filter_map(|slice| Judged::of(slice, limits)).collect();
    let small = not_evaluated(slices, limits);
    let Some(worst) = judged.iter().min_by(|a, b| a.difference.total_cmp(&b.difference)) else {
        return check(None, true, format!("no kind of customers has {} churners; {small}", limits.min_positives));
    };
    let lost: Vec<String> = judged.iter().filter(|one| !one.is_allowed(limit)).map(Judged::in_words).collect();
    let (count, least, most) = (judged.len(), limits.min_positives, limits.max_pr_auc_loss);
    let note = if lost.is_empty() {
        let worst = worst.in_words();
        format!(
            "none of {count} kinds of customers with at least {least} churners loses more than {most:.3} PR-AUC; the \
             most: {worst}; {small}"
        )
    } else {
        format!("more than {most:.3} PR-AUC is lost: {}; {small}", lost.join(", "))
    };
    check(Some(worst.difference), lost.is_empty(), note)
}

/// A slice that carries weight.
struct Judged<'a> {
    slice: &'a SliceLoss,
    difference: f64,
}

impl<'a> Judged<'a> {
    fn of(slice: &'a SliceLoss, limits: &SliceLimits) -> Option<Self> {
        let difference = slice.difference().filter(|_| slice.positives >= limits.min_positives)?;
        Some(Self { slice, difference })
    }

    /// What is no number is not allowed.
    fn is_allowed(&self, limit: f64) -> bool {
        self.difference >= limit
    }

    fn in_words(&self) -> String {
        let now = self.slice.pr_auc.unwrap_or_default();
        let (before, name, churners) = (now - self.difference, self.slice.name(), self.slice.positives);
        format!("{name} {:+.3} ({before:.3} to {now:.3}, {churners} churners)", self.difference)
    }
}

fn not_evaluated(slices: &[SliceLoss], limits: &SliceLimits) -> String {
    let small = slices.iter().filter(|slice| Judged::of(slice, limits).is_none());
    let small: Vec<String> = small.map(SliceLoss::name).collect();
    if small.is_empty() { "all are evaluated".to_owned() } else { format!("not evaluated: {}", small.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::super::example::slice;
    use super::*;

    fn judged(found: &[SliceLoss]) -> Check {
        slices(found, &GateSettings::default())
    }

    #[test]
    fn a_loss_at_the_limit_passes_and_one_beyond_does_not_against_either_champion() {
        let (at, beyond) = (0.5 + 0.05 - 1e-12, 0.5 + 0.05 + 1e-9);
        for (champion, best, passes) in [
            (Some(at), None, true),
            (Some(beyond), None, false),
            (Some(0.5), Some(beyond), false),
            (Some(beyond), Some(0.5), false),
            (Some(0.4), Some(at), true),
            (Some(f64::NAN), None, false),
        ] {
            let check = judged(&[slice("SME", 100, champion, best), slice("Residential", 300, Some(0.45), None)]);
            assert_eq!((check.passed, check.limit), (passes, -0.05), "{check:?}");
        }
    }

    #[test]
    fn the_worst_one_is_the_value_and_all_that_lose_too_much_are_named() {
        let had = |name, churners, pr_auc| slice(name, churners, Some(pr_auc), None);
        let check = judged(&[had("a", 200, 0.56), had("b", 150, 0.58), had("c", 400, 0.3)]);
        assert!((check.value.unwrap() + 0.08).abs() < 1e-12, "{check:?}");
        let told = "more than 0.050 PR-AUC is lost: segment a -0.060 (0.560 to 0.500, 200 churners), segment b -0.080 \
                    (0.580 to 0.500, 150 churners); all are evaluated";
        assert_eq!(check.note, told);
    }

    #[test]
    fn a_slice_with_few_churners_is_not_evaluated_and_named() {
        let check = judged(&[slice("SME", 99, Some(0.9), None), slice("Residential", 300, Some(0.51), None)]);
        assert!(check.passed, "{check:?}");
        let told = "segment Residential -0.010 (0.510 to 0.500, 300 churners); not evaluated: segment SME";
        assert!(check.note.ends_with(told), "{check:?}");
        let check = judged(&[slice("SME", 99, Some(0.9), None)]);
        assert_eq!((check.passed, check.value), (true, None));
        assert_eq!(check.note, "no kind of customers has 100 churners; not evaluated: segment SME");
    }

    #[test]
    fn without_a_champion_there_is_nothing_to_lose() {
        let check = judged(&[slice("SME", 200, None, None)]);
        assert!(check.passed && check.note.contains("no champion to compare with"), "{check:?}");
    }
}
