//! How far a column of numbers moved, in a measure that one absurd value can neither hide nor make.
//!
//! W1 is taken on values that are cut off at the reference's 1st and 99th percentile (winsorised), and divided by
//! the reference's robust standard deviation, IQR / 1.349, which for normal values is the standard deviation itself.

use super::order::quantile;
use super::wasserstein;

/// The values beyond these shares of the reference count as those at them.
const TAILS: (f64, f64) = (0.01, 0.99);
/// The interquartile range of the standard normal distribution.
const NORMAL_IQR: f64 = 1.349;

/// In what a distance is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Scale {
    /// The unit of the values.
    Of(f64),
    /// The reference is this value, but for at most its tails.
    Constant(f64),
}

/// How far the values of now lie from those of the reference, in robust standard deviations of the reference; both in
/// rising order and not empty.
///
/// Where half of the reference or more is one value, the standard deviation of the winsorised values takes the place of
/// the robust one. Where they are all one value, it is the change of the share of rows with another one.
pub fn effect(reference: &[f64], current: &[f64]) -> Option<f64> {
    let (low, high) = (quantile(reference, TAILS.0)?, quantile(reference, TAILS.1)?);
    let cut = |values: &[f64]| values.iter().map(|value| value.clamp(low, high)).collect::<Vec<_>>();
    let then = cut(reference);
    Some(match scale(reference, &then)? {
        Scale::Constant(value) => (share_of_others(current, value) - share_of_others(reference, value)).abs(),
        Scale::Of(unit) => wasserstein::distance(&then, &cut(current)) / unit,
    })
}

fn scale(reference: &[f64], winsorised: &[f64]) -> Option<Scale> {
    let robust = (quantile(reference, 0.75)? - quantile(reference, 0.25)?) / NORMAL_IQR;
    if robust > 0.0 {
        return Some(Scale::Of(robust));
    }
    let (first, last) = (*winsorised.first()?, *winsorised.last()?);
    if first == last {
        return Some(Scale::Constant(first));
    }
    Some(Scale::Of(standard_deviation(winsorised)))
}

/// Of the values themselves, not of a population that they were drawn from (NumPy's `std`).
fn standard_deviation(values: &[f64]) -> f64 {
    let rows = values.len() as f64;
    let mean = values.iter().sum::<f64>() / rows;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / rows).sqrt()
}

fn share_of_others(values: &[f64], constant: f64) -> f64 {
    values.iter().filter(|value| **value != constant).count() as f64 / values.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::order::ascending;
    use super::*;

    fn even(rows: u32, shift: f64) -> Vec<f64> {
        (1..=rows).map(|i| (f64::from(i) * 0.618_033_988_749_894_9) % 1.0 + shift).collect()
    }

    fn of(reference: &[f64], current: &[f64]) -> f64 {
        effect(&ascending(reference), &ascending(current)).unwrap()
    }

    /// Expected values: SciPy 1.17.1 and NumPy 2.4.6, `wasserstein_distance` of values after `numpy.clip` at the
    /// reference's `quantile` 0.01 and 0.99, over (`quantile` 0.75 - `quantile` 0.25) / 1.349.
    #[test]
    #[expect(clippy::unreadable_literal, reason = "the numbers stand as NumPy prints them")]
    fn agrees_with_scipy_with_an_absurd_value_and_without() {
        let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
        close(of(&even(1_000, 0.0), &even(600, 0.1)), 0.25563857535914947);
        let mut absurd = even(600, 0.1);
        absurd[0] = 1e9;
        close(of(&even(1_000, 0.0), &absurd), 0.2568593069187176);
        let steps = |shift: f64| even(500, shift).into_iter().map(|value| (value * 8.0).floor()).collect::<Vec<_>>();
        close(of(&steps(0.0), &steps(0.2)), 0.4492169999999999);
        // A flag: one in ten becomes one in five. Three quarters are 0, so the standard deviation, 0.3, is the unit.
        let flag = |every: u32| (0..1_000).map(|i| f64::from(u8::from(i % every == 3))).collect::<Vec<_>>();
        close(of(&flag(10), &flag(5)), 0.33333333333333326);
    }

    #[test]
    fn against_a_constant_the_share_of_rows_that_differ_counts() {
        let constant = vec![7.0; 400];
        assert_eq!(of(&constant, &constant), 0.0);
        assert_eq!(of(&constant, &[vec![7.0; 300], vec![1e12; 100]].concat()), 0.25);
        assert_eq!(of(&constant, &[9.0; 400]), 1.0);
        // Nearly constant: what differed before counts no more.
        let nearly = [vec![7.0; 398], vec![8.0; 2]].concat();
        assert_eq!(of(&nearly, &nearly), 0.0);
    }

    #[test]
    fn an_absurd_value_in_the_reference_hides_nothing() {
        let mut reference = even(1_000, 0.0);
        reference[3] = -1e12;
        let (plain, absurd) = (of(&even(1_000, 0.0), &even(1_000, 0.3)), of(&reference, &even(1_000, 0.3)));
        assert!((plain - absurd).abs() < 0.01, "{plain} and {absurd}");
    }

    proptest! {
        #[test]
        fn nothing_moves_from_itself_and_the_unit_of_the_values_does_not_matter(
            values in prop::collection::vec(-1e3..1e3_f64, 20..80), other in prop::collection::vec(-1e3..1e3_f64, 20..80),
        ) {
            prop_assert_eq!(of(&values, &values), 0.0);
            let larger = |values: &[f64]| values.iter().map(|value| value * 8.0).collect::<Vec<_>>();
            let (one, eight) = (of(&values, &other), of(&larger(&values), &larger(&other)));
            prop_assert!((one - eight).abs() <= 1e-9 * one.max(1.0), "{} and {}", one, eight);
        }
    }
}
