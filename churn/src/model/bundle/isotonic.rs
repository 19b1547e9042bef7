//! Isotonic calibration: the best increasing step function, with nothing else assumed of its form.
//!
//! Pool adjacent violators (Barlow et al. 1972; Zadrozny and Elkan 2002). Between two steps the probability is on the
//! line between them, outside it is that of the nearest step, as scikit-learn's `IsotonicRegression` has it with
//! `out_of_bounds="clip"`. Customers of one step have one probability: their order among each other is lost.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::ranking::Ranking;
use crate::model::rounding::stored;

/// An increasing line through points.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Isotonic {
    /// Margins, increasing: where a step begins and where it ends.
    pub margins: Vec<f64>,
    /// The probability at each of them, not decreasing.
    pub probabilities: Vec<f64>,
}

/// Neighbours that share a probability.
struct Step {
    first: f64,
    last: f64,
    churners: f64,
    rows: f64,
}

impl Step {
    fn probability(&self) -> f64 {
        self.churners / self.rows
    }
}

impl Isotonic {
    /// Fits on margins that come from models which did not see their rows.
    pub fn fit(margins: &[f64], labels: &[bool]) -> Result<Self> {
        if margins.is_empty() || margins.iter().any(|margin| !margin.is_finite()) {
            return Err(Error::model("calibrate", "a margin is missing or not a finite number; check the features"));
        }
        let mut steps: Vec<Step> = Vec::new();
        let ranking = Ranking::new(margins);
        let ties: Vec<&[usize]> = ranking.ties().collect();
        for tie in ties.into_iter().rev() {
            let margin = margins[tie[0]];
            let churners = tie.iter().filter(|&&row| labels[row]).count() as f64;
            steps.push(Step { first: margin, last: margin, churners, rows: tie.len() as f64 });
            merge_violators(&mut steps);
        }
        let mut fit = Self { margins: Vec::new(), probabilities: Vec::new() };
        for step in steps {
            fit.push(step.first, step.probability());
            if step.last > step.first {
                fit.push(step.last, step.probability());
            }
        }
        Ok(fit)
    }

    fn push(&mut self, margin: f64, probability: f64) {
        self.margins.push(stored(margin));
        self.probabilities.push(stored(probability));
    }

    /// The calibrated probability of a margin.
    pub fn probability(&self, margin: f64) -> f64 {
        let above = self.margins.partition_point(|&known| known <= margin);
        let at = |place: usize| self.probabilities.get(place).copied();
        match (above.checked_sub(1), at(above)) {
            (None, Some(lowest)) => lowest,
            (Some(below), Some(high)) => {
                let (from, to) = (self.margins[below], self.margins[above]);
                let low = self.probabilities[below];
                low + (high - low) * (margin - from) / (to - from)
            }
            (_, None) => self.probabilities.last().copied().unwrap_or(f64::NAN),
        }
    }
}

/// The last step joins those before it until each is above the one before.
fn merge_violators(steps: &mut Vec<Step>) {
    while let [.., before, last] = steps.as_slice() {
        if before.probability() < last.probability() {
            return;
        }
        let joined = Step {
            first: before.first,
            last: last.last,
            churners: before.churners + last.churners,
            rows: before.rows + last.rows,
        };
        steps.truncate(steps.len() - 2);
        steps.push(joined);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MARGINS: [f64; 12] = [-2.1, -1.7, -1.2, -0.9, -0.4, -0.3, 0.1, 0.2, 0.6, 0.9, 1.3, 1.8];
    const LABELS: [bool; 12] = [false, false, false, true, false, false, true, false, true, false, true, true];

    fn assert_close(got: &[f64], wanted: &[f64]) {
        assert_eq!(got.len(), wanted.len());
        assert!(got.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-9), "{got:?} instead of {wanted:?}");
    }

    #[test]
    fn the_fit_is_scikit_learns() {
        // scikit-learn 1.9.1: IsotonicRegression(out_of_bounds="clip"), X_thresholds_, y_thresholds_ and predict
        let fit = Isotonic::fit(&MARGINS, &LABELS).unwrap();
        assert_close(&fit.margins, &[-2.1, -1.2, -0.9, -0.3, 0.1, 0.9, 1.3, 1.8]);
        let third = 1.0 / 3.0;
        assert_close(&fit.probabilities, &[0.0, 0.0, third, third, 0.5, 0.5, 1.0, 1.0]);
        let asked = [-3.0, -1.0, -0.65, 0.0, 0.15, 0.75, 1.0, 1.1, 5.0].map(|margin| fit.probability(margin));
        assert_close(&asked, &[0.0, 2.0 / 9.0, third, 0.458_333_333_333_333_3, 0.5, 0.5, 0.625, 0.75, 1.0]);
    }

    #[test]
    fn equal_margins_are_one_point() {
        // scikit-learn 1.9.1
        let margins = [-1.0, -1.0, 0.0, 0.0, 0.0, 1.0, 2.0, 2.0];
        let labels = [false, true, false, false, true, true, true, false];
        let fit = Isotonic::fit(&margins, &labels).unwrap();
        assert_close(&fit.margins, &[-1.0, 0.0, 1.0, 2.0]);
        assert_close(&fit.probabilities, &[0.4, 0.4, 2.0 / 3.0, 2.0 / 3.0]);
        assert_close(&[0.5, 1.5].map(|margin| fit.probability(margin)), &[0.533_333_333_333_333_3, 2.0 / 3.0]);
    }

    #[test]
    fn a_margin_that_is_no_number_is_not_calibrated() {
        assert!(Isotonic::fit(&[-1.0, f64::NAN], &[false, true]).is_err());
        assert!(Isotonic::fit(&[], &[]).is_err());
    }

    proptest! {
        #[test]
        fn a_higher_margin_is_never_a_lower_probability_and_the_mean_is_the_rate(
            rows in prop::collection::vec((-40_i8..40, any::<bool>()), 1..80),
        ) {
            let margins: Vec<f64> = rows.iter().map(|row| f64::from(row.0) / 8.0).collect();
            let labels: Vec<bool> = rows.iter().map(|row| row.1).collect();
            let fit = Isotonic::fit(&margins, &labels).unwrap();
            let asked: Vec<f64> = (-60..60_i8).map(|at| fit.probability(f64::from(at) / 9.0)).collect();
            prop_assert!(asked.windows(2).all(|pair| pair[0] <= pair[1] + 1e-12), "{asked:?}");
            prop_assert!(asked.iter().all(|p| (0.0..=1.0).contains(p)), "{asked:?}");
            let mean = margins.iter().map(|&margin| fit.probability(margin)).sum::<f64>() / rows.len() as f64;
            let rate = labels.iter().filter(|&&label| label).count() as f64 / rows.len() as f64;
            prop_assert!((mean - rate).abs() < 1e-9, "{mean} against {rate}");
        }
    }
}
