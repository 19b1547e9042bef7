//! What workflow `Freshness` takes, what its activities say, and what it returns: whether the day's scores are there.

mod input;
mod report;

pub use input::{FreshnessInput, Promise};
pub use report::{FreshnessJudged, FreshnessReport, FreshnessState, JudgeFreshness, NoteFreshness, ScoresInForce};

/// The workflow's type.
pub const WORKFLOW_TYPE: &str = "Freshness";
