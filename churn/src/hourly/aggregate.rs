//! Sums one slice of the readings, batch by batch.

use std::path::Path;

use chrono_tz::Tz;

use super::accumulator::Accumulator;
use super::decode::Decoder;
use super::partial_sums::PartialSums;
use super::readings_file::OpenReadings;
use super::slices::Slice;
use crate::wall::contained;
use crate::{Error, Result, Watch};

/// The version of this computation; see [`crate::versions`].
pub const VERSION: u32 = 7;

/// Progress is told every so many rows: tens of milliseconds of work.
const ROWS_PER_REPORT: u64 = 1 << 20;

/// Sums the readings of `slice` per customer, month and tier, with `path` the local copy of its file.
///
/// Timestamps with a zone are put on the clock of `zone`, others are that clock's already. A reading below 0 adds
/// nothing and neither does a null; both are counted per customer and month, and so is electricity of exactly 0, beside the
/// number of readings and the days that have one. Rows without a customer are dropped and counted. Fails with [`Error::Data`], naming row group and row (both from 1), on a null or
/// unreadable timestamp and on a reading that is not finite or beyond belief. Sums are taken on one
/// thread, and do not depend on the order of the rows.
pub fn aggregate_slice(path: &Path, slice: &Slice, zone: Tz, watch: &dyn Watch) -> Result<PartialSums> {
    let readings = OpenReadings::open(path, &slice.file)?;
    let mut sums = Accumulator::default();
    let mut decoder = Decoder::of(zone);
    let mut reported = 0;
    for row_group in row_groups(slice, &readings)? {
        // A task without data writes a row group without rows, and perhaps without pages.
        if readings.row_groups()[row_group].num_rows() == 0 {
            continue;
        }
        let rows_before = sums.rows;
        for batch in readings.read(row_group)? {
            let first_row = sums.rows - rows_before;
            let batch = batch?;
            contained(&slice.file, || {
                decoder.add(&batch, &mut sums).map_err(|bad| bad.at(&slice.file, row_group, first_row))
            })?;
            if sums.rows - reported >= ROWS_PER_REPORT {
                watch.report(sums.rows, Some(slice.rows))?;
                reported = sums.rows;
            }
        }
    }
    watch.report(sums.rows, Some(slice.rows))?;
    if sums.rows != slice.rows {
        return Err(Error::data(
            &slice.file,
            None,
            None,
            format!("the slice should hold {} readings, but {} were read; plan the slices anew", slice.rows, sums.rows),
        ));
    }
    Ok(sums.finish())
}

fn row_groups(slice: &Slice, readings: &OpenReadings) -> Result<std::ops::Range<usize>> {
    let first = slice.first_row_group as usize;
    let end = first + slice.row_groups as usize;
    let available = readings.row_groups().len();
    if end > available {
        let rule = format!("the slice ends at row group {end}, but the file has {available}; plan the slices anew");
        return Err(Error::data(&slice.file, None, None, rule));
    }
    Ok(first..end)
}

#[cfg(test)]
mod tests;
