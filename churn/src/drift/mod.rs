//! Drift: whether today's customers still look like those the champion learnt from.
//!
//! Every numeric feature and the prediction are compared with the champion's reference (its
//! training values); a rule turns the statistics into one verdict. What is not compared is listed
//! with its reason, never left out in silence.

mod column;
mod compare;
mod rules;
mod settings;
mod statistics;
mod summary;
mod verdict;

pub use crate::columns::PREDICTION;
/// The version of this computation; see [`crate::versions`].
pub const VERSION: u32 = 1;

pub use column::{ColumnDrift, ColumnState};
pub use compare::{DriftReport, SkippedColumn, compare};
pub use settings::{DriftRule, DriftSettings};
pub use statistics::ks::{KsTest, ks_two_sample};
pub use verdict::{DriftLevel, DriftVerdict};
