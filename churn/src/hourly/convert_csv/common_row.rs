//! Rows as nearly all files write them, read in one pass over their bytes.
//!
//! What is written in any other way, or is no reading at all, is left to [`super::reading()`]: the rules are there, and a
//! row that is read here has the same reading there.

use chrono_tz::Tz;
use memchr::memchr2;

use super::number::{number, plain_decimal};
use super::reading::Reading;
use crate::csv::{Dialect, Header, LONGEST_RECORD, Records};
use crate::hourly::timestamp::TextTimestamps;

/// `YYYY-MM-DD HH:MM:SS`.
const TIMESTAMP_BYTES: usize = 19;

/// What stands in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Customer,
    Timestamp,
    Elec,
    Gas,
    Other,
}

/// In the order of [`super::reading::COLUMNS`].
const KINDS: [Kind; 4] = [Kind::Customer, Kind::Timestamp, Kind::Elec, Kind::Gas];

/// Reads the rows of a block.
pub(super) struct CommonRows<'a> {
    fields: Vec<Kind>,
    cells: Cells<'a>,
}

impl<'a> CommonRows<'a> {
    pub fn new(header: &Header, dialect: Dialect) -> Self {
        let mut fields = vec![Kind::Other; header.width()];
        for (&place, kind) in header.places.iter().zip(KINDS) {
            fields[place] = kind;
        }
        // One with a zone is no common one, and the others stay as they are by any clock.
        let timestamps = TextTimestamps::of(Tz::UTC);
        Self { fields, cells: Cells { dialect, customer_field: b"", customer: "", timestamps } }
    }

    /// For whoever does not want to know the numbers.
    pub fn without_numbers(mut self) -> Self {
        for kind in &mut self.fields {
            if matches!(kind, Kind::Elec | Kind::Gas) {
                *kind = Kind::Other;
            }
        }
        self
    }

    /// Goes to the next row and reads it, where it is a common one.
    pub fn next(&mut self, records: &mut Records<&'a [u8]>) -> Option<Reading<'a>> {
        if records.line_end() != b'\n' {
            return None;
        }
        let text = records.ahead();
        let (reading, behind) = self.read(text)?;
        let bytes = text.len() - behind.len();
        if bytes >= LONGEST_RECORD {
            return None;
        }
        records.skip_record(bytes);
        Some(reading)
    }

    /// The reading in the first line, and what stands behind the line.
    fn read(&mut self, text: &'a [u8]) -> Option<(Reading<'a>, &'a [u8])> {
        let separator = self.cells.dialect.separator();
        let (last, others) = self.fields.split_last()?;
        let mut reading = Reading::default();
        let mut rest = text;
        for kind in others {
            let bytes = self.cells.read(*kind, rest, &mut reading)?;
            rest = rest.get(bytes..)?.strip_prefix(&[separator])?;
        }
        let bytes = self.cells.read(*last, rest, &mut reading)?;
        let end = rest.get(bytes..)?;
        let end = end.strip_prefix(b"\r").unwrap_or(end);
        Some((reading, end.strip_prefix(b"\n")?))
    }
}

/// Reads cells; remembers the last customer, because neighbouring readings share it.
struct Cells<'a> {
    dialect: Dialect,
    /// The last customer's field, with its blanks.
    customer_field: &'a [u8],
    customer: &'a str,
    timestamps: TextTimestamps,
}

impl<'a> Cells<'a> {
    /// Reads the field that `text` begins with; how many bytes it has.
    #[inline]
    fn read(&mut self, kind: Kind, text: &'a [u8], reading: &mut Reading<'a>) -> Option<usize> {
        match kind {
            Kind::Customer => self.customer(text, reading),
            Kind::Timestamp => self.timestamp(text, reading),
            Kind::Elec => self.number(text, &mut reading.elec),
            Kind::Gas => self.number(text, &mut reading.gas),
            Kind::Other => self.end_of_field(text),
        }
    }

