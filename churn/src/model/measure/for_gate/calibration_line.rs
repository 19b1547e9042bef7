//! Whether probabilities mean what they say: the line from their log-odds to what happened.
//!
//! A logistic fit of the outcome on the log-odds of the probability (Cox 1958): slope 1 and intercept 0 are perfect, a
//! slope below 1 says that the probabilities are too extreme, above 1 that they are too timid. Where the classes do not
//! overlap that fit has no end: then, and only then, it is fitted with Platt's smoothed targets, which bend the line of
//! few churners.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::model::bundle::platt::{Platt, overlap};

/// Probabilities are kept this far from 0 and 1, where log-odds have no end: people read them to four digits.
const CLIP: f64 = 1e-4;

/// The line from the log-odds that were said to those that came about.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CalibrationLine {
    /// Observed log-odds gained per log-odds said.
    pub slope: f64,
    /// Observed log-odds where even odds were said.
    pub intercept: f64,
}

impl CalibrationLine {
    /// Fits the line.
    pub(in crate::model) fn of(labels: &[bool], probabilities: &[f64]) -> Result<Self> {
        let log_odds = |&p: &f64| {
            let p = p.clamp(CLIP, 1.0 - CLIP);
            (p / (1.0 - p)).ln()
        };
        let said: Vec<f64> = probabilities.iter().map(log_odds).collect();
        // Platt's slope and intercept are those of the odds to stay.
        let fit = if overlap(&said, labels) { Platt::unsmoothed } else { Platt::fit };
        let Platt { slope, intercept } = fit(&said, labels)?;
        Ok(Self { slope: -slope, intercept: -intercept })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Customers in ten groups of 400, of whom exactly the share churns that the true probability says.
    fn groups() -> (Vec<bool>, Vec<f64>) {
        let truth = |group: u32| 0.02 + 0.08 * f64::from(group);
        let rows = (0..10_u32)
            .flat_map(|group| (0..400_u32).map(move |i| (f64::from(i) < truth(group) * 400.0 - 0.5, truth(group))));
        rows.unzip()
    }

    fn bent(probabilities: &[f64], slope: f64, shift: f64) -> Vec<f64> {
        let bend = |p: &f64| 1.0 / (1.0 + (-(slope * (p / (1.0 - p)).ln() + shift)).exp());
        probabilities.iter().map(bend).collect()
    }

    #[test]
    fn what_comes_about_as_it_was_said_lies_on_the_diagonal() {
        let (labels, truth) = groups();
        let line = CalibrationLine::of(&labels, &truth).unwrap();
        assert!((line.slope - 1.0).abs() < 0.02 && line.intercept.abs() < 0.02, "{line:?}");
    }

    #[test]
    fn what_comes_about_as_it_was_said_lies_on_the_diagonal_with_few_churners_too() {
        // 4 of 40 leave of whom a tenth was said to, and 4 of 8 of whom half were.
        let rows = |said: f64, all: u32| (0..all).map(move |i| (i < 4, said));
        let (labels, said): (Vec<bool>, Vec<f64>) = rows(0.1, 40).chain(rows(0.5, 8)).unzip();
        let line = CalibrationLine::of(&labels, &said).unwrap();
        assert!((line.slope - 1.0).abs() < 1e-6 && line.intercept.abs() < 1e-6, "{line:?}");
    }

    #[test]
    fn too_extreme_is_below_1_and_too_timid_above() {
        let (labels, truth) = groups();
        for (bend, slope) in [(2.0, 0.5), (0.5, 2.0)] {
            let line = CalibrationLine::of(&labels, &bent(&truth, bend, 0.0)).unwrap();
            assert!((line.slope - slope).abs() < 0.05, "{line:?} for {bend}");
        }
        let line = CalibrationLine::of(&labels, &bent(&truth, 1.0, 0.7)).unwrap();
        assert!((line.intercept + 0.7).abs() < 0.05, "{line:?}");
    }

    #[test]
    fn certainty_and_separation_have_a_finite_line() {
        let line = CalibrationLine::of(&[true, false, true, false], &[1.0, 0.0, 0.9, 0.2]).unwrap();
        assert!(line.slope.is_finite() && line.intercept.is_finite(), "{line:?}");
    }
}
