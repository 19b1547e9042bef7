//! The Parquet file that the readings become.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::ROWS_PER_BATCH;
use super::reading::Reading;
use super::rows::{Rows, RowsBuilder};
use crate::hourly::columns::{CUSTOMER, ELEC, GAS, TIMESTAMP};
use crate::{Error, Result};

const ROWS_PER_ROW_GROUP: usize = 1_048_576;

/// The Parquet file being written, and the rows that are not in it yet.
///
/// Rows are written in batches of one size, however they come: where they are cut shows in the bytes of the file.
pub(super) struct Output {
    path: PathBuf,
    schema: SchemaRef,
    writer: ArrowWriter<File>,
    pending: RowsBuilder,
    pub rows: u64,
}

impl Output {
    pub fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(Error::file("write", path))?;
        let schema = Arc::new(Schema::new(vec![
            Field::new(CUSTOMER, DataType::Utf8, true),
            Field::new(TIMESTAMP, DataType::Timestamp(TimeUnit::Millisecond, None), true),
            Field::new(ELEC, DataType::Float64, true),
            Field::new(GAS, DataType::Float64, true),
        ]));
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties()));
        let writer = writer.map_err(|error| Error::file("write", path)(error.into()))?;
        Ok(Self { path: path.to_owned(), schema, writer, pending: RowsBuilder::default(), rows: 0 })
    }

    /// Adds a row; whether a batch was written.
    pub fn push(&mut self, reading: &Reading<'_>) -> Result<bool> {
        self.pending.push(reading);
        self.write_full_batch()
    }

    /// Adds rows.
    pub fn extend(&mut self, rows: &Rows) -> Result<()> {
        let mut added = 0;
        while added < rows.len() {
            let count = (rows.len() - added).min(ROWS_PER_BATCH - self.pending.len);
            let extended = self.pending.extend(rows, added, count).map_err(ParquetError::from);
            extended.map_err(|error| self.not_written(error))?;
            added += count;
            self.write_full_batch()?;
        }
        Ok(())
    }

    fn write_full_batch(&mut self) -> Result<bool> {
        let is_full = self.pending.len == ROWS_PER_BATCH;
        if is_full {
            self.flush()?;
        }
        Ok(is_full)
    }

    fn flush(&mut self) -> Result<()> {
        self.rows += self.pending.len as u64;
        let columns = self.pending.finish().columns().to_vec();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(ParquetError::from);
        let written = batch.and_then(|batch| self.writer.write(&batch));
        written.map_err(|error| self.not_written(error))
    }

    fn not_written(&self, error: ParquetError) -> Error {
        Error::file("write", &self.path)(error.into())
    }

    pub fn finish(mut self) -> Result<u64> {
        self.flush()?;
        self.writer.close().map_err(|error| Error::file("write", &self.path)(error.into()))?;
        Ok(self.rows)
    }
}

/// What is written fast and read fast. A dictionary of readings is given up after a while, since nearly all of those that
/// are not 0 differ; what is 0, as the gas of most customers, is left to the compression. Nobody asks for the least and
/// the greatest reading.
fn properties() -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(ROWS_PER_ROW_GROUP))
        .set_column_dictionary_enabled(ColumnPath::from(TIMESTAMP), false)
        .set_column_encoding(ColumnPath::from(TIMESTAMP), Encoding::DELTA_BINARY_PACKED)
        .set_compression(Compression::SNAPPY)
        .set_column_compression(ColumnPath::from(TIMESTAMP), Compression::UNCOMPRESSED);
    for name in [ELEC, GAS] {
        properties = properties
            .set_column_dictionary_enabled(ColumnPath::from(name), false)
            .set_column_statistics_enabled(ColumnPath::from(name), EnabledStatistics::None);
    }
    properties.build()
}
