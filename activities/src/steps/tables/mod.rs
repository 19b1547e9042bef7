//! From raw files to the gold table, and the quality gate of every layer.

pub mod bronze;
pub mod gold;
mod label_snapshots;
mod lists;
pub mod months;
pub mod quality;
pub mod raw;
mod raw_files;
pub mod silver;
mod without_erased;
