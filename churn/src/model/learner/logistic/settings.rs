//! The settings of the logistic regression: `ladder.logistic_regression` of `configs/model.yaml`.

use serde::{Deserialize, Serialize};

/// The logistic regression (balanced weights, medians for missing values, standardised columns).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogisticSettings {
    /// The inverse of the penalty on the weights, as in scikit-learn; default 1.
    pub c: f64,
    /// Newton steps at most; default 30.
    pub iterations: u32,
}

impl Default for LogisticSettings {
    fn default() -> Self {
        Self { c: 1.0, iterations: 30 }
    }
}

impl LogisticSettings {
    /// What must hold, each with the words that refuse it.
    pub(in crate::model) fn rules(&self) -> [(bool, &'static str); 2] {
        [
            (self.c > 0.0 && self.c.is_finite(), "logistic_regression.c must be above 0"),
            ((1..=1000).contains(&self.iterations), "logistic_regression.iterations must be 1 to 1000"),
        ]
    }
}
