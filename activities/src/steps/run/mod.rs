//! What every run does beside its work: what it was started for, what is on record, who hears.

pub mod alert;
pub mod date_labels;
mod expected;
mod identity;
pub mod latest;
pub mod record;
pub mod report;
mod run_settings;

pub(super) use expected::{require_dataset, require_place};
pub use identity::{Data, RunTarget, workflow_id};
pub(super) use run_settings::run_settings;
