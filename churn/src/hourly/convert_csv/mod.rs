//! Converts readings that arrive as CSV (plain or gzip) to Parquet, once.
//!
//! Strict: what is not a reading stops the conversion and is named by its row, the header being
//! row 1. What a field, a line and a number are is the same as in the small files: [`crate::csv`].
//!
//! Blocks of rows are read on all cores, up to the first one with a quote; the file that is written has the same bytes
//! however many cores there are.

mod common_row;
#[cfg(test)]
mod cut_test;
mod in_blocks;
mod last_date;
mod number;
mod output;
mod reading;
mod rows;

use std::path::Path;

use chrono_tz::Tz;

use self::common_row::CommonRows;
use self::in_blocks::{BLOCK_BYTES, in_blocks};
pub use self::last_date::last_date_of_csv;
use self::output::Output;
use self::reading::{COLUMNS, reading};
use self::rows::{Rows, RowsBuilder};
use super::timestamp::TextTimestamps;
use crate::csv::{FileRecords, Header, Records, open, require_columns};
use crate::quality::Finding;
use crate::{Error, Result, Watch};

/// The version of this computation; see [`crate::versions`].
pub const VERSION: u32 = 3;

const ROWS_PER_BATCH: usize = 65_536;

/// What became of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Converted {
    /// How many readings it holds; there may be none.
    pub rows: u64,
    /// What people should know of it; nothing of it blocks.
    pub findings: Vec<Finding>,
}

/// Writes the readings of `csv` (`.csv` or `.csv.gz`) to `parquet`; messages call the file `name`.
///
/// The four columns may stand in any order; other columns are ignored. A blank reading is null. A
/// row without a customer keeps its place, to be dropped and counted with the others; a blank row is none. Timestamps with
/// a zone are put on the clock of `zone`, others are that clock's already. On an error no file is left behind.
pub fn convert_csv(csv: &Path, name: &str, parquet: &Path, zone: Tz, watch: &dyn Watch) -> Result<Converted> {
    CsvReadings::of(csv, name, zone).convert(parquet, watch)
}

/// A file of readings, and how it is read.
struct CsvReadings<'a> {
    csv: &'a Path,
    /// What messages call it.
    name: &'a str,
    /// The clock that timestamps with a zone are put on.
    zone: Tz,
    /// About so many bytes are a block.
    block_bytes: usize,
}

impl<'a> CsvReadings<'a> {
    fn of(csv: &'a Path, name: &'a str, zone: Tz) -> Self {
        Self { csv, name, zone, block_bytes: BLOCK_BYTES }
    }

    /// Writes them to `parquet`; on an error no file is left behind.
    fn convert(&self, parquet: &Path, watch: &dyn Watch) -> Result<Converted> {
        let converted = self.write(parquet, watch);
        if converted.is_err() && parquet.exists() {
            std::fs::remove_file(parquet).map_err(Error::file("remove", parquet))?;
        }
        converted
    }

    fn write(&self, parquet: &Path, watch: &dyn Watch) -> Result<Converted> {
        let mut records = open(self.csv, self.name)?;
        let header = require_columns(&mut records, &COLUMNS)?;
        let mut output = Output::create(parquet)?;
        let write = |rows: Rows| {
            output.extend(&rows)?;
            watch.report(output.rows, None)
        };
        let mut records = in_blocks(records, self.block_bytes, |block| rows(block, &header, self.zone), write)?;
        write_others(&mut records, &header, self.zone, &mut output, watch)?;
        Ok(Converted { rows: output.finish()?, findings: records.findings("consumption_hourly") })
    }
}

/// The rows of a block.
fn rows(records: &mut Records<&[u8]>, header: &Header, zone: Tz) -> Result<Rows> {
    let mut common = CommonRows::new(header, records.dialect());
    let mut timestamps = TextTimestamps::of(zone);
    let mut rows = RowsBuilder::default();
    loop {
        if let Some(reading) = common.next(records) {
            rows.push(&reading);
        } else if records.advance_to_data()? {
            rows.push(&reading(records, header, &mut timestamps)?);
        } else {
            return Ok(rows.finish());
        }
    }
}

