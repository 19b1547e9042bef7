//! How good a model is: figures, curves and intervals on customers that it was not fitted on.

pub(in crate::model) mod bootstrap;
pub(in crate::model) mod comparison;
pub(in crate::model) mod curves;
pub(in crate::model) mod evaluate;
pub(in crate::model) mod for_gate;
pub(in crate::model) mod importance;
pub(in crate::model) mod metrics;
pub(in crate::model) mod slices;
mod unseen;

/// The version of this computation; see [`crate::versions`].
pub const VERSION: u32 = 4;
