//! What tools write where an id is not known: `N/A`, `NULL`, `-`, `0`. Taken as ids, they would be one customer who is
//! delivered many times.

use std::collections::BTreeSet;

use polars::prelude::{DataFrame, IntoColumn, NewChunkedArray, StringChunked};

use super::RawRead;
use super::cell::CellType;
use super::raw_table::RawTable;
use super::unknown_words::is_word;
use crate::columns::{texts, with};
use crate::error::Result;
use crate::quality::{Finding, Severity};

const CUSTOMER: &str = "customer_id";
/// More than these are only counted.
const SHOWN: usize = 4;

/// Those of the ids that stand for nobody. A zero does where other ids are no numbers.
pub fn placeholders<'a>(ids: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let (mut found, mut zeros) = (BTreeSet::new(), BTreeSet::new());
    let mut has_other_than_numbers = false;
    for id in ids {
        let whole = id.strip_suffix(".0").unwrap_or(id);
        if is_word(id) {
            found.insert(id);
        } else if whole.bytes().all(|digit| digit == b'0') {
            zeros.insert(id);
        } else {
            has_other_than_numbers |= !whole.bytes().all(|digit| digit.is_ascii_digit());
        }
    }
    if has_other_than_numbers {
        found.append(&mut zeros);
    }
    found
}

/// The file with null in place of every placeholder, and with what is told of them.
pub(super) fn as_nulls(table: RawTable, read: RawRead) -> Result<RawRead> {
    if !table.columns().contains(&(CUSTOMER, CellType::Id)) {
        return Ok(read);
    }
    let Some((frame, finding)) = replaced(table, &read.frame)? else { return Ok(read) };
    let mut findings = read.findings;
    findings.push(finding);
    Ok(RawRead { frame, findings })
}

fn replaced(table: RawTable, frame: &DataFrame) -> Result<Option<(DataFrame, Finding)>> {
    let ids = texts(frame, CUSTOMER)?;
    let found = placeholders(ids.iter().copied().flatten());
    if found.is_empty() {
        return Ok(None);
    }
    let known: Vec<Option<&str>> = ids.iter().map(|id| id.filter(|id| !found.contains(id))).collect();
    let count = ids.iter().flatten().count() - known.iter().flatten().count();
    let column = StringChunked::from_iter_options(CUSTOMER.into(), known.into_iter()).into_column();
    let words = format!(
        "{count} rows of {} have {} in place of an id, and are rows of nobody; deliver the ids, or leave these rows out",
        table.file_name(),
        shown(&found)
    );
    let finding = Finding::new(severity(table), table.as_str(), "placeholder_ids", words).of_column(CUSTOMER);
    Ok(Some((with(frame, vec![column])?, finding.counting_of(count as u64, ids.len() as u64))))
}

/// A file of one row per customer needs to know whose each row is; rows of nobody in the others join nobody.
fn severity(table: RawTable) -> Severity {
    if table.key() == [CUSTOMER] { Severity::Block } else { Severity::Warn }
}

/// The placeholders for people. None of them is an id.
fn shown(found: &BTreeSet<&str>) -> String {
    let words: Vec<String> = found.iter().take(SHOWN).map(|word| format!("`{word}`")).collect();
    match found.len().saturating_sub(SHOWN) {
        0 => words.join(", "),
        more => format!("{} and {more} more", words.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::csv;

    fn labels(ids: &[&str]) -> RawRead {
        let content = format!("customer_id,churn\n{},0\n", ids.join(",0\n"));
        let read = csv::read(RawTable::ChurnLabel, content.as_bytes()).unwrap();
        as_nulls(RawTable::ChurnLabel, read).unwrap()
    }

    #[test]
    fn words_in_place_of_an_id_are_nobody_and_no_repeated_customer() {
        let read = labels(&["C1", "N/A", "NULL", "-", "0", "n/a", "C2", "0", "C10"]);
        let ids = texts(&read.frame, CUSTOMER).unwrap();
        let nobody = [None::<&str>; 5];
        assert_eq!(ids, [&[Some("C1")][..], &nobody, &[Some("C2"), None, Some("C10")]].concat());
        let told = &read.findings[0];
        assert_eq!((told.rule.as_str(), told.count, told.severity), ("placeholder_ids", 6, Severity::Block));
        let expected = "6 rows of churn_label.csv have `-`, `0`, `N/A`, `NULL` and 1 more in place of an id";
        assert!(told.words.contains(expected), "{}", told.words);
        let repeats = crate::raw::repeats(&read.frame, &[CUSTOMER]).unwrap();
        assert_eq!(repeats, crate::raw::Repeats::default());
    }

    #[test]
    fn a_zero_among_numbers_is_a_customer() {
        assert_eq!(placeholders(["0", "1", "2.0", "nan"]), BTreeSet::from(["nan"]));
        assert_eq!(placeholders(["0", "0.0", "C1"]), BTreeSet::from(["0", "0.0"]));
        assert!(placeholders(["C0", "NA1", "Nanette", "C-1"]).is_empty());
        assert!(labels(&["C1", "C2"]).findings.is_empty());
    }

    #[test]
    fn where_rows_of_nobody_are_known_dirt_people_are_only_warned() {
        let severities = RawTable::ALL.map(severity);
        assert_eq!(severities[..3], [Severity::Block; 3]);
        assert_eq!(severities[3..], [Severity::Warn; 3]);
    }
}
