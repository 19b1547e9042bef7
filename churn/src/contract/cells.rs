//! The cells of a column as plain values, and the rows that break a rule.

use chrono::{Datelike, NaiveDate};
use polars::prelude::{Column, DataType, Float64Chunked, Int32Chunked, StringChunked};

use super::rules::ColumnType;

/// 1970-01-01 counted from the first day of year 1.
const EPOCH_DAY: i32 = 719_163;
/// How many rows of a violation are named in the report.
const EXAMPLES: usize = 3;

/// The typed cells of a column; dates are days since 1970-01-01.
pub(super) enum Cells<'a> {
    Text(&'a StringChunked),
    Integer(&'a Int32Chunked),
    Number(&'a Float64Chunked),
    Date(&'a Int32Chunked),
}

impl<'a> Cells<'a> {
    /// The cells, when the column has one of the four Polars types that our tables are made of.
    pub(super) fn of(column: &'a Column) -> Option<Self> {
        match column.dtype() {
            DataType::String => column.str().ok().map(Self::Text),
            DataType::Int32 => column.i32().ok().map(Self::Integer),
            DataType::Float64 => column.f64().ok().map(Self::Number),
            DataType::Date => column.date().ok().map(|dates| Self::Date(dates.physical())),
            _ => None,
        }
    }

    /// The cells, when their Polars type is the one that `column_type` asks for.
    pub(super) fn typed(column: &'a Column, column_type: ColumnType) -> Option<Self> {
        use ColumnType as T;
        Self::of(column).filter(|cells| match cells {
            Self::Text(_) => matches!(column_type, T::String | T::CustomerId | T::Month),
            Self::Integer(_) => matches!(column_type, T::Integer | T::Flag),
            Self::Number(_) => column_type == T::Number,
            Self::Date(_) => matches!(column_type, T::Date | T::MonthStart),
        })
    }

    /// One cell as text, for the examples of a report.
    pub(super) fn text(&self, row: usize) -> Option<String> {
        match self {
            Self::Text(cells) => cells.get(row).map(str::to_owned),
            Self::Integer(cells) => cells.get(row).map(|value| value.to_string()),
            Self::Number(cells) => cells.get(row).map(|value| value.to_string()),
            Self::Date(cells) => cells.get(row).and_then(calendar_date).map(|date| date.to_string()),
        }
    }
}

/// The calendar date of a day since 1970-01-01.
pub(super) fn calendar_date(day: i32) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(day.checked_add(EPOCH_DAY)?)
}

/// Days since 1970-01-01 of a calendar date.
pub(super) fn day_number(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - EPOCH_DAY
}

/// How many rows break a rule, and the first few of them.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Broken {
    pub(super) count: u64,
    pub(super) first: Vec<usize>,
}

impl Broken {
    pub(super) fn add(&mut self, row: usize) {
        self.count += 1;
        if self.first.len() < EXAMPLES {
            self.first.push(row);
        }
    }

    /// These rows, in their order.
    pub(super) fn of(rows: &[usize]) -> Self {
        Self { count: rows.len() as u64, first: rows.iter().take(EXAMPLES).copied().collect() }
    }

    /// The rows of the values that break a rule; nulls break none.
    pub(super) fn rows_where<T>(cells: impl Iterator<Item = Option<T>>, mut breaks: impl FnMut(T) -> bool) -> Self {
        let mut broken = Self::default();
        for (row, cell) in cells.enumerate() {
            if cell.is_some_and(&mut breaks) {
                broken.add(row);
            }
        }
        broken
    }

    /// The rows without a value.
    pub(super) fn nulls<T>(cells: impl Iterator<Item = Option<T>>) -> Self {
        let mut broken = Self::default();
        for (row, cell) in cells.enumerate() {
            if cell.is_none() {
                broken.add(row);
            }
        }
        broken
    }
}
