//! Readings that are not on the full hour, beside those before and behind them: half-hours differ, and those of a copy that
//! stands between the rows of its original do not.

use super::counts::Counts;

/// So many readings tell whether they repeat: the half-hours of a day.
const A_DAY: u32 = 24;
/// Readings of a customer and month repeat when this share of them is equal to the one before.
const NEARLY_ALL: f64 = 0.95;
/// Sums of the same readings in another order differ by less than this share.
const ROUNDING: f64 = 1e-9;
/// The decimals that readings are rounded to, as steps in a unit.
const STEPS: [f64; 6] = [1e1, 1e2, 1e3, 1e4, 1e5, 1e6];
/// A reading of 32 bits is off by less than this share of it.
const OF_32_BITS: f64 = 1e-7;

/// What the readings of a customer and month that are not on the full hour have to do with the others.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct WithinHour {
    /// They added up, both fuels alike: a figure to compare with, and no energy.
    pub sum: f64,
    /// They may be copies of the ones before them in their hour.
    pub copies: Pairs,
    /// They may have been filled from the ones behind them.
    pub filled: Pairs,
}

/// Readings above 0 beside the ones that they come behind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Pairs {
    pub all: u32,
    /// Those that are equal to the one before, or rounded from it, or the other way round.
    pub equal: u32,
}

impl Pairs {
    /// Adds a reading of electricity and gas, and the one that it comes behind.
    pub fn add(&mut self, [elec, gas]: [f64; 2], [elec_before, gas_before]: [f64; 2]) {
        // Nothing after nothing is no repeat.
        if elec > 0.0 || gas > 0.0 {
            self.all += 1;
            self.equal += u32::from(is_same(elec, elec_before) && is_same(gas, gas_before));
        }
    }

    fn merge(&mut self, more: Self) {
        self.all = self.all.saturating_add(more.all);
        self.equal = self.equal.saturating_add(more.equal);
    }

    fn repeat(self) -> bool {
        self.all >= A_DAY && f64::from(self.equal) >= NEARLY_ALL * f64::from(self.all)
    }
}

impl WithinHour {
    /// Adds a reading of electricity and gas to the sum.
    pub fn add(&mut self, [elec, gas]: [f64; 2]) {
        self.sum += elec.max(0.0) + gas.max(0.0);
    }

    /// Adds those of further readings; counts of files are not believed to fit, and stop at the largest number.
    pub fn merge(&mut self, more: &Self) {
        self.sum += more.sum;
        self.copies.merge(more.copies);
        self.filled.merge(more.filled);
    }

    /// Whether nearly all of them repeat what their hour had already, or what the next one begins with; `counts` are of all
    /// readings of the month, and `sum` is what these add up to.
    ///
    /// Rows in the order of time tell by themselves, also where some are lost. Else the quarters tell that add up to the
    /// same: those of other readings do so by a rare chance.
    pub fn repeats(&self, counts: &Counts, sum: f64) -> bool {
        self.copies.repeat() || self.filled.repeat() || self.adds_up_to_the_same(counts, sum)
    }

    fn adds_up_to_the_same(&self, counts: &Counts, sum: f64) -> bool {
        let per_hour = counts.per_hour();
        let begins_on_the_hour = counts.quarters & 1 == 1 && counts.quarters.count_ones() == per_hour;
        let is_enough = per_hour > 1 && counts.readings >= A_DAY * per_hour && sum > 0.0;
        let expected = sum * f64::from(per_hour - 1) / f64::from(per_hour);
        begins_on_the_hour && is_enough && (self.sum - expected).abs() <= ROUNDING * sum
    }
}

