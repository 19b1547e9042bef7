//! A Parquet file: the rows of customers by its column `customer_id`, and whether any text column names them.

use std::collections::HashMap;
use std::fmt::Display;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, BooleanArray, RecordBatch};
use arrow_schema::{ArrowError, DataType};
use parquet::arrow::arrow_reader::{ArrowPredicateFn, ParquetRecordBatchReaderBuilder, RowFilter};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::Compression;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::properties::WriterProperties;

use super::{CUSTOMER, Erased};
use crate::parquet_check;
use crate::wall::contained;
use crate::{Error, Result, Watch};

type Builder = ParquetRecordBatchReaderBuilder<File>;

const BATCH_ROWS: usize = 16_384;
/// Where the file itself has no row group.
const ROWS_PER_ROW_GROUP: usize = 1_048_576;

/// How many rows are of erased customers.
pub(super) fn count(path: &Path, name: &str, erased: &Erased, watch: &dyn Watch) -> Result<u64> {
    let (mut found, mut judged) = (0, Judged::new(erased));
    for_each(path, name, &|field| field == CUSTOMER, watch, &mut |batch| {
        let theirs = batch.columns().first().map(|column| judged.rows(column)).unwrap_or_default();
        found += theirs.iter().filter(|is_theirs| **is_theirs).count() as u64;
        true
    })?;
    Ok(found)
}

/// Whether a text column says something that `is_named` in.
pub(super) fn any_text(path: &Path, name: &str, is_named: &dyn Fn(&str) -> bool, watch: &dyn Watch) -> Result<bool> {
    let mut found = false;
    for_each(path, name, &|_| true, watch, &mut |batch| {
        found = found || batch.columns().iter().any(|column| texts(column).any(is_named));
        !found
    })?;
    Ok(found)
}

/// Writes the file without the rows of erased customers; how many these were.
pub(super) fn copy(path: &Path, name: &str, target: &Path, erased: &Erased, watch: &dyn Watch) -> Result<u64> {
    let left_out = count(path, name, erased, watch)?;
    contained(name, || {
        let builder = open(path, name)?;
        let schema = Arc::clone(builder.schema());
        let largest = builder.metadata().row_groups().iter().map(RowGroupMetaData::num_rows).max().unwrap_or_default();
        let group = usize::try_from(largest).ok().filter(|rows| *rows > 0).unwrap_or(ROWS_PER_ROW_GROUP);
        let customers = ProjectionMask::columns(builder.parquet_schema(), [CUSTOMER]);
        let mut judged = Judged::new(erased);
        let is_kept = move |batch: RecordBatch| {
            let theirs = batch.columns().first().map(|column| judged.rows(column));
            let kept =
                theirs.map_or_else(|| vec![true; batch.num_rows()], |theirs| theirs.iter().map(|is| !is).collect());
            Ok::<_, ArrowError>(BooleanArray::from(kept))
        };
        let builder = if left_out == 0 {
            builder
        } else {
            builder.with_row_filter(RowFilter::new(vec![Box::new(ArrowPredicateFn::new(customers, is_kept))]))
        };
        let reader = builder.with_batch_size(BATCH_ROWS).build().map_err(|error| broken(name, error))?;
        let file = File::create(target).map_err(Error::file("write", target))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(group))
            .build();
        let not_written = |error: parquet::errors::ParquetError| Error::file("write", target)(error.into());
        let mut writer = ArrowWriter::try_new(file, schema, Some(properties)).map_err(not_written)?;
        let mut rows = 0;
        for batch in reader {
            let batch = batch.map_err(|error| broken(name, error))?;
            rows += batch.num_rows() as u64;
            watch.report(rows, None)?;
            writer.write(&batch).map_err(not_written)?;
        }
        writer.close().map_err(not_written)?;
        Ok(left_out)
    })
}

