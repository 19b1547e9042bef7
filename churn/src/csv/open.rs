//! A CSV file on disk, plain or gzip.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::ahead::Ahead;
use super::records::Records;
use crate::{Error, Result};

const GZIP: &[u8] = b"\x1f\x8b";
const PACKED_TWICE: &str = "is compressed with gzip twice; compress it once, or deliver it plain";

/// The records of a file on disk.
pub(crate) type FileRecords = Records<Ahead<Box<dyn BufRead + Send>>>;

/// Opens a file, plain or gzip; messages call it `name`.
pub(crate) fn open(path: &Path, name: &str) -> Result<FileRecords> {
    let file = File::open(path).map_err(Error::file("open", path))?;
    let mut plain = BufReader::with_capacity(1 << 20, file);
    let start = plain.fill_buf().map_err(Error::file("read", path))?;
    if is_packed_twice(start) {
        return Err(Error::data(name, None, None, PACKED_TWICE));
    }
    let reader: Box<dyn BufRead + Send> = if start.starts_with(GZIP) {
        Box::new(BufReader::with_capacity(1 << 20, MultiGzDecoder::new(plain)))
    } else {
        Box::new(plain)
    };
    Records::new(Ahead::new(reader), path, name)
}

/// Whether what is within gzip begins as gzip; what cannot be unpacked is left to the reader.
fn is_packed_twice(start: &[u8]) -> bool {
    let mut within = [0; GZIP.len()];
    MultiGzDecoder::new(start).read_exact(&mut within).is_ok() && within.as_slice() == GZIP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_compressed_twice_is_refused_by_its_cause() {
        let packed = |content: &[u8]| {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            std::io::Write::write_all(&mut gzip, content).unwrap();
            gzip.finish().unwrap()
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv.gz");
        let problem = |content: &[u8]| {
            std::fs::write(&path, content).unwrap();
            open(&path, "raw/x.csv.gz").err().map(|error| error.to_string())
        };
        let once = packed(b"a,b\n1,2\n");
        assert_eq!(problem(&once), None);
        let message = problem(&packed(&once)).unwrap();
        assert!(message.starts_with("raw/x.csv.gz: is compressed with gzip twice; compress it once"), "{message}");
    }
}
