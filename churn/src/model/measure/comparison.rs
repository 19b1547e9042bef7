//! A champion beside the challenger, on the challenger's holdout.

use serde::{Deserialize, Serialize};

use super::bootstrap::Resamples;
use super::metrics::Metrics;
use crate::model::bundle::Bundle;

/// The champion on the challenger's holdout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChampionComparison {
    /// The champion.
    pub version: String,
    /// Its average precision.
    pub pr_auc: f64,
    /// Its area under the ROC curve.
    pub roc_auc: f64,
    /// Its Brier score.
    pub brier: f64,
    /// PR-AUC of the challenger minus that of the champion.
    pub pr_auc_difference: f64,
    /// The lower one-sided 95 % bound of that difference (paired bootstrap).
    pub pr_auc_difference_low: Option<f64>,
    /// Whether the champion was trained with the same split, and so never saw these customers.
    pub same_split: bool,
}

/// A champion beside the challenger; `resamples` are of the two, in this order of models: challenger, champion.
pub(super) fn compare(
    challenger: &Bundle,
    ours: &Metrics,
    champion: &Bundle,
    theirs: &Metrics,
    resamples: &Resamples,
) -> ChampionComparison {
    ChampionComparison {
        version: champion.metadata.version.clone(),
        pr_auc: theirs.pr_auc,
        roc_auc: theirs.roc_auc,
        brier: theirs.brier,
        pr_auc_difference: ours.pr_auc - theirs.pr_auc,
        pr_auc_difference_low: resamples.lower_bound(|areas| areas[0].pr_auc - areas[1].pr_auc),
        same_split: same_holdout(challenger, champion),
    }
}

/// Whether both models hold out the same customers; the folds do not matter.
pub(super) fn same_holdout(a: &Bundle, b: &Bundle) -> bool {
    let (a, b) = (&a.metadata.settings.split, &b.metadata.settings.split);
    a.holdout_salt == b.holdout_salt && a.holdout_share == b.holdout_share
}
