//! One reader for every CSV file: the small raw files, the readings, and the copies that an erasure makes.
//!
//! The rules are the same everywhere, so that no file means one thing here and another there:
//! - a field may stand in double quotes; within them separators and line ends are text, and a doubled quote is one;
//! - lines end in LF, CRLF or CR; the first line end decides;
//! - a byte order mark and blank rows (`,,,`) are no data; the header's case and the blanks around a name do not matter;
//! - the fields are separated by commas with decimal points, or by semicolons with decimal commas: see [`Dialect`].

mod ahead;
mod block;
mod dialect;
mod foreign;
mod header;
mod open;
mod passed_over;
mod records;
mod scan;

pub(crate) use block::Block;
pub(crate) use dialect::Dialect;
pub(crate) use foreign::foreign_format;
pub(crate) use header::{Header, find_columns, require_columns, require_columns_but_the_last};
pub(crate) use open::{FileRecords, open};
pub(crate) use passed_over::PassedOver;
pub(crate) use records::{LONGEST_RECORD, Problem, Records};

/// Not a text of ours, in words that name the usual cause.
pub(crate) const NOT_UTF8: &str = "not UTF-8 text (is it Windows-1252 or Latin-1? export it as UTF-8)";
