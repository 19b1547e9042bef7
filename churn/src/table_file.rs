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
    read_part(path, None)
}

/// Reads some columns of a table with the same care; one that the table has not is an error.
pub fn read_columns(path: &Path, columns: &[&str]) -> Result<DataFrame> {
    read_part(path, Some(columns.iter().map(|&column| column.to_owned()).collect()))
}

fn read_part(path: &Path, columns: Option<Vec<String>>) -> Result<DataFrame> {
    let file = File::open(path).map_err(Error::file("open", path))?;
    let name = path.display().to_string();
    let unreadable =
        |problem: String| Error::data(&name, None, None, format!("is no table that can be read ({problem})"));
    contained(&name, || {
        parquet_check::whole(&file).map_err(unreadable)?;
        ParquetReader::new(file).with_columns(columns).finish().map_err(|error| unreadable(error.to_string()))
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
