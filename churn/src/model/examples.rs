//! The labelled customers of a gold table, in one fixed order.
//!
//! Sorting by customer makes everything after it independent of the order of rows in the file:
//! a learner that samples its rows, too, goes by their position.

use std::collections::HashMap;

use polars::prelude::{Column, DataFrame, DataType, IdxCa, IdxSize, PlSmallStr, SortMultipleOptions};

use crate::error::{Error, Result};

/// Labelled customers, sorted by `customer_id`.
#[derive(Debug, Clone)]
pub(super) struct Examples {
    /// Their rows of the gold table.
    pub table: DataFrame,
    /// Their ids, in the order of the rows.
    pub ids: Vec<String>,
    /// Whether each of them churned.
    pub labels: Vec<bool>,
}

impl Examples {
    /// The rows of `gold` whose `churn` is 0 or 1; rows without a label are left out.
    pub fn of(gold: &DataFrame) -> Result<Self> {
        let sorted = gold
            .sort(["customer_id"], SortMultipleOptions::default())
            .map_err(Error::table("sort gold_master by customer_id"))?;
        let labels = labels(&sorted)?;
        let known: Vec<usize> =
            labels.iter().enumerate().filter(|(_, label)| label.is_some()).map(|(i, _)| i).collect();
        let table = take(&sorted, &known)?;
        let ids = customer_ids(&table)?;
        if let Some(place) = ids.windows(2).position(|pair| pair[0] == pair[1]) {
            let place = Some(format!("row {} in the order of customers", place + 2));
            return Err(Error::data("gold_master", Some("customer_id"), place, "a repeated customer"));
        }
        Ok(Self { table, ids, labels: labels.into_iter().flatten().collect() })
    }

    /// Some of the rows, in the order given.
    pub fn take(&self, rows: &[usize]) -> Result<Self> {
        Ok(Self {
            table: take(&self.table, rows)?,
            ids: rows.iter().map(|&row| self.ids[row].clone()).collect(),
            labels: rows.iter().map(|&row| self.labels[row]).collect(),
        })
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// How many of them churned.
    pub fn positives(&self) -> usize {
        self.labels.iter().filter(|&&label| label).count()
    }
}

/// The `customer_id` column as text; a null is an error.
pub(super) fn customer_ids(table: &DataFrame) -> Result<Vec<String>> {
    let ids = table
        .column("customer_id")
        .and_then(Column::str)
        .map_err(Error::table("read customer_id of a customer table"))?;
    ids.iter()
        .enumerate()
        .map(|(row, id)| {
            let place = Some(format!("row {}", row + 1));
            id.map(str::to_owned).ok_or_else(|| Error::data("gold_master", Some("customer_id"), place, "no customer"))
        })
        .collect()
}

/// The rows of `table` that hold the customers `ids`; one that is not there is an error.
pub(super) fn rows_of(ids: &[String], table: &DataFrame) -> Result<Vec<usize>> {
    let known = customer_ids(table)?;
    let position: HashMap<&str, usize> = known.iter().map(String::as_str).zip(0..).collect();
    ids.iter()
        .enumerate()
        .map(|(row, id)| {
            position.get(id.as_str()).copied().ok_or_else(|| {
                let problem = format!("the customer of row {} is not in it; build all tables in one run", row + 1);
                Error::model("look up customers in another table", problem)
            })
        })
        .collect()
}

/// Rows of a table by position.
pub(super) fn take(table: &DataFrame, rows: &[usize]) -> Result<DataFrame> {
    let rows: Vec<IdxSize> = rows.iter().map(|&row| row as IdxSize).collect();
    table
        .take(&IdxCa::from_vec(PlSmallStr::from_static("row"), rows))
        .map_err(Error::table("select rows of gold_master"))
}

fn labels(table: &DataFrame) -> Result<Vec<Option<bool>>> {
    let churn = table
        .column("churn")
        .and_then(|column| column.cast(&DataType::Float64))
        .map_err(Error::table("read the label churn of gold_master"))?;
    let churn = churn.f64().map_err(Error::table("read the label churn of gold_master"))?;
    churn
        .iter()
        .enumerate()
        .map(|(row, value)| match value {
            None => Ok(None),
            Some(0.0) => Ok(Some(false)),
            Some(1.0) => Ok(Some(true)),
            Some(_) => {
                let place = Some(format!("row {} in the order of customers", row + 1));
                Err(Error::data("gold_master", Some("churn"), place, "a label must be 0 or 1"))
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;

    #[test]
    fn customers_come_sorted_and_without_those_that_have_no_label() {
        let gold = df!("customer_id" => ["C3", "C1", "C2"], "churn" => [Some(1), Some(0), None]).unwrap();
        let examples = Examples::of(&gold).unwrap();
        assert_eq!(examples.ids, ["C1", "C3"]);
        assert_eq!(examples.labels, [false, true]);
    }

    #[test]
    fn a_repeated_customer_is_an_error_that_does_not_name_the_customer() {
        let gold = df!("customer_id" => ["C7", "C1", "C7"], "churn" => [0, 0, 1]).unwrap();
        let problem = Examples::of(&gold).unwrap_err().to_string();
        assert!(problem.contains("repeated customer") && !problem.contains("C7"), "{problem}");
    }

    #[test]
    fn a_label_of_two_is_an_error() {
        let gold = df!("customer_id" => ["C1", "C2"], "churn" => [0, 2]).unwrap();
        assert!(Examples::of(&gold).unwrap_err().to_string().contains("must be 0 or 1"));
    }
}
