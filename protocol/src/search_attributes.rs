//! What runs can be searched by in the Temporal UI and CLI. Prefixed: the namespace may be shared.
//!
//! The worker registers them at its start.

use temporalio_common::search_attributes::SearchAttributeKey;

/// `train` or `score`.
pub const MODE: SearchAttributeKey<String> = SearchAttributeKey::keyword("ChurnMode");
/// The as-of date.
pub const AS_OF: SearchAttributeKey<String> = SearchAttributeKey::keyword("ChurnAsOf");
/// The stage at work, or `done`.
pub const STAGE: SearchAttributeKey<String> = SearchAttributeKey::keyword("ChurnStage");
/// The first characters of the raw files' digest.
pub const DATASET: SearchAttributeKey<String> = SearchAttributeKey::keyword("ChurnDataset");
/// The model that was trained, or that scored.
pub const MODEL_VERSION: SearchAttributeKey<String> = SearchAttributeKey::keyword("ChurnModelVersion");
/// The challenger's PR-AUC on the holdout.
pub const PR_AUC: SearchAttributeKey<f64> = SearchAttributeKey::float("ChurnPrAuc");
/// The run's outcome.
pub const VERDICT: SearchAttributeKey<String> = SearchAttributeKey::keyword("ChurnVerdict");
/// The drift level.
pub const DRIFT: SearchAttributeKey<String> = SearchAttributeKey::keyword("ChurnDrift");
