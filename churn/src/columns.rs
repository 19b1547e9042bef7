//! Tables as plain columns: how bronze, silver and gold read typed columns, write them back, and hold a
//! table to its grain.
//!
//! The transforms are loops over slices: each reads like its formula, and none depends on how a
//! query engine orders its sums.

use chrono::NaiveDate;
use polars::prelude::*;

use crate::error::{Error, Result};

/// The column of the model's answer: in the drift reference, in the view of today, and in the scores.
pub const PREDICTION: &str = "churn_proba";

/// A column of ids or text.
pub(crate) fn texts<'a>(table: &'a DataFrame, name: &str) -> Result<Vec<Option<&'a str>>> {
    let column = table.column(name).and_then(Column::str).map_err(Error::table("read a text column"))?;
    Ok(column.iter().collect())
}

/// A column of flags, counts or codes.
pub(crate) fn integers(table: &DataFrame, name: &str) -> Result<Vec<Option<i32>>> {
    let column = table.column(name).and_then(Column::i32).map_err(Error::table("read an integer column"))?;
    Ok(column.iter().collect())
}

/// A column of measures.
pub(crate) fn measures(table: &DataFrame, name: &str) -> Result<Vec<Option<f64>>> {
    let column = table.column(name).and_then(Column::f64).map_err(Error::table("read a measure column"))?;
    Ok(column.iter().collect())
}

/// A column of calendar dates.
pub(crate) fn dates(table: &DataFrame, name: &str) -> Result<Vec<Option<NaiveDate>>> {
    let column = table.column(name).and_then(Column::date).map_err(Error::table("read a date column"))?;
    Ok(column.physical().iter().map(|days| days.and_then(NaiveDate::from_epoch_days)).collect())
}

/// A column that its table promises to be complete; a null names the table, the column and the row.
pub(crate) fn complete<T>(table: &str, name: &str, cells: Vec<Option<T>>) -> Result<Vec<T>> {
    let rows = cells.len();
    let present: Vec<T> = cells.into_iter().map_while(|cell| cell).collect();
    if present.len() == rows {
        return Ok(present);
    }
    Err(Error::data(
        table,
        Some(name),
        Some(format!("row {}", present.len() + 1)),
        "is empty where a value is required",
    ))
}

/// A table of columns of the same length.
pub(crate) fn table(rows: usize, columns: Vec<Column>) -> Result<DataFrame> {
    DataFrame::new(rows, columns).map_err(Error::table("assemble a table"))
}

/// `original` with `columns` added, or replaced where the name is already there.
pub(crate) fn with(original: &DataFrame, columns: Vec<Column>) -> Result<DataFrame> {
    let mut extended = original.clone();
    for column in columns {
        extended.with_column(column).map_err(Error::table("add a column"))?;
    }
    Ok(extended)
}

/// The rows of `original` at `positions`, in that order.
pub(crate) fn rows_at(original: &DataFrame, positions: &[usize]) -> Result<DataFrame> {
    let positions: IdxCa =
        IdxCa::from_vec(PlSmallStr::from_static("row"), positions.iter().map(|&row| row as IdxSize).collect());
    original.take(&positions).map_err(Error::table("pick rows"))
}

/// `original` sorted by the given text key, unless it is sorted already; a repeated or empty key is
/// an error. `name` is the table's, for the message; its rows count from 1.
pub(crate) fn sorted_by_key<const N: usize>(name: &str, original: &DataFrame, key: [&str; N]) -> Result<DataFrame> {
    let mut parts = Vec::with_capacity(N);
    for column in key {
        parts.push(complete(name, column, texts(original, column)?)?);
    }
    let key_of = |row: usize| -> [&str; N] { std::array::from_fn(|part| parts[part][row]) };
    let mut order: Vec<usize> = (0..original.height()).collect();
    let was_sorted = order.is_sorted_by_key(|&row| key_of(row));
    if !was_sorted {
        // Stable, so that the two rows of a repeated key are named in the order of the file.
        order.sort_by_key(|&row| key_of(row));
    }
    for pair in order.windows(2) {
        if key_of(pair[0]) == key_of(pair[1]) {
            return Err(repeated(name, &key, pair[0] + 1, pair[1] + 1));
        }
    }
    if was_sorted { Ok(original.clone()) } else { rows_at(original, &order) }
}

/// The error of a key that two rows share.
pub(crate) fn repeated(table: &str, key: &[&str], first: usize, second: usize) -> Error {
    let place = format!("rows {first} and {second}");
    Error::data(table, Some(&key.join(", ")), Some(place), "the key is repeated, and one row per key is allowed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyed(customers: &[&str], months: &[&str]) -> DataFrame {
        df!("customer_id" => customers, "month" => months, "value" => (1..=customers.len() as i32).collect::<Vec<_>>())
            .unwrap()
    }

    #[test]
    fn rows_come_out_in_the_order_of_their_key() {
        let unsorted = keyed(&["C2", "C1", "C1"], &["2024-01", "2024-02", "2024-01"]);
        let sorted = sorted_by_key("t", &unsorted, ["customer_id", "month"]).unwrap();
        assert_eq!(integers(&sorted, "value").unwrap(), [Some(3), Some(2), Some(1)]);
    }

    #[test]
    fn a_repeated_key_names_the_table_the_columns_and_both_rows_but_no_customer() {
        let twice = keyed(&["C2", "C1", "C2"], &["2024-01", "2024-01", "2024-01"]);
        let message = sorted_by_key("silver_t", &twice, ["customer_id", "month"]).unwrap_err().to_string();
        assert!(message.starts_with("silver_t, column customer_id, month, rows 1 and 3: "), "{message}");
        assert!(!message.contains("C2"), "{message}");
    }

    #[test]
    fn an_empty_key_is_an_error_that_names_its_row() {
        let unknown = df!("customer_id" => [Some("C1"), None]).unwrap();
        let message = sorted_by_key("t", &unknown, ["customer_id"]).unwrap_err().to_string();
        assert!(message.starts_with("t, column customer_id, row 2: "), "{message}");
    }

    #[test]
    fn a_column_of_another_type_is_an_error_that_names_it() {
        let message = measures(&keyed(&["C1"], &["2024-01"]), "value").unwrap_err().to_string();
        assert!(message.contains("value") || message.contains("f64") || message.contains("Float64"), "{message}");
    }
}
