//! The challenger: trained and measured; and candidates that are only measured.

pub(in crate::steps) mod earlier;
pub mod evaluate;
pub mod train;
pub mod trial;
