//! The settings of the boosted trees: `train.xgboost` of `configs/model.yaml`.

use serde::{Deserialize, Serialize};

/// The boosted trees (`binary:logistic`, `hist`, `scale_pos_weight` = negatives / positives of the fitted rows).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct XgboostSettings {
    /// Boosting rounds; default 600.
    pub rounds: u32,
    /// Depth of a tree; default 3.
    pub max_depth: u32,
    /// Learning rate; default 0.02.
    pub eta: f64,
    /// Share of rows per tree; default 0.8.
    pub subsample: f64,
    /// Share of columns per tree; default 0.7.
    pub colsample_bytree: f64,
    /// Seed of the row and column samples; default 42.
    pub seed: u32,
}

impl Default for XgboostSettings {
    fn default() -> Self {
        Self { rounds: 600, max_depth: 3, eta: 0.02, subsample: 0.8, colsample_bytree: 0.7, seed: 42 }
    }
}

impl XgboostSettings {
    /// What must hold, each with the words that refuse it.
    pub(in crate::model) fn rules(&self) -> [(bool, &'static str); 6] {
        let share = |value: f64| value > 0.0 && value <= 1.0;
        [
            ((1..=100_000).contains(&self.rounds), "xgboost.rounds must be 1 to 100000"),
            ((1..=16).contains(&self.max_depth), "xgboost.max_depth must be 1 to 16"),
            (share(self.eta), "xgboost.eta must be above 0 and at most 1"),
            (share(self.subsample), "xgboost.subsample must be above 0 and at most 1"),
            (share(self.colsample_bytree), "xgboost.colsample_bytree must be above 0 and at most 1"),
            (i32::try_from(self.seed).is_ok(), "xgboost.seed must fit in 31 bits"),
        ]
    }
}
