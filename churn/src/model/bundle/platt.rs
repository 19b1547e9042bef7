//! Platt scaling: from a margin to a probability that means what it says.
//!
//! A logistic fit of the label on the margin, with the smoothed targets of Platt (1999) against
//! overconfidence on separable data, by the safeguarded Newton method of Lin, Lin and Weng, "A note on
//! Platt's probabilistic outputs" (2007). Agrees with scikit-learn's sigmoid calibration to 1e-8.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::rounding::stored;

const MAX_STEPS: usize = 200;
const MIN_STEP_SIZE: f64 = 1e-12;
const GRADIENT_TOLERANCE: f64 = 1e-11;
/// Added to the diagonal of the Hessian, which is singular when all margins are equal.
const RIDGE: f64 = 1e-12;

/// p = 1 / (1 + exp(slope * margin + intercept)); a useful model has a negative slope.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Platt {
    /// Weight of the margin.
    pub slope: f64,
    /// The constant.
    pub intercept: f64,
}

impl Platt {
    /// Fits on margins that come from models which did not see their rows.
    pub fn fit(margins: &[f64], labels: &[bool]) -> Result<Self> {
        Self::aimed_at(smoothed_targets(labels), margins, labels)
    }

    /// The logistic fit of the labels as they are, without smoothing. It is finite only where the margins of the two
    /// classes overlap.
    pub fn unsmoothed(margins: &[f64], labels: &[bool]) -> Result<Self> {
        Self::aimed_at(labels.iter().map(|&label| f64::from(u8::from(label))), margins, labels)
    }

    fn aimed_at(targets: impl Iterator<Item = f64>, margins: &[f64], labels: &[bool]) -> Result<Self> {
        // The search below would end at once, and call what it began with the minimum.
        if margins.iter().any(|margin| !margin.is_finite()) {
            return Err(Error::model("calibrate", "a margin is not a finite number; check the features"));
        }
        let positives = labels.iter().filter(|&&label| label).count() as f64;
        let negatives = labels.len() as f64 - positives;
        let points: Vec<(f64, f64)> = margins.iter().copied().zip(targets).collect();

        let mut fit = Self { slope: 0.0, intercept: ((negatives + 1.0) / (positives + 1.0)).ln() };
        let mut loss = fit.loss(&points);
        for _ in 0..MAX_STEPS {
            let Newton { gradient, step } = fit.newton(&points);
            if gradient[0].abs() < GRADIENT_TOLERANCE && gradient[1].abs() < GRADIENT_TOLERANCE {
                return Ok(fit.stored());
            }
            let slope_along = gradient[0] * step[0] + gradient[1] * step[1];
            let mut size = 1.0;
            let (next, next_loss) = loop {
                let next = Self { slope: fit.slope + size * step[0], intercept: fit.intercept + size * step[1] };
                let next_loss = next.loss(&points);
                if next_loss < loss + 1e-4 * size * slope_along {
                    break (next, next_loss);
                }
                size /= 2.0;
                if size < MIN_STEP_SIZE {
                    // Rounding, not the function, stops the descent: this is the minimum.
                    return Ok(fit.stored());
                }
            };
            (fit, loss) = (next, next_loss);
        }
        Err(Error::model(
            "calibrate",
            format!("Newton's method did not converge in {MAX_STEPS} steps; check the labels"),
        ))
    }

    fn stored(self) -> Self {
        Self { slope: stored(self.slope), intercept: stored(self.intercept) }
    }

    /// The calibrated probability of a margin.
    pub fn probability(&self, margin: f64) -> f64 {
        sigmoid(-(self.slope * margin + self.intercept))
    }

    /// Cross-entropy against the targets.
    fn loss(&self, points: &[(f64, f64)]) -> f64 {
        points
            .iter()
            .map(|&(margin, target)| {
                let z = self.slope * margin + self.intercept;
                if z >= 0.0 { target * z + (-z).exp().ln_1p() } else { (target - 1.0) * z + z.exp().ln_1p() }
            })
            .sum()
    }

