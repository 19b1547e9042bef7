//! A CSV file, plain or gzip, record by record, by the reader of [`crate::csv`]: whatever a run understands as a row of a
//! customer is one here too. What is not left out is copied byte for byte.

use std::fs::File;
use std::io::{BufRead, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{CUSTOMER, Erased};
use crate::csv::{Records, find_columns, open};
use crate::{Error, Result, Watch};

const GZIP: [u8; 2] = [0x1f, 0x8b];
/// Records between two reports.
const REPORT_EVERY: u64 = 65_536;

/// Copies the file without the records of erased customers; how many these were.
pub(super) fn copy(path: &Path, name: &str, out: &mut dyn Write, erased: &Erased, watch: &dyn Watch) -> Result<u64> {
    let records = open(path, name)?;
    if !is_gzip(path)? {
        return copy_records(records, path, out, erased, watch);
    }
    let mut gzip = GzEncoder::new(out, Compression::default());
    let left_out = copy_records(records, path, &mut gzip, erased, watch)?;
    gzip.finish().map_err(Error::file("write the copy of", path))?;
    Ok(left_out)
}

fn is_gzip(path: &Path) -> Result<bool> {
    let mut start = Vec::new();
    let file = File::open(path).map_err(Error::file("open", path))?;
    file.take(GZIP.len() as u64).read_to_end(&mut start).map_err(Error::file("read", path))?;
    Ok(start == GZIP)
}

fn copy_records<R: BufRead>(
    mut records: Records<R>,
    path: &Path,
    out: &mut dyn Write,
    erased: &Erased,
    watch: &dyn Watch,
) -> Result<u64> {
    let place = find_columns(&mut records, &[CUSTOMER])?.into_iter().flatten().next();
    let not_written = || Error::file("write the copy of", path);
    out.write_all(records.raw()).map_err(not_written())?;
    let mut left_out = 0;
    while records.advance()? {
        if place.is_some_and(|place| is_of(&records, place, erased)) {
            left_out += 1;
            continue;
        }
        out.write_all(records.raw()).map_err(not_written())?;
        if records.row().is_multiple_of(REPORT_EVERY) {
            watch.report(records.row(), None)?;
        }
    }
    Ok(left_out)
}

fn is_of<R: BufRead>(records: &Records<R>, place: usize, erased: &Erased) -> bool {
    if place >= records.width() {
        return false;
    }
    let customer = std::str::from_utf8(records.field(place)).map(str::trim);
    customer.is_ok_and(|customer| !customer.is_empty() && erased(customer))
}