/// Writes what is in no block, row by row.
fn write_others(
    records: &mut FileRecords,
    header: &Header,
    zone: Tz,
    output: &mut Output,
    watch: &dyn Watch,
) -> Result<()> {
    let mut timestamps = TextTimestamps::of(zone);
    while records.advance_to_data()? {
        if output.push(&reading(records, header, &mut timestamps)?)? {
            watch.report(output.rows, None)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression as Level;
    use flate2::write::GzEncoder;

    use super::super::test_files::sum_file;
    use super::*;
    use crate::Unwatched;
    use crate::hourly::{PartialSums, RETAILER_ZONE};

    const HEADER: &str = "customer_id,timestamp,consumption_elec_kwh,consumption_gas_m3\n";

    fn convert_bytes(content: &[u8]) -> Result<(u64, PartialSums)> {
        let folder = tempfile::tempdir().unwrap();
        let (csv, parquet) = (folder.path().join("readings.csv"), folder.path().join("readings.parquet"));
        std::fs::write(&csv, content).unwrap();
        let converted = convert_csv(&csv, "raw/readings.csv", &parquet, RETAILER_ZONE, &Unwatched);
        let converted = converted.inspect_err(|_| assert!(!parquet.exists()))?;
        Ok((converted.rows, sum_file(&parquet, u64::MAX)?))
    }

    fn gzip(content: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Level::fast());
        encoder.write_all(content.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn csv_in_any_dress_gives_the_same_sums() {
        let plain = format!("{HEADER}C1,2024-01-10 10:00:00,1.5,\n,,1,\nC2,2024-01-10T09:00:00,,-2e0\n,,,\n");
        let (rows, sums) = convert_bytes(plain.as_bytes()).unwrap();
        assert_eq!((rows, sums.rows, sums.dropped_rows, sums.negative_gas), (3, 3, 1, 1));
        assert_eq!(sums.lines[0].elec_kwh, [1.5, 0.0, 0.0]);
        assert_eq!(sums.customers, ["C1", "C2"]);

        let dressed = "\u{feff}Consumption_Gas_m3,\"customer_id\",note,consumption_elec_kwh,TIMESTAMP\r\n\
             ,\"C1\",\"a, \"\"b\"\"\r\nc\",1.5,2024-01-10 10:00:00\r\n\r\n,,,1,\r\n-2, C2 ,x,,2024-01-10 09:00:00";
        assert_eq!(convert_bytes(dressed.as_bytes()).unwrap().1, sums);
        let spanish = plain.replace(',', ";").replace("1.5", "1,5");
        assert_eq!(convert_bytes(spanish.as_bytes()).unwrap().1, sums);
        assert_eq!(convert_bytes(plain.replace('\n', "\r").as_bytes()).unwrap().1, sums, "line ends of an old Mac");
        assert_eq!(convert_bytes(&gzip(&plain)).unwrap().1, sums);
        // A gzip file may consist of several members, as parallel compressors write it.
        let (head, tail) = plain.split_at(90);
        assert_eq!(convert_bytes(&[gzip(head), gzip(tail)].concat()).unwrap().1, sums);
    }

    #[test]
    fn an_instant_is_put_on_the_clock_of_the_settings_and_other_timestamps_stay() {
        let folder = tempfile::tempdir().unwrap();
        let (csv, parquet) = (folder.path().join("readings.csv"), folder.path().join("readings.parquet"));
        let last_date = |row: &str, quoted: &str, zone: Tz| {
            std::fs::write(&csv, format!("{HEADER}{quoted}{row}\n")).unwrap();
            convert_csv(&csv, "readings.csv", &parquet, zone, &Unwatched).unwrap();
            crate::hourly::inspect_with_last_date(&parquet, "readings.csv", zone).unwrap().1.unwrap().to_string()
        };
        // Behind a quote rows are read one by one.
        for quoted in ["", "\"C1\",2024-01-10 10:00:00,1,1\n"] {
            for (zone, instant) in [(RETAILER_ZONE, "2025-01-01"), (Tz::Atlantic__Canary, "2024-12-31")] {
                assert_eq!(last_date("C1,2024-12-31T23:30:00Z,1,1", quoted, zone), instant, "{zone}");
                assert_eq!(last_date("C1,2024-12-31 23:30:00,1,1", quoted, zone), "2024-12-31", "{zone}");
            }
        }
    }

    #[test]
    fn a_row_that_is_no_reading_is_named_with_its_rule() {
        let good = "C1,2024-01-10 10:00:00,1.5,0\n";
        for (line, expected) in [
            ("C9,2024-01-10,1.5,0", "column timestamp, row 3: not a timestamp"),
            ("C9,,1.5,0", "column timestamp, row 3: not a timestamp"),
            ("C9,2024-01-10 10:00:00,1.5kWh,0", "column consumption_elec_kwh, row 3: not a number"),
            ("C9,2024-01-10 10:00:00,1.5,nan", "column consumption_gas_m3, row 3: not a believable"),
            ("C9,2024-01-10 10:00:00,1.5", "row 3: 3 fields where the header has 4"),
            ("C9,2024-01-10 10:00:00,1,5,0", "row 3: 5 fields where the header has 4 (a decimal comma"),
            ("\"C9,2024-01-10 10:00:00,1,5", "row 3: a quote is opened and never closed"),
            ("\"C\"9,2024-01-10 10:00:00,1,5", "row 3: text after a closing quote"),
        ] {
            let message = convert_bytes(format!("{HEADER}{good}{line}\n").as_bytes()).unwrap_err().to_string();
            assert!(message.starts_with("raw/readings.csv, ") && message.contains(expected), "{message}");
            assert!(!message.contains("C9"), "{message}");
        }
    }

    #[test]
    fn damaged_files_are_errors() {
        let expect = |content: &[u8], expected: &str| {
            let error = convert_bytes(content).unwrap_err();
            assert!(matches!(error, Error::Data(_)) && error.to_string().contains(expected), "{error}");
        };
        expect(b"", "raw/readings.csv: the file is empty");
        expect(
            b"customer_id,timestamp,consumption_elec_kwh\nC1",
            "column consumption_gas_m3, row 1: the column is missing",
        );
        expect(&[HEADER.as_bytes(), b"C\xff,2024-01-10 10:00:00,1,1\n"].concat(), "row 2: not UTF-8");
        expect(b"PK\x03\x04", "Excel workbook");
        let compressed = gzip(&format!("{HEADER}C1,2024-01-10 10:00:00,1.5,0\n"));
        expect(&compressed[..compressed.len() - 12], "damaged or ends early");
        expect(&gzip(&format!("{HEADER}{}", "C".repeat(3 << 20))), "row 2: is longer than a row can be");
    }

    #[test]
    fn a_file_with_a_header_alone_holds_no_readings_and_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        let (csv, parquet) = (folder.path().join("readings.csv"), folder.path().join("readings.parquet"));
        std::fs::write(&csv, HEADER).unwrap();
        assert_eq!(convert_csv(&csv, "readings.csv", &parquet, RETAILER_ZONE, &Unwatched).unwrap().rows, 0);
        assert!(crate::hourly::inspect(&parquet, "readings.csv").unwrap().is_empty());
    }

    #[test]
    fn semicolons_with_decimal_points_are_refused_and_a_cut_last_row_says_so() {
        let message = |content: &str| convert_bytes(content.as_bytes()).unwrap_err().to_string();
        let points = format!("{HEADER}C1,2024-01-10 10:00:00,1,5\nC1,2024-01-10 11:00:00,1.5,0\n").replace(',', ";");
        let said = message(&points);
        let expected = "raw/readings.csv, column consumption_elec_kwh, row 3: a decimal point in a file whose fields are \
                        separated by `;`: either semicolons with a decimal comma";
        assert!(said.starts_with(expected), "{said}");
        let said = message(&format!("{HEADER}C1,2024-01-10 10:00:00,1,5\nC1,2024-01-10 1"));
        assert!(
            said.contains("row 3: 2 fields where the header has 4") && said.contains("is the file cut off?"),
            "{said}"
        );
    }

    #[test]
    fn what_is_told_of_a_file_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let (csv, parquet) = (folder.path().join("readings.csv"), folder.path().join("readings.parquet"));
        std::fs::write(&csv, format!("{HEADER},,,\nC1,2024-01-10 10:00:00,1,5")).unwrap();
        let told = convert_csv(&csv, "raw/a.csv", &parquet, RETAILER_ZONE, &Unwatched).unwrap().findings;
        let rules: Vec<_> = told.iter().map(|finding| finding.rule.as_str()).collect();
        assert_eq!(rules, ["blank_rows", "no_last_line_end"]);
        assert!(told.iter().all(|finding| finding.words.contains("raw/a.csv")), "{told:?}");
    }
}