    fn newton(&self, points: &[(f64, f64)]) -> Newton {
        let (mut h11, mut h22, mut h21) = (RIDGE, RIDGE, 0.0);
        let (mut g1, mut g2) = (0.0, 0.0);
        for &(margin, target) in points {
            let probability = self.probability(margin);
            let curvature = probability * (1.0 - probability);
            h11 += margin * margin * curvature;
            h22 += curvature;
            h21 += margin * curvature;
            g1 += margin * (target - probability);
            g2 += target - probability;
        }
        let determinant = h11 * h22 - h21 * h21;
        let step = [-(h22 * g1 - h21 * g2) / determinant, -(h11 * g2 - h21 * g1) / determinant];
        Newton { gradient: [g1, g2], step }
    }
}

struct Newton {
    gradient: [f64; 2],
    step: [f64; 2],
}

/// Whether no margin parts the two classes: then the fit of the labels as they are has an end.
pub(in crate::model) fn overlap(margins: &[f64], labels: &[bool]) -> bool {
    let of =
        |class: bool| margins.iter().zip(labels).filter(move |&(_, &label)| label == class).map(|(&margin, _)| margin);
    let lowest = |class| of(class).fold(f64::INFINITY, f64::min);
    let highest = |class| of(class).fold(f64::NEG_INFINITY, f64::max);
    lowest(true) < highest(false) && lowest(false) < highest(true)
}

/// What a calibrator aims at in place of 0 and 1 (Platt 1999): with few rows nobody is certain.
pub(super) fn smoothed_targets(labels: &[bool]) -> impl Iterator<Item = f64> {
    let positives = labels.iter().filter(|&&label| label).count() as f64;
    let negatives = labels.len() as f64 - positives;
    let (high, low) = ((positives + 1.0) / (positives + 2.0), 1.0 / (negatives + 2.0));
    labels.iter().map(move |&label| if label { high } else { low })
}

/// 1 / (1 + exp(-x)), without overflow.
pub(in crate::model) fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        return 1.0 / (1.0 + (-x).exp());
    }
    let e = x.exp();
    e / (1.0 + e)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARGINS: [f64; 12] = [-2.1, -1.7, -1.2, -0.9, -0.4, -0.3, 0.1, 0.2, 0.6, 0.9, 1.3, 1.8];
    const LABELS: [bool; 12] = [false, false, false, true, false, false, true, false, true, false, true, true];

    #[test]
    fn the_fit_is_scikit_learns() {
        // scikit-learn 1.9.1, sklearn.calibration._sigmoid_calibration
        let fit = Platt::fit(&MARGINS, &LABELS).unwrap();
        assert!((fit.slope - -0.800_779_950_693_773_8).abs() < 1e-8, "{fit:?}");
        assert!((fit.intercept - 0.265_377_352_068_206).abs() < 1e-8, "{fit:?}");
    }

    #[test]
    fn a_higher_margin_is_a_higher_probability() {
        let fit = Platt::fit(&MARGINS, &LABELS).unwrap();
        assert!(MARGINS.windows(2).all(|pair| fit.probability(pair[0]) < fit.probability(pair[1])));
    }

    #[test]
    fn separable_and_constant_margins_have_finite_fits() {
        let separable = Platt::fit(&[-2.0, -1.0, 1.0, 2.0], &[false, false, true, true]).unwrap();
        assert!(separable.slope.is_finite() && separable.slope < 0.0, "{separable:?}");
        let constant = Platt::fit(&[0.5; 4], &[false, false, false, true]).unwrap();
        // targets 2/3 and 1/5: their mean is 19/60
        assert!((constant.probability(0.5) - 19.0 / 60.0).abs() < 1e-6, "{constant:?}");
    }

    #[test]
    fn a_margin_that_is_no_number_is_not_calibrated() {
        for bad in [f64::NAN, f64::INFINITY] {
            assert!(Platt::fit(&[-1.0, 1.0, bad], &[false, true, true]).is_err());
        }
    }

    #[test]
    fn the_sigmoid_does_not_overflow() {
        assert_eq!([sigmoid(-800.0), sigmoid(0.0), sigmoid(800.0)], [0.0, 0.5, 1.0]);
    }
}
