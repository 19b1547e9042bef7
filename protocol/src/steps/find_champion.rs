//! `find_champion`: the model that scores.

use churn::model::Metrics;
use serde::{Deserialize, Serialize};

/// The model that scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Champion {
    /// The version.
    pub version: String,
    /// Its figures on the holdout, from the evaluation it was promoted with.
    pub metrics: Metrics,
}
