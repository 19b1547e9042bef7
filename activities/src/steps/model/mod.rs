//! The challenger: trained and measured.

pub(in crate::steps) mod earlier;
pub mod evaluate;
pub mod train;
