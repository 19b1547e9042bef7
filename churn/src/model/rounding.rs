//! Numbers as they are published and stored.

/// Decimals of a number that a model file holds.
///
/// JSON readers may miss the last bit of a 17-digit number. With 12 decimals they cannot, so a loaded
/// model decides as the saved one, to the bit.
const STORED: f64 = 1e12;

/// A probability as it is published: 4 decimals, half to even.
pub(super) fn published(probability: f64) -> f64 {
    (probability * 1e4).round_ties_even() / 1e4
}

/// The smallest published number that is not below `width`.
pub(super) fn published_up(width: f64) -> f64 {
    ((width * 1e4 - 1e-6).ceil() / 1e4).min(1.0)
}

/// EUR to the cent, half to even.
pub(super) fn cents(eur: f64) -> f64 {
    (eur * 100.0).round_ties_even() / 100.0
}

/// The nearest number that survives a file.
pub(super) fn stored(value: f64) -> f64 {
    (value * STORED).round() / STORED
}

/// The largest number that survives a file and is not above `value`.
pub(super) fn stored_below(value: f64) -> f64 {
    let steps = (value * STORED).floor();
    let below = steps / STORED;
    if below <= value { below } else { (steps - 1.0) / STORED }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn halves_go_to_the_even_neighbour() {
        // 0.00025 and 0.125 are not hit by decimal rounding errors after scaling
        assert_eq!((published(0.000_25), published(0.000_75)), (0.000_2, 0.000_8));
        assert_eq!((cents(0.125), cents(0.375)), (0.12, 0.38));
    }

    #[test]
    fn what_is_no_half_goes_to_the_nearer_neighbour() {
        assert_eq!((published(0.123_44), published(0.123_46)), (0.123_4, 0.123_5));
        assert_eq!((cents(-0.125), cents(2.0), cents(0.004_9), cents(0.005_1)), (-0.12, 2.0, 0.0, 0.01));
    }

    #[test]
    fn a_half_width_is_never_rounded_down() {
        assert_eq!((published_up(0.18), published_up(0.180_01), published_up(0.999_99)), (0.18, 0.180_1, 1.0));
    }

    proptest! {
        #[test]
        fn a_stored_number_survives_json(value in -50.0..50.0_f64) {
            for number in [stored(value), stored_below(value)] {
                let json = serde_json::to_string(&number).unwrap();
                prop_assert_eq!(serde_json::from_str::<f64>(&json).unwrap().to_bits(), number.to_bits());
            }
            prop_assert!(stored_below(value) <= value && value - stored_below(value) < 1e-11);
        }
    }
}
