//! What is found in a delivery before anything is made of it: ids that are spelled in two ways, customers that a join
//! would lose, files that end early, contacts that nobody here can read.

mod gaps;
mod html;
mod ids;
mod language;
mod outcomes;
mod rules;
mod spelling;

pub use gaps::{of_costs, of_labels, of_prices};
pub use html::of_html;
pub use ids::of_ids;
pub use language::of_contacts;
pub use outcomes::of_outcomes;
pub use rules::DeliveryRules;

use std::collections::BTreeSet;

use polars::prelude::DataFrame;

use crate::columns::texts;
use crate::error::Result;
use crate::raw::RawTable;

/// The raw tables as they were delivered, by their names.
pub type Delivered = [(&'static str, DataFrame)];

/// A text column of one of them; nothing where the table is not there.
fn column<'a>(tables: &'a Delivered, table: RawTable, name: &str) -> Result<Vec<Option<&'a str>>> {
    match tables.iter().find(|(of, _)| *of == table.as_str()) {
        Some((_, frame)) => texts(frame, name),
        None => Ok(Vec::new()),
    }
}

/// Whether something begins as the whole and then has nothing more of it, in this order: as a file that was cut off.
pub(crate) fn ends_early<T: Ord>(whole: &[T], has: &BTreeSet<T>) -> bool {
    let first_missing = whole.iter().position(|one| !has.contains(one)).filter(|place| *place > 0);
    first_missing.is_some_and(|place| whole[place..].iter().all(|one| !has.contains(one)))
}
