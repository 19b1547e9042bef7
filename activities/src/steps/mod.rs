//! The steps of the pipeline by purpose: each reads its input from the lake, calls `churn`, writes its output.

mod earlier_table;
mod environment;
pub mod erasure;
pub mod freshness;
pub mod gc;
pub mod model;
pub mod plan;
pub mod registry;
pub mod run;
pub mod serving;
pub mod silence;
#[cfg(test)]
mod specs_test;
pub mod tables;
pub mod watch;

pub use environment::{Environment, Inputs};

use churn::versions;
