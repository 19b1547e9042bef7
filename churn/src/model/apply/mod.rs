//! What a model says about today's customers: scores, reasons and the view that drift compares.

pub(in crate::model) mod contributions;
pub(in crate::model) mod observe;
pub(in crate::model) mod score;
pub(in crate::model) mod standing;
#[cfg(test)]
mod tiers_test;
mod top_contributions;

/// The version of this computation; see [`crate::versions`].
pub const VERSION: u32 = 3;
