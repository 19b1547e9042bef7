//! `find_champion`: the model that scores.

use churn::model::Metrics;
use serde::{Deserialize, Serialize};

use crate::ModelVersion;

/// The model that scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Champion {
    /// The version.
    pub version: ModelVersion,
    /// Its figures on the holdout, from the evaluation it was promoted with.
    pub metrics: Metrics,
}
