//! Small Parquet files of readings for the tests of this module.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use super::{PartialSums, RETAILER_ZONE, aggregate_slice, inspect, plan_slices};
use crate::{Result, Unwatched};

/// A reading as it stands in a file: customer, timestamp, electricity, gas.
pub type Reading<'a> = (Option<&'a str>, Option<&'a str>, Option<f64>, Option<f64>);

/// How a test file is laid out.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    pub rows_per_group: usize,
    pub dictionary: bool,
    pub statistics: bool,
}

pub const PLAIN: Layout = Layout { rows_per_group: 1_000_000, dictionary: false, statistics: false };
pub const USUAL: Layout = Layout { rows_per_group: 1_000_000, dictionary: true, statistics: true };

pub fn write_readings(path: &Path, layout: Layout, readings: &[Reading]) {
    let customers: StringArray = readings.iter().map(|reading| reading.0).collect();
    let timestamps: StringArray = readings.iter().map(|reading| reading.1).collect();
    let elec: Float64Array = readings.iter().map(|reading| reading.2).collect();
    let gas: Float64Array = readings.iter().map(|reading| reading.3).collect();
    write_columns(
        path,
        layout,
        vec![
            ("customer_id", Arc::new(customers)),
            ("timestamp", Arc::new(timestamps)),
            ("consumption_elec_kwh", Arc::new(elec)),
            ("consumption_gas_m3", Arc::new(gas)),
        ],
    );
}

pub fn write_columns(path: &Path, layout: Layout, columns: Vec<(&str, ArrayRef)>) {
    let nullable = columns.into_iter().map(|(name, column)| (name, column, true));
    let batch = RecordBatch::try_from_iter_with_nullable(nullable).unwrap();
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(layout.dictionary)
        .set_statistics_enabled(if layout.statistics { EnabledStatistics::Page } else { EnabledStatistics::None })
        .set_max_row_group_row_count(Some(layout.rows_per_group))
        .build();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// Sums a file in slices of `target_bytes`.
pub fn sum_file(path: &Path, target_bytes: u64) -> Result<PartialSums> {
    let slices = plan_slices(&[inspect(path, "readings.parquet")?], target_bytes).concat();
    PartialSums::merge(slices.iter().map(|slice| aggregate_slice(path, slice, RETAILER_ZONE, &Unwatched)))
}
