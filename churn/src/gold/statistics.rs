//! Sums, means, deviations and trends of a customer's months, added up in the order of the months.
//!
//! NaN stands for a month of which nothing is known. A sum of months is known when all of them are; a mean or a
//! deviation of quantities is that of the known ones.

/// The sum; 0 of nothing, and NaN when a month is not known.
pub(super) fn sum(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |sum, value| sum + value)
}

/// The arithmetic mean; `values` is not empty. NaN when a month is not known.
pub(super) fn mean(values: &[f64]) -> f64 {
    sum(values) / values.len() as f64
}

/// The arithmetic mean of the known values; NaN of none.
pub(super) fn mean_of_known(values: &[f64]) -> f64 {
    mean(&known(values, |value| !value.is_nan()))
}

/// The sample standard deviation (n - 1) of the known values; none of a single one.
pub(super) fn std_of_known(values: &[f64]) -> Option<f64> {
    std(&known(values, |value| !value.is_nan()))
}

/// The sample standard deviation (n - 1); none of a single value, and none when a month is not known.
pub(super) fn std(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let mean = mean(values);
    let squares = values.iter().fold(0.0, |sum, value| sum + (value - mean).powi(2));
    Some((squares / (values.len() - 1) as f64).sqrt()).filter(|std| !std.is_nan())
}

/// (last - first) / first of the prices that there are, and 0 when there are none. A trend needs a price: a month without
/// one, which is written as 0, is neither its beginning nor its end.
pub(super) fn price_trend(prices: &[f64]) -> f64 {
    let prices = known(prices, |price| price > 0.0);
    match (prices.first(), prices.last()) {
        (Some(first), Some(last)) => (last - first) / first,
        _ => 0.0,
    }
}

/// The arithmetic mean of the costs that there are, 0 standing for none; NaN where there is none at all.
pub(super) fn mean_cost(costs: &[f64]) -> f64 {
    mean(&known(costs, |cost| cost != 0.0))
}

/// A value that is known.
pub(super) fn if_known(value: f64) -> Option<f64> {
    Some(value).filter(|value| !value.is_nan())
}

fn known(values: &[f64], is_known: impl Fn(f64) -> bool) -> Vec<f64> {
    values.iter().copied().filter(|value| is_known(*value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deviation_is_that_of_a_sample() {
        // Mean 5, squares 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 = 32, over 7.
        assert_eq!(std(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]), Some((32.0f64 / 7.0).sqrt()));
        assert_eq!(std(&[3.0]), None);
        assert_eq!(std(&[3.0, 3.0]), Some(0.0));
    }

    #[test]
    fn a_trend_goes_from_the_first_price_to_the_last_and_needs_one() {
        assert_eq!(price_trend(&[2.0, 9.0, 3.0]), 0.5);
        assert_eq!(price_trend(&[2.0]), 0.0);
        assert_eq!(price_trend(&[0.0, 2.0, 3.0, 0.0]), 0.5, "a month without a price is no fall to nothing");
        assert_eq!(price_trend(&[0.0, 0.0]), 0.0);
    }

    #[test]
    fn a_month_that_is_not_known_leaves_a_mean_and_makes_a_sum_unknown() {
        let months = [1.0, f64::NAN, 4.0];
        assert_eq!(mean_of_known(&months), 2.5);
        assert_eq!(std_of_known(&months), std(&[1.0, 4.0]));
        assert!(sum(&months).is_nan() && mean(&months).is_nan() && mean_of_known(&[f64::NAN]).is_nan());
        assert_eq!((std(&months), if_known(sum(&months))), (None, None));
    }

    #[test]
    fn a_cost_that_is_not_there_is_no_cost_of_nothing() {
        assert_eq!(mean_cost(&[0.5, 0.0, 0.25]), 0.375);
        assert!(mean_cost(&[0.0, 0.0]).is_nan(), "a province that the costs do not have");
    }
}
