//! Which hours of a month have a reading: what is lost and what is repeated shows only together with them.

/// For every day of a month a bit an hour, midnight's the lowest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Hours([u32; DAYS]);

/// A day more than a month can have: a place that a compiler knows to be in bounds.
const DAYS: usize = 32;
const HOURS_OF_DAY: u32 = 24;
const WHOLE_DAY: u32 = (1 << HOURS_OF_DAY) - 1;

impl Hours {
    /// Adds an hour of a day, both counted from 0.
    #[inline]
    pub fn add(&mut self, day: u32, hour: u32) {
        self.0[(day & 31) as usize] |= 1 << (hour & 31);
    }

    /// Adds the hours of further readings.
    pub fn merge(&mut self, more: &Self) {
        for (hours, more) in self.0.iter_mut().zip(&more.0) {
            *hours |= more;
        }
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        self.0.iter().map(|hours| hours.count_ones()).sum()
    }

    /// The hours of a day.
    pub fn of_day(&self, day: u32) -> u32 {
        self.0.get(day as usize).copied().unwrap_or_default()
    }

    /// The first hour, counted from the begin of the month.
    pub fn first(&self) -> Option<i64> {
        let (day, hours) = (0_i64..).zip(&self.0).find(|(_, hours)| **hours != 0)?;
        Some(day * i64::from(HOURS_OF_DAY) + i64::from(hours.trailing_zeros()))
    }

    /// The last hour, counted likewise.
    pub fn last(&self) -> Option<i64> {
        let (day, hours) = (0_i64..).zip(&self.0).filter(|(_, hours)| **hours != 0).last()?;
        Some(day * i64::from(HOURS_OF_DAY) + i64::from(hours.ilog2()))
    }

    /// How many there are of whole days, `from` the first to `to` the last, both counted from 0.
    pub fn of_days(&self, from: i64, to: i64) -> u32 {
        let days = (0_i64..).zip(&self.0).filter(|(day, _)| (from..=to).contains(day));
        days.map(|(_, hours)| hours.count_ones()).sum()
    }

    /// As they are stored.
    pub fn to_bytes(self) -> Vec<u8> {
        self.0.into_iter().flat_map(u32::to_le_bytes).collect()
    }

    /// Stored hours; none where they are of no month.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (of_days, []) = bytes.as_chunks::<4>() else { return None };
        let all: [u32; DAYS] =
            of_days.iter().map(|day| u32::from_le_bytes(*day)).collect::<Vec<_>>().try_into().ok()?;
        let fits = all.iter().all(|hours| hours & !WHOLE_DAY == 0) && all[DAYS - 1] == 0;
        fits.then_some(Self(all))
    }
}

/// Whether a day lacks its first hour alone: what labels of an hour's end leave of the first day.
pub(super) fn lacks_midnight_alone(hours: u32) -> bool {
    hours == WHOLE_DAY & !1
}

#[cfg(test)]
impl Hours {
    /// All hours of the days whose bits are set.
    pub fn of_whole_days(days: u32) -> Self {
        let mut hours = Self::default();
        for day in (0_u32..31).filter(|day| days >> day & 1 == 1) {
            hours.0[day as usize] = WHOLE_DAY;
        }
        hours
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_counts_once_and_the_first_and_the_last_are_known() {
        let mut hours = Hours::default();
        assert_eq!((hours.first(), hours.last(), hours.count()), (None, None, 0));
        for (day, hour) in [(2, 5), (2, 5), (30, 23), (1, 0)] {
            hours.add(day, hour);
        }
        assert_eq!((hours.first(), hours.last(), hours.count()), (Some(24), Some(30 * 24 + 23), 3));
        assert_eq!((hours.of_days(1, 2), hours.of_days(2, 40), hours.of_day(2)), (2, 2, 1 << 5));
        hours.merge(&Hours::of_whole_days(0b10));
        assert_eq!(hours.count(), 26);
    }

    #[test]
    fn hours_survive_being_stored_and_those_of_no_month_are_refused() {
        let hours = Hours::of_whole_days(u32::MAX >> 1);
        assert_eq!(hours.count(), 744);
        assert_eq!(Hours::from_bytes(&hours.to_bytes()), Some(hours));
        assert_eq!(Hours::from_bytes(&[0; 7]), None);
        assert_eq!(Hours::from_bytes(&[0xff; 128]), None);
    }

    #[test]
    fn a_day_that_lacks_midnight_alone_is_known() {
        let day = WHOLE_DAY;
        assert_eq!([day, day & !1, day & !2, 0].map(lacks_midnight_alone), [false, true, false, false]);
    }
}
