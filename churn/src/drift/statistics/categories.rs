//! How far the shares of categories moved: chi-squared, population stability index, Jensen-Shannon distance.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use serde::{Deserialize, Serialize};

/// A share below this counts as this in the population stability index, which has no value for an empty bin.
const LEAST_SHARE: f64 = 1e-4;

/// A chi-squared test of homogeneity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ChiSquaredTest {
    /// The sum of the squared differences over the expected counts.
    pub statistic: f64,
    /// Bins with rows, less one.
    pub degrees: u64,
    /// The probability of such differences, or greater ones, when both sides have the same shares.
    pub p_value: f64,
}

/// Tests whether two rows of counts have the same shares; as `scipy.stats.chi2_contingency` without Yates' correction.
///
/// Bins that are empty on both sides are left out; with one bin alone nothing differs (p = 1). Nothing where a side
/// has no rows.
pub fn chi_squared(reference: &[u64], current: &[u64]) -> Option<ChiSquaredTest> {
    let bins: Vec<(f64, f64)> =
        reference.iter().zip(current).map(|(a, b)| (*a as f64, *b as f64)).filter(|(a, b)| a + b > 0.0).collect();
    let (n, m) = (bins.iter().map(|bin| bin.0).sum::<f64>(), bins.iter().map(|bin| bin.1).sum::<f64>());
    if n == 0.0 || m == 0.0 {
        return None;
    }
    let part = |observed: f64, expected: f64| (observed - expected).powi(2) / expected;
    let statistic = bins
        .iter()
        .map(|(a, b)| {
            let share = (a + b) / (n + m);
            part(*a, share * n) + part(*b, share * m)
        })
        .sum();
    let degrees = bins.len() as u64 - 1;
    Some(ChiSquaredTest { statistic, degrees, p_value: survival(statistic, degrees) })
}

fn survival(statistic: f64, degrees: u64) -> f64 {
    if degrees == 0 || statistic <= 0.0 {
        return 1.0;
    }
    // It fails only for degrees that are no positive number.
    ChiSquared::new(degrees as f64).map_or(1.0, |law| law.sf(statistic))
}

/// The population stability index: the sum of (now - then) ln(now / then) over the shares of the bins.
pub fn stability_index(reference: &[u64], current: &[u64]) -> f64 {
    let (n, m) = (total(reference), total(current));
    let terms = reference.iter().zip(current).map(|(a, b)| {
        let then = (*a as f64 / n).max(LEAST_SHARE);
        let now = (*b as f64 / m).max(LEAST_SHARE);
        (now - then) * (now / then).ln()
    });
    terms.sum()
}

/// The Jensen-Shannon distance with natural logarithms; as `scipy.spatial.distance.jensenshannon`. 0 to 0.8326.
pub fn jensen_shannon(reference: &[u64], current: &[u64]) -> f64 {
    let (n, m) = (total(reference), total(current));
    let divergence = |p: f64, middle: f64| if p > 0.0 { p * (p / middle).ln() } else { 0.0 };
    let terms = reference.iter().zip(current).map(|(a, b)| {
        let (p, q) = (*a as f64 / n, *b as f64 / m);
        let middle = f64::midpoint(p, q);
        divergence(p, middle) + divergence(q, middle)
    });
    // Rounding may leave a sum a little below 0.
    (terms.sum::<f64>() / 2.0).max(0.0).sqrt()
}

fn total(counts: &[u64]) -> f64 {
    counts.iter().sum::<u64>().max(1) as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1e-9), "{found} is not {expected}");
    }

    /// Expected values: SciPy 1.17.1, `chi2_contingency([a, b], correction=False)`, `jensenshannon(a, b)`; the index by
    /// NumPy, `((q - p) * log(q / p)).sum()`.
    #[test]
    #[expect(clippy::unreadable_literal, reason = "the numbers stand as SciPy prints them")]
    fn agrees_with_scipy() {
        type Case = (&'static [u64], &'static [u64], (f64, u64, f64), f64, f64);
        let cases: [Case; 4] = [
            (
                &[120, 60, 20],
                &[100, 70, 30],
                (4.5874125874125875, 2, 0.100891833274273),
                0.07586366927268058,
                0.04621294507616658,
            ),
            (
                &[300, 700],
                &[350, 650],
                (5.698005698005698, 1, 0.01698420058213059),
                0.037756560241258,
                0.011412932599048997,
            ),
            (
                &[1000, 20, 3],
                &[900, 90, 10],
                (53.32324293548711, 2, 2.6363612399019796e-12),
                0.11872571728429848,
                0.12263799633686043,
            ),
            (
                &[10, 20, 30, 40, 50],
                &[50, 40, 30, 20, 10],
                (66.66666666666667, 4, 1.146128309741985e-13),
                0.34595894782981007,
                1.043206134780839,
            ),
        ];
        for (a, b, (statistic, degrees, p_value), distance, index) in cases {
            let test = chi_squared(a, b).unwrap();
            assert_eq!(test.degrees, degrees);
            close(test.statistic, statistic);
            close(test.p_value, p_value);
            close(jensen_shannon(a, b), distance);
            close(stability_index(a, b), index);
        }
        close(jensen_shannon(&[1, 0], &[0, 1]), 0.8325546111576977);
        close(jensen_shannon(&[10, 0, 5], &[7, 3, 5]), 0.27961513642689195);
    }

    #[test]
    fn the_same_shares_do_not_differ_and_an_empty_side_has_no_answer() {
        let (few, many): (&[u64], &[u64]) = (&[50, 30, 15, 5], &[500, 300, 150, 50]);
        let test = chi_squared(few, many).unwrap();
        assert!(test.statistic < 1e-12 && test.p_value > 1.0 - 1e-12, "{test:?}");
        assert!(jensen_shannon(few, many) < 1e-7 && stability_index(few, many).abs() < 1e-12);
        assert_eq!(chi_squared(&[0, 0], &[1, 2]), None);
        assert_eq!(chi_squared(&[5, 0], &[9, 0]).unwrap().p_value, 1.0, "one bin alone");
    }

    #[test]
    fn a_bin_that_is_empty_on_one_side_has_a_finite_index() {
        let index = stability_index(&[900, 100, 0], &[800, 100, 100]);
        assert!(index.is_finite() && index > 0.25, "{index}");
    }

    proptest! {
        #[test]
        fn the_order_of_the_bins_does_not_matter_and_nothing_is_negative(
            counts in prop::collection::vec((0_u64..500, 0_u64..500), 2..12), turn in 0_usize..12,
        ) {
            let (a, b): (Vec<u64>, Vec<u64>) = counts.iter().copied().unzip();
            let mut turned = counts.clone();
            turned.rotate_left(turn % counts.len());
            let (x, y): (Vec<u64>, Vec<u64>) = turned.into_iter().unzip();
            prop_assert!((jensen_shannon(&a, &b) - jensen_shannon(&x, &y)).abs() < 1e-7);
            prop_assert!((stability_index(&a, &b) - stability_index(&x, &y)).abs() < 1e-9);
            prop_assert!(stability_index(&a, &b) >= 0.0);
        }
    }
}
