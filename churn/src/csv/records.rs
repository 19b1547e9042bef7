//! The records of a CSV file, one at a time.

use std::io::{BufRead, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::NOT_UTF8;
use super::dialect::Dialect;
use super::foreign::foreign_format;
use super::passed_over::PassedOver;
use super::scan::{Scan, Scanned};
use crate::quality::{Finding, Severity};
use crate::{Error, Result};

/// A longer record is none: a compressed file may hold gigabytes without a line end, and a quote that is never closed
/// makes one record of all that follows.
pub(crate) const LONGEST_RECORD: usize = 1 << 20;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
/// How the line begins by which Excel is told the separator: `sep=;`.
const SEPARATOR_LINE: &[u8] = b"sep=";

/// What is wrong with a row: the column, when one is to blame, and the rule.
pub(crate) struct Problem<'a>(pub Option<&'a str>, pub &'a str);

/// The records of a CSV file, the header being row 1; blank rows are counted as rows.
pub(crate) struct Records<R> {
    name: String,
    path: PathBuf,
    pub(super) reader: R,
    /// The bytes of the record with its line end, as they are in the file.
    raw: Vec<u8>,
    /// Where the text of the record begins in `raw`: behind a byte order mark, or what is left of the last line end.
    body_start: usize,
    /// Where its fields are, in `raw`, or in the text of `scan` where the record has quotes.
    fields: Vec<(usize, usize)>,
    scan: Scan,
    has_quotes: bool,
    has_line_end: bool,
    pub(super) line_end: u8,
    dialect: Dialect,
    pub(super) row: u64,
    /// The text of the header; nothing before it was found.
    header: Vec<u8>,
    passed_over: PassedOver,
}

impl<R: BufRead> Records<R> {
    /// The records that a reader gives; `path` is where it reads from.
    pub fn new(reader: R, path: &Path, name: &str) -> Result<Self> {
        let mut records = Self::unread(reader, path, name);
        records.look_at_start()?;
        Ok(records)
    }

    fn unread(reader: R, path: &Path, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            path: path.to_owned(),
            reader,
            raw: Vec::new(),
            body_start: 0,
            fields: Vec::new(),
            scan: Scan::default(),
            has_quotes: false,
            has_line_end: true,
            line_end: b'\n',
            dialect: Dialect::Comma,
            row: 0,
            header: Vec::new(),
            passed_over: PassedOver::default(),
        }
    }

    /// The records of some lines of the same file, before which it has so many rows.
    pub fn of_lines<'b>(&self, lines: &'b [u8], rows_before: u64) -> Records<&'b [u8]> {
        let mut records = Records::unread(lines, &self.path, &self.name);
        records.line_end = self.line_end;
        records.dialect = self.dialect;
        records.row = rows_before;
        records.header.clone_from(&self.header);
        records
    }

    /// Which byte ends a line, as the first line shows; a file of another kind is refused by name.
    fn look_at_start(&mut self) -> Result<()> {
        let start = match self.reader.fill_buf() {
            Ok(start) => start,
            Err(error) if is_damage(error.kind()) => return Err(self.broken(DAMAGED)),
            Err(error) => return Err(Error::file("read", &self.path)(error)),
        };
        if let Some(words) = foreign_format(start) {
            return Err(Error::data(&self.name, None, None, words));
        }
        let first = start.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let is_alone = |at: usize| start.get(at + 1).is_some_and(|next| *next != b'\n');
        if first.is_some_and(|at| start[at] == b'\r' && is_alone(at)) {
            self.line_end = b'\r';
        }
        Ok(())
    }

    /// From now on records are read in this dialect.
    pub fn speak(&mut self, dialect: Dialect) {
        self.dialect = dialect;
    }

    /// The dialect of the records.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Goes to the next record; false at the end of the file.
    pub fn advance(&mut self) -> Result<bool> {
        self.raw.clear();
        self.row += 1;
        if !self.read_line()? {
            return Ok(false);
        }
        self.body_start = self.start_of_text();
        self.split()?;
        Ok(true)
    }

    /// Goes to the next record that is neither blank nor the header again; these are counted.
    pub fn advance_to_data(&mut self) -> Result<bool> {
        while self.advance()? {
            if self.is_blank() {
                self.passed_over.blank_rows += 1;
            } else if self.repeats_header() {
                self.passed_over.repeated_headers += 1;
            } else {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Goes to the first row that is not blank and does not split it, since its dialect is not known yet. A line before it
    /// that only names the separator is passed over: the header shows it as well.
    pub fn advance_to_header(&mut self) -> Result<bool> {
        loop {
            self.raw.clear();
            self.row += 1;
            if !self.read_line()? {
                return Ok(false);
            }
            self.body_start = self.start_of_text();
            if self.is_blank() {
                self.passed_over.blank_rows += 1;
            } else if !self.names_separator() {
                return Ok(true);
            }
        }
    }

    /// The record that it stands at is the header: where its text comes again, files were put together.
    pub fn remember_header(&mut self) {
        self.header = self.body().to_vec();
    }

    /// Whether the record is the header once more; a byte order mark before it is one of the files that were put together.
    fn repeats_header(&self) -> bool {
        let body = self.body();
        body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body) == self.header.as_slice()
    }

    fn names_separator(&self) -> bool {
        let body = self.body().trim_ascii();
        let plain = body.strip_prefix(b"\"").and_then(|body| body.strip_suffix(b"\"")).unwrap_or(body);
        let start = plain.get(..SEPARATOR_LINE.len());
        plain.len() <= SEPARATOR_LINE.len() + 1 && start.is_some_and(|start| start.eq_ignore_ascii_case(SEPARATOR_LINE))
    }

    fn start_of_text(&self) -> usize {
        if self.row == 1 && self.raw.starts_with(BYTE_ORDER_MARK) {
            return BYTE_ORDER_MARK.len();
        }
        // Where CR ends the lines, the LF of a CRLF among them is left over.
        usize::from(self.line_end == b'\r' && self.raw.first() == Some(&b'\n'))
    }

    /// Splits the record that was read; one that ends within quotes takes further lines.
    pub fn split(&mut self) -> Result<()> {
        let separator = self.dialect.separator();
        self.has_quotes = self.raw[self.body_start..].contains(&b'"');
        if !self.has_quotes {
            self.fields.clear();
            let end = self.body_end();
            let mut start = self.body_start;
            for (at, &byte) in self.raw[..end].iter().enumerate().skip(start) {
                if byte == separator {
                    self.fields.push((start, at));
                    start = at + 1;
                }
            }
            self.fields.push((start, end));
            return Ok(());
        }
        self.scan.clear();
        let mut from = self.body_start;
        loop {
            let (end, next) = (self.body_end().max(from), self.raw.len());
            let scanned = self.scan.line(&self.raw[from..end], &self.raw[end..next], separator);
            match scanned.map_err(|rule| self.broken(rule))? {
                Scanned::Record => return Ok(()),
                Scanned::GoesOn => from = next,
            }
            if !self.read_line()? {
                return Err(self.broken("a quote is opened and never closed"));
            }
        }
    }

    /// The text of the record, without a byte order mark and its line end.
    fn body(&self) -> &[u8] {
        &self.raw[self.body_start..self.body_end().max(self.body_start)]
    }

    /// Where the text of the last line ends in `raw`.
    fn body_end(&self) -> usize {
        let body = self.raw.strip_suffix(&[self.line_end]).unwrap_or(&self.raw);
        body.strip_suffix(b"\r").unwrap_or(body).len()
    }

    /// Adds a line to the record; false when nothing is left.
    fn read_line(&mut self) -> Result<bool> {
        let room = LONGEST_RECORD.saturating_sub(self.raw.len()) as u64;
        let read = self.reader.by_ref().take(room).read_until(self.line_end, &mut self.raw);
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(error) if is_damage(error.kind()) => return Err(self.broken(DAMAGED)),
            Err(error) => return Err(Error::file("read", &self.path)(error)),
        };
        if bytes > 0 {
            self.has_line_end = self.raw.last() == Some(&self.line_end);
        }
        if self.raw.len() >= LONGEST_RECORD {
            return Err(self.broken("is longer than a row can be (is a quote opened and never closed?)"));
        }
        Ok(bytes > 0)
    }

    /// What messages call the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of the record, the header being 1.
    pub fn row(&self) -> u64 {
        self.row
    }

    /// How many fields the record has.
    pub fn width(&self) -> usize {
        self.fields().len()
    }

    /// The record as it is in the file, with its line end.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// A field, which must be there; what is not UTF-8 is an error of `column`.
    #[inline]
    pub fn text(&self, place: usize, column: &str) -> Result<&str> {
        std::str::from_utf8(self.field(place)).map_err(|_| self.problem(&Problem(Some(column), NOT_UTF8)))
    }

    /// A field, which must be there, without its quotes.
    #[inline]
    pub fn field(&self, place: usize) -> &[u8] {
        let (from, to) = self.fields()[place];
        if self.has_quotes { &self.scan.text[from..to] } else { &self.raw[from..to] }
    }

    fn fields(&self) -> &[(usize, usize)] {
        if self.has_quotes { &self.scan.fields } else { &self.fields }
    }

    /// The rows that were read and hold no data.
    pub fn passed_over(&self) -> PassedOver {
        self.passed_over
    }

    /// Counts what was passed over where others read for it.
    pub fn count(&mut self, passed_over: PassedOver) {
        self.passed_over += passed_over;
    }

    /// Whether the row has such a byte.
    pub fn holds(&self, byte: u8) -> bool {
        self.raw.contains(&byte)
    }

    /// Whether all fields are empty or blank.
    pub fn is_blank(&self) -> bool {
        let separator = self.dialect.separator();
        let body = &self.raw[self.body_start..];
        body.iter().all(|byte| *byte == separator || *byte == b'"' || byte.is_ascii_whitespace())
    }

    /// An error of this row.
    pub fn broken(&self, rule: &str) -> Error {
        self.problem(&Problem(None, rule))
    }

    /// An error of this row; of the last one, when the file ends within it, it says what that may mean.
    pub fn problem(&self, Problem(column, rule): &Problem<'_>) -> Error {
        let place = (self.row > 0).then(|| format!("row {}", self.row));
        if self.has_line_end {
            return Error::data(&self.name, *column, place, *rule);
        }
        let rule = format!("{rule}; it is the last row and has no line end: is the file cut off?");
        Error::data(&self.name, *column, place, rule)
    }

    /// What is told of a file that was read to its end.
    pub fn findings(&self, table: &str) -> Vec<Finding> {
        let mut findings = self.passed_over.findings(&self.name, table);
        if !self.has_line_end {
            let words =
                format!("the last row of {} has no line end; if the file was cut off, rows are missing", self.name);
            findings.push(Finding::new(Severity::Info, table, "no_last_line_end", words).counting(1));
        }
        if self.dialect == Dialect::Semicolon {
            let words = format!("{} is read with semicolons between fields and decimal commas", self.name);
            findings.push(Finding::new(Severity::Info, table, "semicolons", words).counting(1));
        }
        findings
    }
}

