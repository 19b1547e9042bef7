//! Converts readings that arrive as CSV (plain or gzip) to Parquet, once.
//!
//! Strict: what is not a reading stops the conversion and is named by its row, the header being
//! row 1. A field may stand in double quotes; quotes within a field have no meaning here.

mod header;
mod lines;
mod output;

use std::path::Path;

use self::header::Header;
use self::lines::{Bad, Lines};
use self::output::Output;
use super::timestamp::TextTimestamps;
use crate::{Error, Result, Watch};

/// The version of this computation; see [`crate::versions`].
pub const VERSION: u32 = 1;

const ROWS_PER_BATCH: usize = 65_536;

/// Writes the readings of `csv` (`.csv` or `.csv.gz`) to `parquet` and returns how many there are.
///
/// The four columns may stand in any order; other columns are ignored. An empty reading is null. A
/// row without a customer keeps its place, to be dropped and counted with the others. On an error
/// no file is left behind.
pub fn convert_csv(csv: &Path, parquet: &Path, watch: &dyn Watch) -> Result<u64> {
    let converted = convert(csv, parquet, watch);
    if converted.is_err() && parquet.exists() {
        std::fs::remove_file(parquet).map_err(Error::file("remove", parquet))?;
    }
    converted
}

fn convert(csv: &Path, parquet: &Path, watch: &dyn Watch) -> Result<u64> {
    let mut lines = Lines::open(csv)?;
    if !lines.advance()? {
        return Err(lines.bad(Bad(None, "the file is empty; a header line is needed")));
    }
    let header = Header::parse(lines.text()?).map_err(|bad| lines.bad(bad))?;
    let mut output = Output::create(parquet)?;
    let mut timestamps = TextTimestamps::new();
    while lines.advance()? {
        let line = lines.text()?;
        if line.is_empty() {
            continue;
        }
        let reading = header.reading(line, &mut timestamps);
        output.push(&reading.map_err(|bad| lines.bad(bad))?);
        if output.pending == ROWS_PER_BATCH {
            output.flush()?;
            watch.report(output.rows, None)?;
        }
    }
    if output.rows == 0 && output.pending == 0 {
        return Err(lines.bad(Bad(None, "holds no readings")));
    }
    output.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression as Level;
    use flate2::write::GzEncoder;

    use super::super::test_files::sum_file;
    use super::*;
    use crate::Unwatched;
    use crate::hourly::PartialSums;

    const HEADER: &str = "customer_id,timestamp,consumption_elec_kwh,consumption_gas_m3\n";

    fn convert_bytes(content: &[u8]) -> Result<(u64, PartialSums)> {
        let folder = tempfile::tempdir().unwrap();
        let (csv, parquet) = (folder.path().join("readings.csv"), folder.path().join("readings.parquet"));
        std::fs::write(&csv, content).unwrap();
        let rows = convert_csv(&csv, &parquet, &Unwatched).inspect_err(|_| assert!(!parquet.exists()))?;
        Ok((rows, sum_file(&parquet, u64::MAX)?))
    }

    fn gzip(content: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Level::fast());
        encoder.write_all(content.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn csv_in_any_dress_gives_the_same_sums() {
        let plain = format!("{HEADER}C1,2024-01-10 10:00:00,1.5,\n,,,\nC2,2024-01-10T09:00:00,,-2e0\n");
        let (rows, sums) = convert_bytes(plain.as_bytes()).unwrap();
        assert_eq!((rows, sums.rows, sums.dropped_rows, sums.negative_gas), (3, 3, 1, 1));
        assert_eq!(sums.lines[0].elec_kwh, [1.5, 0.0, 0.0]);
        assert_eq!(sums.customers, ["C1", "C2"]);

        let dressed = "\u{feff}consumption_gas_m3,\"customer_id\",note,consumption_elec_kwh,timestamp\r\n\
             ,\"C1\",\"a, b\",1.5,2024-01-10 10:00:00\r\n\r\n,,,,\r\n-2,C2,x,,2024-01-10 09:00:00";
        assert_eq!(convert_bytes(dressed.as_bytes()).unwrap().1, sums);
        assert_eq!(convert_bytes(&gzip(&plain)).unwrap().1, sums);
        // A gzip file may consist of several members, as parallel compressors write it.
        let (head, tail) = plain.split_at(90);
        assert_eq!(convert_bytes(&[gzip(head), gzip(tail)].concat()).unwrap().1, sums);
    }

    #[test]
    fn a_row_that_is_no_reading_is_named_with_its_rule() {
        let good = "C1,2024-01-10 10:00:00,1.5,0\n";
        for (line, expected) in [
            ("C9,2024-01-10,1.5,0", "column timestamp, row 3: not a timestamp"),
            ("C9,,1.5,0", "column timestamp, row 3: not a timestamp"),
            ("C9,2024-01-10 10:00:00,1.5kWh,0", "column consumption_elec_kwh, row 3: not a number"),
            ("C9,2024-01-10 10:00:00,1.5,nan", "column consumption_gas_m3, row 3: not a believable"),
            ("C9,2024-01-10 10:00:00,1.5", "row 3: has fewer fields than the header"),
            ("C9,2024-01-10 10:00:00,1,5,0", "row 3: has more fields than the header"),
            ("\"C9,2024-01-10 10:00:00,1,5", "row 3: a quoted field does not end"),
            ("\"C\"9,2024-01-10 10:00:00,1,5", "row 3: a quoted field is followed"),
        ] {
            let message = convert_bytes(format!("{HEADER}{good}{line}\n").as_bytes()).unwrap_err().to_string();
            assert!(message.starts_with("readings.csv, ") && message.contains(expected), "{message}");
            assert!(!message.contains("C9"), "{message}");
        }
    }

    #[test]
    fn damaged_files_are_errors() {
        let expect = |content: &[u8], expected: &str| {
            let error = convert_bytes(content).unwrap_err();
            assert!(matches!(error, Error::Data(_)) && error.to_string().contains(expected), "{error}");
        };
        expect(b"", "row 1: the file is empty");
        expect(HEADER.as_bytes(), "holds no readings");
        expect(b"customer_id,timestamp,consumption_elec_kwh\nC1", "column consumption_gas_m3, row 1: the header must");
        expect(&[HEADER.as_bytes(), b"C\xff,2024-01-10 10:00:00,1,1\n"].concat(), "row 2: is not UTF-8");
        let compressed = gzip(&format!("{HEADER}C1,2024-01-10 10:00:00,1.5,0\n"));
        expect(&compressed[..compressed.len() - 12], "damaged or ends early");
        expect(&gzip(&format!("{HEADER}{}", "C".repeat(3 << 20))), "row 2: is longer than a line can be");
    }
}
