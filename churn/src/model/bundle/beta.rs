//! Beta calibration: from a margin to a probability by two slopes, one for each end.
//!
//! logit p = a ln(s) - b ln(1 - s) + c with s = 1 / (1 + exp(-margin)) and a, b >= 0 (Kull, Silva Filho and Flach 2017). A slope
//! that would be negative is 0, and the others are fitted without it, as the authors do. With a = b it is Platt
//! scaling. The targets are Platt's smoothed ones, so that separable margins have a finite fit.

use serde::{Deserialize, Serialize};

use super::platt::{sigmoid, smoothed_targets};
use crate::error::{Error, Result};
use crate::model::rounding::stored;

const MAX_STEPS: usize = 200;
const MIN_STEP_SIZE: f64 = 1e-12;
const GRADIENT_TOLERANCE: f64 = 1e-9;
/// Added to the diagonal of the Hessian, which is singular when all margins are equal or a slope is left out.
const RIDGE: f64 = 1e-9;

/// p = 1 / (1 + exp(-(a ln(s) - b ln(1 - s) + c))).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beta {
    /// The slope where probabilities are small; 0 or more.
    pub a: f64,
    /// The slope where probabilities are large; 0 or more.
    pub b: f64,
    /// The constant.
    pub c: f64,
}

/// A row: the two logarithms, and the target.
struct Point {
    logs: [f64; 2],
    target: f64,
}

/// Which slopes are fitted.
type Fitted = [bool; 2];

impl Beta {
    /// Fits on margins that come from models which did not see their rows.
    pub fn fit(margins: &[f64], labels: &[bool]) -> Result<Self> {
        if margins.iter().any(|margin| !margin.is_finite()) {
            return Err(Error::model("calibrate", "a margin is not a finite number; check the features"));
        }
        let targets = smoothed_targets(labels);
        let points: Vec<Point> =
            margins.iter().zip(targets).map(|(&margin, target)| Point { logs: logs(margin), target }).collect();
        let mut fit = Self::descend(&points, [true, true])?;
        if fit.a < 0.0 {
            fit = Self::descend(&points, [false, true])?;
        } else if fit.b < 0.0 {
            fit = Self::descend(&points, [true, false])?;
        }
        if fit.a < 0.0 || fit.b < 0.0 {
            fit = Self::descend(&points, [false, false])?;
        }
        Ok(Self { a: stored(fit.a), b: stored(fit.b), c: stored(fit.c) })
    }

    /// The calibrated probability of a margin.
    pub fn probability(&self, margin: f64) -> f64 {
        sigmoid(self.logit(logs(margin)))
    }

    fn logit(&self, [ln_s, minus_ln_rest]: [f64; 2]) -> f64 {
        self.a * ln_s + self.b * minus_ln_rest + self.c
    }

    /// Newton's method with halved steps: the loss is convex.
    fn descend(points: &[Point], fitted: Fitted) -> Result<Self> {
        let rate = points.iter().map(|point| point.target).sum::<f64>() / points.len() as f64;
        let mut fit = Self { a: 0.0, b: 0.0, c: (rate / (1.0 - rate)).ln() };
        let mut loss = fit.loss(points);
        for _ in 0..MAX_STEPS {
            let (gradient, step) = fit.newton(points, fitted);
            if gradient.iter().all(|slope| slope.abs() < GRADIENT_TOLERANCE) {
                return Ok(fit);
            }
            let along: f64 = gradient.iter().zip(step).map(|(slope, step)| slope * step).sum();
            let mut size = 1.0;
            let (next, next_loss) = loop {
                let next = Self { a: fit.a + size * step[0], b: fit.b + size * step[1], c: fit.c + size * step[2] };
                let next_loss = next.loss(points);
                if next_loss < loss + 1e-4 * size * along {
                    break (next, next_loss);
                }
                size /= 2.0;
                if size < MIN_STEP_SIZE {
                    // Rounding, not the function, stops the descent: this is the minimum.
                    return Ok(fit);
                }
            };
            (fit, loss) = (next, next_loss);
        }
        let problem = format!("Newton's method did not converge in {MAX_STEPS} steps; check the labels");
        Err(Error::model("calibrate", problem))
    }

    /// Cross-entropy against the targets.
    fn loss(&self, points: &[Point]) -> f64 {
        points.iter().map(|point| softplus(self.logit(point.logs)) - point.target * self.logit(point.logs)).sum()
    }

    /// The gradient and the step, 0 for slopes that are not fitted.
    fn newton(&self, points: &[Point], fitted: Fitted) -> ([f64; 3], [f64; 3]) {
        let mut gradient = [0.0; 3];
        let mut hessian = [[0.0; 3]; 3];
        for Point { logs, target } in points {
            let probability = sigmoid(self.logit(*logs));
            let curvature = probability * (1.0 - probability);
            let row = [if fitted[0] { logs[0] } else { 0.0 }, if fitted[1] { logs[1] } else { 0.0 }, 1.0];
            for ((slope, line), own) in gradient.iter_mut().zip(&mut hessian).zip(row) {
                *slope += own * (probability - target);
                for (cell, other) in line.iter_mut().zip(row) {
                    *cell += own * other * curvature;
                }
            }
        }
        for (i, row) in hessian.iter_mut().enumerate() {
            row[i] += RIDGE;
        }
        (gradient, solve(hessian, gradient.map(|slope| -slope)))
    }
}

