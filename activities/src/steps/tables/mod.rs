//! From raw files to the gold table, and the quality gate of every layer.

pub mod bronze;
mod delivery;
mod findings;
pub mod gold;
mod label_snapshots;
mod layer_check;
mod lists;
pub mod months;
pub mod quality;
pub mod raw;
mod raw_digests;
mod raw_files;
pub(in crate::steps) mod raw_roles;
#[cfg(test)]
mod raw_test;
mod renumbered;
pub mod settle_date;
pub mod silver;
mod without_erased;
