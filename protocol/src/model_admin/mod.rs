//! What workflow `ModelAdmin` takes, what its activity says, and what it returns: a change of the registry by a person.

mod input;
mod report;

pub use input::{ModelAction, ModelAdminInput, NO_CHAMPION};
pub use report::{AdministerModel, Administered, ModelAdminReport};

/// The workflow's type.
pub const WORKFLOW_TYPE: &str = "ModelAdmin";
