//! A list of structs becomes columns: one function per kind of column.

use polars::prelude::*;

/// A measure, `Float64`.
pub(super) fn measure<R>(name: &'static str, rows: &[R], value: impl Fn(&R) -> Option<f64>) -> Column {
    Column::new(name.into(), rows.iter().map(value).collect::<Vec<Option<f64>>>())
}

/// A count or a code, `Int32`.
pub(super) fn code<R>(name: &'static str, rows: &[R], value: impl Fn(&R) -> Option<i32>) -> Column {
    Column::new(name.into(), rows.iter().map(value).collect::<Vec<Option<i32>>>())
}

/// A flag, 0 or 1, `Int32`; never null.
pub(super) fn flag<R>(name: &'static str, rows: &[R], value: impl Fn(&R) -> bool) -> Column {
    code(name, rows, |row| Some(i32::from(value(row))))
}

/// A category, `String`.
pub(super) fn text<'r, R>(name: &'static str, rows: &'r [R], value: impl Fn(&'r R) -> Option<&'r str>) -> Column {
    Column::new(name.into(), rows.iter().map(value).collect::<Vec<Option<&str>>>())
}
