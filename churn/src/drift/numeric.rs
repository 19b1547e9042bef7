//! A column of numbers on both sides: how far it moved, and whether by chance.

use super::calendar::aligned;
use super::column::{ColumnDrift, ColumnKind, ColumnState, Severity};
use super::settings::DriftSettings;
use super::statistics::categories::{chi_squared, stability_index};
use super::statistics::ks::ks_two_sample;
use super::statistics::{order, robust};
use crate::columns::PREDICTION;

/// Probabilities beyond these count as these: whether one in a thousand churns or one in a million decides nothing.
const PROBABILITIES: (f64, f64) = (0.001, 0.999);

/// One side of a numeric column.
#[derive(Debug, Clone)]
pub(super) struct Numbers {
    /// The values, in rising order.
    pub values: Vec<f64>,
    /// Rows without one.
    pub nulls: u64,
}

impl Numbers {
    /// Of the cells of a column; what is no number counts as null.
    pub fn of(cells: impl Iterator<Item = Option<f64>>) -> Self {
        let mut nulls = 0;
        let mut values = Vec::new();
        for cell in cells {
            match cell.filter(|value| !value.is_nan()) {
                Some(value) => values.push(value),
                None => nulls += 1,
            }
        }
        values.sort_unstable_by(f64::total_cmp);
        Self { values, nulls }
    }

    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.values.len() as u64
    }

    fn null_share(&self) -> f64 {
        self.nulls as f64 / (self.count() + self.nulls).max(1) as f64
    }

    /// The counts of the bins of `edges`, and of the nulls.
    fn counts(&self, edges: &[f64]) -> Vec<u64> {
        let mut counts = order::counts(&self.values, edges);
        counts.push(self.nulls);
        counts
    }
}

/// Compares both sides, the months that have passed taken off, if there are any.
pub(super) fn compare(
    column: &str,
    reference: &Numbers,
    current: &Numbers,
    months: Option<f64>,
    settings: &DriftSettings,
) -> ColumnDrift {
    let (n_ref, n_cur) = (reference.count(), current.count());
    let Some(months) = months else { return compare_as_is(column, reference, current, settings) };
    let (then, now) = aligned(&reference.values, &current.values, months);
    let left_out = n_ref + n_cur - (then.len() + now.len()) as u64;
    let side = |values, nulls| Numbers { values, nulls };
    let mut compared = compare_as_is(column, &side(then, reference.nulls), &side(now, current.nulls), settings);
    (compared.n_ref, compared.n_cur, compared.months_taken_off) = (n_ref, n_cur, Some(months));
    if left_out > 0 && compared.note.is_none() {
        compared.note = Some(format!("{left_out} who came in between are left out"));
    }
    compared
}

fn compare_as_is(column: &str, reference: &Numbers, current: &Numbers, settings: &DriftSettings) -> ColumnDrift {
    let (n_ref, n_cur) = (reference.count(), current.count());
    if n_ref.min(n_cur) < settings.min_rows {
        return ColumnDrift::scarce(column, n_ref, n_cur, settings.min_rows);
    }
    let ks = ks_two_sample(&reference.values, &current.values);
    let wasserstein = moved(column, &reference.values, &current.values);
    let edges = order::deciles(&reference.values);
    let null_change = current.null_share() - reference.null_share();
    let effect = wasserstein.map(|distance| distance.max(null_change.abs()));
    ColumnDrift {
        kind: ColumnKind::Numeric,
        n_ref,
        n_cur,
        ks,
        p_value: ks.map(|ks| with_nulls(ks.p_value, reference, current)),
        effect,
        severity: effect.map_or(Severity::None, |effect| Severity::of(effect, settings)),
        wasserstein,
        psi: Some(stability_index(&reference.counts(&edges), &current.counts(&edges))),
        null_change: Some(null_change),
        note: constant_note(&reference.values, &current.values).map(str::to_owned),
        ..ColumnDrift::of(column, ColumnState::Compared)
    }
}

/// How far the values moved, in robust standard deviations. Predictions move in log odds: most of them lie close to 0,
/// and what half of them spread over says nothing of those at risk.
fn moved(column: &str, reference: &[f64], current: &[f64]) -> Option<f64> {
    if column == PREDICTION {
        return robust::effect(&log_odds(reference), &log_odds(current));
    }
    robust::effect(reference, current)
}

fn log_odds(probabilities: &[f64]) -> Vec<f64> {
    let (low, high) = PROBABILITIES;
    let of = |probability: &f64| {
        let p = probability.clamp(low, high);
        (p / (1.0 - p)).ln()
    };
    probabilities.iter().map(of).collect()
}

/// The p-value of values and nulls together: of two tests the smaller one counts twice (Bonferroni).
fn with_nulls(p_value: f64, reference: &Numbers, current: &Numbers) -> f64 {
    if reference.nulls + current.nulls == 0 {
        return p_value;
    }
    let of_nulls = chi_squared(&[reference.nulls, reference.count()], &[current.nulls, current.count()]);
    of_nulls.map_or(p_value, |of_nulls| (2.0 * p_value.min(of_nulls.p_value)).min(1.0))
}

