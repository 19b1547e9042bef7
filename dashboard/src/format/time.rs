//! Dates, moments and spans. Moments are shown as Madrid's clocks show them.

use chrono::{DateTime, Datelike, NaiveDate, TimeZone, Timelike, Utc};
use chrono_tz::Europe::Madrid;

use super::Format;
use crate::words::{Language, Word};

/// CLDR's abbreviated months of `en-GB`.
const MONTHS_EN: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"];
/// CLDR's abbreviated months of `es`.
const MONTHS_ES: [&str; 12] = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"];

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// No line ends inside a date.
const NO_BREAK: char = '\u{a0}';

impl Format {
    /// `31 Dec 2024`.
    pub fn date(self, date: NaiveDate) -> String {
        format!("{}{NO_BREAK}{}", self.day(date), date.year())
    }

    /// `31 Dec`, where the year is clear.
    pub fn day(self, date: NaiveDate) -> String {
        format!("{}{NO_BREAK}{}", date.day(), self.month_name(date))
    }

    /// `Dec 2024`.
    pub fn month(self, date: NaiveDate) -> String {
        format!("{}{NO_BREAK}{}", self.month_name(date), date.year())
    }

    /// `31 Dec 2024, 07:05`, as Madrid's clocks showed it.
    pub fn moment(self, moment: DateTime<Utc>) -> String {
        format!("{}, {}", self.date(Self::day_of(moment)), self.clock(moment))
    }

    /// The day of a moment on Madrid's calendar: just after midnight there, UTC still has the day before.
    pub fn day_of(moment: DateTime<Utc>) -> NaiveDate {
        Madrid.from_utc_datetime(&moment.naive_utc()).date_naive()
    }

    /// `07:05`, as Madrid's clocks showed it.
    pub fn clock(self, moment: DateTime<Utc>) -> String {
        let local = Madrid.from_utc_datetime(&moment.naive_utc());
        let (hour, minute) = (local.hour(), local.minute());
        match self.0 {
            Language::En => format!("{hour:02}:{minute:02}"),
            Language::Es => format!("{hour}:{minute:02}"),
        }
    }

    /// How long ago, in the unit that fits: `2 h ago`; what lies ahead is `in 2 h`.
    pub fn ago(self, then: DateTime<Utc>, now: DateTime<Utc>) -> String {
        let seconds = (now - then).num_seconds();
        let span = seconds.unsigned_abs();
        if span < MINUTE {
            return self.0.say(Word::FormatJustNow).to_owned();
        }
        let (number, unit) = match span {
            ..HOUR => (span / MINUTE, "min"),
            HOUR..DAY => (span / HOUR, "h"),
            _ => (span / DAY, self.days_unit(span / DAY)),
        };
        let span = format!("{}{NO_BREAK}{unit}", self.count(number));
        let word = if seconds < 0 { Word::FormatAhead } else { Word::FormatAgo };
        self.0.fill(word, &[("span", &span)])
    }

    /// How long something took: `0.4 s`, `24 s`, `3 min 20 s`, `1 h 5 min`, `2 d 3 h`.
    pub fn seconds(self, seconds: f64) -> String {
        if !seconds.is_finite() || seconds < 0.0 {
            return self.0.say(Word::FormatUnknown).to_owned();
        }
        if seconds < 9.95 {
            return format!("{}{NO_BREAK}s", self.number(seconds, 1));
        }
        let whole = seconds.round() as u64;
        match whole {
            ..MINUTE => format!("{whole}{NO_BREAK}s"),
            MINUTE..HOUR => two_units((whole / MINUTE, "min"), (whole % MINUTE, "s")),
            HOUR..DAY => two_units((whole / HOUR, "h"), (whole % HOUR / MINUTE, "min")),
            _ => two_units((whole / DAY, "d"), (whole % DAY / HOUR, "h")),
        }
    }

    fn month_name(self, date: NaiveDate) -> &'static str {
        let months = match self.0 {
            Language::En => MONTHS_EN,
            Language::Es => MONTHS_ES,
        };
        months[date.month0() as usize]
    }

    fn days_unit(self, days: u64) -> &'static str {
        self.0.say(if days == 1 { Word::FormatDay } else { Word::FormatDays })
    }
}

/// The smaller unit is left out where it is 0.
fn two_units((large, large_unit): (u64, &str), (small, small_unit): (u64, &str)) -> String {
    if small == 0 {
        return format!("{large}{NO_BREAK}{large_unit}");
    }
    format!("{large}{NO_BREAK}{large_unit}{NO_BREAK}{small}{NO_BREAK}{small_unit}")
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const EN: Format = Format(Language::En);
    const ES: Format = Format(Language::Es);

    fn plain(text: &str) -> String {
        text.replace(NO_BREAK, " ")
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn dates_have_the_forms_of_cldr() {
        let date = NaiveDate::from_ymd_opt(2024, 9, 3).unwrap();
        assert_eq!([EN.date(date), ES.date(date)].map(|text| plain(&text)), ["3 Sept 2024", "3 sept 2024"]);
        assert_eq!([EN.month(date), ES.day(date)].map(|text| plain(&text)), ["Sept 2024", "3 sept"]);
    }

    #[test]
    fn moments_are_shown_as_in_madrid() {
        let (winter, summer) = (at("2024-12-31T23:30:00Z"), at("2024-07-01T06:05:00Z"));
        assert_eq!(plain(&EN.moment(winter)), "1 Jan 2025, 00:30");
        assert_eq!(plain(&ES.moment(summer)), "1 jul 2024, 8:05");
        assert_eq!(plain(&EN.day(Format::day_of(winter))), "1 Jan", "a day is that of its moment");
    }

    #[test]
    fn an_age_is_told_in_the_unit_that_fits() {
        let now = at("2024-12-31T12:00:00Z");
        let ago = |format: Format, seconds: i64| plain(&format.ago(now - TimeDelta::seconds(seconds), now));
        let en: Vec<_> = [30, 119, 7_300, 86_400, 200_000, -7_300].map(|seconds| ago(EN, seconds)).into();
        assert_eq!(en, ["just now", "1 min ago", "2 h ago", "1 day ago", "2 days ago", "in 2 h"]);
        assert_eq!([ago(ES, 7_300), ago(ES, -200_000)], ["hace 2 h", "dentro de 2 días"]);
    }

    #[test]
    fn a_span_has_at_most_two_units() {
        let spans = [0.42, 9.97, 24.4, 59.6, 200.0, 3_600.0, 3_905.0, 97_000.0];
        let shown = spans.map(|seconds| plain(&EN.seconds(seconds)));
        assert_eq!(shown, ["0.4 s", "10 s", "24 s", "1 min", "3 min 20 s", "1 h", "1 h 5 min", "1 d 2 h"]);
        assert_eq!([plain(&ES.seconds(2.3)), EN.seconds(f64::NAN)], ["2,3 s", "n/a"]);
    }
}
