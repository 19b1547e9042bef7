//! The names that messages, keys and documents are made of.

mod error_number;
mod stage_name;

pub use error_number::{ErrorNumber, Retries};
pub use stage_name::StageName;
