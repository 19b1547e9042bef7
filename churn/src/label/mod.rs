//! The date of the label: `churn` means that a customer left within a horizon after it.
//!
//! A model learns from features of one date what happened after another. Where the two dates are not the same, it
//! learns nonsense: so the label's date is known, or assumed and said to be, and a training that does not fit is refused.

mod dates;
mod settings;
mod stacked;

pub use dates::{LabelDates, LabelSource, LaterTest, later_tests, month_ends_before, snapshot_for};
pub use settings::LabelSettings;
pub use stacked::{COLUMN, Stacked, has_dates};

/// The version of this computation; see [`crate::versions`].
pub const VERSION: u32 = 1;
