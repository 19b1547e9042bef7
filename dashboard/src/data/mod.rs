//! What the pages read of the lake: one look at the pointers for a request, tables by their digest, documents by
//! their version.

mod blocking;
mod by_run;
pub mod cells;
mod derived;
mod documents;
mod drift_history;
mod earlier;
mod ended;
mod error;
mod held;
mod history;
mod if_known;
mod left;
mod lists;
mod looked;
mod models;
mod pinned;
mod registry_files;
mod reports;
mod results;
mod snapshot;
mod store;
mod tables;
mod torn;

pub use blocking::blocking;
pub use documents::LOOK_EVERY;
pub use drift_history::DriftOfRun;
pub use ended::EndedRun;
pub use error::DataError;
pub use held::Held;
pub use history::{Past, PublishedRun};
pub use if_known::IfKnown;
pub use lists::{KnownTo, ListedAlert};
pub use models::Registry;
pub use pinned::outputs as outputs_of_run;
pub use results::{Results, Standing, moment};
pub use snapshot::{Snapshot, positions};
pub use store::{Store, StoredRun};
pub use tables::MOST_BYTES;
pub use torn::Torn;
