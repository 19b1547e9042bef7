//! Chance with a seed: the same draws on every machine and with every version of a library.

use std::f64::consts::TAU;

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;

pub(super) use crate::model::bundle::platt::sigmoid;

/// A stream of random numbers.
pub(super) struct Draws(Pcg64);

impl Draws {
    pub fn new(seed: u64) -> Self {
        Self(Pcg64::seed_from_u64(seed))
    }

    /// Uniform in [0, 1): the first 53 bits.
    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Two independent standard normal numbers (Box and Muller 1958).
    pub fn normals(&mut self) -> (f64, f64) {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        let (sine, cosine) = (TAU * self.uniform()).sin_cos();
        (radius * cosine, radius * sine)
    }
}

/// How far a calibration may be off: two numbers that a logistic recalibration of its own rows could come out with, by
/// the information (Fisher) that these rows hold about them. The labels are not needed for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CalibrationError {
    /// The lower triangle of the root of the covariance of intercept and slope.
    root: [f64; 3],
}

impl CalibrationError {
    /// None: the calibration is taken as it is.
    pub const NONE: Self = Self { root: [0.0; 3] };

    /// Of a calibration that was fitted on rows of these log-odds; none where they cannot tell both numbers.
    pub fn of(log_odds: &[f64]) -> Self {
        let (mut i11, mut i12, mut i22) = (0.0, 0.0, 0.0);
        for &z in log_odds {
            let p = sigmoid(z);
            let weight = p * (1.0 - p);
            i11 += weight;
            i12 += weight * z;
            i22 += weight * z * z;
        }
        let determinant = i11 * i22 - i12 * i12;
        let (v11, v12, v22) = (i22 / determinant, -i12 / determinant, i11 / determinant);
        let l11 = v11.sqrt();
        let l21 = v12 / l11;
        let l22 = (v22 - l21 * l21).max(0.0).sqrt();
        let root = [l11, l21, l22];
        if root.iter().all(|number| number.is_finite()) { Self { root } } else { Self::NONE }
    }

    /// An intercept and a slope that could as well be true; (0, 1) is the calibration as it is.
    pub fn draw(&self, draws: &mut Draws) -> (f64, f64) {
        let (first, second) = draws.normals();
        let [l11, l21, l22] = self.root;
        (l11 * first, 1.0 + l21 * first + l22 * second)
    }
}

/// Log-odds of a probability, which is kept a little away from 0 and 1.
pub(super) fn log_odds(probability: f64) -> f64 {
    let p = probability.clamp(1e-9, 1.0 - 1e-9);
    (p / (1.0 - p)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_draws_have_the_moments_that_they_should() {
        let mut draws = Draws::new(1);
        let uniform: Vec<f64> = (0..20_000).map(|_| draws.uniform()).collect();
        assert!((uniform.iter().sum::<f64>() / 20_000.0 - 0.5).abs() < 0.01);
        let normal: Vec<f64> = (0..20_000).flat_map(|_| <[f64; 2]>::from(draws.normals())).collect();
        let mean = normal.iter().sum::<f64>() / 40_000.0;
        let variance = normal.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 40_000.0;
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");
        assert_eq!(Draws::new(7).uniform(), Draws::new(7).uniform());
    }

    /// By hand: 400 rows at p = 0.5 (z = 0) say nothing of the slope; half of them at z = 1 and half at -1 say as much of
    /// it as of the intercept: p (1 - p) = 0.19661, times 400 = 78.645, so both have a standard deviation of 0.11276.
    #[test]
    fn more_rows_make_a_calibration_surer_and_rows_of_one_kind_say_nothing_of_the_slope() {
        assert_eq!(CalibrationError::of(&[0.0; 400]), CalibrationError::NONE);
        let rows: Vec<f64> = (0..400).map(|i| if i % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let [l11, l21, l22] = CalibrationError::of(&rows).root;
        assert!((l11 - 0.112_76).abs() < 1e-4 && l21.abs() < 1e-12 && (l22 - 0.112_76).abs() < 1e-4);
        assert_eq!(CalibrationError::NONE.draw(&mut Draws::new(3)), (0.0, 1.0));
    }

    #[test]
    fn log_odds_are_the_inverse_of_the_sigmoid_and_finite_everywhere() {
        assert!((sigmoid(log_odds(0.3)) - 0.3).abs() < 1e-12);
        assert!(log_odds(0.0).is_finite() && log_odds(1.0).is_finite());
    }
}
