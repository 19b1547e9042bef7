//! Rows that share a key: the same row delivered twice, or two rows that say different things.

use std::cmp::Ordering;
use std::collections::HashMap;

use chrono::NaiveDate;
use polars::prelude::{Column, DataFrame, DataType};

use super::raw_table::RawTable;
use crate::columns::{dates, integers, rows_at, texts};
use crate::error::Result;
use crate::month::Month;

/// The rows whose key an earlier row has, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repeats {
    /// Those that are the same as an earlier row of their key, in every column.
    pub same: Vec<usize>,
    /// Those that say something else.
    pub different: Vec<usize>,
}

/// A cell of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Cell<'a> {
    Text(&'a str),
    Integer(i32),
    Month(Month),
    Day(NaiveDate),
}

/// The column whose day counts: a customer may get an offer twice in a month. Other dates stand for their month.
const DAY: &str = "date";

/// Finds the repeated rows of a table by a key; a key with a null in it is no key, and a date compares by its month, but for
/// the column `date`.
pub fn repeats(frame: &DataFrame, key: &[&str]) -> Result<Repeats> {
    let mut repeats = Repeats::default();
    if key.is_empty() {
        return Ok(repeats);
    }
    let columns: Vec<Vec<Option<Cell<'_>>>> = key.iter().map(|name| cells(frame, name)).collect::<Result<_>>()?;
    // Most files are sorted by their key, which costs nothing to see.
    if rises(&columns, frame.height()) {
        return Ok(repeats);
    }
    let mut first_rows: HashMap<Vec<Cell<'_>>, usize> = HashMap::with_capacity(frame.height());
    // By the first row of a key, its rows that say something else.
    let mut others: HashMap<usize, Vec<usize>> = HashMap::new();
    for row in 0..frame.height() {
        let key: Option<Vec<Cell<'_>>> = columns.iter().map(|column| column[row]).collect();
        let Some(key) = key else { continue };
        let first = *first_rows.entry(key).or_insert(row);
        if first == row {
            continue;
        }
        let others = others.entry(first).or_default();
        if std::iter::once(&first).chain(&*others).any(|before| is_same(frame.columns(), *before, row)) {
            repeats.same.push(row);
        } else {
            others.push(row);
            repeats.different.push(row);
        }
    }
    Ok(repeats)
}

/// Whether every row has a greater key than the one before it; rows without a key are passed over.
fn rises(columns: &[Vec<Option<Cell<'_>>>], rows: usize) -> bool {
    let with_key = (0..rows).filter(|&row| columns.iter().all(|column| column[row].is_some()));
    with_key.is_sorted_by(|&before, &row| {
        let mut orders = columns.iter().map(|column| column[before].cmp(&column[row]));
        orders.find(|order| order.is_ne()).is_some_and(Ordering::is_lt)
    })
}

/// The table with each row of a key once; rows that say different things all stay.
pub(super) fn once(table: RawTable, frame: DataFrame) -> Result<DataFrame> {
    let mut same = repeats(&frame, table.key())?.same.into_iter().peekable();
    if same.peek().is_none() {
        return Ok(frame);
    }
    let kept: Vec<usize> = (0..frame.height()).filter(|row| same.next_if_eq(row).is_none()).collect();
    rows_at(&frame, &kept)
}

fn cells<'a>(frame: &'a DataFrame, name: &str) -> Result<Vec<Option<Cell<'a>>>> {
    match frame.column(name).map(Column::dtype) {
        Ok(DataType::Date) if name == DAY => {
            Ok(dates(frame, name)?.into_iter().map(|date| date.map(Cell::Day)).collect())
        }
        Ok(DataType::Date) => {
            Ok(dates(frame, name)?.into_iter().map(|date| date.map(|date| Cell::Month(Month::of(date)))).collect())
        }
        Ok(DataType::Int32) => Ok(integers(frame, name)?.into_iter().map(|code| code.map(Cell::Integer)).collect()),
        _ => Ok(texts(frame, name)?.into_iter().map(|text| text.map(Cell::Text)).collect()),
    }
}

fn is_same(columns: &[Column], one: usize, other: usize) -> bool {
    columns.iter().all(|column| match (column.get(one), column.get(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;

    use super::*;

    fn prices() -> DataFrame {
        let day = |text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        df!(
            "customer_id" => [Some("C1"), Some("C2"), Some("C1"), None, Some("C1"), None, Some("C1")],
            "pricing_date" => ["2024-01-01", "2024-01-01", "2024-01-01", "2024-01-01", "2024-01-31", "2024-01-01", "2024-02-01"]
                .map(day),
            "price" => [Some(0.1), None, Some(0.1), None, Some(0.1), None, Some(0.1)],
        )
        .unwrap()
    }

    #[test]
    fn the_same_row_twice_is_told_from_a_row_that_says_something_else() {
        let found = repeats(&prices(), RawTable::PriceHistory.key()).unwrap();
        // The fifth row is of another day of the same month.
        assert_eq!(found, Repeats { same: vec![2], different: vec![4] });
        assert_eq!(repeats(&prices(), &[]).unwrap(), Repeats::default());
        let history = df!("customer_id" => ["C1"; 3], "start" => [1_i32, 2, 1]).unwrap();
        assert_eq!(repeats(&history, &["customer_id"]).unwrap(), Repeats { same: vec![2], different: vec![1] });
    }

    #[test]
    fn a_file_that_is_sorted_by_its_key_has_no_repeats_and_one_that_nearly_is_has() {
        let key = ["customer_id", "code"];
        let table = |codes: [i32; 4]| df!("customer_id" => [Some("C1"), None, Some("C1"), Some("C2")], "code" => codes);
        assert_eq!(repeats(&table([1, 0, 2, 1]).unwrap(), &key).unwrap(), Repeats::default());
        let twice = Repeats { same: vec![2], different: Vec::new() };
        assert_eq!(repeats(&table([1, 0, 1, 1]).unwrap(), &key).unwrap(), twice, "rows of nobody do not hide it");
        assert_eq!(repeats(&table([2, 0, 1, 1]).unwrap(), &key).unwrap(), Repeats::default());
    }

    #[test]
    fn outcomes_of_one_offer_share_its_day_and_two_offers_of_a_month_do_not() {
        let day = |text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        let outcomes = df!(
            "customer_id" => ["C1"; 5],
            "date" => ["2024-03-01", "2024-03-01", "2024-03-20", "2024-03-01", "2024-03-01"].map(day),
            "action" => ["offer_small", "offer_small", "offer_small", "offer_large", "offer_small"],
            "accepted" => [Some(1_i32), Some(1), Some(1), Some(1), None],
        );
        let outcomes = outcomes.unwrap();
        let key = RawTable::OfferOutcomes.key();
        assert_eq!(repeats(&outcomes, key).unwrap(), Repeats { same: vec![1], different: vec![4] });
        assert_eq!(once(RawTable::OfferOutcomes, outcomes).unwrap().height(), 4);
    }

    #[test]
    fn what_is_there_twice_counts_once() {
        let table = once(RawTable::PriceHistory, prices()).unwrap();
        assert_eq!(table.height(), 6);
        assert_eq!(table.column("customer_id").unwrap().null_count(), 2, "rows of nobody are no repeats");
        let label = df!("customer_id" => ["C1", "C2"], "churn" => [0_i32, 1]).unwrap();
        assert_eq!(once(RawTable::ChurnLabel, label).unwrap().height(), 2);
    }
}
