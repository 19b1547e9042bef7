//! The hourly readings: 176 million rows become twelve sums per customer and month.
//!
//! The readings never sit in memory whole: a slice of row groups is read batch by batch and leaves
//! one line per customer and month. Slices depend on the files only and partial sums are merged in
//! slice order, so the result has the same bytes however many workers took part.

mod accumulator;
mod aggregate;
mod calendar;
mod convert_csv;
mod decode;
mod last_date;
mod pack;
mod partial_sums;
mod readings_file;
mod report;
mod slices;
mod sums_storage;
mod timestamp;

#[cfg(test)]
mod reference_test;
#[cfg(test)]
mod test_files;

pub use aggregate::aggregate_slice;
pub use convert_csv::convert_csv;
pub use last_date::last_date;
pub use pack::aggregate_pack;
pub use partial_sums::PartialSums;
pub use readings_file::{ReadingsFile, RowGroup, inspect};
pub use report::ReadingsReport;
pub use slices::{Slice, plan_slices};

/// The columns a file of readings must have, in the order the contract lists them.
const CUSTOMER: &str = "customer_id";
const TIMESTAMP: &str = "timestamp";
const ELEC: &str = "consumption_elec_kwh";
const GAS: &str = "consumption_gas_m3";

/// The largest believable reading of one hour, kWh or m3, in either direction.
///
/// One million kWh in an hour is the full output of a nuclear power station; the largest contract
/// draws 150 kW. A value beyond it is a unit or decoding mistake, and would hide in a monthly sum.
const LARGEST_READING: f64 = 1e6;

const LARGEST_READING_RULE: &str = "not a believable reading (not a number, infinite, or beyond 1,000,000 in one hour)";
const TIMESTAMP_RULE: &str = "not a timestamp `YYYY-MM-DD HH:MM:SS` (a `T` may stand in the middle)";
