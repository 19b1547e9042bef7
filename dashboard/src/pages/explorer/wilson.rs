//! The interval of a share: Wilson's, which stays within 0 and 1 and is honest for few customers.

/// The quantile of the normal distribution that leaves 2.5 % above it.
const Z: f64 = 1.959_963_984_540_054;

/// The 95 % interval of a share, low and high; none of nobody.
///
/// Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927):
/// (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n).
pub fn interval(of_them: u64, all: u64) -> Option<(f64, f64)> {
    if all == 0 {
        return None;
    }
    let (n, z2) = (all as f64, Z * Z);
    let p = of_them as f64 / n;
    let middle = p + z2 / (2.0 * n);
    let half = Z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    Some((((middle - half) / scale).max(0.0), ((middle + half) / scale).min(1.0)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_interval_is_that_of_statsmodels() {
        // statsmodels.stats.proportion.proportion_confint(..., method="wilson")
        for (of_them, all, low, high) in
            [(5, 10, 0.236_593, 0.763_407), (0, 10, 0.0, 0.277_533), (10, 10, 0.722_467, 1.0)]
        {
            let (found_low, found_high) = interval(of_them, all).unwrap();
            assert!((found_low - low).abs() < 1e-5 && (found_high - high).abs() < 1e-5, "{of_them} of {all}");
        }
        assert_eq!(interval(0, 0), None);
    }

    proptest! {
        #[test]
        fn a_share_lies_in_its_interval(all in 1..100_000_u64, part in 0.0..=1.0_f64) {
            let of_them = (part * all as f64) as u64;
            let (low, high) = interval(of_them, all).unwrap();
            let share = of_them as f64 / all as f64;
            prop_assert!(0.0 <= low && low <= share + 1e-12 && share <= high + 1e-12 && high <= 1.0);
        }
    }
}
