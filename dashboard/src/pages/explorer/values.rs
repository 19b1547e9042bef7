//! The cells of one column, whatever its type.

use chrono::NaiveDate;
use polars::prelude::{Column, DataFrame, DataType};

use crate::data::{DataError, cells};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Measures, counts, codes and flags.
    Number,
    /// Words.
    Text,
    /// Days.
    Date,
    /// Something that this page does not show.
    Other,
}

impl Kind {
    /// The kind of a type.
    pub fn of(dtype: &DataType) -> Self {
        match dtype {
            DataType::String => Self::Text,
            DataType::Date | DataType::Datetime(..) => Self::Date,
            dtype if dtype.is_primitive_numeric() || dtype.is_bool() => Self::Number,
            _ => Self::Other,
        }
    }
}

/// The cells of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Values<'a> {
    /// Numbers; NaN is unknown.
    Numbers(Vec<Option<f64>>),
    /// Texts.
    Texts(Vec<Option<&'a str>>),
    /// Days.
    Dates(Vec<Option<NaiveDate>>),
    /// Nothing that can be looked at.
    Other,
}

impl<'a> Values<'a> {
    /// The cells of the column of this name.
    pub fn of(frame: &'a DataFrame, name: &str) -> Result<Self, DataError> {
        let column = frame.column(name).map_err(DataError::table("read a column"))?;
        Ok(match Kind::of(column.dtype()) {
            Kind::Number => Self::Numbers(cells::numbers(frame, name)?),
            Kind::Text => Self::Texts(cells::texts(frame, name)?),
            Kind::Date => Self::Dates(days(column)?),
            Kind::Other => Self::Other,
        })
    }
}

/// The days of a column of dates or of moments.
fn days(column: &Column) -> Result<Vec<Option<NaiveDate>>, DataError> {
    let unreadable = DataError::table("read a column of dates");
    let cast = column.cast(&DataType::Date).map_err(&unreadable)?;
    let days = cast.date().map_err(&unreadable)?;
    Ok(days.physical().iter().map(|days| days.and_then(NaiveDate::from_epoch_days)).collect())
}
