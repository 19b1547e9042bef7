//! What stands beside the sums of a customer and month: how many readings they are of, and on which days.

/// Counters of one customer and month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub readings: u32,
    pub null_elec: u32,
    pub null_gas: u32,
    pub negative_elec: u32,
    pub negative_gas: u32,
    /// Electricity readings of exactly 0. (Gas is 0 in most hours.)
    pub zero_elec: u32,
    /// A bit for every day of the month that has a reading, the first day in the lowest.
    pub days: u32,
    /// A bit for every quarter of an hour in which readings begin: one of an hourly file, four of a quarter-hourly one.
    pub quarters: u32,
    /// How many readings an hour has where many stand together, in a file or a stretch of it; 0 where none are so many.
    /// Two hourly files, one with other minutes, have the quarters of a half-hourly one, and not its pace.
    pub pace: u32,
}

/// So many readings of a customer and month that stand together tell how many an hour has.
const A_STRETCH: u32 = 8;

impl Counts {
    /// Adds the counters of further readings; those of files are not believed to fit, and stop at the largest number.
    pub fn add(&mut self, more: &Self) {
        self.readings = self.readings.saturating_add(more.readings);
        self.null_elec = self.null_elec.saturating_add(more.null_elec);
        self.null_gas = self.null_gas.saturating_add(more.null_gas);
        self.negative_elec = self.negative_elec.saturating_add(more.negative_elec);
        self.negative_gas = self.negative_gas.saturating_add(more.negative_gas);
        self.zero_elec = self.zero_elec.saturating_add(more.zero_elec);
        self.days |= more.days;
        self.quarters |= more.quarters;
        self.pace = self.pace.max(more.pace);
    }

    /// The same counters of readings that stand together, with the pace that they show.
    pub fn of_stretch(self) -> Self {
        let is_told = self.pace > 0 || self.readings < A_STRETCH;
        if is_told { self } else { Self { pace: self.as_labelled(), ..self } }
    }

    /// How many readings an hour has: 1, 2 or 4; one that is a third of an hour off counts as quarters.
    pub fn per_hour(&self) -> u32 {
        if self.pace > 0 { self.pace } else { self.as_labelled() }
    }

    /// Whether the readings are of several sources whose labels differ by minutes.
    pub fn has_other_minutes(&self) -> bool {
        self.as_labelled() > self.per_hour()
    }

    fn as_labelled(&self) -> u32 {
        match self.quarters.count_ones() {
            0 | 1 => 1,
            2 => 2,
            _ => 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_add_up_and_days_are_counted_once() {
        let one = Counts { readings: 24, null_elec: 1, zero_elec: 3, days: 0b11, quarters: 1, ..Counts::default() };
        let mut sum = Counts { readings: u32::MAX - 1, days: 0b110, ..one };
        sum.add(&one);
        assert_eq!((sum.readings, sum.null_elec, sum.zero_elec, sum.days), (u32::MAX, 2, 6, 0b111));
    }

    #[test]
    fn an_hour_has_as_many_readings_as_quarters_begin_one() {
        let per_hour = |quarters| Counts { quarters, ..Counts::default() }.per_hour();
        assert_eq!([0b0001, 0b0100, 0b0101, 0b1111].map(per_hour), [1, 1, 2, 4]);
    }

    #[test]
    fn two_hourly_sources_with_other_minutes_are_not_half_hourly() {
        let stretch = |quarters| Counts { readings: 744, quarters, ..Counts::default() }.of_stretch();
        let mut both = stretch(0b0001);
        both.add(&stretch(0b0100));
        assert_eq!((both.per_hour(), both.has_other_minutes()), (1, true));
        assert_eq!((stretch(0b0101).per_hour(), stretch(0b0101).has_other_minutes()), (2, false));
        // A file for every half-hour: no stretch of them is long enough.
        let mut apart = Counts { readings: 1, quarters: 0b0001, ..Counts::default() }.of_stretch();
        apart.add(&Counts { readings: 1, quarters: 0b0100, ..Counts::default() }.of_stretch());
        assert_eq!((apart.per_hour(), apart.has_other_minutes()), (2, false));
    }
}
