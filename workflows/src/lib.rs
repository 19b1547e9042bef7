//! In what order, with which timeouts, retries and decisions: deterministic Temporal workflows.
//!
//! `run` is what a run of any workflow does; a workflow is a folder of its own, registered in `register`.
//!
//! Nothing here touches files, tables, the network or the clock; `clippy.toml` enforces what it can
//! and the tests replay stored histories.

#![warn(clippy::iter_over_hash_type)]

pub mod backtest;
pub mod churn_pipeline;
pub mod erase_customers;
pub mod experiment_ladder;
pub mod freshness;
pub mod garbage_collection;
pub mod model_admin;
pub mod raw_watcher;
mod register;
mod run;
mod trials;

pub use backtest::Backtest;
pub use churn_pipeline::{AggregateSlices, ChurnPipeline};
pub use erase_customers::EraseCustomers;
pub use experiment_ladder::ExperimentLadder;
pub use freshness::Freshness;
pub use garbage_collection::GarbageCollection;
pub use model_admin::ModelAdmin;
pub use raw_watcher::RawWatcher;
pub use register::{Register, register};