/// Reads the wanted text columns batch by batch, until `look` has seen enough.
fn for_each(
    path: &Path,
    name: &str,
    wants: &dyn Fn(&str) -> bool,
    watch: &dyn Watch,
    look: &mut dyn FnMut(&RecordBatch) -> bool,
) -> Result<()> {
    contained(name, || {
        let builder = open(path, name)?;
        let fields = builder.schema().fields().iter();
        let texts = fields.filter(|field| is_text(field.data_type()) && wants(field.name()));
        let columns: Vec<String> = texts.map(|field| field.name().clone()).collect();
        if columns.is_empty() {
            return Ok(());
        }
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().map(String::as_str));
        let reader = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build();
        let mut rows = 0;
        for batch in reader.map_err(|error| broken(name, error))? {
            let batch = batch.map_err(|error| broken(name, error))?;
            rows += batch.num_rows() as u64;
            watch.report(rows, None)?;
            if !look(&batch) {
                break;
            }
        }
        Ok(())
    })
}

fn open(path: &Path, name: &str) -> Result<Builder> {
    let file = File::open(path).map_err(Error::file("open", path))?;
    parquet_check::whole(&file).map_err(|problem| broken(name, problem))?;
    Builder::try_new(file).map_err(|error| broken(name, error))
}

/// What was said of customers before: a customer has thousands of rows, and a keyed hash takes its time.
struct Judged {
    erased: Erased,
    before: HashMap<String, bool>,
}

impl Judged {
    fn new(erased: &Erased) -> Self {
        Self { erased: Arc::clone(erased), before: HashMap::new() }
    }

    /// Blanks around an id are padding, here as where readings are summed.
    fn is_erased(&mut self, customer: &str) -> bool {
        let customer = customer.trim();
        if let Some(known) = self.before.get(customer) {
            return *known;
        }
        let is_erased = !customer.is_empty() && (self.erased)(customer);
        self.before.insert(customer.to_owned(), is_erased);
        is_erased
    }

    /// Which rows of a text column name somebody erased.
    fn rows(&mut self, column: &dyn Array) -> Vec<bool> {
        let Some(dictionary) = column.as_any_dictionary_opt() else {
            return optional_texts(column).map(|text| text.is_some_and(|text| self.is_erased(text))).collect();
        };
        let values = self.rows(dictionary.values());
        if values.is_empty() {
            return vec![false; column.len()];
        }
        let keys = dictionary.normalized_keys();
        keys.into_iter().enumerate().map(|(row, key)| values[key] && !column.is_null(row)).collect()
    }
}

/// The texts of a column; of a dictionary its values.
fn texts(column: &dyn Array) -> Box<dyn Iterator<Item = &str> + '_> {
    match column.as_any_dictionary_opt() {
        Some(dictionary) => texts(dictionary.values()),
        None => Box::new(optional_texts(column).flatten()),
    }
}

fn optional_texts(column: &dyn Array) -> Box<dyn Iterator<Item = Option<&str>> + '_> {
    if let Some(texts) = column.as_string_opt::<i32>() {
        return Box::new(texts.iter());
    }
    if let Some(texts) = column.as_string_opt::<i64>() {
        return Box::new(texts.iter());
    }
    if let Some(texts) = column.as_string_view_opt() {
        return Box::new(texts.iter());
    }
    if let Some(bytes) = column.as_binary_opt::<i32>() {
        return Box::new(bytes.iter().map(text));
    }
    if let Some(bytes) = column.as_binary_opt::<i64>() {
        return Box::new(bytes.iter().map(text));
    }
    match column.as_binary_view_opt() {
        Some(bytes) => Box::new(bytes.iter().map(text)),
        None => Box::new((0..column.len()).map(|_| None)),
    }
}

/// Text that its writer did not call text; what is no UTF-8 names nobody.
fn text(bytes: Option<&[u8]>) -> Option<&str> {
    std::str::from_utf8(bytes?).ok()
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

fn broken(name: &str, problem: impl Display) -> Error {
    Error::data(name, None, None, format!("is not readable as Parquet ({problem})"))
}
