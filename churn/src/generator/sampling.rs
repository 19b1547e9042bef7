//! Exactly so many of a crowd, each as likely as it should be.

use super::random::{Stream, permutation, uniform};

/// The probability of log-odds.
pub fn sigmoid(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// Shifts the log-odds until the probabilities sum to `target`.
pub fn calibrate(log_odds: &[f64], target: f64) -> Vec<f64> {
    let at = |shift: f64| log_odds.iter().map(move |z| sigmoid(z + shift));
    let (mut low, mut high) = (-40.0, 40.0);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if at(middle).sum::<f64>() < target {
            low = middle;
        } else {
            high = middle;
        }
    }
    at(low).collect()
}

/// Systematic sampling over a random order: each by its probability, and the total exact.
pub fn sample_exactly(probabilities: &[f64], target: f64, rng: &mut Stream) -> Vec<bool> {
    let order = permutation(rng, probabilities.len());
    let step = probabilities.iter().sum::<f64>() / target;
    let mut next_hit = uniform(rng) * step;
    let mut chosen = vec![false; probabilities.len()];
    let (mut cumulated, mut hits) = (0.0, 0.0);
    for index in order {
        cumulated += probabilities[index];
        if cumulated > next_hit && hits < target {
            chosen[index] = true;
            hits += 1.0;
            next_hit += step;
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::super::random::{Purpose, stream};
    use super::*;

    #[test]
    fn the_sample_has_exactly_the_asked_size_and_follows_the_probabilities() {
        let log_odds: Vec<f64> = (0..10_000).map(|i| if i % 2 == 0 { 1.0 } else { -3.0 }).collect();
        let probabilities = calibrate(&log_odds, 1_000.0);
        let chosen = sample_exactly(&probabilities, 1_000.0, &mut stream(5, Purpose::Callers, 0));
        let even = chosen.iter().step_by(2).filter(|c| **c).count();
        assert_eq!(chosen.iter().filter(|c| **c).count(), 1_000);
        assert!((even as f64 - 5_000.0 * probabilities[0]).abs() < 60.0);
    }

    #[test]
    fn nobody_is_chosen_when_the_rate_rounds_to_zero() {
        let rng = &mut stream(1, Purpose::Callers, 0);
        assert_eq!(sample_exactly(&calibrate(&[0.3, 0.7], 0.0), 0.0, rng), [false, false]);
    }
}
