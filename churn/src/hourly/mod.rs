//! The hourly readings: 176 million rows become twelve sums per customer and month.
//!
//! The readings never sit in memory whole: a slice of row groups is read batch by batch and leaves
//! one line per customer and month. Sums do not depend on the order of what is added, so the result has the same bytes
//! however many workers took part, and however the readings were sorted and cut into files.

mod accumulator;
mod aggregate;
mod calendar;
mod column_types;
mod columns;
mod convert_csv;
mod counts;
mod coverage;
mod decode;
mod exact_sum;
mod gaps;
mod hours;
mod known_energy;
mod last_date;
mod local_clock;
mod merge;
mod pack;
mod partial_sums;
mod readings_file;
mod report;
mod slices;
mod some_ids;
mod sums_storage;
mod timestamp;
mod twice;
mod within_hour;

/// The clock that readings without a zone are written by, and that those with one are put on, where no setting says
/// otherwise.
pub const RETAILER_ZONE: chrono_tz::Tz = chrono_tz::Tz::Europe__Madrid;

#[cfg(test)]
mod reference_test;
#[cfg(test)]
pub(crate) mod test_files;

pub use aggregate::{VERSION as SUMS_VERSION, aggregate_slice};
pub use convert_csv::{Converted, VERSION as CONVERSION_VERSION, convert_csv, last_date_of_csv};
pub use coverage::{Coverage, DayCoverage, MonthCoverage};
pub use last_date::inspect_with_last_date;
pub use pack::aggregate_pack;
pub use partial_sums::PartialSums;
pub use readings_file::{ReadingsFile, RowGroup, inspect};
pub use report::ReadingsReport;
pub use slices::{Slice, plan_slices};
pub use some_ids::{SomeIds, some_ids};
pub use twice::{SameReadings, same_readings};
