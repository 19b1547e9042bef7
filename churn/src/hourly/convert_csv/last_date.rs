//! The last date of readings in CSV, for whoever wants to know nothing else of them.

use std::path::Path;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::common_row::CommonRows;
use super::in_blocks::in_blocks;
use super::reading::{COLUMNS, quarter};
use super::{CsvReadings, ROWS_PER_BATCH};
use crate::csv::{Header, Records, open, require_columns};
use crate::hourly::calendar::date_of;
use crate::hourly::timestamp::TextTimestamps;
use crate::{Result, Watch};

const QUARTERS_OF_AN_HOUR: i64 = 4;

/// The last date in `csv` (`.csv` or `.csv.gz`), none where it holds no reading; messages call the file `name`.
///
/// It is that of the file converted on the clock of the same `zone`, in a fraction of the time: numbers are not looked
/// at, and nothing is written.
pub fn last_date_of_csv(csv: &Path, name: &str, zone: Tz, watch: &dyn Watch) -> Result<Option<NaiveDate>> {
    CsvReadings::of(csv, name, zone).last_date(watch)
}

impl CsvReadings<'_> {
    pub(super) fn last_date(&self, watch: &dyn Watch) -> Result<Option<NaiveDate>> {
        let mut records = open(self.csv, self.name)?;
        let header = require_columns(&mut records, &COLUMNS)?;
        let (mut last, mut rows) = (None, 0_u64);
        let hear = |read: Quarters| {
            last = last.max(read.last);
            rows += read.rows;
            watch.report(rows, None)
        };
        let mut records = in_blocks(records, self.block_bytes, |block| quarters(block, &header, self.zone), hear)?;
        let mut timestamps = TextTimestamps::of(self.zone);
        while records.advance_to_data()? {
            last = last.max(quarter(&records, &header, &mut timestamps)?);
            rows += 1;
            if rows.is_multiple_of(ROWS_PER_BATCH as u64) {
                watch.report(rows, None)?;
            }
        }
        Ok(last.map(|quarter| quarter.div_euclid(QUARTERS_OF_AN_HOUR)).and_then(date_of))
    }
}

/// What the rows of a block say.
#[derive(Default)]
struct Quarters {
    last: Option<i64>,
    rows: u64,
}

fn quarters(records: &mut Records<&[u8]>, header: &Header, zone: Tz) -> Result<Quarters> {
    let mut common = CommonRows::new(header, records.dialect()).without_numbers();
    let mut timestamps = TextTimestamps::of(zone);
    let mut read = Quarters::default();
    loop {
        let next = match common.next(records) {
            Some(reading) => reading.quarter,
            None if records.advance_to_data()? => quarter(records, header, &mut timestamps)?,
            None => return Ok(read),
        };
        read.last = read.last.max(next);
        read.rows += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::convert_csv;
    use super::*;
    use crate::Unwatched;
    use crate::hourly::RETAILER_ZONE;

    const HEADER: &str = "customer_id,timestamp,consumption_elec_kwh,consumption_gas_m3\n";

    fn last_date(rows: &str) -> Result<Option<NaiveDate>> {
        last_date_in(RETAILER_ZONE, rows)
    }

    fn last_date_in(zone: Tz, rows: &str) -> Result<Option<NaiveDate>> {
        let folder = tempfile::tempdir().unwrap();
        let csv = folder.path().join("readings.csv");
        std::fs::write(&csv, format!("{HEADER}{rows}")).unwrap();
        last_date_of_csv(&csv, "raw/readings.csv", zone, &Unwatched)
    }

    #[test]
    fn it_is_that_of_the_converted_file() {
        // Whose customer is not known is no reading; an instant is put on the retailer's clock.
        let rows = "C1,2024-01-10 10:00:00,1,1\n,2030-01-01 00:00:00,1,1\nC2, 2024-02-29T23:30:00Z ,1,1\n,,,\n";
        let folder = tempfile::tempdir().unwrap();
        let (csv, parquet) = (folder.path().join("readings.csv"), folder.path().join("readings.parquet"));
        std::fs::write(&csv, format!("{HEADER}{rows}")).unwrap();
        convert_csv(&csv, "readings.csv", &parquet, RETAILER_ZONE, &Unwatched).unwrap();
        let (_, converted) =
            crate::hourly::inspect_with_last_date(&parquet, "readings.parquet", RETAILER_ZONE).unwrap();
        assert_eq!(last_date(rows).unwrap(), converted);
        assert_eq!(last_date(rows).unwrap(), NaiveDate::from_ymd_opt(2024, 3, 1));
        assert_eq!(last_date("").unwrap(), None);
    }

    #[test]
    fn an_instant_is_of_the_day_that_the_clock_of_the_settings_shows() {
        let (instant, naive) = ("C1,2024-12-31T23:30:00Z,1,1\n", "C1,2024-12-31 23:30:00,1,1\n");
        // Behind a quote rows are read one by one.
        for quoted in ["", "\"C1\",2024-01-10 10:00:00,1,1\n"] {
            for (zone, of_instant) in [(RETAILER_ZONE, (2025, 1, 1)), (Tz::Atlantic__Canary, (2024, 12, 31))] {
                let last = |row: &str| last_date_in(zone, &format!("{quoted}{row}")).unwrap();
                let (year, month, day) = of_instant;
                assert_eq!(last(instant), NaiveDate::from_ymd_opt(year, month, day), "{zone}");
                assert_eq!(last(naive), NaiveDate::from_ymd_opt(2024, 12, 31), "{zone}");
            }
        }
    }

    #[test]
    fn numbers_are_for_the_conversion_and_a_bad_timestamp_is_named() {
        assert!(last_date("C1,2024-01-10 10:00:00,many,1\n").unwrap().is_some());
        let message = last_date("C1,2024-01-10 10:00:00,1,1\nC1,yesterday,1,1\n").unwrap_err().to_string();
        assert!(message.starts_with("raw/readings.csv, column timestamp, row 3: not a timestamp"), "{message}");
    }
}
