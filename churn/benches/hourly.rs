//! Compares summing a file of hourly readings with merely decoding its four columns.
//!
//! `cargo bench --bench hourly -- FILE [THREADS ...]`; prints a line of JSON for each: rows, seconds by the clock and
//! of the processors, and the most memory.

#![expect(clippy::disallowed_methods, reason = "it measures")]

mod meter;

use std::fs::File;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use arrow_schema::{DataType, Schema};
use churn::Unwatched;
use churn::hourly::{PartialSums, RETAILER_ZONE, Slice, aggregate_slice, inspect, plan_slices};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

const TARGET_BYTES: u64 = 256 << 20;
const COLUMNS: [&str; 4] = ["customer_id", "timestamp", "consumption_elec_kwh", "consumption_gas_m3"];

fn main() {
    // Cargo adds `--bench`; without a file there is nothing to measure.
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let Some(path) = arguments.next().map(PathBuf::from) else {
        println!("give a file of hourly readings: cargo bench --bench hourly -- FILE [THREADS ...]");
        return;
    };
    let mut threads: Vec<usize> = arguments.filter_map(|argument| argument.parse().ok()).collect();
    if threads.is_empty() {
        threads = vec![1, 2];
    }

    let file = inspect(&path, "readings").expect("the file holds hourly readings");
    let slices = plan_slices(&[file], TARGET_BYTES).concat();
    let rows: u64 = slices.iter().map(|slice| slice.rows).sum();
    for threads in threads {
        report("raw scan", threads, rows, || in_parallel(threads, &slices, |slice| scan(&path, slice)));
        report("sums", threads, rows, || sum(&path, threads, &slices));
    }
}

fn report<T>(what: &str, threads: usize, rows: u64, work: impl FnOnce() -> T) {
    let meter = meter::Meter::start();
    black_box(work());
    meter.stop(format!("{what} on {threads}"), rows).print();
}

fn sum(path: &Path, threads: usize, slices: &[Slice]) -> PartialSums {
    let parts = in_parallel(threads, slices, |slice| aggregate_slice(path, slice, RETAILER_ZONE, &Unwatched));
    PartialSums::merge(parts).expect("the file holds valid readings")
}

/// Decodes the four columns as they are stored, and looks at nothing.
fn scan(path: &Path, slice: &Slice) -> usize {
    let file = File::open(path).expect("the file was there a moment ago");
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).expect("the file was inspected");
    let first = slice.first_row_group as usize;
    let stored_columns = metadata.metadata().row_group(first).columns();
    let fields = metadata.schema().fields().iter().zip(stored_columns).map(|(field, stored)| {
        let is_dictionary = *field.data_type() == DataType::Utf8 && stored.dictionary_page_offset().is_some();
        let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let data_type = if is_dictionary { dictionary } else { field.data_type().clone() };
        field.as_ref().clone().with_data_type(data_type)
    });
    let schema = Schema::new_with_metadata(fields.collect::<Vec<_>>(), metadata.schema().metadata().clone());
    let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options).expect("text stays text");
    let mask = ProjectionMask::columns(builder.parquet_schema(), COLUMNS);
    let reader = builder
        .with_projection(mask)
        .with_row_groups((first..first + slice.row_groups as usize).collect())
        .with_batch_size(16_384)
        .build()
        .expect("the file was inspected");
    reader.map(|batch| black_box(batch.expect("the file is whole")).num_rows()).sum()
}

/// Runs `work` on every slice, each thread taking the next one; results come in slice order.
fn in_parallel<T: Send>(threads: usize, slices: &[Slice], work: impl Fn(&Slice) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let results: Vec<Mutex<Option<T>>> = slices.iter().map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(slice) = slices.get(index) else { break };
                    *results[index].lock().expect("no thread panics while it holds the lock") = Some(work(slice));
                }
            });
        }
    });
    let taken = results.into_iter().map(|result| result.into_inner().expect("every thread has ended"));
    taken.map(|result| result.expect("every slice was taken")).collect()
}
