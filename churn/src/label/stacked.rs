//! Labels with a date of their own: the optional column `label_date` of `churn_label.csv`. Of several dates stacked in
//! one file each is a file of its own for what comes after, so that nothing after it knows of more than one.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;

use chrono::NaiveDate;
use polars::prelude::DataFrame;

use crate::columns::{dates, integers, texts};
use crate::error::{Error, Result};
use crate::raw::{RawTable, read};
use crate::snapshot_date::SnapshotDate;

/// The optional column.
pub const COLUMN: &str = "label_date";
/// More dates than these in one file are a mistake, and more than a history has room for.
const MOST_DATES: usize = 60;
/// A header is no longer.
const LONGEST_HEADER: u64 = 1 << 20;

/// Whether the labels at `path` have dates of their own: only the header is read.
pub fn has_dates(path: &Path) -> Result<bool> {
    let file = File::open(path).map_err(Error::file("open", path))?;
    let mut header = Vec::new();
    BufReader::new(file.take(LONGEST_HEADER)).read_until(b'\n', &mut header).map_err(Error::file("read", path))?;
    let header = String::from_utf8_lossy(&header);
    let names = header.trim_start_matches('\u{feff}').split([',', ';']);
    Ok(names.map(|name| name.trim().trim_matches('"').trim()).any(|name| name.eq_ignore_ascii_case(COLUMN)))
}

/// The labels of a file whose rows have dates.
pub struct Stacked {
    frame: DataFrame,
    /// The date of every row.
    of_row: Vec<NaiveDate>,
}

impl Stacked {
    /// Reads the file; a row without a date is an error, and so are more dates than a file can mean.
    pub fn read(path: &Path) -> Result<Self> {
        let table = RawTable::DatedLabel;
        let frame = read(table, path)?;
        let wrong = |place, rule: String| Error::data(table.file_name(), Some(COLUMN), place, rule);
        let mut of_row = Vec::with_capacity(frame.height());
        for (row, date) in dates(&frame, COLUMN)?.into_iter().enumerate() {
            let place = || Some(format!("row {}", row + 2));
            let none = || wrong(place(), "no date: give every row one, or leave the column out".to_owned());
            of_row.push(date.ok_or_else(none)?);
        }
        let stacked = Self { frame, of_row };
        let count = stacked.dates().len();
        if count > MOST_DATES {
            return Err(wrong(None, format!("{count} dates in one file, and at most {MOST_DATES} are read")));
        }
        Ok(stacked)
    }

    /// The dates that there are, the first one first.
    pub fn dates(&self) -> Vec<SnapshotDate> {
        self.of_row.iter().collect::<BTreeSet<_>>().into_iter().copied().map(SnapshotDate::new).collect()
    }

    /// Writes the labels of one date in the form of `churn_label.csv` without the column; how many rows.
    pub fn write(&self, date: SnapshotDate, target: &Path) -> Result<u64> {
        let (ids, labels) = (texts(&self.frame, "customer_id")?, integers(&self.frame, "churn")?);
        let failed = || Error::file("write", target);
        let mut out = BufWriter::new(File::create(target).map_err(failed())?);
        writeln!(out, "customer_id,churn").map_err(failed())?;
        let mut rows = 0;
        for row in (0..ids.len()).filter(|&row| self.of_row[row] == date.date()) {
            let id = ids[row].map(in_quotes).unwrap_or_default();
            let label = labels[row].map(|label| label.to_string()).unwrap_or_default();
            writeln!(out, "{id},{label}").map_err(failed())?;
            rows += 1;
        }
        out.flush().map_err(failed())?;
        Ok(rows)
    }
}

/// A field of a CSV file: in quotes where a reader would split it otherwise.
fn in_quotes(text: &str) -> Cow<'_, str> {
    if text.contains([',', ';', '"', '\n', '\r']) {
        return Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")));
    }
    Cow::Borrowed(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("labels.csv"), content).unwrap();
        folder
    }

    fn stacked(content: &str) -> Result<Stacked> {
        Stacked::read(&file(content).path().join("labels.csv"))
    }

    #[test]
    fn a_file_has_dates_where_its_header_says_so() {
        let has = |content: &str| has_dates(&file(content).path().join("labels.csv")).unwrap();
        assert!(has("customer_id,churn,label_date\nC1,1,2024-12-31\n"));
        assert!(has("\u{feff}\"Label_Date\";customer_id;churn\r\n"));
        assert!(!has("customer_id,churn\nlabel_date,1\n") && !has("customer_id,churn,label_dates\n") && !has(""));
    }

    #[test]
    fn each_date_becomes_a_file_of_its_own_in_the_order_of_the_rows() {
        let text = "label_date,churn,customer_id\n2025-06-30,0,C2\n2024-12-31,1,\"C,1\"\n2024-12-31,,C2\n";
        let stacked = stacked(text).unwrap();
        let [first, second] = stacked.dates().try_into().unwrap();
        assert_eq!((first.to_string(), second.to_string()), ("2024-12-31".to_owned(), "2025-06-30".to_owned()));
        let folder = tempfile::tempdir().unwrap();
        let written = |date| {
            let path = folder.path().join("out.csv");
            let rows = stacked.write(date, &path).unwrap();
            (rows, std::fs::read_to_string(path).unwrap())
        };
        assert_eq!(written(first), (2, "customer_id,churn\n\"C,1\",1\nC2,\n".to_owned()));
        assert_eq!(written(second), (1, "customer_id,churn\nC2,0\n".to_owned()));
    }

    #[test]
    fn a_row_without_a_date_is_named_and_so_is_a_date_in_another_form() {
        let message = |content| stacked(content).err().map(|error| error.to_string()).unwrap_or_default();
        let none = message("customer_id,churn,label_date\nC1,1,2024-12-31\nC2,0,\n");
        assert!(none.starts_with("churn_label.csv, column label_date, row 3: no date"), "{none}");
        let other = message("customer_id,churn,label_date\nC1,1,31.12.2024\n");
        assert!(other.contains("column label_date, row 2: not a date YYYY-MM-DD"), "{other}");
    }
}
