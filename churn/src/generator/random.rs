//! Random numbers that depend on the seed, what they are for, and which customer they belong to,
//! and on nothing else: making more of one thing never changes another.

use rand::RngExt;
use rand_distr::StandardNormal;
use rand_pcg::Pcg64;

/// A stream of random numbers.
pub type Stream = Pcg64;

/// What a stream is for.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    Attributes = 1,
    Dates,
    Levels,
    Costs,
    Prices,
    ProvinceEffect,
    Churn,
    LabelOrder,
    AttributeDirt,
    ContractDirt,
    PriceDirt,
    Matters,
    Contacts,
    ContactOrder,
    Readings,
    Offers,
    Callers,
}

/// The stream of `purpose` for one `index` (a customer, or 0 where there is only one).
pub fn stream(seed: u64, purpose: Purpose, index: usize) -> Stream {
    let key = mix(mix(mix(seed) ^ purpose as u64) ^ index as u64);
    let state = u128::from(mix(key ^ 1)) << 64 | u128::from(mix(key ^ 2));
    let sequence = u128::from(mix(key ^ 3)) << 64 | u128::from(mix(key ^ 4));
    Pcg64::new(state, sequence)
}

/// One step of SplitMix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit.
fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Uniform in [0, 1).
pub fn uniform(rng: &mut Stream) -> f64 {
    rng.random()
}

/// True with this probability.
pub fn chance(rng: &mut Stream, probability: f64) -> bool {
    uniform(rng) < probability
}

/// Normal with this mean and standard deviation.
pub fn normal(rng: &mut Stream, mean: f64, sd: f64) -> f64 {
    let z: f64 = rng.sample(StandardNormal);
    mean + sd * z
}

/// Logistic with mean 0 and this scale.
pub fn logistic(rng: &mut Stream, scale: f64) -> f64 {
    let share = uniform(rng).max(f64::EPSILON);
    scale * (share / (1.0 - share)).ln()
}

/// A whole number in `low..high`.
pub fn between(rng: &mut Stream, low: usize, high: usize) -> usize {
    rng.random_range(low..high)
}

/// One of `items`, all as likely.
pub fn any<'a, T>(rng: &mut Stream, items: &'a [T]) -> &'a T {
    &items[between(rng, 0, items.len())]
}

/// One of `items`, each as likely as its weight says.
pub fn weighted<T: Copy>(rng: &mut Stream, items: &[(T, f64)]) -> T {
    let total: f64 = items.iter().map(|(_, weight)| weight).sum();
    let mut left = uniform(rng) * total;
    for (item, weight) in items {
        left -= weight;
        if left < 0.0 {
            return *item;
        }
    }
    items[items.len() - 1].0
}

/// The numbers 0..n in random order (Fisher-Yates).
pub fn permutation(rng: &mut Stream, n: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    for last in (1..n).rev() {
        order.swap(last, between(rng, 0, last + 1));
    }
    order
}

/// The positions in `0..n` that a coin with this probability picks, by jumping from hit to hit
/// (the gaps are geometric), so that rare events cost nothing in between.
pub fn rare_events(rng: &mut Stream, n: usize, probability: f64) -> Vec<usize> {
    let per_step = (1.0 - probability).ln();
    let mut hits = Vec::new();
    let mut position = 0.0;
    loop {
        position += ((1.0 - uniform(rng)).ln() / per_step).floor();
        if position >= n as f64 {
            return hits;
        }
        hits.push(position as usize);
        position += 1.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_another_purpose_customer_or_seed_differ() {
        let first = |seed, purpose, index| uniform(&mut stream(seed, purpose, index));
        let base = first(7, Purpose::Prices, 3);
        assert_eq!(base, first(7, Purpose::Prices, 3));
        assert_ne!(base, first(8, Purpose::Prices, 3));
        assert_ne!(base, first(7, Purpose::Churn, 3));
        assert_ne!(base, first(7, Purpose::Prices, 4));
    }

    #[test]
    fn rare_events_come_as_often_as_asked_and_in_order() {
        let hits = rare_events(&mut stream(1, Purpose::Readings, 0), 1_000_000, 0.002);
        assert!(hits.is_sorted_by(|a, b| a < b));
        // 2,000 expected, standard deviation 44.7.
        assert!(hits.len().abs_diff(2_000) < 200, "{} hits", hits.len());
    }

    #[test]
    fn a_permutation_holds_every_number_once() {
        let mut order = permutation(&mut stream(1, Purpose::LabelOrder, 0), 100);
        assert_ne!(order, (0..100).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..100).collect::<Vec<_>>());
    }
}
