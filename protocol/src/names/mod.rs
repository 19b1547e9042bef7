//! The names that messages, keys and documents are made of.

mod error_number;
mod ids;

pub use error_number::{ErrorNumber, Retries};
pub use ids::{ModelVersion, RunId, WorkflowId};
