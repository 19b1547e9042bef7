//! From instants to the retailer's clock: days, months and tariff tiers are those of its walls.
//!
//! Time is counted in quarters of an hour since 1970-01-01 00:00, of UTC or of the naive local clock. Offsets of a
//! zone are whole quarters everywhere in the world since 1972.

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

const SECONDS_PER_QUARTER: i64 = 900;

/// The table begins on 2015-01-01 and ends with 2035; other times are computed one by one.
const TABLE_FIRST_HOUR: i64 = 16_436 * 24;
const TABLE_HOURS: usize = 7_670 * 24;
/// An hour of the table that nobody has asked for yet; no zone is so far from UTC.
const UNKNOWN: i8 = i8::MAX;

/// Converts instants of UTC to the clock of one zone; remembers every hour it was asked for.
pub(super) struct LocalClock {
    zone: Tz,
    /// The offset of each hour in quarters, [`UNKNOWN`] until needed; empty until the first instant comes.
    offsets: Vec<i8>,
}

impl LocalClock {
    pub fn of(zone: Tz) -> Self {
        Self { zone, offsets: Vec::new() }
    }

    /// The local quarter of an instant; in the hour that autumn repeats, two instants have the same.
    #[inline]
    pub fn local_quarter(&mut self, utc_quarter: i64) -> i64 {
        let hour = utc_quarter.div_euclid(4);
        let place = usize::try_from(hour - TABLE_FIRST_HOUR).unwrap_or(usize::MAX);
        if place >= TABLE_HOURS {
            return utc_quarter + offset_quarters(self.zone, hour);
        }
        if self.offsets.is_empty() {
            self.offsets = vec![UNKNOWN; TABLE_HOURS];
        }
        if self.offsets[place] == UNKNOWN {
            self.offsets[place] = i8::try_from(offset_quarters(self.zone, hour)).unwrap_or(0);
        }
        utc_quarter + i64::from(self.offsets[place])
    }
}

/// How far the zone is ahead of UTC in an hour of UTC; 0 beyond the calendar, where no reading is believed.
fn offset_quarters(zone: Tz, utc_hour: i64) -> i64 {
    let instant = utc_hour.checked_mul(3_600).and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let Some(instant) = instant else { return 0 };
    let offset = zone.offset_from_utc_datetime(&instant.naive_utc()).fix();
    i64::from(offset.local_minus_utc()).div_euclid(SECONDS_PER_QUARTER)
}

/// How many hours the zone's clock shows in a month, an hour that spring leaves out counted all the same: readings
/// without a zone often have it. `first_day` and `next` are days since 1970-01-01: the month's first, and the next one's.
pub(super) fn hours_between(zone: Tz, first_day: i64, next: i64) -> u32 {
    let naive_hours = (next - first_day) * 24;
    // Where the clock goes back between the two, the month has an hour more.
    let gained = (offset_quarters(zone, first_day * 24) - offset_quarters(zone, next * 24)).max(0) / 4;
    u32::try_from(naive_hours + gained).unwrap_or(u32::MAX)
}

/// How many hours the zone's clock leaves out between two days: one in spring.
pub(super) fn skipped_between(zone: Tz, first_day: i64, next: i64) -> i64 {
    (offset_quarters(zone, next * 24) - offset_quarters(zone, first_day * 24)).max(0) / 4
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    const MADRID: Tz = chrono_tz::Europe::Madrid;

    fn day(year: i32, month: u32, day: u32) -> i64 {
        i64::from(NaiveDate::from_ymd_opt(year, month, day).unwrap().to_epoch_days())
    }

    fn quarter(days: i64, hour: i64) -> i64 {
        (days * 24 + hour) * 4
    }

    #[test]
    fn winter_is_one_hour_ahead_and_summer_two() {
        let mut clock = LocalClock::of(MADRID);
        for _ in 0..2 {
            assert_eq!(clock.local_quarter(quarter(day(2023, 12, 31), 23)), quarter(day(2024, 1, 1), 0));
            assert_eq!(clock.local_quarter(quarter(day(2024, 6, 30), 22)), quarter(day(2024, 7, 1), 0));
        }
        // Outside of the table too.
        assert_eq!(clock.local_quarter(quarter(day(2014, 12, 31), 23)), quarter(day(2015, 1, 1), 0));
        assert_eq!(clock.local_quarter(quarter(day(2050, 1, 1), 11)), quarter(day(2050, 1, 1), 12));
    }

    #[test]
    fn spring_leaves_an_hour_out_and_autumn_has_one_twice() {
        let mut clock = LocalClock::of(MADRID);
        let local = |clock: &mut LocalClock, date, hour| clock.local_quarter(quarter(date, hour)) - quarter(date, 0);
        assert_eq!([0, 1].map(|hour| local(&mut clock, day(2024, 3, 31), hour) / 4), [1, 3]);
        assert_eq!([0, 1].map(|hour| local(&mut clock, day(2024, 10, 27), hour) / 4), [2, 2]);
    }

    #[test]
    fn a_month_has_an_hour_more_where_the_clock_goes_back_and_none_less() {
        let hours = |month: u32| hours_between(MADRID, day(2024, month, 1), day(2024, month + 1, 1));
        assert_eq!([2, 3, 10].map(hours), [29 * 24, 31 * 24, 31 * 24 + 1]);
        let skipped = |month: u32| skipped_between(MADRID, day(2024, month, 1), day(2024, month + 1, 1));
        assert_eq!([2, 3, 10].map(skipped), [0, 1, 0]);
    }

    #[test]
    fn the_table_begins_where_it_says() {
        assert_eq!(TABLE_FIRST_HOUR, day(2015, 1, 1) * 24);
        assert_eq!(TABLE_HOURS as i64, (day(2036, 1, 1) - day(2015, 1, 1)) * 24);
    }

    #[test]
    fn a_zone_with_a_half_hour_keeps_its_quarters() {
        let mut clock = LocalClock::of(chrono_tz::Asia::Kolkata);
        assert_eq!(clock.local_quarter(quarter(day(2024, 1, 1), 0)), quarter(day(2024, 1, 1), 0) + 22);
    }
}
