//! From raw files to the gold table, and the quality gate of every layer.

pub mod bronze;
mod delivery;
pub mod gold;
mod lists;
pub mod months;
pub mod quality;
pub mod raw;
pub(in crate::steps) mod raw_files;
pub mod settle_date;
pub mod silver;
mod without_erased;
