//! The customers of a run beside those of the last published one: whether an ID is still the same customer.

use std::path::Path;
use std::sync::Arc;

use churn::quality::{self, Evaluation, Finding};
use churn::table_file::read_columns;
use lake::documents::Publication;
use lake::keys;
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
    let published = environment.lake.get_json::<Publication>(keys::PUBLISHED).await?;
    // They may be the same file, which has one place in a folder.
    let (own, other) = (environment.scratch()?, environment.scratch()?);
    let before = match published.and_then(|(published, _)| published.features) {
        Some(features) => fetch_earlier(environment, &features, other.path()).await?,
        None => None,
    };
    let now = environment.lake.fetch(gold, own.path()).await?;
    let rules = Arc::clone(&environment.configuration);
    compute(heartbeat, "the comparison of customers", move |_| {
        let read = |path: &Path| read_columns(path, &quality::COLUMNS_OF_CUSTOMERS);
        let now = now.read(read)?;
        let before = before.map(|before| before.read(read)).transpose()?;
        Ok(quality::of_published_customers(&now, before.as_ref(), rules.registry.checks())?)
    })
    .await
}
