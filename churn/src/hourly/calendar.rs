//! Which month and tariff tier an hour belongs to.
//!
//! On working days 10 to 14 and 18 to 22 o'clock are peak, 8 to 10, 14 to 18 and 22 to 24 standard, the
//! night is off-peak; so are Saturdays, Sundays and national holidays, all day.
//!
//! Hours are counted from 1970-01-01 00:00 of the retailer's clock; nothing here knows a time zone.

use chrono::{Datelike, NaiveDate, Weekday};

use crate::month::Month;

/// The month of a reading as a number that sorts like the calendar: twelve times the year plus the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ReadingMonth(u32);

impl ReadingMonth {
    fn of(date: NaiveDate) -> Option<Self> {
        let year = u32::try_from(date.year()).ok().filter(|year| (1..=9999).contains(year))?;
        Some(Self(year * 12 + date.month0()))
    }

    /// Reads `YYYY-MM`; there is no year 0.
    pub fn parse(text: &str) -> Option<Self> {
        let month = u32::try_from(Month::parse(text)?.number()).ok()?;
        (12..).contains(&month).then_some(Self(month))
    }
}

impl ReadingMonth {
    /// Days since 1970-01-01 of its first day.
    pub fn first_day(self) -> Option<i64> {
        let first = NaiveDate::from_ymd_opt(i32::try_from(self.0 / 12).ok()?, self.0 % 12 + 1, 1)?;
        Some(i64::from(first.to_epoch_days()))
    }

    /// The month after it.
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Where an hour belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub month: ReadingMonth,
    /// The day of the month, counted from 0.
    pub day: u32,
    /// The hour of the day.
    pub hour: u32,
    pub tier: Tier,
}

impl std::fmt::Display for ReadingMonth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.0 / 12, self.0 % 12 + 1)
    }
}

/// The tariff tier of an hour; the number is its place in the sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tier {
    Peak = 0,
    Standard = 1,
    OffPeak = 2,
}

/// National holidays with the off-peak tariff all day: (month, day).
const HOLIDAYS: [(u32, u32); 9] = [(1, 1), (1, 6), (5, 1), (8, 15), (10, 12), (11, 1), (12, 6), (12, 8), (12, 25)];

const TABLE_FIRST_YEAR: i32 = 2015;
const TABLE_LAST_YEAR: i32 = 2035;

/// Month, day and tier of every hour of 2015 to 2035 in a table; other years are computed.
pub(super) struct Calendar {
    first_hour: i64,
    /// From the lowest bit: two of the tier, five of the day, eight of the months since the first one of the table.
    hours: Vec<u16>,
}

impl Calendar {
    pub fn new() -> Self {
        let first_day = NaiveDate::from_ymd_opt(TABLE_FIRST_YEAR, 1, 1).expect("1 January exists");
        let days = first_day.iter_days().take_while(|day| day.year() <= TABLE_LAST_YEAR);
        let hours = days.flat_map(|day| {
            let month = (day.year() - TABLE_FIRST_YEAR) as u16 * 12 + day.month0() as u16;
            let of_day = month << 7 | (day.day0() as u16) << 2;
            (0..24).map(move |hour| of_day | tier(day, hour) as u16)
        });
        Self { first_hour: i64::from(first_day.to_epoch_days()) * 24, hours: hours.collect() }
    }

    /// The month, day and tier of an hour; `None` outside of the years 1 to 9999.
    #[inline]
    pub fn look_up(&self, hour: i64) -> Option<Place> {
        let place = usize::try_from(hour.wrapping_sub(self.first_hour)).ok();
        let Some(&packed) = place.and_then(|place| self.hours.get(place)) else {
            return compute(hour);
        };
        let tier = match packed & 3 {
            0 => Tier::Peak,
            1 => Tier::Standard,
            _ => Tier::OffPeak,
        };
        let month = ReadingMonth(TABLE_FIRST_YEAR as u32 * 12 + u32::from(packed >> 7));
        Some(Place { month, day: u32::from(packed >> 2 & 31), hour: hour.rem_euclid(24) as u32, tier })
    }
}

#[cold]
fn compute(hour: i64) -> Option<Place> {
    let date = date_of(hour)?;
    let of_day = hour.rem_euclid(24) as u32;
    Some(Place { month: ReadingMonth::of(date)?, day: date.day0(), hour: of_day, tier: tier(date, of_day) })
}

/// The calendar date of an hour.
pub(super) fn date_of(hour: i64) -> Option<NaiveDate> {
    i32::try_from(hour.div_euclid(24)).ok().and_then(NaiveDate::from_epoch_days)
}

