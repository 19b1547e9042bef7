//! A calendar month: the second half of every monthly key.

use chrono::{Datelike, NaiveDate};

use crate::columns::texts;
use crate::error::{Error, Result};
use crate::snapshot_date::SnapshotDate;

/// What is called yearly, 12m or 2024 covers so many months.
const MONTHS_IN_WINDOW: i32 = 12;

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

    /// Twelve times its year plus its month, January as 0.
    pub(crate) fn number(self) -> i32 {
        self.0
    }

    /// How many months `later` lies after it; negative before it.
    pub(crate) fn months_to(self, later: Self) -> i32 {
        later.0 - self.0
    }

    /// The month so many months later.
    pub(crate) fn plus(self, months: i32) -> Self {
        Self(self.0 + months)
    }

    /// Its hours, 24 a day.
    pub(crate) fn hours(self) -> f64 {
        let first = |month: Self| NaiveDate::from_ymd_opt(month.0.div_euclid(12), month.0.rem_euclid(12) as u32 + 1, 1);
        let days = first(self).zip(first(self.plus(1))).map_or(31, |(first, next)| (next - first).num_days());
        days as f64 * 24.0
    }

    /// The first of the twelve months that end with the last complete one: as many on every day of a month.
    pub(crate) fn first_in_window(as_of: SnapshotDate) -> Self {
        Self::last_complete(as_of).plus(1 - MONTHS_IN_WINDOW)
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

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
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
    fn months_are_counted_and_have_their_hours() {
        let month = |text| Month::parse(text).unwrap();
        assert_eq!(month("2023-12").months_to(month("2024-02")), 2);
        assert_eq!(month("2024-11").plus(2).to_string(), "2025-01");
        assert_eq!(["2024-02", "2023-02", "2024-12"].map(|text| month(text).hours()), [696.0, 672.0, 744.0]);
    }

    #[test]
    fn a_window_is_of_twelve_whole_months_on_every_date() {
        let first = |as_of| Month::first_in_window(SnapshotDate::parse(as_of).unwrap());
        let dates = ["2024-12-01", "2024-12-31", "2025-01-01", "2025-01-30", "2025-01-31"];
        let firsts = ["2023-12", "2024-01", "2024-01", "2024-01", "2024-02"];
        assert_eq!(dates.map(|as_of| first(as_of).to_string()), firsts);
        assert_eq!(dates.map(|as_of| first(as_of).months_to(last_complete(as_of)) + 1), [MONTHS_IN_WINDOW; 5]);
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