/// ln(s) and -ln(1 - s) of s = 1 / (1 + exp(-margin)).
fn logs(margin: f64) -> [f64; 2] {
    [-softplus(-margin), softplus(margin)]
}

/// ln(1 + exp(x)), without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Solves a symmetric positive definite system (Cholesky without roots); what is below the diagonal is not read.
fn solve([[h11, h12, h13], [_, h22, h23], [_, _, h33]]: [[f64; 3]; 3], [r1, r2, r3]: [f64; 3]) -> [f64; 3] {
    let (l21, l31) = (h12 / h11, h13 / h11);
    let d2 = h22 - l21 * h12;
    let rest = h23 - l21 * h13;
    let l32 = rest / d2;
    let d3 = h33 - l31 * h13 - l32 * rest;
    let z2 = r2 - l21 * r1;
    let z3 = r3 - l31 * r1 - l32 * z2;
    let x3 = z3 / d3;
    let x2 = z2 / d2 - l32 * x3;
    let x1 = r1 / h11 - l21 * x2 - l31 * x3;
    [x1, x2, x3]
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARGINS: [f64; 12] = [-2.1, -1.7, -1.2, -0.9, -0.4, -0.3, 0.1, 0.2, 0.6, 0.9, 1.3, 1.8];
    const LABELS: [bool; 12] = [false, false, false, true, false, false, true, false, true, false, true, true];

    fn close(got: f64, wanted: f64) {
        assert!((got - wanted).abs() < 1e-6, "{got} instead of {wanted}");
    }

    #[test]
    fn the_fit_is_the_maximum_of_the_likelihood() {
        // NumPy: Newton's method on the same smoothed targets, gradient below 2e-16
        let fit = Beta::fit(&MARGINS, &LABELS).unwrap();
        close(fit.a, 0.406_764_673_969_955_9);
        close(fit.b, 1.231_945_222_602_934_6);
        close(fit.c, -0.937_353_545_332_720_3);
        close(fit.probability(-2.0), 0.161_630_730_455_719_24);
        close(fit.probability(2.0), 0.836_344_284_400_313_6);
    }

    #[test]
    fn a_slope_that_would_be_negative_is_0_and_a_higher_margin_is_a_higher_probability() {
        // Churners at both ends: without the bound the lower end would fall.
        let margins: Vec<f64> = (0..40).map(|i| -3.0 + 6.0 * f64::from(i) / 39.0).collect();
        let churners = [0, 1, 2, 6, 7, 12, 13, 18, 23, 24, 25, 26, 29, 30, 31, 32, 33, 35, 36, 37, 38, 39];
        let labels: Vec<bool> = (0..40).map(|i| churners.contains(&i)).collect();
        let fit = Beta::fit(&margins, &labels).unwrap();
        assert_eq!(fit.a, 0.0);
        close(fit.b, 0.874_442_03);
        close(fit.c, -0.635_829_87);
        assert!(margins.windows(2).all(|pair| fit.probability(pair[0]) < fit.probability(pair[1])));
    }

    #[test]
    fn separable_constant_and_turned_margins_have_finite_fits() {
        let separable = Beta::fit(&[-2.0, -1.0, 1.0, 2.0], &[false, false, true, true]).unwrap();
        assert!(separable.a.is_finite() && separable.probability(2.0) > separable.probability(-2.0), "{separable:?}");
        let constant = Beta::fit(&[0.5; 4], &[false, false, false, true]).unwrap();
        // targets 2/3 and 1/5: their mean is 19/60
        assert!((constant.probability(0.5) - 19.0 / 60.0).abs() < 1e-5, "{constant:?}");
        // Who ranks the wrong way round tells nothing: everybody gets the rate.
        let turned = Beta::fit(&[-2.0, -1.0, 1.0, 2.0], &[true, true, false, false]).unwrap();
        assert_eq!((turned.a, turned.b), (0.0, 0.0));
        assert_eq!(turned.probability(-2.0), turned.probability(2.0));
    }

    #[test]
    fn a_margin_that_is_no_number_is_not_calibrated_and_large_ones_do_not_overflow() {
        assert!(Beta::fit(&[-1.0, f64::INFINITY], &[false, true]).is_err());
        let fit = Beta { a: 1.0, b: 1.0, c: 0.0 };
        assert_eq!([fit.probability(-800.0), fit.probability(0.0), fit.probability(800.0)], [0.0, 0.5, 1.0]);
    }
}
