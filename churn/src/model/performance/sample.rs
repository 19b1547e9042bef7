//! Customers of known probabilities, for the tests of this folder.

use super::draws::{Draws, sigmoid};
use super::estimate::Scored;

/// Probabilities of a skewed book: most low, some high.
pub fn book(rows: u32, seed: u64) -> Scored {
    let mut draws = Draws::new(seed);
    let probabilities: Vec<f64> = (0..rows).map(|_| sigmoid(-2.8 + 1.7 * draws.normals().0)).collect();
    let flagged = probabilities.iter().map(|&p| p >= 0.3).collect();
    Scored { probabilities, flagged }
}

/// Outcomes that happen as often as the probabilities say.
pub fn outcomes(scored: &Scored, seed: u64) -> Vec<bool> {
    let mut draws = Draws::new(seed);
    scored.probabilities.iter().map(|&p| draws.uniform() < p).collect()
}
