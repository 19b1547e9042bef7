//! The header: which dialect the file has, and where the columns stand that are needed.

use std::io::BufRead;

use super::dialect::Dialect;
use super::records::{Problem, Records};
use crate::{Error, Result};

/// So many rows are looked through for a header that is not the first line.
const LOOKED_THROUGH: usize = 100_000;

/// Where the needed columns stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    /// The place of each needed column, in the order they were asked for.
    pub places: Vec<usize>,
    width: usize,
}

impl Header {
    /// How many fields a row has.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Refuses a row with another number of fields than the header.
    #[inline]
    pub fn check_width<R: BufRead>(&self, records: &Records<R>) -> Result<()> {
        let width = records.width();
        if width == self.width {
            return Ok(());
        }
        let cause =
            if width > self.width { " (a decimal comma, or a separator in a text without quotes?)" } else { "" };
        Err(records.broken(&format!("{width} fields where the header has {}{cause}", self.width)))
    }
}

/// Reads the header, finds out the dialect, and where each of the columns stands; none for one that is not there.
/// No header at all is an error.
pub(crate) fn find_columns<R: BufRead>(records: &mut Records<R>, columns: &[&str]) -> Result<Vec<Option<usize>>> {
    if !records.advance_to_header()? {
        return Err(Error::data(records.name(), None, None, "the file is empty; a header line is needed"));
    }
    let mut best: Option<(usize, Dialect, Vec<Option<usize>>)> = None;
    let mut twice = None;
    for dialect in Dialect::ALL {
        records.speak(dialect);
        // Quotes that make no sense in one dialect may in the other.
        if records.split().is_err() {
            continue;
        }
        let places = match places(records, columns) {
            Ok(places) => places,
            Err(column) => {
                twice = Some(column);
                continue;
            }
        };
        let found = places.iter().flatten().count();
        if best.as_ref().is_none_or(|(most, ..)| found > *most) {
            best = Some((found, dialect, places));
        }
    }
    if let Some(column) = twice {
        return Err(records.problem(&Problem(Some(column), "the column is there twice")));
    }
    let (_, dialect, places) = best.unwrap_or((0, Dialect::Comma, vec![None; columns.len()]));
    records.speak(dialect);
    records.split()?;
    records.remember_header();
    Ok(places)
}

/// The same; columns that are missing are an error that names all of them.
pub(crate) fn require_columns<R: BufRead>(records: &mut Records<R>, columns: &[&str]) -> Result<Header> {
    let places = find_columns(records, columns)?;
    all_there(records, columns, places)
}

/// The same, but the last column need not be there in a file that has the others and nothing else, and in one that has
/// the column `instead`.
pub(crate) fn require_columns_but_the_last<R: BufRead>(
    records: &mut Records<R>,
    columns: &[&str],
    instead: &str,
) -> Result<Header> {
    let wanted: Vec<&str> = columns.iter().copied().chain([instead]).collect();
    let mut places = find_columns(records, &wanted)?;
    let is_instead = places.pop().flatten().is_some();
    let found: Vec<usize> = places.iter().flatten().copied().collect();
    let lacks_the_last = places.last() == Some(&None) && found.len() + 1 == columns.len();
    if lacks_the_last && (is_instead || records.width() == found.len()) {
        return Ok(Header { places: found, width: records.width() });
    }
    all_there(records, columns, places)
}

fn all_there<R: BufRead>(records: &mut Records<R>, columns: &[&str], places: Vec<Option<usize>>) -> Result<Header> {
    let missing: Vec<&str> =
        columns.iter().zip(&places).filter(|(_, place)| place.is_none()).map(|(column, _)| *column).collect();
    let Some(first) = missing.first() else {
        return Ok(Header { places: places.into_iter().flatten().collect(), width: records.width() });
    };
    let rule = if missing.len() == columns.len() && (records.holds(b'\t') || records.holds(b'|')) {
        "fields must be separated by commas, or by semicolons with decimal commas".to_owned()
    } else if missing.len() == columns.len() && columns.len() > 1 {
        format!("the columns {} are missing; the first line must be a header with these names", missing.join(", "))
    } else if missing.len() > 1 {
        format!("the columns {} are missing", missing.join(", "))
    } else {
        "the column is missing".to_owned()
    };
    let problem = records.problem(&Problem(Some(first), &rule));
    let row = records.row();
    if missing.len() < columns.len() {
        return Err(problem);
    }
    match header_below(records, columns) {
        Some(below) => {
            let rule = format!(
                "the header must be the first line, and is in row {below}: take away what stands above it, or put it there \
                 where the file was sorted with it"
            );
            Err(Error::data(records.name(), Some(first), Some(format!("row {row}")), rule))
        }
        None => Err(problem),
    }
}