/// Whether two readings are the same, also where one is rounded to fewer decimals; one without a value is the same as another
/// one without. Readings of two or three decimals are so by chance, those of nearly a whole month hardly.
fn is_same(one: f64, other: f64) -> bool {
    if one == other || (one.is_nan() && other.is_nan()) {
        return true;
    }
    // Nothing below holds beside a reading without a value.
    let (apart, off) = ((one - other).abs(), OF_32_BITS * one.abs().max(other.abs()));
    let is_of_step = |reading: f64, steps: f64| {
        let number = reading * steps;
        (number - number.round()).abs() <= off * steps
    };
    // What is not within half a step is not within half of a smaller one.
    let mut near = STEPS.into_iter().take_while(|steps| apart <= 0.5 / steps + off);
    apart <= off || near.any(|steps| is_of_step(one, steps) || is_of_step(other, steps))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A month of half-hours, the latter of each hour `times` the former.
    fn halves(times: f64) -> (WithinHour, Counts, f64) {
        let mut within = WithinHour::default();
        let mut sum = 0.0;
        for hour in 0..744 {
            let former = [reading_of(hour), f64::NAN];
            let latter = former.map(|reading| reading * times);
            within.add(latter);
            within.copies.add(latter, former);
            sum += former[0] + latter[0];
        }
        (within, Counts { readings: 2 * 744, quarters: 0b0101, ..Counts::default() }, sum)
    }

    fn reading_of(hour: u32) -> f64 {
        0.123_456_7 + f64::from(hour % 13) / 7.0
    }

    /// How many of a month's half-hours are the same as the one before, made of it.
    fn equal_when(latter: impl Fn(f64) -> f64) -> u32 {
        let mut pairs = Pairs::default();
        for hour in 0..744 {
            pairs.add([latter(reading_of(hour)), 0.0], [reading_of(hour), 0.0]);
        }
        pairs.equal
    }

    #[test]
    fn halves_that_equal_the_one_before_repeat_and_others_do_not() {
        let (within, counts, sum) = halves(1.0);
        assert_eq!(within.copies, Pairs { all: 744, equal: 744 });
        assert!(within.repeats(&counts, sum));
        let (within, counts, sum) = halves(1.01);
        assert!(within.copies.equal == 0 && !within.repeats(&counts, sum));
    }

    #[test]
    fn a_copy_that_is_rounded_or_of_32_bits_is_the_same_and_other_readings_are_not() {
        for steps in STEPS {
            assert_eq!(equal_when(|kwh| (kwh * steps).round() / steps), 744, "{steps}");
        }
        assert_eq!(equal_when(|kwh| f64::from(kwh as f32)), 744);
        assert_eq!(equal_when(|kwh| f64::from(((kwh * 100.0).round() / 100.0) as f32)), 744);
        assert!(is_same(0.35, 0.351_7) && is_same(0.125, 0.12) && is_same(0.125, 0.13), "either rounding of a half");
        assert!(
            !is_same(0.35, 0.36) && !is_same(0.351_7, 0.351_2) && !is_same(0.3, f64::NAN) && !is_same(f64::NAN, 0.3)
        );
        assert!(equal_when(|kwh| (kwh * 113.0).round() / 100.0) < 100, "other half-hours of two decimals");
    }

    #[test]
    fn rows_in_any_order_repeat_when_their_quarters_add_up_to_the_same() {
        let repeats = |quarters, readings, sum_of_others: f64| {
            let within = WithinHour { sum: sum_of_others, ..WithinHour::default() };
            within.repeats(&Counts { readings, quarters, ..Counts::default() }, 100.0)
        };
        assert!(repeats(0b0101, 1_488, 50.0 + 1e-9) && repeats(0b1111, 2_976, 75.0));
        assert!(!repeats(0b0101, 1_488, 50.1) && !repeats(0b1111, 2_976, 50.0), "other readings");
        assert!(!repeats(0b0101, 40, 50.0), "too few to tell");
        assert!(!repeats(0b0001, 744, 0.0) && !repeats(0b0111, 2_232, 75.0), "not of two or four an hour");
        let none = Counts { readings: 1_488, quarters: 0b0101, ..Counts::default() };
        assert!(!WithinHour::default().repeats(&none, 0.0), "who consumes nothing repeats nothing");
    }

    #[test]
    fn a_few_lost_rows_hide_no_copy_and_nothing_after_nothing_is_no_pair() {
        let (mut within, mut counts, sum) = halves(1.0);
        within.add([10.0, 0.0]);
        within.copies.add([0.0, 0.0], [0.0, 0.0]);
        within.copies.add([5.0, 0.0], [4.0, 0.0]);
        counts.readings += 3;
        assert_eq!(within.copies, Pairs { all: 745, equal: 744 });
        assert!(within.repeats(&counts, sum + 10.0));
        let (mut twice, full) = (within, Pairs { all: u32::MAX, equal: 744 });
        twice.merge(&WithinHour { copies: full, filled: full, ..within });
        assert_eq!((twice.sum, twice.copies, twice.filled), (2.0 * within.sum, Pairs { equal: 2 * 744, ..full }, full));
    }
}
