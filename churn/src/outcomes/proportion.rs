//! Intervals of shares, of their difference and of their ratio, all from the one score interval of Wilson (1927):
//! Newcombe (1998), method 10, for the difference; Donner and Zou (2012), MOVER-R, for the ratio. They hold for small
//! numbers and at 0 and 1, where the usual ones do not.

/// The 97.5 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// A share among `n` (which need not be whole: weighted customers count by their effective number).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Share {
    pub value: f64,
    pub n: f64,
}

/// Both ends of a 95 % interval.
pub(super) type Ends = (f64, f64);

impl Share {
    /// Wilson's interval.
    pub fn interval(self) -> Ends {
        let Self { value, n } = self;
        let shrunk = 1.0 + Z * Z / n;
        let centre = (value + Z * Z / (2.0 * n)) / shrunk;
        let half = Z * (value * (1.0 - value) / n + Z * Z / (4.0 * n * n)).sqrt() / shrunk;
        ((centre - half).max(0.0), (centre + half).min(1.0))
    }

    /// The interval of `self` - `other`.
    pub fn difference(self, other: Self) -> Ends {
        let (own, others) = (self.interval(), other.interval());
        let difference = self.value - other.value;
        let below = (self.value - own.0).hypot(others.1 - other.value);
        let above = (own.1 - self.value).hypot(other.value - others.0);
        (difference - below, difference + above)
    }

    /// The interval of `self` / `other`; none where the other share is 0.
    pub fn ratio(self, other: Self) -> Option<Ends> {
        if other.value <= 0.0 {
            return None;
        }
        let (own, others) = (self.interval(), other.interval());
        // l (2 p - l), in the paper's letters, of an end of an interval.
        let around = |share: Self, end: f64| end * (2.0 * share.value - end);
        let product = self.value * other.value;
        let root = |own_end: f64, other_end: f64| {
            (product * product - around(self, own_end) * around(other, other_end)).max(0.0).sqrt()
        };
        // The paper's lower end, expanded so that it holds where its denominator is 0.
        let denominator = product + root(own.0, others.1);
        let low = if denominator > 0.0 { around(self, own.0) / denominator } else { 0.0 };
        let high = (product + root(own.1, others.0)) / around(other, others.0);
        Some((low, high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(part: u32, of: u32) -> Share {
        Share { value: f64::from(part) / f64::from(of), n: f64::from(of) }
    }

    fn assert_close(found: Ends, expected: Ends) {
        let close = |a: f64, b: f64| (a - b).abs() < 5e-5;
        assert!(close(found.0, expected.0) && close(found.1, expected.1), "{found:?}, not {expected:?}");
    }

    #[test]
    fn the_intervals_are_the_published_ones() {
        // Newcombe (1998), Statistics in Medicine 17: table I, method 3 (Wilson), and table II, method 10.
        assert_close(share(81, 263).interval(), (0.2553, 0.3662));
        assert_close(share(15, 148).interval(), (0.0624, 0.1605));
        assert_close(share(0, 20).interval(), (0.0, 0.1611));
        assert_close(share(56, 70).difference(share(48, 80)), (0.0524, 0.3339));
        assert_close(share(9, 10).difference(share(3, 10)), (0.1705, 0.8090));
        assert_close(share(10, 10).difference(share(0, 20)), (0.6791, 1.0));
    }

    #[test]
    fn the_ratio_agrees_with_the_formula_written_a_second_time() {
        // In Python, from the paper's formula (10).
        assert_close(share(56, 70).ratio(share(48, 80)).unwrap(), (1.0783, 1.6629));
        assert_close(share(0, 10).ratio(share(5, 10)).unwrap(), (0.0, 0.6530));
        assert_eq!(share(5, 10).ratio(share(0, 10)), None);
        let (low, high) = share(50, 100).ratio(share(50, 100)).unwrap();
        assert!(low < 1.0 && 1.0 < high && (low * high - 1.0).abs() < 1e-9, "{low} {high}");
    }
}
