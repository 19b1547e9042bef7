//! The hourly readings as one Parquet file, made and encoded by row groups on all cores.
//!
//! Worker `w` of `n` makes the row groups w, w + n, w + 2n ... and hands them over through a channel
//! of its own that holds one; the caller's thread appends them in turn. So memory is bounded by the
//! number of workers, and the bytes do not depend on it.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Float64Array, Int32Array, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, ArrowWriterOptions, compute_leaves};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::generated::GeneratedFile;
use super::population::{Population, customer_id};
use super::profiles::{HOURS, YearShape, timestamp};
use super::readings::{self, Consumer, Easing, NO_EASING};
use super::staging::Staging;
use crate::error::{Error, Result};
use crate::watch::Watch;

const NAME: &str = "consumption_hourly_2024.parquet";
/// Whole customers per row group: 1,045,296 rows, as close as whole years come to the 1,048,576
/// of the real file.
pub(super) const CUSTOMERS_PER_ROW_GROUP: usize = 119;
/// More workers would not be faster than the one thread that writes, and would take more memory.
const MAX_WORKERS: usize = 4;

/// Writes `consumption_hourly_2024.parquet`: customers in order, 8,784 rows each.
pub fn consumption_hourly(population: &Population, staging: &Staging, watch: &dyn Watch) -> Result<GeneratedFile> {
    let path = staging.path(NAME);
    let file = File::create(&path).map_err(Error::file("create", &path))?;
    let schema = Arc::new(schema());
    let options = ArrowWriterOptions::new()
        .with_properties(properties())
        // Without the Arrow schema the readers see plain strings, as in the real file.
        .with_skip_arrow_metadata(true);
    let writer = ArrowWriter::try_new_with_options(file, schema.clone(), options).map_err(not_written(&path))?;
    let (mut writer, factory) = writer.into_serialized_writer().map_err(not_written(&path))?;

    let row_groups = population.len().div_ceil(CUSTOMERS_PER_ROW_GROUP);
    let available = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = available.min(MAX_WORKERS).min(row_groups);
    let plan = Plan { population, factory, schema, shape: YearShape::of_2024(), shared: SharedColumns::new() };
    std::thread::scope(|scope| {
        let plan = &plan;
        let channels: Vec<Receiver<_>> = (0..workers)
            .map(|worker| {
                let (sender, receiver) = sync_channel(1);
                scope.spawn(move || plan.encode_all((worker..row_groups).step_by(workers), &sender));
                receiver
            })
            .collect();
        let total = (population.len() * HOURS) as u64;
        let mut done = 0;
        for row_group in 0..row_groups {
            watch.report(done, Some(total))?;
            // The sender lives until its last row group is sent, so only a panic closes it early.
            let encoded = channels[row_group % workers].recv().expect("a worker sends all of its row groups");
            let mut group = writer.next_row_group().map_err(not_written(&path))?;
            for column in encoded.map_err(not_written(&path))? {
                column.append_to_row_group(&mut group).map_err(not_written(&path))?;
            }
            group.close().map_err(not_written(&path))?;
            done += (plan.customers(row_group).len() * HOURS) as u64;
        }
        writer.close().map_err(not_written(&path))?;
        watch.report(done, Some(total))?;
        Ok(GeneratedFile { name: NAME, rows: total })
    })
}

/// What the workers need to make row groups.
struct Plan<'a> {
    population: &'a Population,
    factory: ArrowRowGroupWriterFactory,
    schema: SchemaRef,
    shape: YearShape,
    shared: SharedColumns,
}

