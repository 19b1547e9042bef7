//! `administer_model`: the change, and what came of it.

use serde::{Deserialize, Serialize};

use super::{ModelAction, ModelAdminInput};
use crate::{ModelVersion, Run};

/// Asks for a change of the registry.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AdministerModel {
    /// The run that makes it.
    pub run: Run,
    /// What a person wants.
    pub wish: ModelAdminInput,
}

/// What was changed. The second attempt of a run that made the change before answers the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Administered {
    /// What was done.
    pub action: ModelAction,
    /// The version.
    pub version: ModelVersion,
    /// Who did it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When, RFC 3339.
    pub at: String,
    /// The champion before.
    pub champion_before: Option<ModelVersion>,
    /// The champion after it.
    pub champion: Option<ModelVersion>,
    /// Which move of the champion it was, `models/moves/<number>.json`; none where the champion stayed.
    pub number: Option<u64>,
    /// What the version may do now: `Approved`, `Rejected` or `Withdrawn`.
    pub status: String,
    /// The failed checks that it was promoted against.
    pub overrode: Option<String>,
}

/// What workflow `ModelAdmin` returns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelAdminReport {
    /// What was changed; its fields are this object's own.
    #[serde(flatten)]
    pub change: Administered,
    /// The subjects of the alerts that could not be delivered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undelivered_alerts: Vec<String>,
}
