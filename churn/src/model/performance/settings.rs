//! How performance is estimated: `performance` of `configs/drift.yaml`.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How performance is estimated while labels are not there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PerformanceSettings {
    /// Share of the outcomes that the model's own probabilities allow, which an interval holds; between 0 and 1. Default
    /// 0.99.
    pub coverage: f64,
    /// Outcomes that are drawn for it. Default 400, from 100 to 100000.
    pub draws: u32,
    /// The seed of the draws. Default 42.
    pub seed: u64,
    /// With fewer customers nothing is estimated. Default 200, at least 1.
    pub min_rows: u64,
    /// With fewer churners, expected or known, nothing is estimated or measured. Default 30, at least 1.
    pub min_positives: u64,
}

impl Default for PerformanceSettings {
    fn default() -> Self {
        Self { coverage: 0.99, draws: 400, seed: 42, min_rows: 200, min_positives: 30 }
    }
}

impl PerformanceSettings {
    /// Refuses values that make no sense.
    pub fn validate(&self) -> Result<()> {
        let rules = [
            (self.coverage > 0.0 && self.coverage < 1.0, "coverage must lie between 0 and 1, for example 0.99"),
            ((100..=100_000).contains(&self.draws), "draws must be 100 to 100000"),
            (self.min_rows > 0, "min_rows must be at least 1, for example 200"),
            (self.min_positives > 0, "min_positives must be at least 1, for example 30"),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            Some((_, problem)) => Err(Error::settings("drift.yaml, section performance", problem)),
            None => Ok(()),
        }
    }
}