const DAMAGED: &str = "the compressed file is damaged or ends early";

fn is_damage(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All records as text, with what is told of them.
    fn read(content: &[u8], dialect: Dialect) -> Result<(Vec<Vec<String>>, Vec<Finding>)> {
        let mut records = Records::new(content, Path::new("x.csv"), "raw/x.csv")?;
        records.speak(dialect);
        let mut all = Vec::new();
        while records.advance_to_data()? {
            let field = |place| String::from_utf8_lossy(records.field(place)).into_owned();
            all.push((0..records.width()).map(field).collect());
        }
        let findings = records.findings("x");
        Ok((all, findings))
    }

    fn rules(findings: &[Finding]) -> Vec<&str> {
        findings.iter().map(|finding| finding.rule.as_str()).collect()
    }

    #[test]
    fn the_same_records_come_out_of_every_dress() {
        let expected = [["a", "b"], ["1", "x, \"y\"\r\nz"], ["2", ""]];
        let plain = "a,b\n1,\"x, \"\"y\"\"\r\nz\"\n2,\n";
        assert_eq!(read(plain.as_bytes(), Dialect::Comma).unwrap().0, expected);
        let bom = format!("\u{feff}{plain}");
        assert_eq!(read(bom.as_bytes(), Dialect::Comma).unwrap().0, expected);
        let crlf = "a,b\r\n1,\"x, \"\"y\"\"\r\nz\"\r\n2,\r\n\r\n,\r\n";
        let (records, findings) = read(crlf.as_bytes(), Dialect::Comma).unwrap();
        assert_eq!(
            (records, rules(&findings)),
            (expected.map(|row| row.map(str::to_owned).to_vec()).to_vec(), vec!["blank_rows"])
        );
        let semicolons = "a;b\n1;\"x, \"\"y\"\"\r\nz\"\n2;\n";
        assert_eq!(read(semicolons.as_bytes(), Dialect::Semicolon).unwrap().0, expected);
    }

    #[test]
    fn lines_may_end_in_cr_alone_and_mixed_with_crlf() {
        for content in ["a,b\r1,2\r3,4\r", "a,b\r1,2\r\n3,4\r", "a,b\r1,2\r3,4"] {
            let (records, _) = read(content.as_bytes(), Dialect::Comma).unwrap();
            assert_eq!(records, [["a", "b"], ["1", "2"], ["3", "4"]], "{content:?}");
        }
    }

    #[test]
    fn a_last_row_without_line_end_is_told() {
        let (records, findings) = read(b"a,b\n1,2", Dialect::Comma).unwrap();
        assert_eq!((records.len(), rules(&findings)), (2, vec!["no_last_line_end"]));
        assert!(read(b"a,b\n1,2\n", Dialect::Comma).unwrap().1.is_empty());
        let message = read(b"a,b\n1,\"2\n3", Dialect::Comma).unwrap_err().to_string();
        assert!(message.starts_with("raw/x.csv, row 2: a quote is opened") && message.contains("cut off"), "{message}");
    }

    #[test]
    fn a_record_that_never_ends_is_an_error_and_takes_no_more_memory() {
        let content = [b"a\n\"".to_vec(), vec![b'x'; LONGEST_RECORD]].concat();
        let message = read(&content, Dialect::Comma).unwrap_err().to_string();
        assert!(message.starts_with("raw/x.csv, row 2: is longer than a row can be"), "{message}");
    }

    #[test]
    fn a_workbook_is_refused_by_name() {
        let message = read(b"PK\x03\x04.....", Dialect::Comma).unwrap_err().to_string();
        assert!(message.starts_with("raw/x.csv: is a zip archive or an Excel workbook"), "{message}");
    }

    #[test]
    fn the_bytes_of_a_record_stay_as_they_were() {
        let content = "\u{feff}a,b\r\n1,\"2\r\n3\"\r\n\r\n4,5";
        let mut records = Records::new(content.as_bytes(), Path::new("x.csv"), "x.csv").unwrap();
        let mut copy = Vec::new();
        while records.advance().unwrap() {
            copy.extend_from_slice(records.raw());
        }
        assert_eq!(copy, content.as_bytes());
    }
}