fn tier(date: NaiveDate, hour: u32) -> Tier {
    let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
    if weekend || HOLIDAYS.contains(&(date.month(), date.day())) {
        return Tier::OffPeak;
    }
    match hour {
        10..=13 | 18..=21 => Tier::Peak,
        8..=9 | 14..=17 | 22..=23 => Tier::Standard,
        _ => Tier::OffPeak,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(year: i32, month: u32, day: u32, hour: u32) -> i64 {
        i64::from(NaiveDate::from_ymd_opt(year, month, day).unwrap().to_epoch_days()) * 24 + i64::from(hour)
    }

    fn at(year: i32, month: u32, day: u32, of_day: u32) -> (String, Tier) {
        let place = Calendar::new().look_up(hour(year, month, day, of_day)).unwrap();
        assert_eq!((place.day, place.hour), (day - 1, of_day));
        (place.month.to_string(), place.tier)
    }

    #[test]
    fn a_working_day_has_the_tiers_of_the_tariff_hour_by_hour() {
        use Tier::{OffPeak as O, Peak as P, Standard as S};
        let expected = [O, O, O, O, O, O, O, O, S, S, P, P, P, P, S, S, S, S, P, P, P, P, S, S];
        // 2024-01-10 was a Wednesday, 2024-02-29 a Thursday, 2024-12-31 a Tuesday.
        for (month, day) in [(1, 10), (2, 29), (12, 31)] {
            let tiers: Vec<Tier> = (0..24).map(|hour| at(2024, month, day, hour).1).collect();
            assert_eq!(tiers, expected);
        }
    }

    #[test]
    fn weekends_are_off_peak_all_day() {
        // 2024-01-13 was a Saturday, 2024-06-16 a Sunday; the Friday and Monday around are not.
        for (month, day) in [(1, 13), (1, 14), (6, 15), (6, 16)] {
            assert!((0..24).all(|hour| at(2024, month, day, hour).1 == Tier::OffPeak));
        }
        assert_eq!(at(2024, 1, 12, 10).1, Tier::Peak);
        assert_eq!(at(2024, 1, 15, 10).1, Tier::Peak);
    }

    #[test]
    fn every_holiday_is_off_peak_all_day_in_every_year() {
        for (month, day) in [(1, 1), (1, 6), (5, 1), (8, 15), (10, 12), (11, 1), (12, 6), (12, 8), (12, 25)] {
            for year in 2015..=2035 {
                assert!((0..24).all(|hour| at(year, month, day, hour).1 == Tier::OffPeak));
            }
        }
        // The Friday before the Saturday holiday of 2024-10-12, and the Thursday after Christmas.
        assert_eq!(at(2024, 10, 11, 18).1, Tier::Peak);
        assert_eq!(at(2024, 12, 26, 18).1, Tier::Peak);
    }

    #[test]
    fn a_month_ends_with_its_last_hour() {
        assert_eq!(at(2024, 2, 29, 23).0, "2024-02");
        assert_eq!(at(2024, 3, 1, 0).0, "2024-03");
        assert_eq!(at(2024, 12, 31, 23).0, "2024-12");
        assert_eq!(at(2025, 1, 1, 0).0, "2025-01");
    }

    #[test]
    fn years_outside_of_the_table_are_computed() {
        // 1969-12-31 was a Wednesday, 2014-12-31 a Wednesday, 2036-01-02 a Wednesday.
        assert_eq!(at(1969, 12, 31, 10), ("1969-12".to_owned(), Tier::Peak));
        assert_eq!(at(2014, 12, 31, 9), ("2014-12".to_owned(), Tier::Standard));
        assert_eq!(at(2036, 1, 2, 21), ("2036-01".to_owned(), Tier::Peak));
        assert_eq!(at(2036, 1, 5, 21), ("2036-01".to_owned(), Tier::OffPeak));
        assert!(Calendar::new().look_up(i64::MAX).is_none());
        assert!(Calendar::new().look_up(i64::MIN / 2).is_none());
    }

    #[test]
    fn the_table_agrees_with_the_computation_at_every_hour() {
        let calendar = Calendar::new();
        for hour in hour(2014, 12, 1, 0)..hour(2036, 2, 1, 0) {
            assert_eq!(calendar.look_up(hour), compute(hour));
        }
    }

    #[test]
    fn a_month_survives_its_text_form() {
        for text in ["0001-01", "2024-02", "2024-12", "9999-12"] {
            assert_eq!(ReadingMonth::parse(text).unwrap().to_string(), text);
        }
        assert!(ReadingMonth::parse("2024-13").is_none());
        assert!(ReadingMonth::parse("2024").is_none());
    }

    #[test]
    fn months_are_counted_like_the_calendar() {
        let [december, january] = ["2023-12", "2024-01"].map(|text| ReadingMonth::parse(text).unwrap());
        assert_eq!(december.next(), january);
        assert_eq!(january.first_day(), Some(19_723));
    }
}
