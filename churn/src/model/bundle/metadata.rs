//! What a model says about itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::interval::ScoreIntervals;
use super::platt::Platt;
use super::threshold::Threshold;
use crate::features::Feature;
use crate::model::settings::TrainSettings;
use crate::model::split::SplitReport;

/// Which predictions of its training rows the drift reference of a model holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferencePredictions {
    /// Those of the model itself, which saw these rows and is surer of them than of others; of models of before.
    #[default]
    InSample,
    /// Each by a model that did not see its row.
    OutOfFold,
}

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
    /// Negatives / positives of the training rows.
    pub scale_pos_weight: f64,
    /// Which predictions the drift reference holds; models from before that was noted have their own.
    #[serde(default)]
    pub reference_predictions: ReferencePredictions,
    /// The libraries that computed it.
    pub libraries: BTreeMap<String, String>,
}

/// `calibrator.json`: from a margin to a probability and its interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibrator {
    /// The calibration of the margin.
    pub platt: Platt,
    /// Out-of-fold margins it was fitted on.
    pub rows: u64,
    /// The interval around a probability.
    pub intervals: ScoreIntervals,
}
