//! A sum that does not depend on the order of what is added, so that the same readings give the same bytes however they were
//! sorted, cut into files or handed to workers.

/// A sum in two numbers: what 64 bits hold, and what every addition left over ([Knuth's two-sum]).
///
/// What is left over is a multiple of the last bit of the smallest value and far below the sum, so it adds up without a
/// loss of its own, as long as no value is a billion times smaller than another one of the same month.
///
/// [Knuth's two-sum]: https://en.wikipedia.org/wiki/2Sum
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct ExactSum {
    sum: f64,
    rest: f64,
}

impl ExactSum {
    /// Adds a value; it may not be negative, so that the sum never falls below its rest.
    #[inline]
    pub fn add(&mut self, value: f64) {
        let sum = self.sum + value;
        let added = sum - self.sum;
        self.rest += (self.sum - (sum - added)) + (value - added);
        self.sum = sum;
    }

    /// Adds a sum in its two parts.
    pub fn add_parts(&mut self, nearest: f64, rest: f64) {
        self.add(nearest);
        self.rest += rest;
    }

    /// The number that is nearest to the sum, and what it lacks. Equal sums have equal parts.
    pub fn parts(self) -> (f64, f64) {
        let nearest = self.sum + self.rest;
        (nearest, self.rest - (nearest - self.sum))
    }
}

/// Whether two numbers can be the parts of a sum.
pub(super) fn are_parts(nearest: f64, rest: f64) -> bool {
    nearest + rest == nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Readings of a month as meters write them: three decimals, small ones beside large ones.
    fn readings() -> Vec<f64> {
        (0..744_u32).map(|hour| f64::from(hour * hour * 919 % 100_003) / 1_000.0).collect()
    }

    fn sum<'a>(values: impl IntoIterator<Item = &'a f64>) -> ExactSum {
        let mut sum = ExactSum::default();
        values.into_iter().for_each(|value| sum.add(*value));
        sum
    }

    #[test]
    fn the_order_of_values_and_the_cut_into_parts_change_no_bit() {
        let values = readings();
        let in_order = sum(&values).parts();
        let mut sorted = values.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        assert_eq!(sum(&sorted).parts(), in_order);
        assert_eq!(sum(values.iter().rev()).parts(), in_order);
        let mut of_parts = ExactSum::default();
        for part in values.chunks(100).rev() {
            let (nearest, rest) = sum(part).parts();
            of_parts.add_parts(nearest, rest);
        }
        assert_eq!(of_parts.parts(), in_order);
        let plain = |values: &[f64]| values.iter().sum::<f64>();
        assert_ne!(plain(&values), plain(&sorted), "a plain sum depends on the order");
    }

    #[test]
    fn the_nearest_number_is_told() {
        assert_eq!(sum(&[0.1, 0.2, 0.3]).parts().0, 0.6, "a plain sum is 0.6000000000000001");
        assert_eq!(sum(&[1e6, 1e-9, 1e-9]).parts().0, 1e6 + 2e-9);
        assert_eq!(ExactSum::default().parts(), (0.0, 0.0));
    }

    #[test]
    fn what_are_no_parts_is_told() {
        let (nearest, rest) = sum(&readings()).parts();
        assert!(rest != 0.0 && are_parts(nearest, rest));
        for rest in [f64::NAN, f64::INFINITY, 1.0, -1.0] {
            assert!(!are_parts(nearest, rest), "{rest}");
        }
    }
}
