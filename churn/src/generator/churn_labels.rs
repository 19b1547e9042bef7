//! Who leaves: a logistic model on what the features can see, hit exactly at the published rate.
//!
//! The tables are fitted to the published churn rates by bucket. The knobs that decide how well a
//! model can do: [`SHARPNESS`] (all relations), [`SIZE_EFFECT`], [`RISE_EFFECT`] and
//! [`PROVINCE_EFFECT`] (what the market features add); contacts add the rest.

use super::attributes::{Attributes, Channel, Segment};
use super::geography::{PROVINCES, Province, customer_shares};
use super::levels::Level;
use super::lifecycle::Lifecycle;
use super::prices::Tariff;
use super::quantiles::{Knots, interpolate};
use super::random::{Purpose, normal, permutation, stream, uniform};

/// Churners of the published data set.
const CHURN_RATE: f64 = 2_002.0 / 20_099.0;

/// Churn probability by days to the renewal: highest two to three months before it.
const BY_RENEWAL_DAYS: &Knots = &[
    (-30.0, 0.095),
    (0.0, 0.125),
    (20.0, 0.185),
    (45.0, 0.290),
    (62.0, 0.480),
    (80.0, 0.440),
    (95.0, 0.240),
    (115.0, 0.125),
    (140.0, 0.074),
    (170.0, 0.040),
    (200.0, 0.022),
    (240.0, 0.016),
    (300.0, 0.013),
];
/// Log-odds by tenure in months of 30 days: nobody leaves beyond 127.6.
const BY_TENURE_MONTHS: &Knots = &[
    (0.0, 0.42),
    (12.0, 0.40),
    (24.0, 0.38),
    (45.0, 0.30),
    (60.0, 0.08),
    (90.0, 0.00),
    (118.0, -0.10),
    (127.6, -0.50),
    (129.0, -6.0),
    (200.0, -8.0),
];
/// Reluctance by size rank: the very small and the large stay.
const BY_SIZE_RANK: &Knots =
    &[(0.0, 0.9), (0.12, 0.55), (0.20, 0.0), (0.55, 0.0), (0.80, 0.55), (0.95, 1.1), (1.0, 1.5)];

const SHARPNESS: f64 = 0.97;
const COMPETITION_EFFECT: f64 = 0.85;
const SIZE_EFFECT: f64 = 2.7;
const RISE_EFFECT: f64 = 0.8;
const TREND_EFFECT: f64 = 4.5;
const PRICE_EFFECT: f64 = 9.0;
const GAS_EFFECT: f64 = -0.28;
const PROVINCE_EFFECT: f64 = 0.45;

/// Draws who churned: exactly the published share of customers, rounded. Provinces have the taste that `seed` gives them;
/// who of the likely ones leaves is drawn by `sample_seed`.
pub fn draw(
    attributes: &[Attributes],
    lifecycles: &[Lifecycle],
    levels: &[Level],
    tariffs: &[Tariff],
    seed: u64,
    sample_seed: u64,
) -> Vec<bool> {
    let province_effects = province_effects(seed);
    let log_odds: Vec<f64> = (0..attributes.len())
        .map(|i| {
            let province = PROVINCE_EFFECT * province_effects[attributes[i].province.index()];
            SHARPNESS * (province + log_odds(&attributes[i], &lifecycles[i], &levels[i], &tariffs[i]))
        })
        .collect();
    let churners = (CHURN_RATE * attributes.len() as f64).round();
    let probabilities = calibrate(&log_odds, churners);
    sample_exactly(&probabilities, churners, sample_seed)
}

fn log_odds(customer: &Attributes, lifecycle: &Lifecycle, level: &Level, tariff: &Tariff) -> f64 {
    let is_corporate = customer.segment == Segment::Corporate;
    let by_renewal = interpolate(lifecycle.renewal_days as f64, BY_RENEWAL_DAYS);
    let by_tenure = interpolate(lifecycle.tenure_days as f64 / 30.0, BY_TENURE_MONTHS);
    let by_channel = match customer.channel {
        Channel::InPerson => 0.30,
        Channel::Office => 0.10,
        Channel::Telemarketing => -0.15,
        Channel::Unknown => -0.28,
        Channel::Comparison => -0.40,
        Channel::OwnWebsite => -0.8,
    };
    let by_kind = if is_corporate { -0.30 } else { -SIZE_EFFECT * interpolate(level.size_rank, BY_SIZE_RANK) }
        + if is_corporate && lifecycle.tenure_days < 365 { 0.25 } else { 0.0 }
        + if customer.is_second_residence { 0.05 } else { 0.0 };
    let by_market = if customer.province.is_high_competition() { COMPETITION_EFFECT } else { 0.0 }
        + if level.has_gas { GAS_EFFECT } else { 0.0 };
    let by_price = if tariff.trend > 0.0 { RISE_EFFECT } else { 0.0 }
        + TREND_EFFECT * tariff.trend.clamp(-0.1, 0.12)
        + PRICE_EFFECT * (tariff.tier1_december - 0.1486).clamp(-0.03, 0.05);
    (by_renewal / (1.0 - by_renewal)).ln() + by_tenure + by_channel + by_kind + by_market + by_price
}

/// A taste of its own for each province: mean 0 and deviation 1 over the customers outside the high
/// competition provinces, so that it moves neither the two groups nor, from seed to seed, its weight.
fn province_effects(seed: u64) -> [f64; 52] {
    let rng = &mut stream(seed, Purpose::ProvinceEffect, 0);
    let draws = PROVINCES.map(|_| normal(rng, 0.0, 1.0));
    let shares = customer_shares();
    let average = |value: &dyn Fn(usize) -> f64| {
        let others = PROVINCES.iter().filter(|p| !p.is_high_competition()).map(Province::index);
        let (sum, weight) = others.fold((0.0, 0.0), |(sum, w), i| (sum + shares[i] * value(i), w + shares[i]));
        sum / weight
    };
    let mean = average(&|i| draws[i]);
    let deviation = average(&|i| (draws[i] - mean).powi(2)).sqrt();
    PROVINCES.map(|p| if p.is_high_competition() { 0.0 } else { (draws[p.index()] - mean) / deviation })
}

/// Shifts the log-odds until the probabilities sum to `target`.
fn calibrate(log_odds: &[f64], target: f64) -> Vec<f64> {
    let at = |shift: f64| log_odds.iter().map(move |z| 1.0 / (1.0 + (-(z + shift)).exp()));
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

/// Systematic sampling over a random order: each customer by its probability, and the total exact.
fn sample_exactly(probabilities: &[f64], target: f64, seed: u64) -> Vec<bool> {
    let rng = &mut stream(seed, Purpose::Churn, 0);
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
    use super::*;

    #[test]
    fn the_sample_has_exactly_the_asked_size_and_follows_the_probabilities() {
        let log_odds: Vec<f64> = (0..10_000).map(|i| if i % 2 == 0 { 1.0 } else { -3.0 }).collect();
        let probabilities = calibrate(&log_odds, 1_000.0);
        let chosen = sample_exactly(&probabilities, 1_000.0, 5);
        let even = chosen.iter().step_by(2).filter(|c| **c).count();
        assert_eq!(chosen.iter().filter(|c| **c).count(), 1_000);
        assert!((even as f64 - 5_000.0 * probabilities[0]).abs() < 60.0);
    }

    #[test]
    fn nobody_is_chosen_when_the_rate_rounds_to_zero() {
        assert_eq!(sample_exactly(&calibrate(&[0.3, 0.7], 0.0), 0.0, 1), [false, false]);
    }
}
