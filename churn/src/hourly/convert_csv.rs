//! Converts readings that arrive as CSV (plain or gzip) to Parquet, once.
//!
//! Strict: what is not a reading stops the conversion and is named by its row, the header being
//! row 1. A field may stand in double quotes; quotes within a field have no meaning here.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{Float64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use flate2::bufread::MultiGzDecoder;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::columns::{CUSTOMER, ELEC, GAS, LARGEST_READING, LARGEST_READING_RULE, TIMESTAMP, TIMESTAMP_RULE};
use super::timestamp::TextTimestamps;
use crate::{Error, Result, Watch};

/// The version of this computation; see [`crate::versions`].
pub const VERSION: u32 = 1;

const COLUMNS: [&str; 4] = [CUSTOMER, TIMESTAMP, ELEC, GAS];
const ROWS_PER_BATCH: usize = 65_536;
const ROWS_PER_ROW_GROUP: usize = 1_048_576;
/// A longer line is no reading: a compressed file may hold gigabytes without a line end.
const LONGEST_LINE: u64 = 1 << 20;

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

/// What is wrong with a row: the column, when one is to blame, and the rule.
struct Bad(Option<&'static str>, &'static str);

/// The lines of a CSV file, without their ends, counted from 1.
struct Lines {
    name: String,
    path: std::path::PathBuf,
    reader: Box<dyn BufRead>,
    buffer: Vec<u8>,
    row: u64,
}

impl Lines {
    fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(Error::file("open", path))?;
        let mut plain = BufReader::with_capacity(1 << 20, file);
        let start = plain.fill_buf().map_err(Error::file("read", path))?;
        let reader: Box<dyn BufRead> = if start.starts_with(&[0x1f, 0x8b]) {
            Box::new(BufReader::with_capacity(1 << 20, MultiGzDecoder::new(plain)))
        } else {
            Box::new(plain)
        };
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Ok(Self { name, path: path.to_owned(), reader, buffer: Vec::new(), row: 0 })
    }

    /// Goes to the next line; false at the end of the file.
    fn advance(&mut self) -> Result<bool> {
        self.buffer.clear();
        self.row += 1;
        match self.reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut self.buffer) {
            Ok(bytes) if bytes as u64 == LONGEST_LINE => Err(self.bad(Bad(None, "is longer than a line can be"))),
            Ok(bytes) => Ok(bytes > 0),
            Err(error) if is_damage(error.kind()) => {
                Err(self.bad(Bad(None, "the compressed file is damaged or ends early")))
            }
            Err(error) => Err(Error::file("read", &self.path)(error)),
        }
    }

    fn text(&self) -> Result<&str> {
        let line = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        std::str::from_utf8(line).map_err(|_| self.bad(Bad(None, "is not UTF-8 text")))
    }

    fn bad(&self, Bad(column, rule): Bad) -> Error {
        Error::data(&self.name, column, Some(format!("row {}", self.row)), rule)
    }
}

fn is_damage(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput)
}

/// What each field of a line is: a place in [`COLUMNS`], or nothing that is needed.
struct Header(Vec<Option<usize>>);

/// One checked row; `None` is null.
#[derive(Default)]
struct Reading<'a> {
    customer: Option<&'a str>,
    timestamp: Option<&'a str>,
    elec: Option<f64>,
    gas: Option<f64>,
}

impl Header {
    fn parse(line: &str) -> Result<Self, Bad> {
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        let mut roles = Vec::new();
        let mut rest = Some(line);
        while let Some(fields) = rest {
            let (field, after) = split_field(fields).map_err(|rule| Bad(None, rule))?;
            roles.push(COLUMNS.iter().position(|column| *column == field));
            rest = after;
        }
        for (role, column) in COLUMNS.iter().enumerate() {
            if roles.iter().filter(|known| **known == Some(role)).count() != 1 {
                return Err(Bad(Some(column), "the header must name this column exactly once"));
            }
        }
        Ok(Self(roles))
    }

