//! What is said: the definitions of the activities, what they take and answer, what a run takes, shows
//! and returns. Keys, digests, counts and verdicts; never a table, a customer id or a secret.
//!
//! Adding a field needs `#[serde(default)]`: stored histories and running workflows hold the old
//! shape. Removing one takes two releases; so does a new word of an enum in an answer: first every worker reads it,
//! then one writes it (until all are upgraded, a workflow that met it waits and tries again). Unknown fields are passed over: in a rolling upgrade a worker
//! reads what a newer one wrote. Nothing here grows with the number of files or slices.

mod activities;
pub mod alert;
pub mod backtest;
mod digest;
pub mod erasure;
pub mod experiment_ladder;
pub mod freshness;
pub mod garbage_collection;
mod key;
pub mod model_admin;
mod names;
mod peoples_words;
pub mod pipeline;
pub mod progress;
pub mod raw_watcher;
mod readings;
mod run;
mod run_summary;
pub mod search_attributes;
pub mod silence;
pub mod steps;
mod table_ref;
pub mod task_queues;
mod workflow_input;

pub use activities::{Pipeline, definitions};
pub use alert::{Alert, AlertKind, Quiets};
pub use digest::Digest;
pub use key::{Key, UnsafeKey};
pub use names::{ErrorNumber, ModelVersion, Retries, RunId, WorkflowId};
pub use peoples_words::name_no_customer;
pub use readings::Readings;
pub use run::{Reuse, Run, run_of_batch};
pub use run_summary::RunSummary;
pub use table_ref::TableRef;
