//! A trial: a candidate fitted on the training customers of one table, and measured on customers that it never saw, of
//! the same table or of a later one. Nothing of it is kept but the figures: what was tried can never score anybody.
//!
//! The split is that of a challenger, so figures of trials, challengers and champions are about the same customers.

pub(in crate::model) mod algorithm;
pub(in crate::model) mod candidate;
pub(in crate::model) mod figures;
pub(in crate::model) mod settings;

/// The version of this computation; see [`crate::versions`].
pub const VERSION: u32 = 2;
