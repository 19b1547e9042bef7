//! Boosted trees by XGBoost: the only folder that names it.

mod booster;
mod failures;
mod flags;
mod forest;
mod gains;
mod settings;
mod tree_shap;
mod trees_file;
mod trees_json;
mod ubjson;

use std::num::NonZeroUsize;
use std::path::Path;

use self::booster::Booster;
pub use self::forest::ForestSettings;
pub(in crate::model) use self::forest::RandomForest;
pub use self::settings::XgboostSettings;
use super::{Fitted, Learner, Rows, Weighting};
use crate::error::Result;

/// The library, with its version.
const ENGINE: &str = "XGBoost 1.6.2";

/// XGBoost with its settings.
pub(super) struct Xgboost<'a> {
    pub settings: &'a XgboostSettings,
    pub weighting: Weighting,
}

impl Learner for Xgboost<'_> {
    fn name(&self) -> &'static str {
        "xgboost"
    }

    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn description(&self) -> String {
        let XgboostSettings { rounds, max_depth, eta, seed, .. } = self.settings;
        format!("{rounds} rounds of depth {max_depth}, learning rate {eta}, seed {seed}")
    }

    fn rounds(&self) -> u32 {
        self.settings.rounds
    }

    fn fit(
        &self,
        rows: &Rows<'_>,
        threads: NonZeroUsize,
        after_round: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Box<dyn Fitted>> {
        let weight = self.weighting.of_churner(rows);
        Ok(Box::new(Booster::fit_weighted(rows, weight, self.settings, threads, after_round)?))
    }

    fn unweighted(&self) -> Option<Box<dyn Learner + '_>> {
        Some(Box::new(Self { settings: self.settings, weighting: Weighting::Even }))
    }

    fn load(&self, path: &Path) -> Result<Box<dyn Fitted>> {
        Ok(Box::new(Booster::load(path)?))
    }
}
