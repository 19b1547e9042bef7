//! The model: matrix, split, training, calibration, evaluation, gate, scoring.
//!
//! [`train()`] makes a [`Bundle`] from the gold table, [`evaluate()`] measures it on customers that no
//! model is fitted on, [`gate()`] decides, [`score()`] applies the champion. Same data and settings, same
//! bytes, on any number of threads.

mod booster;
mod bootstrap;
mod bundle;
mod card;
mod checkpoints;
mod contributions;
mod curves;
mod digest;
mod evaluate;
mod examples;
mod figures;
mod gate;
mod importance;
mod interval;
mod matrix;
mod metadata;
mod metrics;
mod observe;
mod platt;
mod ranking;
mod rounding;
#[cfg(test)]
mod sample;
mod score;
mod settings;
mod split;
mod threshold;
mod tier;
mod train;
mod trees_file;
mod ubjson;

pub use bootstrap::Interval;
pub use bundle::Bundle;
pub use card::model_card;
pub use checkpoints::{CheckpointFolder, Checkpoints, NoCheckpoints};
pub use contributions::Contributions;
pub use curves::{Curves, PrPoint, RocPoint};
pub use evaluate::{ChampionComparison, Evaluation, EvaluationSummary, GroupMetrics, evaluate};
pub use figures::TrainingFigures;
pub use gate::{Check, Verdict, gate};
pub use importance::Importance;
pub use interval::{ScoreIntervals, TierInterval};
pub use matrix::{Matrix, Preprocessing};
pub use metadata::{Calibrator, Metadata};
pub use metrics::{Confusion, Metrics, ReliabilityBin};
pub use observe::tier_counts;
pub use platt::Platt;
pub use score::score;
pub use settings::{
    BootstrapSettings, GateSettings, IntervalSettings, ModelSettings, SplitSettings, ThresholdSettings, TrainSettings,
    XgboostSettings,
};
pub use split::SplitReport;
pub use threshold::{Threshold, ThresholdRule};
pub use tier::RiskTier;
pub use train::{Trained, train};
