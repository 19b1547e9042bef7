//! What a run stored beside its tables for whoever calls: what moves each customer's risk.

use std::sync::Arc;

use polars::prelude::DataFrame;

use super::why::{self, Why};
use crate::data::{DataError, Snapshot};

/// What moves every customer's risk.
pub struct Contributions {
    table: Arc<DataFrame>,
    places: Arc<Vec<u32>>,
}

impl Contributions {
    /// Of a run; none of one that stored no contributions.
    pub async fn of(snapshot: &Snapshot) -> Result<Option<Self>, DataError> {
        let Ok(reference) = snapshot.output("contributions") else { return Ok(None) };
        let (scores, table) = (snapshot.scores().await?, snapshot.contributions().await?);
        let read = Arc::clone(&table);
        let find = move || why::places(&scores, &read);
        let name = snapshot.with_scores("contributions by customer")?;
        let places = snapshot.derive(&name, &reference.digest, find).await?;
        Ok(Some(Self { table, places }))
    }

    /// Those of the customer in this row of the scores.
    pub fn of_row(&self, row: usize) -> Result<Option<Why>, DataError> {
        Why::of(&self.table, &self.places, row)
    }
}
