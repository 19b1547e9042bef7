//! Drift: whether today's customers still look like those the champion learnt from.
//!
//! Every numeric feature and the prediction are compared with the champion's reference (its
//! training values); a rule turns the statistics into one verdict. What is not compared is listed
//! with its reason, never left out in silence.

mod column;
mod compare;
mod kolmogorov;
mod ks;
mod ks_exact;
mod settings;
mod summary;
mod verdict;

pub use column::{ColumnDrift, ColumnState};
pub use compare::{DriftReport, PREDICTION, SkippedColumn, compare};
pub use ks::{KsTest, ks_two_sample};
pub use settings::{DriftRule, DriftSettings};
pub use verdict::{DriftLevel, DriftVerdict};
