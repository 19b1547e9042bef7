//! The last date in a file of readings: the default as-of date of a run.

use std::path::Path;

use arrow_schema::DataType;
use chrono::NaiveDate;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;

use super::TIMESTAMP;
use super::calendar::date_of;
use super::decode::hours;
use super::readings_file::OpenReadings;
use super::timestamp::{TextTimestamps, units_per_hour};
use crate::{Error, Result};

/// The date of the latest timestamp in the file, from the column statistics.
///
/// Row groups without usable statistics are scanned (one column). Timestamps that cannot be read
/// are left to [`super::aggregate_slice`], which names their row.
pub fn last_date(path: &Path) -> Result<NaiveDate> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let readings = OpenReadings::open(path, &name)?;
    let mut last = None;
    for (index, group) in readings.row_groups().iter().enumerate() {
        last = last.max(match hour_in_statistics(&readings, group) {
            Some(hour) => Some(hour),
            None => last_hour_by_scan(&readings, index)?,
        });
    }
    last.and_then(date_of)
        .ok_or_else(|| Error::data(readings.name(), Some(TIMESTAMP), None, "holds no timestamp that can be read"))
}

fn hour_in_statistics(readings: &OpenReadings, group: &RowGroupMetaData) -> Option<i64> {
    let (leaf, data_type) = readings.timestamp();
    match (group.column(leaf).statistics()?, data_type) {
        // A writer may shorten a long maximum; what is left would not be a whole timestamp.
        (Statistics::ByteArray(of_text), _) => TextTimestamps::new().hour(of_text.max_opt()?.data()),
        (Statistics::Int64(of_number), DataType::Timestamp(unit, _)) => {
            Some(of_number.max_opt()?.div_euclid(units_per_hour(*unit)))
        }
        _ => None,
    }
}

fn last_hour_by_scan(readings: &OpenReadings, row_group: usize) -> Result<Option<i64>> {
    let mut timestamps = TextTimestamps::new();
    let mut last = None;
    for batch in readings.read_timestamps(row_group)? {
        last = last.max(hours(batch?.column(0), &mut timestamps).into_iter().flatten().max());
    }
    Ok(last)
}
