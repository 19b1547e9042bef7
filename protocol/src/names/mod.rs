//! The names that messages, keys and documents are made of.

mod error_number;
mod ids;
mod stage_name;

pub use error_number::{ErrorNumber, Retries};
pub use ids::{ModelVersion, RunId, WorkflowId};
pub use stage_name::StageName;
