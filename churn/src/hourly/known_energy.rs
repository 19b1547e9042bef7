//! How much of a month's energy is known where readings have no value: null is not 0 kWh.

/// Something of each of the two fuels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fuels {
    pub elec: Option<f64>,
    pub gas: Option<f64>,
}

/// By what a sum is multiplied of whose `readings` so many are null; none where too many are, and nothing is known.
///
/// Without nulls it is exactly 1, which changes no bit of a sum.
pub(super) fn known_share(nulls: u32, readings: u32, scaled_to: f64) -> Option<f64> {
    if nulls == 0 {
        return Some(1.0);
    }
    let share = f64::from(nulls) / f64::from(readings.max(1));
    let known = readings.checked_sub(nulls).filter(|known| *known > 0 && share <= scaled_to)?;
    Some(f64::from(readings) / f64::from(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_nulls_are_scaled_away_and_many_make_the_month_unknown() {
        assert_eq!(known_share(0, 744, 0.25), Some(1.0));
        assert_eq!(known_share(100, 400, 0.25), Some(400.0 / 300.0));
        assert_eq!(known_share(101, 400, 0.25), None);
        assert_eq!(known_share(400, 400, 1.0), None);
        assert_eq!(known_share(2, 1, 1.0), None, "counts of a file that cannot be");
    }
}
