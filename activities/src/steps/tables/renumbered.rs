//! The customers of a run beside those of the last published one: whether an ID is still the same customer.

use std::path::Path;
use std::sync::Arc;

use churn::quality::{self, COLUMNS_OF_CUSTOMERS, Evaluation, Finding};
use churn::table_file::{read_columns, read_known_columns};
use churn::{DataFrame, SnapshotDate};
use lake::documents::Publication;
use lake::{Fetched, keys};
use protocol::TableRef;

use crate::error::Result;
use crate::heartbeat::{Heartbeat, compute};
use crate::steps::Environment;
use crate::steps::earlier_table::fetch_earlier;

/// What was found beside a check, and which comparisons were made.
pub(super) type Compared = (Vec<Finding>, Vec<Evaluation>);

/// Compares the gold table of the run with the published one; nothing in the layers that have none.
pub(super) async fn against_published_customers(
    environment: &Environment,
    heartbeat: &Heartbeat,
    gold: Option<&TableRef>,
) -> Result<Compared> {
    let Some(gold) = gold else { return Ok(Compared::default()) };
    let published = environment.lake.get_json::<Publication>(keys::PUBLISHED).await?.map(|(published, _)| published);
    // They may be the same file, which has one place in a folder.
    let (own, other) = (environment.scratch()?, environment.scratch()?);
    let before = match published {
        Some(Publication { features: Some(features), as_of, .. }) => {
            fetch_earlier(environment, &features, other.path()).await?.map(|file| (as_of, file))
        }
        _ => None,
    };
    let now = environment.lake.fetch(gold, own.path()).await?;
    let rules = Arc::clone(&environment.configuration);
    compute(heartbeat, "the comparison of customers", move |_| {
        let now = now.read(|path: &Path| read_columns(path, &COLUMNS_OF_CUSTOMERS))?;
        let read_before = |(as_of, file): (SnapshotDate, Fetched)| -> Result<DataFrame> {
            let before = file.read(|path: &Path| read_known_columns(path, &COLUMNS_OF_CUSTOMERS))?;
            tell_of_lost_columns(as_of, &before);
            Ok(before)
        };
        let before = before.map(read_before).transpose()?;
        Ok(quality::of_published_customers(&now, before.as_ref(), rules.registry.checks())?)
    })
    .await
}

/// A published table that another version of this program made is no trouble of this run either: nothing is held against it.
fn tell_of_lost_columns(as_of: SnapshotDate, published: &DataFrame) {
    let is_lost = |name: &&str| published.column(name).is_err();
    let columns: Vec<&str> = COLUMNS_OF_CUSTOMERS.into_iter().filter(is_lost).collect();
    if !columns.is_empty() {
        tracing::warn!(%as_of, ?columns, "the published customers lack columns, and nothing is held against them");
    }
}
