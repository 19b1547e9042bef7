//! Columns as cells: whatever number type a table has, pages compute with `f64`; a missing column is an error that
//! names it.

use chrono::NaiveDate;
use polars::prelude::{Column, DataFrame, DataType, IdxCa, IdxSize, PlSmallStr, PolarsResult};

use super::DataError;

/// A column of ids or text.
pub fn texts<'a>(frame: &'a DataFrame, name: &str) -> Result<Vec<Option<&'a str>>, DataError> {
    let column = frame.column(name).and_then(Column::str).map_err(DataError::table("read a text column"))?;
    Ok(column.iter().collect())
}

/// A column of measures, counts or flags; NaN is unknown too.
pub fn numbers(frame: &DataFrame, name: &str) -> Result<Vec<Option<f64>>, DataError> {
    frame.column(name).and_then(as_numbers).map_err(DataError::table("read a column of numbers"))
}

fn as_numbers(column: &Column) -> PolarsResult<Vec<Option<f64>>> {
    let cast = column.cast(&DataType::Float64)?;
    Ok(cast.f64()?.iter().map(|cell| cell.filter(|cell| !cell.is_nan())).collect())
}

/// A column of dates.
pub fn dates(frame: &DataFrame, name: &str) -> Result<Vec<Option<NaiveDate>>, DataError> {
    let column = frame.column(name).and_then(Column::date).map_err(DataError::table("read a column of dates"))?;
    Ok(column.physical().iter().map(|days| days.and_then(NaiveDate::from_epoch_days)).collect())
}

/// The rows at `positions`, in that order, with all columns.
pub fn rows_at(frame: &DataFrame, positions: &[usize]) -> Result<DataFrame, DataError> {
    let positions = positions.iter().map(|&row| row as IdxSize).collect();
    let positions = IdxCa::from_vec(PlSmallStr::from_static("row"), positions);
    frame.take(&positions).map_err(DataError::table("pick rows"))
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;

    #[test]
    fn numbers_of_any_type_are_read_and_nan_is_unknown() {
        let frame = df!("flag" => [Some(1_i32), None], "measure" => [f64::NAN, 2.5], "id" => ["a", "b"]).unwrap();
        assert_eq!(numbers(&frame, "flag").unwrap(), [Some(1.0), None]);
        assert_eq!(numbers(&frame, "measure").unwrap(), [None, Some(2.5)]);
        assert_eq!(texts(&frame, "id").unwrap(), [Some("a"), Some("b")]);
        assert!(numbers(&frame, "absent").unwrap_err().to_string().contains("absent"));
        let picked = rows_at(&frame, &[1, 0]).unwrap();
        assert_eq!(texts(&picked, "id").unwrap(), [Some("b"), Some("a")]);
    }
}
