//! The lines of a CSV file, plain or gzip.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use crate::{Error, Result};

/// A longer line is no reading: a compressed file may hold gigabytes without a line end.
const LONGEST_LINE: u64 = 1 << 20;

/// What is wrong with a row: the column, when one is to blame, and the rule.
pub(super) struct Bad(pub Option<&'static str>, pub &'static str);

/// The lines of a CSV file, without their ends, counted from 1.
pub(super) struct Lines {
    name: String,
    path: PathBuf,
    reader: Box<dyn BufRead>,
    buffer: Vec<u8>,
    row: u64,
}

impl Lines {
    pub fn open(path: &Path) -> Result<Self> {
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
    pub fn advance(&mut self) -> Result<bool> {
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

    pub fn text(&self) -> Result<&str> {
        let line = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        std::str::from_utf8(line).map_err(|_| self.bad(Bad(None, "is not UTF-8 text")))
    }

    pub fn bad(&self, Bad(column, rule): Bad) -> Error {
        Error::data(&self.name, column, Some(format!("row {}", self.row)), rule)
    }
}

fn is_damage(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput)
}
