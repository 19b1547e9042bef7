//! A CSV file, plain or gzip, record by record: what is not left out is copied byte for byte. Records and fields are split
//! as by the readers of a run ([`crate::raw`], [`crate::hourly`]): a quote means something at the start of a field alone.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;

use super::{CUSTOMER, Erased};
use crate::{Error, Result, Watch};

/// A longer record is none: a compressed file may hold gigabytes without a line end.
const LONGEST_RECORD: usize = 64 << 20;
const GZIP: [u8; 2] = [0x1f, 0x8b];
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
/// Records between two reports.
const REPORT_EVERY: u64 = 65_536;

/// Copies the file without the records of erased customers; how many these were.
pub(super) fn copy(path: &Path, name: &str, out: &mut dyn Write, erased: &Erased, watch: &dyn Watch) -> Result<u64> {
    let file = File::open(path).map_err(Error::file("open", path))?;
    let mut plain = BufReader::with_capacity(1 << 20, file);
    let is_gzip = plain.fill_buf().map_err(Error::file("read", path))?.starts_with(&GZIP);
    let source = Source { path, name };
    if !is_gzip {
        return source.copy(&mut plain, out, erased, watch);
    }
    let mut reader = BufReader::with_capacity(1 << 20, MultiGzDecoder::new(plain));
    let mut gzip = GzEncoder::new(out, Compression::default());
    let left_out = source.copy(&mut reader, &mut gzip, erased, watch)?;
    gzip.finish().map_err(Error::file("write the copy of", path))?;
    Ok(left_out)
}

/// What the bytes of a record so far lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The next byte is the first of a field.
    FieldStart,
    /// In a field without quotes, where a quote is a letter like others.
    Plain,
    /// Within quotes, where separators and line ends are text.
    Quoted,
    /// After a quote within quotes: the field ends, or a second one makes it text.
    Closed,
}

impl Place {
    fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Quoted, b'"') => Self::Closed,
            (Self::Quoted, _) | (Self::FieldStart | Self::Closed, b'"') => Self::Quoted,
            (_, b',') => Self::FieldStart,
            _ => Self::Plain,
        }
    }
}

struct Source<'a> {
    path: &'a Path,
    name: &'a str,
}

impl Source<'_> {
    fn copy(&self, reader: &mut dyn BufRead, out: &mut dyn Write, erased: &Erased, watch: &dyn Watch) -> Result<u64> {
        let mut record = Vec::new();
        let (mut row, mut left_out, mut place) = (0_u64, 0, None);
        while self.next(reader, &mut record, row + 1)? {
            row += 1;
            if row == 1 {
                let header = record.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&record);
                place = fields(header).iter().position(|field| **field == *CUSTOMER.as_bytes());
            } else if place.is_some_and(|place| is_of(&record, place, erased)) {
                left_out += 1;
                continue;
            }
            out.write_all(&record).map_err(Error::file("write the copy of", self.path))?;
            if row.is_multiple_of(REPORT_EVERY) {
                watch.report(row, None)?;
            }
        }
        Ok(left_out)
    }

    /// The next record with its line end; a field in quotes may hold line ends. False at the end of the file.
    fn next(&self, reader: &mut dyn BufRead, record: &mut Vec<u8>, row: u64) -> Result<bool> {
        record.clear();
        let broken = |rule: &str| Error::data(self.name, None, Some(format!("row {row}")), rule);
        let mut place = Place::FieldStart;
        loop {
            let before = record.len();
            let room = (LONGEST_RECORD - record.len()) as u64;
            let read = Read::take(&mut *reader, room).read_until(b'\n', record);
            let bytes = read.map_err(|error| match error.kind() {
                ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput => {
                    broken("the compressed file is damaged or ends early")
                }
                _ => Error::file("read", self.path)(error),
            })?;
            if record.len() >= LONGEST_RECORD {
                return Err(broken("is longer than a record can be"));
            }
            let mut piece = &record[before..];
            if row == 1 && before == 0 {
                piece = piece.strip_prefix(BYTE_ORDER_MARK).unwrap_or(piece);
            }
            place = piece.iter().fold(place, |place, byte| place.after(*byte));
            match (bytes, place) {
                (0, Place::Quoted) => return Err(broken("a quote is opened and never closed")),
                (0, _) => return Ok(!record.is_empty()),
                (_, Place::Quoted) => {}
                _ => return Ok(true),
            }
        }
    }
}

fn is_of(record: &[u8], place: usize, erased: &Erased) -> bool {
    let fields = fields(record);
    let customer = fields.get(place).and_then(|field| std::str::from_utf8(field).ok());
    customer.is_some_and(|customer| !customer.is_empty() && erased(customer))
}

/// The fields of a record, without their quotes.
fn fields(record: &[u8]) -> Vec<Cow<'_, [u8]>> {
    let record = record.strip_suffix(b"\n").unwrap_or(record);
    let record = record.strip_suffix(b"\r").unwrap_or(record);
    let mut place = Place::FieldStart;
    let parts = record.split(move |byte| {
        let is_separator = *byte == b',' && place != Place::Quoted;
        place = place.after(*byte);
        is_separator
    });
    parts.map(unquoted).collect()
}

fn unquoted(field: &[u8]) -> Cow<'_, [u8]> {
    let inner = field.strip_prefix(b"\"").and_then(|field| field.strip_suffix(b"\""));
    let Some(inner) = inner else { return Cow::Borrowed(field) };
    if !inner.contains(&b'"') {
        return Cow::Borrowed(inner);
    }
    // Only doubled quotes are left.
    let mut text = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().peekable();
    while let Some(byte) = bytes.next() {
        text.push(*byte);
        if *byte == b'"' && bytes.peek() == Some(&&b'"') {
            bytes.next();
        }
    }
    Cow::Owned(text)
}