    fn customer(&mut self, text: &'a [u8], reading: &mut Reading<'a>) -> Option<usize> {
        let behind = text.strip_prefix(self.customer_field);
        let is_the_last_one = behind.is_some_and(|behind| self.end_of_field(behind) == Some(0));
        if !is_the_last_one {
            let field = &text[..self.end_of_field(text)?];
            self.customer = std::str::from_utf8(field).ok()?.trim();
            self.customer_field = field;
        }
        reading.customer = Some(self.customer).filter(|customer| !customer.is_empty());
        reading.customer.map(|_| self.customer_field.len())
    }

    fn timestamp(&mut self, text: &'a [u8], reading: &mut Reading<'a>) -> Option<usize> {
        let field = text.get(..TIMESTAMP_BYTES)?;
        reading.quarter = Some(self.timestamps.quarter(field)?);
        Some(TIMESTAMP_BYTES)
    }

    fn number(&self, text: &[u8], cell: &mut Option<f64>) -> Option<usize> {
        if let Some((value, bytes)) = plain_decimal(text, self.dialect) {
            *cell = Some(value);
            return Some(bytes);
        }
        let bytes = self.end_of_field(text)?;
        let field = std::str::from_utf8(&text[..bytes]).ok()?.trim();
        *cell = number(field, self.dialect).ok()?;
        Some(bytes)
    }

    /// Where the first field ends: at a separator or at the end of its line.
    #[inline]
    fn end_of_field(&self, text: &[u8]) -> Option<usize> {
        memchr2(self.dialect.separator(), b'\n', text)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::reading::COLUMNS;
    use super::*;
    use crate::csv::require_columns;

    const HEADER: &str = "note,timestamp,consumption_elec_kwh,customer_id,consumption_gas_m3";

    /// The common rows that lines begin with: customer, hour, electricity, gas.
    fn common(lines: &str) -> Vec<(String, i64, Option<f64>, Option<f64>)> {
        let separator = if lines.contains(';') { ";" } else { "," };
        let header = format!("{}\n", HEADER.replace(',', separator));
        let mut records = Records::new(header.as_bytes(), Path::new("x.csv"), "x.csv").unwrap();
        let header = require_columns(&mut records, &COLUMNS).unwrap();
        let mut block = records.of_lines(lines.as_bytes(), 1);
        let mut rows = CommonRows::new(&header, block.dialect());
        let mut read = Vec::new();
        while let Some(reading) = rows.next(&mut block) {
            read.push((
                reading.customer.unwrap().to_owned(),
                reading.quarter.unwrap().div_euclid(4),
                reading.elec,
                reading.gas,
            ));
        }
        assert_eq!(block.row(), 1 + read.len() as u64);
        read
    }

    #[test]
    fn rows_are_read_one_behind_the_other() {
        let hour = 19_723 * 24;
        let expected = [
            ("C1".to_owned(), hour, Some(1.5), None),
            ("C1".to_owned(), hour + 1, Some(0.1 + 0.2), Some(-1e-3)),
            ("C12".to_owned(), hour + 2, None, Some(2.0)),
        ];
        let plain = "x,2024-01-01 00:00:00,1.5,C1,\n,2024-01-01T01:59:00,0.30000000000000004, C1 ,-1e-3\r\n\
                     y,2024-01-01 02:00:00,,C12,2\n";
        assert_eq!(common(plain), expected);
        let spanish = plain.replace(',', ";").replace('.', ",");
        assert_eq!(common(&spanish), expected);
    }

    #[test]
    fn what_is_not_common_is_left_where_it_is() {
        for line in [
            "x,2024-01-01 00:00:00Z,1,C1,1\n",
            "x,2024-02-30 00:00:00,1,C1,1\n",
            "x,2024-01-01 00:00:00,1, ,1\n",
            "x,2024-01-01 00:00:00,many,C1,1\n",
            "x,2024-01-01 00:00:00,1,C1,1000001\n",
            "x,2024-01-01 00:00:00,1,C1\n",
            "x,2024-01-01 00:00:00,1,C1,1,1\n",
            "x,2024-01-01 00:00:00,1,C1,1",
            ",,,,\n",
            "\n",
            "",
        ] {
            assert_eq!(common(line), [], "{line:?}");
        }
    }
}
