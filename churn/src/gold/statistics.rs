//! Sums, means, deviations and trends of a customer's months, added up in the order of the months.

/// The sum; 0 of nothing.
pub(super) fn sum(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |sum, value| sum + value)
}

/// The arithmetic mean; `values` is not empty.
pub(super) fn mean(values: &[f64]) -> f64 {
    sum(values) / values.len() as f64
}

/// The sample standard deviation (n - 1); none of a single value.
pub(super) fn std(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let mean = mean(values);
    let squares = values.iter().fold(0.0, |sum, value| sum + (value - mean).powi(2));
    Some((squares / (values.len() - 1) as f64).sqrt())
}

/// (last - first) / first, and 0 when the first is not above 0; `values` is not empty.
pub(super) fn relative_trend(values: &[f64]) -> f64 {
    let (first, last) = (values[0], values[values.len() - 1]);
    if first > 0.0 { (last - first) / first } else { 0.0 }
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
    fn a_trend_is_relative_to_a_first_value_above_zero() {
        assert_eq!(relative_trend(&[2.0, 9.0, 3.0]), 0.5);
        assert_eq!(relative_trend(&[2.0]), 0.0);
        assert_eq!(relative_trend(&[0.0, 3.0]), 0.0);
        assert_eq!(relative_trend(&[-1.0, 3.0]), 0.0);
    }
}
