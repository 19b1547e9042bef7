//! What a Parquet file says of itself, held against the file before any library believes it.
//!
//! Readers reserve memory by the counts and sizes that stand in the footer and in page headers. In a
//! damaged file they may be anything, and memory that is not there ends the process: no wall holds that.
//! So the structure is walked first, and every count must fit the bytes that are there. The values are
//! not looked at: which of them is right is the digest's to know.

mod footer;
mod pages;
mod problem;
mod thrift;

use std::fs::File;
use std::os::unix::fs::FileExt;

use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};

pub(crate) use self::problem::Problem;

const MAGIC: &[u8; 4] = b"PAR1";
/// What a file with an encrypted footer ends with.
const ENCRYPTED_MAGIC: &[u8; 4] = b"PARE";
/// The length of the footer and the magic bytes.
const TAIL_BYTES: u64 = 8;

/// The metadata of a file, once every count in it fits the file.
pub(crate) fn metadata(file: &File) -> Result<ParquetMetaData, Problem> {
    let unreadable = |error: std::io::Error| format!("could not be read: {error}");
    let file_bytes = file.metadata().map_err(unreadable)?.len();
    let mut tail = [0; TAIL_BYTES as usize];
    let tail_at = file_bytes.checked_sub(TAIL_BYTES).ok_or("it is too short")?;
    file.read_exact_at(&mut tail, tail_at).map_err(unreadable)?;
    let [l1, l2, l3, l4, magic @ ..] = tail;
    if magic == *ENCRYPTED_MAGIC {
        return Err("its footer is encrypted; deliver it without encryption".to_owned());
    }
    if magic != *MAGIC {
        return Err("it does not end as Parquet does; is it cut off, damaged or of another format?".to_owned());
    }
    let footer_bytes = u32::from_le_bytes([l1, l2, l3, l4]);
    let footer_at = tail_at.checked_sub(footer_bytes.into()).ok_or("its footer is longer than the file")?;
    let mut footer = vec![0; footer_bytes as usize];
    file.read_exact_at(&mut footer, footer_at).map_err(unreadable)?;
    footer::check(&footer)?;
    let metadata = ParquetMetaDataReader::decode_metadata(&footer).map_err(|error| error.to_string())?;
    footer::check_sizes(&metadata, footer_at)?;
    Ok(metadata)
}

/// Walks the page headers of some columns (leaf numbers) of one row group.
pub(crate) fn pages(
    file: &File,
    metadata: &ParquetMetaData,
    row_group: usize,
    leaves: &[usize],
) -> Result<(), Problem> {
    let group = metadata.row_groups().get(row_group).ok_or("it has no such row group")?;
    leaves.iter().try_for_each(|&leaf| pages::check(file, group.column(leaf)))
}

/// Walks a whole file: its footer and all page headers.
pub(crate) fn whole(file: &File) -> Result<(), Problem> {
    let metadata = metadata(file)?;
    let leaves: Vec<usize> = (0..metadata.file_metadata().schema_descr().num_columns()).collect();
    (0..metadata.num_row_groups()).try_for_each(|row_group| pages(file, &metadata, row_group, &leaves))
}
