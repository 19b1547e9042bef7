//! Reads a timestamp down to the quarter of an hour: text as the real file has it, or a number of units.
//!
//! A timestamp less than a second before a quarter is of that quarter: `23:59:59.999` is midnight in floating point.
//! `23:59:59` is not; so some write the end of an hour.
//!
//! A timestamp without a zone is the retailer's own clock. One with a zone (`Z`, `+01:00`, `UTC`) is an instant, and
//! is put on that clock.

use arrow_schema::TimeUnit;
use chrono::NaiveDate;
use chrono_tz::Tz;

use super::local_clock::LocalClock;

/// Parses text timestamps to quarters of an hour since 1970-01-01 00:00 of the retailer's clock; remembers the last
/// date it saw, because neighbouring readings share it.
pub(super) struct TextTimestamps {
    date: [u8; 10],
    first_hour: i64,
    clock: LocalClock,
}

impl TextTimestamps {
    /// On the clock of this zone.
    pub fn of(zone: Tz) -> Self {
        Self { date: *b"1970-01-01", first_hour: 0, clock: LocalClock::of(zone) }
    }

    /// The hour of a timestamp, as [`Self::quarter`].
    pub fn hour(&mut self, text: &[u8]) -> Option<i64> {
        self.quarter(text).map(|quarter| quarter.div_euclid(4))
    }

    /// The quarter of `YYYY-MM-DD HH:MM:SS` or `YYYY-MM-DDTHH:MM:SS`, which a fraction of a second and a zone may
    /// follow; `None` for anything else.
    #[inline]
    pub fn quarter(&mut self, text: &[u8]) -> Option<i64> {
        let (naive, rest) = text.split_first_chunk::<19>()?;
        let mut quarter = self.naive_quarter(naive)?;
        if rest.is_empty() {
            return Some(quarter);
        }
        let (fraction, zone) = split_fraction(rest)?;
        quarter += i64::from(fraction == Fraction::Some && is_last_second(naive));
        if zone.is_empty() {
            return Some(quarter);
        }
        // A zone's offset is in quarters, and so an instant is as well.
        Some(self.clock.local_quarter(quarter - offset_quarters(zone)?))
    }

    /// The quarter on the clock of this zone of an instant of UTC.
    #[inline]
    pub fn local(&mut self, utc_quarter: i64) -> i64 {
        self.clock.local_quarter(utc_quarter)
    }

    fn naive_quarter(&mut self, text: &[u8; 19]) -> Option<i64> {
        let (date, time) = text.split_first_chunk::<10>()?;
        let [b' ' | b'T', h1, h2, b':', m1, m2, b':', s1, s2] = *time else { return None };
        let (hour, minute, second) = (number(&[h1, h2])?, number(&[m1, m2])?, number(&[s1, s2])?);
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        if *date != self.date {
            self.first_hour = first_hour_of(date)?;
            self.date = *date;
        }
        Some((self.first_hour + i64::from(hour)) * 4 + i64::from(minute / 15))
    }
}

/// Whether a timestamp lies between two seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fraction {
    None,
    Some,
}

/// Splits `.123` and the like, of one digit to nine, from the zone behind it.
fn split_fraction(rest: &[u8]) -> Option<(Fraction, &[u8])> {
    let Some(rest) = rest.strip_prefix(b".") else { return Some((Fraction::None, rest)) };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, zone) = rest.split_at_checked(digits)?;
    let fraction = if digits.iter().all(|digit| *digit == b'0') { Fraction::None } else { Fraction::Some };
    (1..=9).contains(&digits.len()).then_some((fraction, zone))
}

/// Whether a quarter of an hour begins with the next second.
fn is_last_second(text: &[u8; 19]) -> bool {
    matches!(&text[14..], b"14:59" | b"29:59" | b"44:59" | b"59:59")
}

/// The offset of `Z`, `UTC`, `+HH`, `+HHMM` or `+HH:MM` (or with a minus), a blank before it allowed, in quarters.
fn offset_quarters(zone: &[u8]) -> Option<i64> {
    let zone = zone.strip_prefix(b" ").unwrap_or(zone);
    let (sign, digits) = match zone {
        b"Z" | b"UTC" => return Some(0),
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match *digits {
        [h1, h2] => (number(&[h1, h2])?, 0),
        [h1, h2, m1, m2] | [h1, h2, b':', m1, m2] => (number(&[h1, h2])?, number(&[m1, m2])?),
        _ => return None,
    };
    let fits = hours <= 14 && minutes < 60 && minutes % 15 == 0;
    fits.then(|| sign * (i64::from(hours) * 4 + i64::from(minutes / 15)))
}

fn first_hour_of(date: &[u8; 10]) -> Option<i64> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *date else { return None };
    let year = number(&[y1, y2, y3, y4])?;
    let day = NaiveDate::from_ymd_opt(year as i32, number(&[m1, m2])?, number(&[d1, d2])?)?;
    (year > 0).then(|| i64::from(day.to_epoch_days()) * 24)
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, digit| digit.is_ascii_digit().then(|| value * 10 + u32::from(digit - b'0')))
}

/// The quarter of a number of units, of which a second has `PER_SECOND`.
#[inline]
pub(super) fn quarter_of<const PER_SECOND: i64>(number: i64) -> i64 {
    number.saturating_add(PER_SECOND - 1).div_euclid(900 * PER_SECOND)
}