/// The row of a header that is not the first line, as a title or a sorting leaves it.
fn header_below<R: BufRead>(records: &mut Records<R>, columns: &[&str]) -> Option<u64> {
    for _ in 0..LOOKED_THROUGH {
        if !records.advance().ok()? {
            return None;
        }
        let line = String::from_utf8_lossy(records.raw()).to_ascii_lowercase();
        if columns.iter().all(|column| line.contains(*column)) {
            return Some(records.row());
        }
    }
    None
}

/// Where each column stands, whatever its case; the error is a column that is there twice.
fn places<'a, R: BufRead>(records: &Records<R>, columns: &[&'a str]) -> Result<Vec<Option<usize>>, &'a str> {
    let named = |column: &str, place: usize| records.field(place).trim_ascii().eq_ignore_ascii_case(column.as_bytes());
    let mut places = Vec::with_capacity(columns.len());
    for &column in columns {
        let mut found = (0..records.width()).filter(|place| named(column, *place));
        let first = found.next();
        if found.next().is_some() {
            return Err(column);
        }
        places.push(first);
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const COLUMNS: [&str; 2] = ["customer_id", "churn"];

    fn header(content: &str) -> Result<(Dialect, Vec<usize>)> {
        let mut records = Records::new(content.as_bytes(), Path::new("x.csv"), "raw/x.csv")?;
        let header = require_columns(&mut records, &COLUMNS)?;
        Ok((records.dialect(), header.places))
    }

    #[test]
    fn case_blanks_quotes_and_order_do_not_matter() {
        for content in ["churn,customer_id\n", "\u{feff}CHURN , Customer_ID\r\n", "\n\"churn\",\"customer_id\"\n"] {
            assert_eq!(header(content).unwrap(), (Dialect::Comma, vec![1, 0]), "{content:?}");
        }
        for content in ["customer_id;note;churn\n", "\"customer_id\";\"a, b\";\"churn\"\r\n"] {
            assert_eq!(header(content).unwrap(), (Dialect::Semicolon, vec![0, 2]), "{content:?}");
        }
    }

    #[test]
    fn a_line_that_tells_excel_the_separator_is_no_header() {
        for content in ["sep=;\ncustomer_id;churn\n", "\u{feff}\"SEP=;\"\r\n\r\ncustomer_id;churn\r\n"] {
            assert_eq!(header(content).unwrap(), (Dialect::Semicolon, vec![0, 1]), "{content:?}");
        }
        assert_eq!(header("sep=,\rcustomer_id,churn\r").unwrap().0, Dialect::Comma);
        let only = header("sep=;\n").unwrap_err().to_string();
        assert!(only.contains("the file is empty"), "{only}");
        let column = header("sep=;,customer_id,churn\n").unwrap();
        assert_eq!(column, (Dialect::Comma, vec![1, 2]), "a column of that name");
    }

    #[test]
    fn what_is_missing_or_there_twice_is_named() {
        for (content, expected) in [
            ("customer_id,left\n", "raw/x.csv, column churn, row 1: the column is missing"),
            ("C1,1\nC2,0\n", "the columns customer_id, churn are missing; the first line must be a header"),
            ("Labels\nof May\nCustomer_ID;Churn\n", "row 1: the header must be the first line, and is in row 3"),
            ("C1,1\ncustomer_id,churn\nC2,0\n", "is in row 2: take away what stands above it"),
            ("customer_id\tchurn\n", "fields must be separated by commas"),
            ("customer_id,churn,Churn\n", "column churn, row 1: the column is there twice"),
            ("", "raw/x.csv: the file is empty"),
            ("\n\n", "raw/x.csv: the file is empty"),
        ] {
            let message = header(content).unwrap_err().to_string();
            assert!(message.contains(expected), "{content:?}: {message}");
        }
    }

    #[test]
    fn a_row_of_another_width_says_what_may_be_the_cause() {
        let mut records = Records::new(&b"customer_id,churn\nC1\nC2,1,5\n"[..], Path::new("x.csv"), "x.csv").unwrap();
        let header = require_columns(&mut records, &COLUMNS).unwrap();
        let mut message = || {
            assert!(records.advance().unwrap());
            header.check_width(&records).unwrap_err().to_string()
        };
        assert!(message().starts_with("x.csv, row 2: 1 fields where the header has 2;"));
        assert!(message().starts_with("x.csv, row 3: 3 fields where the header has 2 (a decimal comma"));
    }
}
