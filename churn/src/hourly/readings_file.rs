//! Opens a Parquet file of readings: checks its columns and types once, then hands out row groups.

use std::fmt::Display;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Schema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use serde::{Deserialize, Serialize};

use super::column_types::{asked_for, canonical, is_binary, is_integer, is_number, is_text};
use super::columns::{CUSTOMER, ELEC, GAS, TIMESTAMP};
use crate::parquet_check;
use crate::wall::contained;
use crate::{Error, Result};

/// Rows per batch: small enough that a batch stays in the processor's cache.
const BATCH_ROWS: usize = 16_384;

/// A file of readings and its row groups, as the slices are planned from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingsFile {
    /// The name of the file in the lake or folder.
    pub name: String,
    /// Its row groups, in file order.
    pub row_groups: Vec<RowGroup>,
}

impl ReadingsFile {
    /// How many readings it says that it holds.
    pub fn rows(&self) -> u64 {
        // What a damaged file says of itself may be anything; the aggregation counts again.
        self.row_groups.iter().fold(0, |rows, group| rows.saturating_add(group.rows))
    }

    /// Whether it holds none: a task without data writes such files.
    pub fn is_empty(&self) -> bool {
        self.rows() == 0
    }
}

/// The size of one row group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowGroup {
    /// How many readings.
    pub rows: u64,
    /// Compressed bytes of the four columns that are read.
    pub bytes: u64,
}

/// Checks the columns, types and codecs of a file of readings and lists its row groups. A file may hold no readings.
///
/// Fails with [`Error::Data`] when it is no Parquet file, lacks a column, has one of a type that holds no readings, is
/// compressed or encrypted so that nobody here can read it, or says sizes that the file cannot have.
pub fn inspect(path: &Path, name: &str) -> Result<ReadingsFile> {
    Ok(OpenReadings::open(path, name)?.listed())
}

/// A count of the footer: none is negative, and the bytes of all row groups are those of the file at most.
fn checked(count: i64) -> u64 {
    u64::try_from(count).expect("the sizes were checked when the file was opened")
}

/// A file of readings with its metadata parsed, its sizes and its columns checked.
pub(super) struct OpenReadings {
    name: String,
    file: File,
    metadata: Arc<ParquetMetaData>,
    schema: SchemaRef,
    /// Leaf numbers of customer, timestamp, electricity and gas.
    leaves: [usize; 4],
}

impl OpenReadings {
    /// Opens `path`; errors call it `name`.
    pub fn open(path: &Path, name: &str) -> Result<Self> {
        let file = File::open(path).map_err(Error::file("open", path))?;
        contained(name, || Self::of(file, name))
    }

    fn of(file: File, name: &str) -> Result<Self> {
        let metadata = parquet_check::metadata(&file).map_err(|problem| broken(name, None, problem))?;
        let opened = ArrowReaderMetadata::try_new(Arc::new(metadata), ArrowReaderOptions::new())
            .map_err(|error| broken(name, None, error))?;
        let leaves = [CUSTOMER, TIMESTAMP, ELEC, GAS].map(|column| checked_leaf(name, &opened, column));
        let [customer, timestamp, elec, gas] = leaves;
        let leaves = [customer?, timestamp?, elec?, gas?];
        require_known_codecs(name, opened.metadata(), &leaves)?;
        Ok(Self {
            name: name.to_owned(),
            file,
            metadata: Arc::clone(opened.metadata()),
            schema: Arc::clone(opened.schema()),
            leaves,
        })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file and its row groups, as slices are planned from them.
    pub fn listed(&self) -> ReadingsFile {
        let bytes = |group: &RowGroupMetaData| {
            self.leaves.iter().map(|&leaf| checked(group.column(leaf).compressed_size())).sum()
        };
        let row_groups =
            self.row_groups().iter().map(|group| RowGroup { rows: checked(group.num_rows()), bytes: bytes(group) });
        ReadingsFile { name: self.name.clone(), row_groups: row_groups.collect() }
    }

    pub fn row_groups(&self) -> &[RowGroupMetaData] {
        self.metadata.row_groups()
    }

    /// The leaf number of the customer column.
    pub fn customer_leaf(&self) -> usize {
        self.leaves[0]
    }

    /// The type of the customer column in the file.
    pub fn customer_type(&self) -> &DataType {
        let field = self.schema.field_with_name(CUSTOMER).expect("the columns were checked when opening");
        field.data_type()
    }

    /// The leaf number of the timestamp column and its type.
    pub fn timestamp(&self) -> (usize, &DataType) {
        let field = self.schema.field_with_name(TIMESTAMP).expect("the columns were checked when opening");
        (self.leaves[1], field.data_type())
    }

    /// Reads the four columns of one row group.
    pub fn read(&self, row_group: usize) -> Result<RowGroupBatches<'_>> {
        self.read_leaves(row_group, &self.leaves)
    }