    fn reading<'a>(&self, line: &'a str, timestamps: &mut TextTimestamps) -> Result<Reading<'a>, Bad> {
        let [customer, timestamp, elec, gas] = self.fields(line).map_err(|rule| Bad(None, rule))?;
        if customer.is_empty() {
            return Ok(Reading::default());
        }
        if timestamps.hour(timestamp.as_bytes()).is_none() {
            return Err(Bad(Some(TIMESTAMP), TIMESTAMP_RULE));
        }
        let (elec, gas) = (number(ELEC, elec)?, number(GAS, gas)?);
        Ok(Reading { customer: Some(customer), timestamp: Some(timestamp), elec, gas })
    }

    fn fields<'a>(&self, line: &'a str) -> Result<[&'a str; 4], &'static str> {
        let mut wanted = [""; 4];
        let mut rest = Some(line);
        for role in &self.0 {
            let (field, after) = split_field(rest.ok_or("has fewer fields than the header")?)?;
            if let Some(role) = role {
                wanted[*role] = field;
            }
            rest = after;
        }
        match rest {
            None => Ok(wanted),
            Some(_) => Err("has more fields than the header"),
        }
    }
}

/// The first field of a line and what follows its comma.
fn split_field(line: &str) -> Result<(&str, Option<&str>), &'static str> {
    let Some(quoted) = line.strip_prefix('"') else {
        return Ok(match line.split_once(',') {
            Some((field, after)) => (field, Some(after)),
            None => (line, None),
        });
    };
    let (field, after) = quoted.split_once('"').ok_or("a quoted field does not end on its line")?;
    match after.strip_prefix(',') {
        Some(after) => Ok((field, Some(after))),
        None if after.is_empty() => Ok((field, None)),
        None => Err("a quoted field is followed by other text"),
    }
}

fn number(column: &'static str, field: &str) -> Result<Option<f64>, Bad> {
    if field.is_empty() {
        return Ok(None);
    }
    let value: f64 = field.parse().map_err(|_| Bad(Some(column), "not a number (with a decimal point)"))?;
    // Written so that what is not a number fails.
    if value.abs() <= LARGEST_READING { Ok(Some(value)) } else { Err(Bad(Some(column), LARGEST_READING_RULE)) }
}

/// The Parquet file being written, and the rows that are not in it yet.
struct Output {
    path: std::path::PathBuf,
    schema: SchemaRef,
    writer: ArrowWriter<File>,
    customers: StringBuilder,
    timestamps: StringBuilder,
    elec: Float64Builder,
    gas: Float64Builder,
    pending: usize,
    rows: u64,
}

impl Output {
    fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(Error::file("write", path))?;
        let text = [CUSTOMER, TIMESTAMP].map(|name| Field::new(name, DataType::Utf8, true));
        let measures = [ELEC, GAS].map(|name| Field::new(name, DataType::Float64, true));
        let schema = Arc::new(Schema::new([text, measures].concat()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(ROWS_PER_ROW_GROUP))
            .build();
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties));
        Ok(Self {
            path: path.to_owned(),
            schema,
            writer: writer.map_err(|error| Error::file("write", path)(error.into()))?,
            customers: StringBuilder::new(),
            timestamps: StringBuilder::new(),
            elec: Float64Builder::new(),
            gas: Float64Builder::new(),
            pending: 0,
            rows: 0,
        })
    }

    fn push(&mut self, reading: &Reading<'_>) {
        self.customers.append_option(reading.customer);
        self.timestamps.append_option(reading.timestamp);
        self.elec.append_option(reading.elec);
        self.gas.append_option(reading.gas);
        self.pending += 1;
    }

    fn flush(&mut self) -> Result<()> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.customers.finish()),
            Arc::new(self.timestamps.finish()),
            Arc::new(self.elec.finish()),
            Arc::new(self.gas.finish()),
        ];
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(ParquetError::from);
        let written = batch.and_then(|batch| self.writer.write(&batch));
        written.map_err(|error| Error::file("write", &self.path)(error.into()))?;
        self.rows += self.pending as u64;
        self.pending = 0;
        Ok(())
    }

    fn finish(mut self) -> Result<u64> {
        self.flush()?;
        self.writer.close().map_err(|error| Error::file("write", &self.path)(error.into()))?;
        Ok(self.rows)
    }
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
