//! The challenger: trained and measured; and candidates that are only measured.

pub mod evaluate;
pub mod train;
pub mod trial;
