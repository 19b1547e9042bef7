//! The scored customers, row by row.

use polars::prelude::{Column, DataFrame, Float64Chunked, StringChunked};

use crate::error::{Error, Result};

const TABLE: &str = "scores";

/// The columns of the scores that decide.
pub(super) struct Customers<'a> {
    ids: &'a StringChunked,
    probabilities: &'a Float64Chunked,
    margins: &'a Float64Chunked,
    losses: &'a Float64Chunked,
    segments: &'a StringChunked,
    tiers: &'a StringChunked,
}

/// One row of the scores.
pub(super) struct Customer<'a> {
    pub id: &'a str,
    pub risk_score: f64,
    pub margin: Option<f64>,
    pub expected_loss: Option<f64>,
    pub segment: Option<&'a str>,
    pub tier: &'a str,
    pub row: usize,
}

impl<'a> Customers<'a> {
    pub fn of(scores: &'a DataFrame) -> Result<Self> {
        let text = |name: &str| scores.column(name).and_then(Column::str);
        let number = |name: &str| scores.column(name).and_then(Column::f64);
        let columns = || {
            Ok(Self {
                ids: text("customer_id")?,
                probabilities: number("churn_proba")?,
                margins: number("avg_monthly_margin")?,
                losses: number("expected_monthly_loss")?,
                segments: text("segment")?,
                tiers: text("risk_tier")?,
            })
        };
        columns().map_err(Error::table("read the scores"))
    }

    pub fn row(&self, row: usize) -> Result<Customer<'a>> {
        let needed = |column: &'static str| move || bad(Some(column), row, "must not be null");
        Ok(Customer {
            id: self.ids.get(row).ok_or_else(needed("customer_id"))?,
            risk_score: self.probabilities.get(row).ok_or_else(needed("churn_proba"))?,
            margin: self.margins.get(row),
            expected_loss: self.losses.get(row),
            segment: self.segments.get(row),
            tier: self.tiers.get(row).ok_or_else(needed("risk_tier"))?,
            row,
        })
    }
}

/// A broken rule in a row of the scores, counted from 0.
pub(super) fn bad(column: Option<&str>, row: usize, rule: impl std::fmt::Display) -> Error {
    Error::data(TABLE, column, Some(format!("row {}", row + 1)), rule.to_string())
}
