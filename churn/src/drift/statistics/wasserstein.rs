//! The first Wasserstein distance: how far the values of one sample must be carried to become the other.

/// W1 of two samples in rising order, in the unit of the values; as `scipy.stats.wasserstein_distance`.
///
/// The area between both empirical distribution functions. 0 where a sample is empty.
pub(super) fn distance(a: &[f64], b: &[f64]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let (n, m) = (a.len() as f64, b.len() as f64);
    let (mut i, mut j) = (0, 0);
    let mut area = 0.0;
    let mut before = a[0].min(b[0]);
    while i < a.len() || j < b.len() {
        let next = match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) => x.min(*y),
            (Some(x), None) => *x,
            (None, Some(y)) => *y,
            (None, None) => break,
        };
        area += (next - before) * (i as f64 / n - j as f64 / m).abs();
        while i < a.len() && a[i] <= next {
            i += 1;
        }
        while j < b.len() && b[j] <= next {
            j += 1;
        }
        before = next;
    }
    area
}

#[cfg(test)]
mod tests {
    use super::super::order::ascending;
    use super::*;

    /// Multiples of the golden ratio, modulo 1; the tied ones in eight steps.
    fn sample(tied: bool, rows: u32, shift: f64) -> Vec<f64> {
        let even = (1..=rows).map(|i| (f64::from(i) * 0.618_033_988_749_894_9) % 1.0 + shift);
        ascending(&if tied { even.map(|value| (value * 8.0).floor()).collect::<Vec<_>>() } else { even.collect() })
    }

    /// Expected values: SciPy 1.17.1, `wasserstein_distance(sample(n, 0), sample(m, shift))` with the samples of the
    /// Kolmogorov-Smirnov tests.
    #[test]
    #[expect(clippy::unreadable_literal, reason = "the numbers stand as SciPy prints them")]
    fn agrees_with_scipy() {
        let cases = [
            (false, 5, 5, 0.2, 0.19999999999999998),
            (false, 10, 3, 0.45, 0.5202143727087012),
            (false, 300, 1_000, 0.08, 0.0792293957965494),
            (true, 97, 101, 0.12, 1.0014290088802693),
            (true, 4_999, 5_000, 0.04, 0.32030010002000403),
            (false, 1_000, 1_000, 0.0, 0.0),
        ];
        for (tied, n, m, shift, expected) in cases {
            let found = distance(&sample(tied, n, 0.0), &sample(tied, m, shift));
            assert!((found - expected).abs() < 1e-12, "{n} and {m}: {found} is not {expected}");
        }
    }

    #[test]
    fn it_is_the_same_from_either_side_and_a_shift_is_its_size() {
        let (a, b) = (sample(false, 50, 0.0), sample(false, 70, 0.3));
        assert!((distance(&a, &b) - distance(&b, &a)).abs() < 1e-15);
        let shifted: Vec<f64> = a.iter().map(|value| value + 7.0).collect();
        assert!((distance(&a, &shifted) - 7.0).abs() < 1e-12);
        assert_eq!(distance(&[], &a), 0.0);
    }
}
