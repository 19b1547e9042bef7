//! The Parquet file that the readings become.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{Float64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::reading::Reading;
use crate::hourly::columns::{CUSTOMER, ELEC, GAS, TIMESTAMP};
use crate::{Error, Result};

const ROWS_PER_ROW_GROUP: usize = 1_048_576;

/// The Parquet file being written, and the rows that are not in it yet.
pub(super) struct Output {
    path: PathBuf,
    schema: SchemaRef,
    writer: ArrowWriter<File>,
    customers: StringBuilder,
    timestamps: StringBuilder,
    elec: Float64Builder,
    gas: Float64Builder,
    pub pending: usize,
    pub rows: u64,
}

impl Output {
    pub fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(Error::file("write", path))?;
        let text = [CUSTOMER, TIMESTAMP].map(|name| Field::new(name, DataType::Utf8, true));
        let measures = [ELEC, GAS].map(|name| Field::new(name, DataType::Float64, true));
        let schema = Arc::new(Schema::new([text, measures].concat()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(ROWS_PER_ROW_GROUP))
            .build();
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties));
        Ok(Self {
            path: path.to_owned(),
            schema,
            writer: writer.map_err(|error| Error::file("write", path)(error.into()))?,
            customers: StringBuilder::new(),
            timestamps: StringBuilder::new(),
            elec: Float64Builder::new(),
            gas: Float64Builder::new(),
            pending: 0,
            rows: 0,
        })
    }

    pub fn push(&mut self, reading: &Reading<'_>) {
        self.customers.append_option(reading.customer);
        self.timestamps.append_option(reading.timestamp);
        self.elec.append_option(reading.elec);
        self.gas.append_option(reading.gas);
        self.pending += 1;
    }

    pub fn flush(&mut self) -> Result<()> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.customers.finish()),
            Arc::new(self.timestamps.finish()),
            Arc::new(self.elec.finish()),
            Arc::new(self.gas.finish()),
        ];
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(ParquetError::from);
        let written = batch.and_then(|batch| self.writer.write(&batch));
        written.map_err(|error| Error::file("write", &self.path)(error.into()))?;
        self.rows += self.pending as u64;
        self.pending = 0;
        Ok(())
    }

    pub fn finish(mut self) -> Result<u64> {
        self.flush()?;
        self.writer.close().map_err(|error| Error::file("write", &self.path)(error.into()))?;
        Ok(self.rows)
    }
}