impl Plan<'_> {
    /// Encodes row groups until all are done or nobody wants them any more.
    fn encode_all(
        &self,
        row_groups: impl Iterator<Item = usize>,
        out: &SyncSender<Result<Vec<ArrowColumnChunk>, ParquetError>>,
    ) {
        for row_group in row_groups {
            if out.send(self.encode(row_group)).is_err() {
                return;
            }
        }
    }

    fn encode(&self, row_group: usize) -> Result<Vec<ArrowColumnChunk>, ParquetError> {
        let writers = self.factory.create_column_writers(row_group)?;
        let columns = self.columns(self.customers(row_group))?;
        let mut chunks = Vec::with_capacity(columns.len());
        for ((mut writer, column), field) in writers.into_iter().zip(columns).zip(self.schema.fields()) {
            for leaf in compute_leaves(field, &column)? {
                writer.write(&leaf)?;
            }
            chunks.push(writer.close()?);
        }
        Ok(chunks)
    }

    /// The customers of a row group.
    fn customers(&self, row_group: usize) -> std::ops::Range<usize> {
        let start = row_group * CUSTOMERS_PER_ROW_GROUP;
        start..(start + CUSTOMERS_PER_ROW_GROUP).min(self.population.len())
    }

    /// Of who means to leave, some of the last three months falls away.
    fn consumer(&self, index: usize) -> Consumer<'_> {
        let (attributes, level) = (&self.population.attributes[index], &self.population.levels[index]);
        let easing = Easing { from_hour: self.shape.month_starts[9], share: self.population.minds[index].eases_off };
        Consumer { attributes, level, easings: [easing, NO_EASING] }
    }

    fn columns(&self, customers: std::ops::Range<usize>) -> Result<[ArrayRef; 4], ParquetError> {
        let rows = customers.len() * HOURS;
        let mut electricity_kwh = vec![0.0; rows];
        let mut gas_m3 = vec![0.0; rows];
        let years = electricity_kwh.chunks_exact_mut(HOURS).zip(gas_m3.chunks_exact_mut(HOURS));
        for (index, (electricity_kwh, gas_m3)) in customers.clone().zip(years) {
            let consumer = self.consumer(index);
            readings::fill(&self.shape, &consumer, self.population.seed, index, electricity_kwh, gas_m3);
        }
        let ids = Arc::new(StringArray::from_iter_values(customers.map(customer_id)));
        Ok([
            Arc::new(DictionaryArray::<Int32Type>::try_new(self.shared.id_keys.slice(0, rows), ids)?),
            Arc::new(DictionaryArray::<Int32Type>::try_new(
                self.shared.timestamp_keys.slice(0, rows),
                self.shared.timestamps.clone(),
            )?),
            Arc::new(Float64Array::from(electricity_kwh)),
            Arc::new(Float64Array::from(gas_m3)),
        ])
    }
}

/// The parts of the dictionary columns that are the same in every row group.
struct SharedColumns {
    id_keys: Int32Array,
    timestamp_keys: Int32Array,
    timestamps: Arc<StringArray>,
}

impl SharedColumns {
    fn new() -> Self {
        let rows = CUSTOMERS_PER_ROW_GROUP * HOURS;
        Self {
            id_keys: Int32Array::from_iter_values((0..rows).map(|row| (row / HOURS) as i32)),
            timestamp_keys: Int32Array::from_iter_values((0..rows).map(|row| (row % HOURS) as i32)),
            timestamps: Arc::new(StringArray::from_iter_values((0..HOURS).map(timestamp))),
        }
    }
}

pub(super) fn schema() -> Schema {
    let text = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    Schema::new(vec![
        Field::new("customer_id", text(), true),
        Field::new("timestamp", text(), true),
        Field::new("consumption_elec_kwh", DataType::Float64, true),
        Field::new("consumption_gas_m3", DataType::Float64, true),
    ])
}

pub(super) fn properties() -> WriterProperties {
    WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_column_dictionary_enabled(ColumnPath::from("consumption_elec_kwh"), false)
        .set_column_dictionary_enabled(ColumnPath::from("consumption_gas_m3"), false)
        .build()
}

pub(super) fn not_written(path: &Path) -> impl Fn(ParquetError) -> Error + use<'_> {
    move |problem| Error::file("write", path)(std::io::Error::other(problem))
}
