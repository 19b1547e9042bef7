//! Makes a challenger from the gold table.

pub(in crate::model) mod checkpoints;
mod digest;
pub(in crate::model) mod figures;
pub(in crate::model) mod train;
mod trainer;

/// Raise it when the same customers and settings would give another model, or another split. Every model
/// then has another version and every training another folder, so that no earlier one is taken for it.
pub const VERSION: u32 = 1;
