//! In what order, with which timeouts, retries and decisions: deterministic Temporal workflows.
//!
//! Nothing here touches files, tables, the network or the clock; `clippy.toml` enforces what it can
//! and the tests replay stored histories.

#![warn(clippy::iter_over_hash_type)]

pub mod aggregate_slices;
pub mod churn_pipeline;
mod failure;
mod options;

pub use aggregate_slices::AggregateSlices;
pub use churn_pipeline::ChurnPipeline;
