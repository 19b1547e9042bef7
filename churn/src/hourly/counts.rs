//! What stands beside the sums of a customer and month: how many readings they are of, and on which days.

/// Counters of one customer and month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub readings: u32,
    pub null_elec: u32,
    pub null_gas: u32,
    pub negative_elec: u32,
    pub negative_gas: u32,
    /// A bit for every day of the month that has a reading, the first day in the lowest.
    pub days: u32,
    /// A bit for every quarter of an hour in which readings begin: one of an hourly file, four of a quarter-hourly one.
    pub quarters: u32,
}

impl Counts {
    /// Adds the counters of further readings; those of files are not believed to fit, and stop at the largest number.
    pub fn add(&mut self, more: &Self) {
        self.readings = self.readings.saturating_add(more.readings);
        self.null_elec = self.null_elec.saturating_add(more.null_elec);
        self.null_gas = self.null_gas.saturating_add(more.null_gas);
        self.negative_elec = self.negative_elec.saturating_add(more.negative_elec);
        self.negative_gas = self.negative_gas.saturating_add(more.negative_gas);
        self.days |= more.days;
        self.quarters |= more.quarters;
    }

    /// How many readings an hour has: 1, 2 or 4; one that is a third of an hour off counts as quarters.
    pub fn per_hour(&self) -> u32 {
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
        let one = Counts { readings: 24, null_elec: 1, days: 0b11, quarters: 1, ..Counts::default() };
        let mut sum = Counts { readings: u32::MAX - 1, days: 0b110, ..one };
        sum.add(&one);
        assert_eq!((sum.readings, sum.null_elec, sum.days), (u32::MAX, 2, 0b111));
    }

    #[test]
    fn an_hour_has_as_many_readings_as_quarters_begin_one() {
        let per_hour = |quarters| Counts { quarters, ..Counts::default() }.per_hour();
        assert_eq!([0b0001, 0b0100, 0b0101, 0b1111].map(per_hour), [1, 1, 2, 4]);
    }
}
