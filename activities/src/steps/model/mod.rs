//! The challenger: trained and measured.

pub mod evaluate;
pub mod train;
