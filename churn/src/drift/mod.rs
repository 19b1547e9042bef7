//! Drift: whether today's customers still look like those the champion learnt from.
//!
//! Every feature and the prediction are compared with the champion's reference (its training values); a rule turns the
//! statistics into one verdict. What moves with the calendar is compared in a way that takes the passing of time off,
//! or reported and not counted. What is not compared is listed with its reason, never left out in silence.

mod calendar;
mod category;
mod column;
mod compare;
mod numeric;
mod page;
#[cfg(test)]
mod promises_test;
mod report;
mod rules;
mod settings;
pub(crate) mod statistics;
mod summary;
mod verdict;

pub use crate::columns::PREDICTION;
/// The version of this computation; see [`crate::versions`].
pub const VERSION: u32 = 4;

pub use calendar::is_same_month;
pub use column::{ColumnDrift, ColumnKind, ColumnState, Severity};
pub use compare::{Comparison, Customers, compare};
pub use page::page as html_page;
pub use report::{DriftReport, LastRun, Skew, SkippedColumn};
pub use settings::{DriftRule, DriftSettings};
pub use statistics::categories::ChiSquaredTest;
pub use statistics::ks::{KsTest, ks_two_sample};
pub use verdict::{DriftLevel, DriftVerdict};
