//! What a model says about itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::calibration::{Calibration, CalibrationReport};
use super::interval::ScoreIntervals;
use super::threshold::Threshold;
use crate::features::Feature;
use crate::model::settings::TrainSettings;
use crate::model::split::SplitReport;

/// `metadata.json`: how the model was made, without a clock: same data and settings, same bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// The first 16 hex digits of `training_digest`.
    pub version: String,
    /// SHA-256 over the labelled rows as the model reads them, the features, the settings and the code version.
    pub training_digest: String,
    /// Which computation this is; moves when the same data and settings would give another model.
    pub code_version: String,
    /// The experiment of `feature_tiers.yaml`.
    pub experiment: String,
    /// The algorithm.
    pub algorithm: String,
    /// The features, in order.
    pub features: Vec<Feature>,
    /// The matrix columns, in order.
    pub columns: Vec<String>,
    /// The decision threshold on calibrated probabilities.
    pub threshold: Threshold,
    /// The threshold of the peer's protocol, on raw probabilities of one fold; see [`Evaluation::peer_protocol`].
    ///
    /// [`Evaluation::peer_protocol`]: crate::model::Evaluation::peer_protocol
    pub peer_threshold: Threshold,
    /// The settings, seeds and salts among them.
    pub settings: TrainSettings,
    /// The sides of the split.
    pub split: SplitReport,
    /// How heavy a churner was in the final fit: negatives / positives of the training rows, or 1 where the probabilities
    /// are used as they are.
    pub scale_pos_weight: f64,
    /// How the calibration was chosen; models of before had Platt scaling without a choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<CalibrationReport>,
    /// Models of folds that lie beside the final one; models of before have none.
    #[serde(default)]
    pub fold_models: u32,
    /// The libraries that computed it.
    pub libraries: BTreeMap<String, String>,
}

/// `calibrator.json`: from a margin to a probability and its interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibrator {
    /// The calibration of the margin, under the name of its method.
    #[serde(flatten)]
    pub calibration: Calibration,
    /// Out-of-fold margins it was fitted on.
    pub rows: u64,
    /// The interval around a probability.
    pub intervals: ScoreIntervals,
}
