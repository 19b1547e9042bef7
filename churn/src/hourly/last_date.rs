//! The last date in a file of readings, as far as can be seen before they are summed: a run's date is settled by their
//! coverage, see [`super::Coverage`].

use std::path::Path;

use arrow_schema::DataType;
use chrono::NaiveDate;
use chrono_tz::Tz;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;

use super::calendar::date_of;
use super::columns::TIMESTAMP;
use super::decode::hours;
use super::readings_file::{OpenReadings, ReadingsFile};
use super::timestamp::{TextTimestamps, quarter_in};
use crate::wall::contained;
use crate::{Error, Result};

const NO_TIMESTAMP: &str = "holds no timestamp that can be read (as `2024-01-31 23:00:00`, with the zone behind it where it is \
     not the retailer's)";

/// [`super::inspect`], and the date of the latest timestamp in the file, from the column statistics; none where the file
/// holds no readings. An instant is of the day that the clock of `zone` shows.
///
/// Row groups without usable statistics are scanned (one column). Timestamps that cannot be read
/// are left to [`super::aggregate_slice`], which names their row.
pub fn inspect_with_last_date(path: &Path, name: &str, zone: Tz) -> Result<(ReadingsFile, Option<NaiveDate>)> {
    let readings = OpenReadings::open(path, name)?;
    let listed = readings.listed();
    let date = if listed.is_empty() { None } else { Some(last_date(&readings, zone)?) };
    Ok((listed, date))
}

fn last_date(readings: &OpenReadings, zone: Tz) -> Result<NaiveDate> {
    let mut last = None;
    for (index, group) in readings.row_groups().iter().enumerate() {
        let latest = || match hour_in_statistics(readings, group, zone) {
            Some(hour) => Ok(Some(hour)),
            None => last_hour_by_scan(readings, index, zone),
        };
        last = last.max(contained(readings.name(), latest)?);
    }
    last.and_then(date_of).ok_or_else(|| Error::data(readings.name(), Some(TIMESTAMP), None, NO_TIMESTAMP))
}

fn hour_in_statistics(readings: &OpenReadings, group: &RowGroupMetaData, zone: Tz) -> Option<i64> {
    let (leaf, data_type) = readings.timestamp();
    match (group.column(leaf).statistics()?, data_type) {
        // A writer may shorten a long maximum; what is left would not be a whole timestamp.
        (Statistics::ByteArray(of_text), _) => TextTimestamps::of(zone).hour(of_text.max_opt()?.data()),
        (Statistics::Int64(of_number), DataType::Timestamp(unit, of_instants)) => {
            let quarter = quarter_in(*unit, *of_number.max_opt()?);
            let local = if of_instants.is_some() { TextTimestamps::of(zone).local(quarter) } else { quarter };
            Some(local.div_euclid(4))
        }
        _ => None,
    }
}

fn last_hour_by_scan(readings: &OpenReadings, row_group: usize, zone: Tz) -> Result<Option<i64>> {
    let mut timestamps = TextTimestamps::of(zone);
    let mut last = None;
    for batch in readings.read_timestamps(row_group)? {
        let hours = hours(&batch?, &mut timestamps).map_err(|bad| bad.at(readings.name(), row_group, 0))?;
        last = last.max(hours.into_iter().flatten().max());
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Float64Array, StringArray, TimestampMillisecondArray};

    use super::super::RETAILER_ZONE;
    use super::super::test_files::{Layout, write_columns, write_readings};
    use super::*;

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    fn last_date_of(path: &Path) -> Result<Option<NaiveDate>> {
        last_date_in(RETAILER_ZONE, path)
    }

    fn last_date_in(zone: Tz, path: &Path) -> Result<Option<NaiveDate>> {
        inspect_with_last_date(path, "readings.parquet", zone).map(|(_, date)| date)
    }

    #[test]
    fn the_last_date_is_found_with_and_without_statistics() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("readings.parquet");
        let at = |timestamp| (Some("C1"), Some(timestamp), Some(1.0), None);
        let readings = [at("2024-03-01 00:00:00"), at("2024-12-30T23:00:00"), at("2024-05-01 00:00:00")];
        for (statistics, dictionary) in [(true, true), (false, true), (false, false)] {
            write_readings(&path, Layout { rows_per_group: 2, dictionary, statistics }, &readings);
            assert_eq!(last_date_of(&path).unwrap(), Some(date(2024, 12, 30)));
        }
    }

    #[test]
    fn a_real_timestamp_column_works_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("readings.parquet");
        let number: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 1.0]));
        // The last second of 2024-12-31, and the first of 2024.
        let timestamps: ArrayRef =
            Arc::new(TimestampMillisecondArray::from(vec![1_735_689_599_000, 1_704_067_200_000]));
        for statistics in [true, false] {
            let columns: Vec<(&str, ArrayRef)> = vec![
                ("customer_id", Arc::new(StringArray::from(vec!["C1", "C1"]))),
                ("timestamp", Arc::clone(&timestamps)),
                ("consumption_elec_kwh", Arc::clone(&number)),
                ("consumption_gas_m3", Arc::clone(&number)),
            ];
            write_columns(&path, Layout { rows_per_group: 1, dictionary: true, statistics }, columns);
            assert_eq!(last_date_of(&path).unwrap(), Some(date(2024, 12, 31)));
        }
    }

    #[test]
    fn an_instant_is_of_the_day_that_the_clock_of_the_settings_shows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("readings.parquet");
        // 2024-12-31T23:30:00Z.
        let numbers: ArrayRef = Arc::new(TimestampMillisecondArray::from(vec![1_735_687_800_000]).with_timezone("UTC"));
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["2024-12-31T23:30:00Z"]));
        for (timestamps, statistics) in [(&numbers, true), (&numbers, false), (&texts, true), (&texts, false)] {
            let reading: ArrayRef = Arc::new(Float64Array::from(vec![1.0]));
            let columns: Vec<(&str, ArrayRef)> = vec![
                ("customer_id", Arc::new(StringArray::from(vec!["C1"]))),
                ("timestamp", Arc::clone(timestamps)),
                ("consumption_elec_kwh", Arc::clone(&reading)),
                ("consumption_gas_m3", reading),
            ];
            write_columns(&path, Layout { rows_per_group: 1, dictionary: true, statistics }, columns);
            assert_eq!(last_date_in(RETAILER_ZONE, &path).unwrap(), Some(date(2025, 1, 1)));
            assert_eq!(last_date_in(Tz::Atlantic__Canary, &path).unwrap(), Some(date(2024, 12, 31)));
        }
    }

    #[test]
    fn readings_without_any_timestamp_are_an_error_that_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("readings.parquet");
        let layout = Layout { rows_per_group: 9, dictionary: true, statistics: true };
        write_readings(&path, layout, &[(Some("C1"), None, None, None), (Some("C1"), Some("soon"), None, None)]);
        let message = last_date_of(&path).unwrap_err().to_string();
        assert!(message.starts_with("readings.parquet, column timestamp: holds no timestamp"), "{message}");
        assert!(message.contains("as `2024-01-31 23:00:00`"), "{message}");
    }
}
