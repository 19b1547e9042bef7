//! From values to pixels, and the round numbers in between.

/// A straight scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    low: f64,
    span: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// Values `low..=high` on pixels `from..=to`. Without a span, every value lies in the middle.
    pub fn new((low, high): (f64, f64), (from, to): (f64, f64)) -> Self {
        Self { low, span: high - low, from, to }
    }

    /// The pixel of a value; what lies outside stays at the edge.
    pub fn at(self, value: f64) -> f64 {
        if self.span == 0.0 || !self.span.is_finite() {
            return f64::midpoint(self.from, self.to);
        }
        let share = ((value - self.low) / self.span).clamp(0.0, 1.0);
        self.from + share * (self.to - self.from)
    }
}

/// The smallest and the largest of the finite values; 0 to 1 where there are none.
pub(super) fn extent(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    let finite = values.into_iter().filter(|value| value.is_finite());
    let (low, high) =
        finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low > high { (0.0, 1.0) } else { (low, high) }
}

/// The extent with a margin of this share on both sides; a single value gets a margin of its own size.
pub(super) fn with_margin((low, high): (f64, f64), share: f64) -> (f64, f64) {
    let span = high - low;
    let margin = if span > 0.0 { span * share } else { (low.abs() * share).max(f64::EPSILON) };
    (low - margin, high + margin)
}

/// Round numbers within `low..=high`, about `count` of them: steps of 1, 2 or 5 times a power of ten
/// (Heckbert, Nice Numbers for Graph Labels, Graphics Gems, 1990).
pub(super) fn ticks((low, high): (f64, f64), count: usize) -> Vec<f64> {
    let span = high - low;
    if !(span > 0.0 && span.is_finite()) || count == 0 {
        return if low.is_finite() { vec![low] } else { Vec::new() };
    }
    let step = nice(span / count as f64);
    let first = (low / step - 1e-9).ceil();
    let last = (high / step + 1e-9).floor();
    (0..=(last - first) as usize).map(|place| (first + place as f64) * step).collect()
}

/// How many digits behind the point show these ticks as they are; for ticks that are not round, as many as tell
/// neighbours apart.
pub(super) fn digits(ticks: &[f64]) -> usize {
    let [first, second, ..] = ticks else { return 0 };
    let step = (second - first).abs();
    let apart = if step > 0.0 && step < 1.0 { (-step.log10() - 1e-9).ceil() as usize } else { 0 };
    let shown = |digits: &usize| {
        let power = 10f64.powi(*digits as i32);
        ticks.iter().all(|tick| (tick * power - (tick * power).round()).abs() < 1e-6)
    };
    (0..=apart + 1).find(shown).unwrap_or(apart)
}

fn nice(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    let factor = match step / power {
        share if share < 1.5 => 1.0,
        share if share < 3.5 => 2.0,
        share if share < 7.5 => 5.0,
        _ => 10.0,
    };
    factor * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_pixels_and_stay_inside() {
        let scale = Scale::new((0.0, 10.0), (100.0, 200.0));
        assert_eq!([-5.0, 0.0, 2.5, 10.0, 11.0].map(|value| scale.at(value)), [100.0, 100.0, 125.0, 200.0, 200.0]);
        let upside_down = Scale::new((0.0, 1.0), (90.0, 10.0));
        assert_eq!([0.0, 0.25, 1.0].map(|value| upside_down.at(value)), [90.0, 70.0, 10.0]);
        assert_eq!(Scale::new((3.0, 3.0), (0.0, 8.0)).at(3.0), 4.0);
    }

    #[test]
    fn ticks_are_round_and_within() {
        assert_eq!(ticks((0.0, 1.0), 5), [0.0, 0.2, 0.4, 0.600_000_000_000_000_1, 0.8, 1.0]);
        assert_eq!(ticks((0.0, 97.0), 4), [0.0, 20.0, 40.0, 60.0, 80.0]);
        assert_eq!(ticks((-3.0, 12.0), 3), [0.0, 5.0, 10.0]);
        assert_eq!(ticks((2.0, 2.0), 4), [2.0]);
        assert!(ticks((f64::NAN, 1.0), 4).is_empty());
    }

    #[test]
    fn ticks_have_as_many_digits_as_they_need() {
        assert_eq!(digits(&[0.0, 0.2]), 1);
        assert_eq!(digits(&[0.0, 0.05]), 2);
        assert_eq!(digits(&[0.0, 0.25, 0.5]), 2);
        assert_eq!(digits(&[0.0, 2.5]), 1);
        assert_eq!(digits(&[0.123_456, 0.2]), 2);
        assert_eq!(digits(&[0.0, 20.0]), 0);
        assert_eq!(digits(&[3.0]), 0);
    }

    #[test]
    fn an_extent_leaves_out_what_is_no_number() {
        assert_eq!(extent([3.0, f64::NAN, -1.0]), (-1.0, 3.0));
        assert_eq!(extent([]), (0.0, 1.0));
        assert_eq!(with_margin((0.0, 10.0), 0.1), (-1.0, 11.0));
    }
}