    /// Reads the customers of one row group.
    pub fn read_customers(&self, row_group: usize) -> Result<RowGroupBatches<'_>> {
        self.read_leaves(row_group, &self.leaves[..1])
    }

    /// Reads the timestamps of one row group.
    pub fn read_timestamps(&self, row_group: usize) -> Result<RowGroupBatches<'_>> {
        self.read_leaves(row_group, &self.leaves[1..2])
    }

    fn read_leaves(&self, row_group: usize, leaves: &[usize]) -> Result<RowGroupBatches<'_>> {
        contained(&self.name, || {
            parquet_check::pages(&self.file, &self.metadata, row_group, leaves)
                .map_err(|problem| broken(&self.name, Some(row_group), problem))?;
            let reader = self.reader(row_group, leaves).map_err(|error| broken(&self.name, Some(row_group), error))?;
            Ok(RowGroupBatches { name: &self.name, row_group, reader })
        })
    }

    fn reader(&self, row_group: usize, leaves: &[usize]) -> Result<ParquetRecordBatchReader, ParquetError> {
        let options = ArrowReaderOptions::new().with_schema(self.schema_for(row_group));
        let metadata = ArrowReaderMetadata::try_new(Arc::clone(&self.metadata), options)?;
        // A reader per row group: no batch then mixes the dictionaries of two.
        let file = self.file.try_clone()?;
        ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
            .with_projection(ProjectionMask::leaves(self.metadata.file_metadata().schema_descr(), leaves.to_vec()))
            .with_row_groups(vec![row_group])
            .with_batch_size(BATCH_ROWS)
            .build()
    }

    /// Asks for text as it is stored: dictionary-encoded pages as a dictionary, so that each
    /// distinct value is looked at once, and plain pages as plain text, because building a
    /// dictionary of them costs more than it saves.
    fn schema_for(&self, row_group: usize) -> SchemaRef {
        let group = self.metadata.row_group(row_group);
        let text_leaves = [(CUSTOMER, self.leaves[0]), (TIMESTAMP, self.leaves[1])];
        let fields = self.schema.fields().iter().map(|field| {
            if let Some(asked) = asked_for(field).filter(|_| COLUMNS.contains(&field.name().as_str())) {
                return Arc::new(field.as_ref().clone().with_data_type(asked));
            }
            let leaf = text_leaves.iter().find(|(name, _)| name == field.name()).map(|(_, leaf)| *leaf);
            let Some(leaf) = leaf.filter(|_| is_text(field.data_type())) else { return Arc::clone(field) };
            let stored = match group.column(leaf).dictionary_page_offset() {
                Some(_) => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
                None => DataType::Utf8,
            };
            Arc::new(field.as_ref().clone().with_data_type(stored))
        });
        Arc::new(Schema::new_with_metadata(fields.collect::<Vec<_>>(), self.schema.metadata().clone()))
    }
}

/// The batches of one row group; a failure names the file and the row group.
pub(super) struct RowGroupBatches<'a> {
    name: &'a str,
    row_group: usize,
    reader: ParquetRecordBatchReader,
}

impl Iterator for RowGroupBatches<'_> {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let (name, row_group) = (self.name, self.row_group);
        let other_type = |column: &'static str| {
            let place = Some(format!("row group {}", row_group + 1));
            Error::data(name, Some(column), place, "does not hold the type that the file says")
        };
        let next = || {
            let batch = self.reader.next().transpose().map_err(|error| broken(name, Some(row_group), error))?;
            batch.map(canonical).transpose().map_err(other_type)
        };
        contained(name, next).transpose()
    }
}

const COLUMNS: [&str; 4] = [CUSTOMER, TIMESTAMP, ELEC, GAS];

/// The leaf number of a root column, once its type is known to be right.
fn checked_leaf(name: &str, opened: &ArrowReaderMetadata, column: &str) -> Result<usize> {
    let wrong = |rule: String| Error::data(name, Some(column), None, rule);
    let mut named = opened.schema().fields().iter().filter(|field| field.name() == column);
    let (Some(field), None) = (named.next(), named.next()) else {
        let mut others = opened.schema().fields().iter().map(|field| field.name());
        let alike = others.find(|other| *other != column && other.trim().eq_ignore_ascii_case(column));
        let hint = alike.map(|other| format!(", and `{other}` is another name")).unwrap_or_default();
        return Err(wrong(format!("the file must have this column exactly once{hint}")));
    };
    let data_type = field.data_type();
    let (fits, expected) = match column {
        CUSTOMER => (is_text(data_type) || is_binary(data_type) || is_integer(data_type), "text (or whole numbers)"),
        TIMESTAMP => (is_timestamp(data_type) || is_binary(data_type), "text or a timestamp"),
        _ => (is_number(data_type), "a number: floating point, decimal or whole"),
    };
    if !fits {
        return Err(wrong(format!("is {data_type}, but must be {expected}")));
    }
    let leaves = opened.parquet_schema().columns();
    leaves
        .iter()
        .position(|leaf| leaf.path().parts() == [column])
        .ok_or_else(|| wrong("the file must have this column at the top level".to_owned()))
}

/// Refuses before any work what the decoder could not unpack.
fn require_known_codecs(name: &str, metadata: &ParquetMetaData, leaves: &[usize; 4]) -> Result<()> {
    for group in metadata.row_groups() {
        for (column, &leaf) in COLUMNS.iter().zip(leaves) {
            let unknown = match group.column(leaf).compression() {
                Compression::BROTLI(_) => "Brotli",
                Compression::LZO => "LZO",
                _ => continue,
            };
            let rule = format!(
                "is compressed with {unknown}, which is not read here; write the file with snappy, zstd, gzip, lz4 or \
                 without compression"
            );
            return Err(Error::data(name, Some(column), None, rule));
        }
    }
    Ok(())
}

/// With a zone it is an instant, without one the retailer's clock; both are read.
fn is_timestamp(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Timestamp(..)) || is_text(data_type)
}

/// What the decoder said, as a fault of the data at a place that people can find.
fn broken(name: &str, row_group: Option<usize>, problem: impl Display) -> Error {
    let place = row_group.map(|index| format!("row group {}", index + 1));
    Error::data(name, None, place, format!("is not readable as Parquet ({problem})"))
}
