//! Makes a challenger from the gold table.

pub(in crate::model) mod checkpoints;
mod digest;
pub(in crate::model) mod figures;
pub(in crate::model) mod train;
