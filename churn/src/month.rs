//! A calendar month: the second half of every monthly key.

use chrono::{Datelike, NaiveDate};

use crate::columns::texts;
use crate::error::{Error, Result};
use crate::snapshot_date::SnapshotDate;

/// A month of a year, ordered by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Month(i32);

impl Month {
    /// Parses `YYYY-MM`, and nothing else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if year.len() != 4 || month.len() != 2 || !digits(year) || !digits(month) {
            return None;
        }
        let month: i32 = month.parse().ok()?;
        (1..=12).contains(&month).then_some(Self(year.parse::<i32>().ok()? * 12 + month - 1))
    }

    /// The month that a date lies in.
    pub(crate) fn of(date: NaiveDate) -> Self {
        Self(date.year() * 12 + date.month0() as i32)
    }

    /// Which month of a year it is, January first: 0 to 11.
    pub(crate) fn of_year(self) -> i32 {
        self.0.rem_euclid(12)
    }

    /// The last month that ends on or before the snapshot date.
    pub(crate) fn last_complete(as_of: SnapshotDate) -> Self {
        let month = Self::of(as_of.date());
        let ends_today = as_of.date().succ_opt().is_none_or(|tomorrow| Self::of(tomorrow) != month);
        if ends_today { month } else { Self(month.0 - 1) }
    }
}

/// The column `month` of a table, parsed; `first_row` is the number of the table's first row.
pub(crate) fn months(table: &str, frame: &polars::prelude::DataFrame, first_row: usize) -> Result<Vec<Month>> {
    let parse = |(row, text): (usize, Option<&str>)| {
        text.and_then(Month::parse).ok_or_else(|| {
            Error::data(table, Some("month"), Some(format!("row {}", row + first_row)), "is not a month YYYY-MM")
        })
    };
    texts(frame, "month")?.into_iter().enumerate().map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last_complete(as_of: &str) -> Month {
        Month::last_complete(SnapshotDate::parse(as_of).unwrap())
    }

    #[test]
    fn a_month_is_complete_on_its_last_day_and_not_before() {
        assert_eq!(Some(last_complete("2024-12-31")), Month::parse("2024-12"));
        assert_eq!(Some(last_complete("2024-12-30")), Month::parse("2024-11"));
        assert_eq!(Some(last_complete("2025-01-30")), Month::parse("2024-12"));
    }

    #[test]
    fn february_ends_on_the_leap_day() {
        assert_eq!(Some(last_complete("2024-02-28")), Month::parse("2024-01"));
        assert_eq!(Some(last_complete("2024-02-29")), Month::parse("2024-02"));
        assert_eq!(Some(last_complete("2023-02-28")), Month::parse("2023-02"));
    }

    #[test]
    fn a_month_is_the_same_one_of_every_year() {
        let of_year = |text| Month::parse(text).unwrap().of_year();
        assert_eq!([of_year("2023-12"), of_year("2024-12"), of_year("2025-01")], [11, 11, 0]);
    }

    #[test]
    fn only_a_year_and_a_month_are_a_month() {
        for text in ["2024-13", "2024-00", "2024-1", "2024-01-01", "24-01", "+024-01", "2024/01", ""] {
            assert_eq!(Month::parse(text), None, "{text}");
        }
    }
}
