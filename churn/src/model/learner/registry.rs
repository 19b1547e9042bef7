//! The list of the learners: their settings, and which of them a training uses.

use serde::{Deserialize, Serialize};

use super::xgboost::{Xgboost, XgboostSettings};
use super::{Learner, Weighting};

/// The settings of every learner, each under its name: a part of [`TrainSettings`](crate::model::TrainSettings).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LearnerSettings {
    /// Boosted trees.
    pub xgboost: XgboostSettings,
}

impl LearnerSettings {
    /// The learner that these settings choose.
    pub(in crate::model) fn learner(&self) -> Box<dyn Learner + '_> {
        Box::new(Xgboost { settings: &self.xgboost, weighting: Weighting::Balanced })
    }

    /// What must hold of them, each with the words that refuse it.
    pub(in crate::model) fn rules(&self) -> Vec<(bool, &'static str)> {
        self.xgboost.rules().to_vec()
    }
}
