//! A value of a table as it stands in a file.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use polars::prelude::{AnyValue, TimeUnit};

/// What a cell holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Nothing.
    Unknown,
    /// A word that no spreadsheet misreads: `true`, a date.
    Plain(Cow<'a, str>),
    /// A number, with a point.
    Number(String),
    /// What somebody may have written.
    Text(Cow<'a, str>),
}

/// The cell of a value. Numbers are the shortest that come back as the same bits; not a number is unknown.
pub fn cell<'a>(value: &'a AnyValue<'_>) -> Cell<'a> {
    match value {
        AnyValue::Null => Cell::Unknown,
        AnyValue::Boolean(value) => Cell::Plain(Cow::Borrowed(if *value { "true" } else { "false" })),
        AnyValue::String(text) => Cell::Text(Cow::Borrowed(text)),
        AnyValue::StringOwned(text) => Cell::Text(Cow::Borrowed(text.as_str())),
        AnyValue::Float64(number) => number_of(number.is_finite(), number),
        AnyValue::Float32(number) => number_of(number.is_finite(), number),
        AnyValue::Date(days) => {
            moment(NaiveDate::from_epoch_days(*days).map(|date| date.format("%Y-%m-%d").to_string()))
        }
        AnyValue::Datetime(ticks, unit, _) | AnyValue::DatetimeOwned(ticks, unit, _) => moment(time(*ticks, *unit)),
        AnyValue::List(values) => {
            Cell::Text(Cow::Owned(values.iter().map(|value| plain(&cell(&value))).collect::<Vec<_>>().join(" | ")))
        }
        AnyValue::Int8(number) => number_of(true, number),
        AnyValue::Int16(number) => number_of(true, number),
        AnyValue::Int32(number) => number_of(true, number),
        AnyValue::Int64(number) => number_of(true, number),
        AnyValue::UInt8(number) => number_of(true, number),
        AnyValue::UInt16(number) => number_of(true, number),
        AnyValue::UInt32(number) => number_of(true, number),
        AnyValue::UInt64(number) => number_of(true, number),
        other => Cell::Text(Cow::Owned(other.to_string())),
    }
}

fn number_of(finite: bool, number: &impl ToString) -> Cell<'static> {
    if finite { Cell::Number(number.to_string()) } else { Cell::Unknown }
}

fn moment(text: Option<String>) -> Cell<'static> {
    text.map_or(Cell::Unknown, |text| Cell::Plain(Cow::Owned(text)))
}

/// In UTC: `2024-12-31T23:00:00Z`.
fn time(ticks: i64, unit: TimeUnit) -> Option<String> {
    let time: DateTime<Utc> = match unit {
        TimeUnit::Nanoseconds => DateTime::from_timestamp_nanos(ticks),
        TimeUnit::Microseconds => DateTime::from_timestamp_micros(ticks)?,
        TimeUnit::Milliseconds => DateTime::from_timestamp_millis(ticks)?,
    };
    Some(iso(time))
}

/// A moment as every file has it: ISO 8601 in UTC, with its zone.
pub fn iso(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// The same of a time that a document has as text; what is no time stays as it is.
pub fn iso_of(text: &str) -> String {
    DateTime::parse_from_rfc3339(text).map_or_else(|_| text.to_owned(), |moment| iso(moment.to_utc()))
}

fn plain(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Unknown => String::new(),
        Cell::Plain(text) | Cell::Text(text) => text.clone().into_owned(),
        Cell::Number(number) => number.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_has_one_form_whoever_wrote_it() {
        for written in ["2025-01-01T02:00:10.000Z", "2025-01-01T03:00:10+01:00", "2025-01-01T02:00:10+00:00"] {
            assert_eq!(iso_of(written), "2025-01-01T02:00:10Z");
        }
        assert_eq!(iso_of("2025-01-01T02:00:10.250Z"), "2025-01-01T02:00:10.250Z");
        assert_eq!(iso_of("some day"), "some day");
    }

    #[test]
    fn values_are_written_so_that_they_come_back() {
        let number = |text: &str| Cell::Number(text.to_owned());
        let plain = |text: &'static str| Cell::Plain(Cow::Borrowed(text));
        assert_eq!(cell(&AnyValue::Null), Cell::Unknown);
        assert_eq!(cell(&AnyValue::Float64(0.1 + 0.2)), number("0.30000000000000004"));
        assert_eq!(cell(&AnyValue::Float32(0.1)), number("0.1"));
        assert_eq!(cell(&AnyValue::Float64(f64::NAN)), Cell::Unknown);
        assert_eq!(cell(&AnyValue::Int64(-3)), number("-3"));
        assert_eq!(cell(&AnyValue::UInt32(7)), number("7"));
        assert_eq!(cell(&AnyValue::Date(20_088)), plain("2024-12-31"));
        let milliseconds = AnyValue::Datetime(1_735_686_000_000, TimeUnit::Milliseconds, None);
        assert_eq!(cell(&milliseconds), plain("2024-12-31T23:00:00Z"));
        assert_eq!(cell(&AnyValue::String("=1")), Cell::Text(Cow::Borrowed("=1")), "the dialect makes it harmless");
    }
}
