//! Which row of each file stands for a customer.

use std::collections::HashMap;

use polars::prelude::*;

use crate::SnapshotDate;
use crate::error::{Error, Result};

/// The row of a table that stands for each customer.
pub type RowOf<'a> = HashMap<&'a str, IdxSize>;

/// The customers of `churn_label`, sorted: the rows of the result.
pub struct Backbone<'a> {
    ids: Vec<&'a str>,
    rows: IdxCa,
}

impl<'a> Backbone<'a> {
    /// Refuses a customer that is there twice or has no name; the message names rows, not customers.
    pub fn of(label: &'a DataFrame) -> Result<Self> {
        let mut seen = RowOf::new();
        let mut customers = Vec::with_capacity(label.height());
        for (row, id) in numbered(ids(label)?) {
            let id = id.ok_or_else(|| refused(row, "customer_id is missing".into()))?;
            if let Some(earlier) = seen.insert(id, row) {
                let rule =
                    format!("the customer_id of row {} again; one row per customer is needed", file_row(earlier));
                return Err(refused(row, rule));
            }
            customers.push((id, row));
        }
        customers.sort_unstable();
        let (ids, rows): (Vec<_>, Vec<_>) = customers.into_iter().unzip();
        Ok(Self { ids, rows: IdxCa::from_vec("row".into(), rows) })
    }

    /// The rows of `churn_label`, in the order of the result.
    pub fn rows(&self) -> &IdxCa {
        &self.rows
    }

    /// For each customer of the result its row in another table; null where it has none.
    pub fn rows_in(&self, table: &RowOf) -> IdxCa {
        IdxCa::from_iter_options("row".into(), self.ids.iter().map(|id| table.get(id).copied()))
    }
}

/// The first row of each customer.
pub fn first(table: &DataFrame) -> Result<RowOf<'_>> {
    let mut row_of = RowOf::new();
    for (row, id) in numbered(ids(table)?) {
        if let Some(id) = id {
            row_of.entry(id).or_insert(row);
        }
    }
    Ok(row_of)
}

/// The most recent interaction of each customer of those up to `as_of`: undated ones last, of
/// equal dates the later row in the file.
///
/// Nothing tells whether an undated interaction came after `as_of`. It stays: dropping it would
/// lose what the customer said, and it counts only where no dated one exists.
pub fn most_recent(interactions: &DataFrame, as_of: SnapshotDate) -> Result<RowOf<'_>> {
    let last_day = as_of.date().to_epoch_days();
    let dates = interactions.column("date").and_then(|dates| dates.date());
    let dates = dates.map_err(Error::table("read date of customer_interactions"))?;
    let mut best: HashMap<&str, (Option<i32>, IdxSize)> = HashMap::new();
    for ((row, id), day) in numbered(ids(interactions)?).zip(dates.physical().iter()) {
        let Some(id) = id else { continue };
        if day.is_some_and(|day| day > last_day) {
            continue;
        }
        // `None` orders before every date; rows come in the order of the file, so `>=` takes the later.
        let known = best.entry(id).or_insert((day, row));
        if day >= known.0 {
            *known = (day, row);
        }
    }
    Ok(best.into_iter().map(|(id, (_, row))| (id, row)).collect())
}

fn ids(table: &DataFrame) -> Result<&StringChunked> {
    table.column("customer_id").and_then(|ids| ids.str()).map_err(Error::table("read customer_id"))
}

fn numbered(ids: &StringChunked) -> impl Iterator<Item = (IdxSize, Option<&str>)> {
    (0..).zip(ids.iter())
}

/// The number a person sees in the file: the header is row 1.
fn file_row(row: IdxSize) -> IdxSize {
    row + 2
}

fn refused(row: IdxSize, rule: String) -> Error {
    Error::data("churn_label", Some("customer_id"), Some(format!("row {}", file_row(row))), rule)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn picked(rows: &[(Option<&str>, Option<&str>)]) -> Vec<(String, IdxSize)> {
        let date = |text| NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap();
        let interactions = df!(
            "customer_id" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
            "date" => rows.iter().map(|row| row.1.map(date)).collect::<Vec<_>>(),
        )
        .unwrap();
        let row_of = most_recent(&interactions, SnapshotDate::parse("2024-12-31").unwrap()).unwrap();
        let mut picked: Vec<_> = row_of.into_iter().map(|(id, row)| (id.to_owned(), row)).collect();
        picked.sort();
        picked
    }

    #[test]
    fn the_most_recent_interaction_counts_wherever_it_stands() {
        for (third, expected) in [("2024-09-02", 1), ("2024-11-30", 2), ("2024-12-31", 2), ("2025-01-01", 1)] {
            let rows = ["2024-11-01", "2024-11-02", third].map(|date| (Some("C1"), Some(date)));
            assert_eq!(picked(&rows), [("C1".to_owned(), expected)], "{third}");
        }
    }

    #[test]
    fn of_equal_dates_the_later_row_counts() {
        let rows = ["2024-11-01", "2024-11-02", "2024-11-02", "2024-11-01"].map(|date| (Some("C1"), Some(date)));
        assert_eq!(picked(&rows), [("C1".to_owned(), 2)]);
        assert_eq!(picked(&[(Some("C1"), None), (Some("C1"), None)]), [("C1".to_owned(), 1)]);
    }

    #[test]
    fn an_undated_interaction_counts_only_without_a_dated_one() {
        let rows = [(Some("C1"), Some("2024-09-01")), (Some("C1"), None), (Some("C2"), None)];
        assert_eq!(picked(&rows), [("C1".to_owned(), 0), ("C2".to_owned(), 2)]);
        let rows = [(Some("C1"), None), (Some("C1"), Some("2025-01-01"))];
        assert_eq!(picked(&rows), [("C1".to_owned(), 0)]);
    }

    #[test]
    fn an_interaction_of_nobody_is_nobodys() {
        assert_eq!(picked(&[(None, Some("2024-09-01"))]), []);
    }

    #[test]
    fn a_repeated_customer_is_an_error_that_names_the_rows_only() {
        let label = df!("customer_id" => ["C77", "C2", "C77"]).unwrap();
        let problem = Backbone::of(&label).err().unwrap().to_string();
        assert!(
            problem.contains("churn_label, column customer_id, row 4: the customer_id of row 2 again"),
            "{problem}"
        );
        assert!(!problem.contains("C77"));
    }

    #[test]
    fn a_missing_customer_is_an_error_that_names_the_row() {
        let label = df!("customer_id" => [Some("C1"), None]).unwrap();
        let problem = Backbone::of(&label).err().unwrap().to_string();
        assert!(problem.contains("row 3: customer_id is missing"), "{problem}");
    }
}
