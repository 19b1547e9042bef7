//! `score_customers`, `write_recommendations` and `detect_drift` ask with one request.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::stage::{BuildStage, StageOutcome};
use crate::ModelVersion;

/// Asks for scores by the champion.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ScoreCustomers {
    /// The stage with `gold_master` and `silver_customer`.
    pub stage: BuildStage,
    /// The champion's version.
    pub version: ModelVersion,
}

/// Scores, by tier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    /// The stage.
    pub stage: StageOutcome,
    /// Customers by risk tier.
    pub tiers: BTreeMap<String, u64>,
}
