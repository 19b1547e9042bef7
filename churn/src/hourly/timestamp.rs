//! Reads a timestamp down to the hour: text as the real file has it, or a number of units.

use arrow_schema::TimeUnit;
use chrono::NaiveDate;

/// Parses text timestamps to hours since 1970-01-01 00:00; remembers the last date it saw,
/// because neighbouring readings share it.
pub(super) struct TextTimestamps {
    date: [u8; 10],
    first_hour: i64,
}

impl TextTimestamps {
    pub fn new() -> Self {
        Self { date: *b"1970-01-01", first_hour: 0 }
    }

    /// The hour of `YYYY-MM-DD HH:MM:SS` or `YYYY-MM-DDTHH:MM:SS`; `None` for anything else.
    #[inline]
    pub fn hour(&mut self, text: &[u8]) -> Option<i64> {
        let text: &[u8; 19] = text.try_into().ok()?;
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
        Some(self.first_hour + i64::from(hour))
    }
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

/// How many units of a timestamp column make an hour.
pub(super) fn units_per_hour(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 3_600,
        TimeUnit::Millisecond => 3_600_000,
        TimeUnit::Microsecond => 3_600_000_000,
        TimeUnit::Nanosecond => 3_600_000_000_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(text: &str) -> Option<i64> {
        TextTimestamps::new().hour(text.as_bytes())
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
            "2024-01-01 00:00:00Z",
            "2024-01-01 00:00:00.000",
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
    fn a_bad_date_does_not_spoil_the_next_timestamp() {
        let mut timestamps = TextTimestamps::new();
        assert!(timestamps.hour(b"2024-01-02 05:00:00").is_some());
        assert_eq!(timestamps.hour(b"2024-02-30 05:00:00"), None);
        assert_eq!(timestamps.hour(b"2024-02-30 05:00:00"), None);
        assert_eq!(timestamps.hour(b"2024-01-02 05:00:00"), Some(19_724 * 24 + 5));
    }
}