/// The same, of the units of a timestamp column.
pub(super) fn quarter_in(unit: TimeUnit, number: i64) -> i64 {
    match unit {
        TimeUnit::Second => quarter_of::<1>(number),
        TimeUnit::Millisecond => quarter_of::<1_000>(number),
        TimeUnit::Microsecond => quarter_of::<1_000_000>(number),
        TimeUnit::Nanosecond => quarter_of::<1_000_000_000>(number),
    }
}

#[cfg(test)]
mod tests {
    use super::super::RETAILER_ZONE;
    use super::*;

    fn hour(text: &str) -> Option<i64> {
        TextTimestamps::of(RETAILER_ZONE).hour(text.as_bytes())
    }

    #[test]
    fn both_text_forms_are_read_to_the_hour() {
        // 2024-01-01 is day 19,723 of the Unix epoch.
        assert_eq!(hour("2024-01-01 00:00:00"), Some(19_723 * 24));
        assert_eq!(hour("2024-01-01T23:59:59"), Some(19_723 * 24 + 23));
        assert_eq!(hour("1969-12-31 23:00:00"), Some(-1));
        assert!(hour("2024-02-29 12:00:00").is_some());
    }

    #[test]
    fn anything_else_is_not_a_timestamp() {
        for text in [
            "",
            "2024-01-01",
            "2024-01-01 00:00",
            "2024-01-01 00:00:00 ",
            "2024-01-01 00:00:00CET",
            "2024-01-01 00:00:00+1",
            "2024-01-01 00:00:00+15:00",
            "2024-01-01 00:00:00+01:07",
            "2024-01-01 00:00:00.",
            "2024-01-01 00:00:00.1234567890",
            "2024-01-01 00:00:00,5",
            "2023-02-29 00:00:00",
            "2024-13-01 00:00:00",
            "2024-01-32 00:00:00",
            "2024-01-01 24:00:00",
            "2024-01-01 00:60:00",
            "2024-01-01 00:00:60",
            "0000-01-01 00:00:00",
            "2024/01/01 00:00:00",
            "2024-01-01_00:00:00",
            "+024-01-01 00:00:00",
            "2024-01-01 -1:00:00",
            "01.01.2024 00:00:00",
        ] {
            assert_eq!(hour(text), None, "{text}");
        }
    }

    #[test]
    fn a_timestamp_with_a_zone_is_put_on_the_clock_of_the_retailer() {
        let naive = hour("2024-01-01 00:00:00");
        for text in [
            "2023-12-31T23:00:00Z",
            "2023-12-31 23:00:00 UTC",
            "2024-01-01 00:00:00+01:00",
            "2024-01-01 00:00:00+01",
            "2023-12-31 18:00:00-0500",
        ] {
            assert_eq!(hour(text), naive, "{text}");
        }
        assert_eq!(hour("2024-07-01T00:00:00+02:00"), hour("2024-07-01 00:00:00"));
        let mut london = TextTimestamps::of(chrono_tz::Europe::London);
        assert_eq!(london.hour(b"2024-01-01T00:00:00Z"), naive);
    }

    #[test]
    fn quarters_are_told_apart() {
        let quarters = ["00", "14", "15", "30", "45", "59"].map(|minute| {
            TextTimestamps::of(RETAILER_ZONE).quarter(format!("2024-01-01 00:{minute}:00").as_bytes()).unwrap()
                - 19_723 * 96
        });
        assert_eq!(quarters, [0, 0, 1, 2, 3, 3]);
    }

    #[test]
    fn less_than_a_second_before_a_quarter_is_the_quarter() {
        let quarter = |text: &str| TextTimestamps::of(RETAILER_ZONE).quarter(text.as_bytes()).unwrap();
        let midnight = quarter("2024-01-02 00:00:00");
        for text in ["2024-01-01 23:59:59.999", "2024-01-02T00:00:00.000", "2024-01-01T22:59:59.5Z"] {
            assert_eq!(quarter(text), midnight, "{text}");
        }
        assert_eq!(quarter("2024-01-01 23:44:59.999999"), midnight - 1);
        for text in ["2024-01-01 23:59:59", "2024-01-01 23:59:59.000", "2024-01-01 23:59:58.999"] {
            assert_eq!(quarter(text), midnight - 1, "{text}");
        }
        let seconds = midnight * 900;
        let jittered = [
            quarter_in(TimeUnit::Millisecond, seconds * 1_000 - 1),
            quarter_in(TimeUnit::Microsecond, seconds * 1_000_000 - 999_999),
            quarter_in(TimeUnit::Nanosecond, seconds * 1_000_000_000 + 1),
        ];
        assert_eq!(jittered, [midnight; 3]);
        assert_eq!([seconds - 1, seconds].map(|second| quarter_in(TimeUnit::Second, second)), [midnight - 1, midnight]);
        assert_eq!(quarter_in(TimeUnit::Millisecond, (seconds - 1) * 1_000), midnight - 1);
    }

    #[test]
    fn a_bad_date_does_not_spoil_the_next_timestamp() {
        let mut timestamps = TextTimestamps::of(RETAILER_ZONE);
        assert!(timestamps.hour(b"2024-01-02 05:00:00").is_some());
        assert_eq!(timestamps.hour(b"2024-02-30 05:00:00"), None);
        assert_eq!(timestamps.hour(b"2024-02-30 05:00:00"), None);
        assert_eq!(timestamps.hour(b"2024-01-02 05:00:00"), Some(19_724 * 24 + 5));
    }
}
