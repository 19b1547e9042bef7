//! What a training knows about its model before anybody evaluates it.

use crate::error::Result;
use crate::model::measure::metrics::Metrics;

/// Out-of-fold figures of the training rows, on calibrated probabilities.
///
/// They are for watching and comparing trainings. The gate judges by the holdout alone, and no file of
/// the model holds them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrainingFigures {
    /// Average precision.
    pub pr_auc: f64,
    /// Area under the ROC curve.
    pub roc_auc: f64,
    /// Mean squared error of the probability.
    pub brier: f64,
    /// The decision threshold that was chosen.
    pub threshold: f64,
    /// Customers the model was fitted on.
    pub rows: u64,
}

impl TrainingFigures {
    pub(in crate::model) fn of(labels: &[bool], probabilities: &[f64], threshold: f64) -> Result<Self> {
        let Metrics { pr_auc, roc_auc, brier, .. } = Metrics::of(labels, probabilities, threshold)?;
        Ok(Self { pr_auc, roc_auc, brier, threshold, rows: labels.len() as u64 })
    }
}
