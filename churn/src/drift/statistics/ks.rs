//! The two-sample, two-sided Kolmogorov-Smirnov test.
//!
//! Promises the statistic and the p-value of `scipy.stats.ks_2samp(x, y)` (method `auto`) to nine
//! digits: exact up to 10,000 rows a side, beyond that the one-sample law at nm / (n + m) rows.

use serde::{Deserialize, Serialize};

use super::order::ascending;
use super::{kolmogorov, ks_exact};

/// Up to this many rows on the longer side the p-value is exact.
const EXACT_LIMIT: u64 = 10_000;

/// The outcome of one test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct KsTest {
    /// The greatest distance of the two empirical distribution functions, 0..=1.
    pub statistic: f64,
    /// The probability of such a distance, or a greater one, when both samples have one distribution.
    pub p_value: f64,
}

/// Tests whether two samples come from one distribution. NaN is dropped; infinities are values.
///
/// `None` when a sample is empty: there is nothing to compare.
pub fn ks_two_sample(reference: &[f64], current: &[f64]) -> Option<KsTest> {
    let reference = ascending(reference);
    let current = ascending(current);
    if reference.is_empty() || current.is_empty() {
        return None;
    }
    let (n, m) = (reference.len() as u64, current.len() as u64);
    let distance = greatest_distance(&reference, &current);
    Some(KsTest { statistic: distance as f64 / (n as f64 * m as f64), p_value: p_value(n, m, distance) })
}

/// The greatest |i/n - j/m| times nm: a whole number, so that no rounding decides.
fn greatest_distance(reference: &[f64], current: &[f64]) -> u64 {
    let (n, m) = (reference.len(), current.len());
    let (mut i, mut j) = (0, 0);
    let mut greatest = 0;
    // Once a sample is used up the distance only shrinks.
    while i < n && j < m {
        let value = reference[i].min(current[j]);
        while i < n && reference[i] <= value {
            i += 1;
        }
        while j < m && current[j] <= value {
            j += 1;
        }
        greatest = greatest.max((i as u64 * m as u64).abs_diff(j as u64 * n as u64));
    }
    greatest
}

