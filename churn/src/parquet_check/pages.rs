//! The page headers of a column chunk: they lie end to end, and say no size that cannot be.

use std::fs::File;
use std::os::unix::fs::FileExt;

use parquet::basic::Compression;
use parquet::file::metadata::ColumnChunkMetaData;

use super::footer::{STATISTICS, byte_range};
use super::problem::Problem;
use super::thrift::{Cursor, Fields, Kind, Malformed};

/// Read at first for a header; long statistics need more.
const FIRST_LOOK: u64 = 256;
/// No header is longer; the largest seen hold two long texts as statistics.
const LONGEST_HEADER: u64 = 1 << 24;

const DATA_PAGE: i64 = 0;
const DICTIONARY_PAGE: i64 = 2;
const DATA_PAGE_V2: i64 = 3;

const PAGE_HEADER: Fields = &[
    (1, Kind::I32),
    (2, Kind::I32),
    (3, Kind::I32),
    (4, Kind::I32),
    (5, Kind::Struct(&[(1, Kind::I32), (2, Kind::I32), (3, Kind::I32), (4, Kind::I32), (5, STATISTICS)])),
    (7, Kind::Struct(&[(1, Kind::I32), (2, Kind::I32), (3, Kind::Bool)])),
    (
        8,
        Kind::Struct(&[
            (1, Kind::I32),
            (2, Kind::I32),
            (3, Kind::I32),
            (4, Kind::I32),
            (5, Kind::I32),
            (6, Kind::I32),
            (7, Kind::Bool),
            (8, STATISTICS),
        ]),
    ),
];

/// What a page header says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Page {
    kind: i64,
    bytes: i64,
    compressed_bytes: i64,
    /// Values of a data page, or entries of a dictionary.
    values: i64,
    /// Bytes of the levels, which a page of the second version keeps apart.
    level_bytes: i64,
}

/// Walks the pages of a chunk whose place in the file is known to be right.
pub(super) fn check(file: &File, chunk: &ColumnChunkMetaData) -> Result<(), Problem> {
    let (start, length) = byte_range(chunk, u64::MAX)?;
    let end = start + length;
    let (mut at, mut values, mut bytes) = (start, 0_i64, 0_i64);
    while at < end {
        let (header_bytes, page) = header(file, at, end)?;
        let body_at = at + header_bytes;
        let next = u64::try_from(page.compressed_bytes).ok().and_then(|body| body_at.checked_add(body));
        at = next.filter(|&next| next <= end).ok_or("a page is longer than its column")?;
        page.check(chunk.compression())?;
        if page.kind != DICTIONARY_PAGE {
            values = values.saturating_add(page.values);
        }
        bytes = bytes.saturating_add(page.bytes);
    }
    if values != chunk.num_values() {
        return Err("the pages of a column do not have as many values as the column says".to_owned());
    }
    if bytes > chunk.uncompressed_size() {
        return Err("the pages of a column are longer than the column says".to_owned());
    }
    Ok(())
}

/// The page header at `at`, and how many bytes it has.
fn header(file: &File, at: u64, end: u64) -> Result<(u64, Page), Problem> {
    let mut look = FIRST_LOOK;
    loop {
        let seen = look.min(end - at);
        let mut bytes = vec![0; seen as usize];
        file.read_exact_at(&mut bytes, at).map_err(|error| format!("could not be read: {error}"))?;
        match parse(&bytes) {
            Ok((length, page)) => return Ok((length as u64, page)),
            Err(Malformed) if seen < end - at && seen < LONGEST_HEADER => look *= 16,
            Err(Malformed) => return Err("a page header is damaged".to_owned()),
        }
    }
}

fn parse(bytes: &[u8]) -> Result<(usize, Page), Malformed> {
    let mut walked = Cursor(bytes);
    walked.walk(PAGE_HEADER)?;
    let mut page = Page::default();
    Cursor(bytes).fields(|id, mut value| {
        match id {
            1 => page.kind = value.integer()?,
            2 => page.bytes = value.integer()?,
            3 => page.compressed_bytes = value.integer()?,
            5 | 7 => page.values = first_field(value)?,
            8 => (page.values, page.level_bytes) = values_and_levels(value)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok((bytes.len() - walked.0.len(), page))
}

fn first_field(mut header: Cursor<'_>) -> Result<i64, Malformed> {
    let mut values = 0;
    header.fields(|id, mut value| {
        if id == 1 {
            values = value.integer()?;
        }
        Ok(())
    })?;
    Ok(values)
}

fn values_and_levels(mut header: Cursor<'_>) -> Result<(i64, i64), Malformed> {
    let (mut values, mut levels) = (0, 0_i64);
    header.fields(|id, mut value| {
        match id {
            1 => values = value.integer()?,
            5 | 6 => {
                let bytes = value.integer()?;
                levels = if bytes < 0 { i64::MIN } else { levels.saturating_add(bytes) };
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok((values, levels))
}

impl Page {
    fn check(&self, compression: Compression) -> Result<(), Problem> {
        let least_body = self.bytes.min(self.compressed_bytes);
        if self.bytes < 0 || self.values < 0 || !(0..=least_body).contains(&self.level_bytes) {
            return Err("a page says an impossible size".to_owned());
        }
        if self.bytes > self.compressed_bytes.saturating_mul(most_compressed(compression)).saturating_add(64) {
            return Err("a page says that it is longer than its bytes can make it".to_owned());
        }
        match self.kind {
            DATA_PAGE | DATA_PAGE_V2 => Ok(()),
            // An entry of a dictionary has at least a byte.
            DICTIONARY_PAGE if self.values <= self.bytes => Ok(()),
            DICTIONARY_PAGE => Err("a dictionary says that it has more entries than bytes".to_owned()),
            _ => Err("a page is neither data nor a dictionary".to_owned()),
        }
    }
}

/// How many bytes one compressed byte can make. Snappy: a copy of 3 bytes makes 64. Gzip: 1,032 at most. LZ4: 255.
/// Zstandard: a block of 4 bytes makes 131,072. Other ways of compression are refused before their pages are looked at.
fn most_compressed(compression: Compression) -> i64 {
    match compression {
        Compression::UNCOMPRESSED => 1,
        Compression::SNAPPY => 22,
        Compression::LZ4 | Compression::LZ4_RAW => 255,
        Compression::GZIP(_) => 1_032,
        _ => 32_768,
    }
}
