//! Strict readers of the small raw files: what comes out has the declared columns and types.
//!
//! The first cell that breaks its type ends the reading, named by file, column, row and rule. Rules
//! that need the whole table (repeated keys, ranges, unknown customers) belong to [`crate::contract`].
//! Columns that nobody declared are ignored; blank cells are null, and so are words that tools write in place of an id; ids
//! are trimmed, text stays as it is written.

mod cell;
mod consent;
mod csv;
mod interactions;
mod json_element;
mod json_path;
mod layout;
mod placeholders;
mod raw_table;
mod repeats;
mod table;
mod unknown_words;

use std::path::Path;

use polars::prelude::DataFrame;

use crate::error::{Error, Result};
use crate::quality::Finding;

pub use cell::CellType;
pub use consent::read_consent;
pub use layout::RawColumn;
pub use placeholders::placeholders;
pub use raw_table::RawTable;
pub use repeats::{Repeats, repeats};

/// A raw file as it is, and what is told of it.
#[derive(Debug)]
pub struct RawRead {
    /// All its rows, in the order of the file.
    pub frame: DataFrame,
    /// What people should know of the file.
    pub findings: Vec<Finding>,
}

/// Reads one raw file into the columns of [`RawTable::columns`], in that order and with those types; a row that is the
/// same as an earlier one of its key counts once.
///
/// `path` may have any name (a local copy of an object); messages use [`RawTable::file_name`].
/// CSV rows are numbered from 1 with the header as row 1, JSON elements from 0.
pub fn read(table: RawTable, path: &Path) -> Result<DataFrame> {
    repeats::once(table, read_as_delivered(table, path)?.frame)
}

/// The same with every row of the file, for the checks of the delivery.
pub fn read_as_delivered(table: RawTable, path: &Path) -> Result<RawRead> {
    let bytes = std::fs::read(path).map_err(|problem| match problem.kind() {
        std::io::ErrorKind::NotFound => Error::data(table.file_name(), None, None, "the file is missing"),
        std::io::ErrorKind::IsADirectory => Error::data(table.file_name(), None, None, "a folder, not a file"),
        _ => Error::file("read", path)(problem),
    })?;
    let content = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    if content.trim_ascii().is_empty() {
        return Err(Error::data(table.file_name(), None, None, "the file is empty"));
    }
    let read = match table {
        RawTable::CustomerInteractions => interactions::read(table, content),
        _ => csv::read(table, content),
    };
    placeholders::as_nulls(table, read?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_bytes(table: RawTable, content: &[u8]) -> Result<DataFrame> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a local copy");
        std::fs::write(&path, content).unwrap();
        read(table, &path)
    }

    #[test]
    fn a_missing_file_is_named_and_permanent() {
        let error = read(RawTable::ChurnLabel, Path::new("no/such/file")).unwrap_err();
        assert_eq!(error.to_string(), "churn_label.csv: the file is missing; correct the file and start again");
        assert_eq!(error.kind(), crate::error::Kind::Permanent);
    }

    #[test]
    fn a_folder_in_place_of_a_file_is_an_error_of_the_data() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(read(RawTable::ChurnLabel, folder.path()), Err(Error::Data(_))));
    }

    #[test]
    fn an_empty_file_is_an_error() {
        for table in RawTable::ALL {
            for content in ["", "\u{feff}", "\r\n\n"] {
                assert!(read_bytes(table, content.as_bytes()).unwrap_err().to_string().contains("the file is empty"));
            }
        }
    }

    #[test]
    fn outcomes_are_read_with_gaps_and_there_need_not_be_any() {
        let header = "customer_id,date,action,control,accepted,churned\n";
        let rows = format!("{header}C1,2024-03-01,offer_small,0,1,0\nC2,2024-03-01,offer_large,1,,\n");
        let table = read_bytes(RawTable::OfferOutcomes, rows.as_bytes()).unwrap();
        let nulls: Vec<usize> = table.columns().iter().map(polars::prelude::Column::null_count).collect();
        assert_eq!(nulls, [0, 0, 0, 0, 1, 1]);
        assert_eq!(read_bytes(RawTable::OfferOutcomes, header.as_bytes()).unwrap().height(), 0);
        assert!(read_bytes(RawTable::ChurnLabel, b"customer_id,churn\n").is_err());
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_column() {
        let table = read_bytes(RawTable::ChurnLabel, "\u{feff}customer_id,churn\r\nC1,1\r\n".as_bytes()).unwrap();
        assert_eq!(table.height(), 1);
        let element = r#"{"customer_id": "C1", "date": "2024-10-17", "channel": "", "interaction_summary": ""}"#;
        let table = read_bytes(RawTable::CustomerInteractions, format!("\u{feff}[{element}]").as_bytes()).unwrap();
        assert_eq!(table.height(), 1);
    }
}