fn p_value(n: u64, m: u64, distance: u64) -> f64 {
    if distance == 0 {
        return 1.0;
    }
    let exact = (n.max(m) <= EXACT_LIMIT)
        .then(|| ks_exact::survival(n, m, distance / ks_exact::greatest_common_divisor(n, m)))
        .flatten();
    if let Some(p_value) = exact {
        return p_value;
    }
    let product = n as f64 * m as f64;
    let effective_rows = (product / (n + m) as f64).round_ties_even();
    kolmogorov::survival(effective_rows as u64, distance as f64 / product)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy)]
    enum Shape {
        /// Multiples of the golden ratio, modulo 1: spread evenly, no ties.
        Even,
        /// The same in eight steps: nearly everything tied.
        Tied,
    }

    fn sample(shape: Shape, rows: u32, shift: f64) -> Vec<f64> {
        let even = (1..=rows).map(|i| (f64::from(i) * 0.618_033_988_749_894_9) % 1.0 + shift);
        match shape {
            Shape::Even => even.collect(),
            Shape::Tied => even.map(|value| (value * 8.0).floor()).collect(),
        }
    }

    /// Expected values: SciPy 1.17.1, `ks_2samp(sample(n, 0), sample(m, shift))` with
    /// `sample = lambda rows, shift: (np.arange(1, rows + 1.) * 0.6180339887498949) % 1.0 + shift`
    /// and, for `Tied`, `np.floor(8 * sample)`.
    #[test]
    #[expect(clippy::unreadable_literal, reason = "the numbers stand as SciPy prints them")]
    fn agrees_with_scipy_for_all_sizes_and_from_p_1_down_to_1e_100() {
        let cases = [
            // shape, n, m, shift, statistic, p-value
            (Shape::Even, 5, 5, 0.2, 0.4, 0.873015873015873),
            (Shape::Even, 10, 3, 0.45, 0.7, 0.13986013986013984),
            (Shape::Tied, 20, 30, 0.3, 0.4, 0.03452032044186146),
            (Shape::Even, 7, 7, 0.01, 0.14285714285714285, 0.9999609537692629),
            (Shape::Tied, 97, 101, 0.12, 0.13402061855670103, 0.29778204467606706),
            (Shape::Even, 200, 150, 0.12, 0.13166666666666665, 0.09476205338356562),
            (Shape::Even, 300, 1_000, 0.08, 0.08466666666666667, 0.06917354867914316),
            (Shape::Even, 1_000, 1_000, 0.2, 0.201, 4.4050768771360105e-18),
            (Shape::Tied, 4_999, 5_000, 0.04, 0.0402500100020004, 0.0005932956423212382),
            (Shape::Even, 9_999, 10_000, 0.02, 0.020325482548254826, 0.03174331247070127),
            (Shape::Even, 9_999, 10_000, 0.003, 0.003232933293329333, 0.9999999987914361),
            (Shape::Even, 10_000, 10_000, 0.12, 0.1202, 2.541992935523331e-63),
            (Shape::Tied, 10_000, 10_000, 0.2, 0.2001, 1.7334771516563186e-175),
            (Shape::Even, 10_001, 1, 0.45, 1.0, 0.0),
            (Shape::Even, 20_000, 5, 0.3, 0.3901, 0.33613059222223274),
            (Shape::Even, 10_001, 60, 0.12, 0.13888111188881114, 0.179714836715416),
            (Shape::Even, 12_000, 120, 0.2, 0.21075, 4.080431627656596e-05),
            (Shape::Even, 20_000, 141, 0.04, 0.04608120567375887, 0.9140119525738504),
            (Shape::Even, 20_000, 145, 0.02, 0.03052586206896557, 0.9987687527433886),
            (Shape::Even, 20_000, 200, 0.01, 0.01915, 0.9999986701196908),
            (Shape::Even, 20_000, 200, 0.6, 0.6081000000000001, 9.068103698125277e-71),
            (Shape::Even, 20_000, 5_000, 0.006, 0.006450000000000011, 0.9959577948249494),
            (Shape::Even, 20_000, 5_000, 0.01, 0.010450000000000001, 0.7707685206822048),
            (Shape::Even, 20_000, 5_000, 0.02, 0.020449999999999996, 0.06951070764305445),
            (Shape::Even, 20_000, 5_000, 0.04, 0.04045, 4.0069166743512636e-06),
            (Shape::Even, 20_000, 5_000, 0.08, 0.08045000000000001, 5.751154219177441e-23),
            (Shape::Even, 20_000, 5_000, 0.12, 0.12040000000000003, 5.501780916031226e-51),
            (Shape::Tied, 16_000, 20_099, 0.01, 0.010137935966963552, 0.3170379343573855),
            (Shape::Even, 16_000, 20_099, 0.12, 0.12024447422757345, 1.0808090276429245e-112),
            (Shape::Even, 100_000, 100_000, 0.003, 0.003020000000000078, 0.7506679154860638),
            (Shape::Even, 100_000, 100_000, 0.006, 0.006030000000000091, 0.052497267583639484),
            (Shape::Even, 100_000, 100_000, 0.04, 0.04003000000000004, 4.715795239798868e-70),
            (Shape::Even, 100_000, 700, 0.2, 0.20171571428571422, 2.884225273458489e-25),
        ];
        for (shape, n, m, shift, statistic, p_value) in cases {
            let test = ks_two_sample(&sample(shape, n, 0.0), &sample(shape, m, shift)).unwrap();
            assert!((test.statistic - statistic).abs() <= 1e-12, "{n} and {m}: {} is not {statistic}", test.statistic);
            assert!((test.p_value - p_value).abs() <= 1e-9 * p_value, "{n} and {m}: {} is not {p_value}", test.p_value);
        }
    }

    #[test]
    fn an_empty_side_has_no_answer() {
        assert_eq!(ks_two_sample(&[], &[1.0]), None);
        assert_eq!(ks_two_sample(&[1.0], &[f64::NAN]), None);
    }

    #[test]
    fn nan_is_dropped_and_negative_zero_equals_zero() {
        let test = ks_two_sample(&[f64::NAN, 0.0, 1.0], &[-0.0, 1.0, f64::NAN]).unwrap();
        assert_eq!(test, KsTest { statistic: 0.0, p_value: 1.0 });
    }

    /// By hand: of the C(4, 2) = 6 orders of two and two rows, 2 keep the samples apart.
    #[test]
    fn two_rows_apart_from_two_rows_have_p_one_third() {
        let test = ks_two_sample(&[1.0, 2.0], &[3.0, 4.0]).unwrap();
        assert_eq!(test.statistic, 1.0);
        assert!((test.p_value - 1.0 / 3.0).abs() < 1e-15);
    }
}
