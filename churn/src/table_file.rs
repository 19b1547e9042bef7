//! Tables in Parquet files: the form in which every stage hands them on.

use std::fs::File;
use std::path::Path;

use polars::prelude::*;

use crate::error::{Error, Result};
use crate::parquet_check;
use crate::wall::contained;

/// Rows in one row group: small enough to stream, large enough to compress.
const ROW_GROUP_ROWS: usize = 262_144;

/// Reads a whole table. Whatever a damaged file makes of the reader, it is an error with the file's name.
pub fn read(path: &Path) -> Result<DataFrame> {
    read_part(path, &Columns::All)
}

/// Reads some columns of a table with the same care; one that the table has not is an error.
pub fn read_columns(path: &Path, columns: &[&str]) -> Result<DataFrame> {
    read_part(path, &Columns::Of(columns))
}

/// Reads those of some columns that a table has: one of an earlier run may have been made with others.
pub fn read_known_columns(path: &Path, columns: &[&str]) -> Result<DataFrame> {
    read_part(path, &Columns::KnownOf(columns))
}

/// Which columns are read.
enum Columns<'a> {
    All,
    Of(&'a [&'a str]),
    /// Those that the table has.
    KnownOf(&'a [&'a str]),
}

fn read_part(path: &Path, columns: &Columns<'_>) -> Result<DataFrame> {
    let file = File::open(path).map_err(Error::file("open", path))?;
    let name = path.display().to_string();
    let unreadable =
        |problem: String| Error::data(&name, None, None, format!("is no table that can be read ({problem})"));
    contained(&name, || {
        parquet_check::whole(&file).map_err(unreadable)?;
        let not_read = |error: PolarsError| unreadable(error.to_string());
        let mut reader = ParquetReader::new(file);
        let names: Option<Vec<&str>> = match columns {
            Columns::All => None,
            Columns::Of(names) => Some(names.to_vec()),
            Columns::KnownOf(names) => {
                let schema = reader.schema().map_err(not_read)?;
                Some(names.iter().copied().filter(|name| schema.contains(name)).collect())
            }
        };
        let names = names.map(|names| names.into_iter().map(str::to_owned).collect());
        reader.with_columns(names).finish().map_err(not_read)
    })
}

/// Writes a table; the same table gives the same bytes.
pub fn write(frame: &mut DataFrame, path: &Path) -> Result<()> {
    let file = File::create(path).map_err(Error::file("create", path))?;
    ParquetWriter::new(file)
        .with_compression(ParquetCompression::Snappy)
        .with_row_group_size(Some(ROW_GROUP_ROWS))
        .finish(frame)
        .map_err(|error| not_written(error, path))?;
    Ok(())
}

/// A full disk is the machine's trouble and may pass; anything else is the table's.
fn not_written(error: PolarsError, path: &Path) -> Error {
    match error {
        PolarsError::IO { error, .. } => Error::file("write", path)(std::io::Error::new(error.kind(), error)),
        other => Error::table("write a table")(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_a_table_has_not_are_an_error_or_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.parquet");
        write(&mut df!("customer_id" => ["C1"], "churn" => [1]).unwrap(), &path).unwrap();
        let names = |table: DataFrame| -> Vec<String> {
            table.get_column_names().into_iter().map(ToString::to_string).collect()
        };
        assert!(read_columns(&path, &["customer_id", "gone"]).is_err());
        assert_eq!(names(read_known_columns(&path, &["customer_id", "gone"]).unwrap()), ["customer_id"]);
        assert_eq!(names(read(&path).unwrap()), ["customer_id", "churn"]);
    }
}