fn constant_note(reference: &[f64], current: &[f64]) -> Option<&'static str> {
    Some(match (constant(reference), constant(current)) {
        (Some(before), Some(now)) if before == now => "the same constant on both sides",
        (Some(_), Some(_)) => "constant on both sides, with different values",
        (Some(_), None) => "constant in the reference",
        (None, Some(_)) => "constant now",
        (None, None) => return None,
    })
}

/// The value of a side that has no other; the values are in rising order.
fn constant(values: &[f64]) -> Option<f64> {
    let (first, last) = (values.first()?, values.last()?);
    (first == last).then_some(*first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn even(rows: i32, shift: f64) -> Numbers {
        Numbers::of((0..rows).map(|i| Some(f64::from(i) / f64::from(rows) + shift)))
    }

    fn compared(reference: &Numbers, current: &Numbers) -> ColumnDrift {
        compare("x", reference, current, None, &DriftSettings::default())
    }

    #[test]
    fn a_shift_is_told_in_robust_standard_deviations() {
        // Even from 0 to 1: the quartiles are half a unit apart, so a robust standard deviation is 0.3706. What is cut
        // off at the 99th percentile takes a little of it.
        let moved = compared(&even(1000, 0.0), &even(1000, 0.3 * 0.370_6));
        assert!((0.27..0.3).contains(&moved.wasserstein.unwrap()), "{moved:?}");
        assert_eq!((moved.effect, moved.severity), (moved.wasserstein, Severity::Critical));
        assert!(moved.p_value.unwrap() < 1e-4 && moved.psi.unwrap() > 0.1, "{moved:?}");
    }

    #[test]
    fn a_prediction_moves_in_log_odds() {
        // Log odds even from -3 to 3: the quartiles are 3 apart, so a robust standard deviation is 2.224.
        let probabilities =
            |shift: f64| Numbers::of((0..1000).map(|i| Some(1.0 / (1.0 + (3.0 - f64::from(i) * 0.006 - shift).exp()))));
        let then = probabilities(0.0);
        let effect = |now: &Numbers| compare(PREDICTION, &then, now, None, &DriftSettings::default()).effect.unwrap();
        assert!((0.27..0.3).contains(&effect(&probabilities(0.3 * 2.224))));
        assert!(effect(&probabilities(0.0)) < 1e-12);
        let certain = Numbers::of((0..1000).map(|i| Some(f64::from(i % 2))));
        assert!(effect(&certain).is_finite());
    }

    #[test]
    fn values_that_became_null_are_a_move_though_the_others_stand_still() {
        let half = Numbers { nulls: 1000, ..even(1000, 0.0) };
        let moved = compared(&even(1000, 0.0), &half);
        assert_eq!((moved.wasserstein, moved.effect, moved.null_change), (Some(0.0), Some(0.5), Some(0.5)));
        assert!(moved.p_value.unwrap() < 1e-9 && moved.severity == Severity::Critical, "{moved:?}");
        assert!(moved.psi.unwrap() > 0.25, "nulls have a bin: {moved:?}");
        assert_eq!(compared(&half, &half).p_value, Some(1.0));
    }

    #[test]
    fn everybody_a_month_older_has_not_moved() {
        let tenure = |by: i32| Numbers::of((0..1200).map(|i| Some(f64::from(i % 60 + by))));
        let settings = DriftSettings::default();
        let later = compare("tenure", &tenure(0), &tenure(1), Some(1.0), &settings);
        assert_eq!((later.effect, later.p_value, later.months_taken_off), (Some(0.0), Some(1.0), Some(1.0)));
        // Forty customers are new: younger than the month that has passed.
        let with_new = Numbers::of(tenure(1).values.into_iter().chain(vec![0.0; 40]).map(Some));
        let later = compare("tenure", &tenure(0), &with_new, Some(1.0), &settings);
        assert_eq!((later.effect, later.n_cur), (Some(0.0), 1240));
        assert_eq!(later.note.as_deref(), Some("40 who came in between are left out"));
    }

    #[test]
    fn constants_and_scarce_sides_have_one_answer_each() {
        let constant = |value: f64| Numbers::of((0..300).map(|_| Some(value)));
        let same = compared(&constant(1.0), &constant(1.0));
        assert_eq!((same.effect, same.p_value, same.psi), (Some(0.0), Some(1.0), Some(0.0)));
        assert_eq!(same.note.as_deref(), Some("the same constant on both sides"));
        let other = compared(&constant(1.0), &constant(2.0));
        assert_eq!((other.effect, other.severity), (Some(1.0), Severity::Critical));
        let scarce = compared(&constant(1.0), &even(199, 0.0));
        assert_eq!((scarce.state, scarce.effect, scarce.p_value), (ColumnState::NotEnoughData, None, None));
    }
}
