//! Doing it for real: Temporal activities read their input from the lake, call one `churn`
//! function and write the output. The ports to the outside and their adapters live here too.

pub mod alerts;
mod attempt;
#[cfg(feature = "aws")]
pub mod aws;
#[cfg(feature = "aws")]
mod cancellation;
pub mod configuration;
pub mod error;
#[cfg(test)]
mod error_test;
pub mod events;
mod heartbeat;
pub mod http;
pub mod kms;
pub mod lineage;
pub mod metrics;
pub mod outside;
mod pipeline;
mod poison;
pub mod registry;
pub mod retry_report;
pub mod settings_folder;
pub mod signing;
pub mod steps;
pub mod traces;
pub mod trainer;

pub use attempt::AtWork;
pub use configuration::Configuration;
pub use error::{Error, Result};
pub use heartbeat::Heartbeat;
pub use pipeline::PipelineActivities;
