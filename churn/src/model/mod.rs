//! The model, in the order of its life.
//!
//! [`train()`] (`fit/`) makes a [`Bundle`] from the gold table, [`evaluate()`] (`measure/`) measures it on
//! customers that no model is fitted on, [`gate()`] (`decide/`) decides, [`score()`] (`apply/`) applies the
//! champion. A trial (`trial/`) measures what is no challenger. What they share lies beside them: settings,
//! the labelled customers and their split, the matrix that a learner reads, the learners, and the bundle that
//! travels from one to the next. Same data and settings, same bytes, on any number of threads.

pub mod apply;
mod bundle;
mod decide;
mod examples;
pub mod fit;
mod lead_time;
mod learner;
mod limits;
mod matrix;
pub mod measure;
pub mod performance;
mod ranking;
mod rounding;
#[cfg(test)]
mod sample;
mod settings;
mod split;
mod tier;
mod tier_moves;
pub mod trial;

pub use apply::contributions::Contributions;
pub use apply::observe::tier_counts;
pub use apply::score::score;
pub use apply::standing::{Standing, Standings};
pub use bundle::beta::Beta;
pub use bundle::calibration::{Calibration, CalibrationFigures, CalibrationMethod, CalibrationReport, Unchanged};
pub use bundle::interval::{ScoreIntervals, TierInterval};
pub use bundle::isotonic::Isotonic;
pub use bundle::metadata::{Calibrator, Metadata};
pub use bundle::platt::Platt;
pub use bundle::threshold::{Threshold, ThresholdRule};
pub use bundle::{Bundle, METADATA};
pub use decide::card::ModelCard;
pub use decide::card::section::{CardContext, CardSection};
pub use decide::check::Check;
pub use decide::check_name::CheckName;
pub use decide::gate::{Verdict, gate};
pub use decide::settings::{
    CalibrationLimits, FloorRule, GateMeasures, GateSettings, LeakageLimits, ReviewedFeature, SliceLimits,
    known_limits, known_limits_if_any,
};
pub use fit::checkpoints::{CheckpointFolder, Checkpoints, NoCheckpoints};
pub use fit::figures::TrainingFigures;
pub use fit::made_by::MadeBy;
pub use fit::train::{Trained, train};
pub use lead_time::{LeadTime, OutOfTime, label_section, lead_time_picture, lead_time_section};
pub use learner::Weighting;
pub use learner::dummy::StratifiedSettings;
pub use learner::logistic::LogisticSettings;
pub use learner::registry::LearnerSettings;
pub use learner::xgboost::{ForestSettings, XgboostSettings};
pub use matrix::{Matrix, Preprocessing};
pub use measure::bootstrap::Interval;
pub use measure::comparison::ChampionComparison;
pub use measure::curves::{Curves, PrPoint, RocPoint};
pub use measure::evaluate::{Evaluation, EvaluationSummary, GroupMetrics, evaluate};
pub use measure::for_gate::base_rate::PrAucAtRate;
pub use measure::for_gate::best::{BestChampion, EarlierChampion, LeftOut};
pub use measure::for_gate::calibration_line::CalibrationLine;
pub use measure::for_gate::leakage::{FeatureAlone, Leakage, PureGroup};
pub use measure::for_gate::slice_losses::SliceLoss;
pub use measure::for_gate::{GateFigures, gate_figures};
pub use measure::importance::Importance;
pub use measure::metrics::{Confusion, Metrics, ReliabilityBin};
pub use measure::slices::{
    LEAST_POSITIVES, POOLED_BELOW, Slice, SliceBy, SliceFigures, SliceOfChampion, SliceOutcome, SliceRows,
};
pub use settings::{
    BootstrapSettings, CalibrationSettings, IntervalSettings, ModelSettings, SplitSettings, ThresholdChoice,
    ThresholdSettings, TrainSettings,
};
pub use split::SplitReport;
pub use tier::RiskTier;
pub use tier_moves::{TierMoves, Tiers, tiers_of};
pub use trial::algorithm::Algorithm;
pub use trial::candidate::Candidate;
pub use trial::figures::{TrialFigures, TrialName};
pub use trial::settings::{GridSettings, LadderSettings};
