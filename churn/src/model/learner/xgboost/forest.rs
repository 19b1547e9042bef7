//! The random forest: XGBoost in forest mode, one round of many trees side by side, each on its own sample of rows and
//! with its own sample of columns at every split (Breiman 2001; XGBoost's tutorial "Random Forests in XGBoost").

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::booster::Booster;
use crate::error::Result;
use crate::model::learner::{Fitted, Learner, Rows};

/// The random forest (XGBoost in forest mode, `scale_pos_weight` = negatives / positives of the fitted rows).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ForestSettings {
    /// Trees; default 300.
    pub trees: u32,
    /// Depth of a tree; default 8.
    pub max_depth: u32,
    /// Share of rows per tree; default 0.63, as many different ones as a bootstrap draws.
    pub subsample: f64,
    /// Share of columns per split; default 0.22.
    pub colsample_bynode: f64,
    /// Seed of the row and column samples; default 42.
    pub seed: u32,
}

impl Default for ForestSettings {
    fn default() -> Self {
        Self { trees: 300, max_depth: 8, subsample: 0.63, colsample_bynode: 0.22, seed: 42 }
    }
}

impl ForestSettings {
    /// What must hold, each with the words that refuse it.
    pub(in crate::model) fn rules(&self) -> [(bool, &'static str); 5] {
        let share = |value: f64| value > 0.0 && value <= 1.0;
        [
            ((1..=10_000).contains(&self.trees), "random_forest.trees must be 1 to 10000"),
            ((1..=16).contains(&self.max_depth), "random_forest.max_depth must be 1 to 16"),
            (share(self.subsample), "random_forest.subsample must be above 0 and at most 1"),
            (share(self.colsample_bynode), "random_forest.colsample_bynode must be above 0 and at most 1"),
            (i32::try_from(self.seed).is_ok(), "random_forest.seed must fit in 31 bits"),
        ]
    }
}

/// The forest with its settings.
pub(in crate::model) struct RandomForest<'a> {
    pub settings: &'a ForestSettings,
}

impl Learner for RandomForest<'_> {
    fn name(&self) -> &'static str {
        "random_forest"
    }

    fn engine(&self) -> &'static str {
        super::ENGINE
    }

    fn description(&self) -> String {
        let ForestSettings { trees, max_depth, seed, .. } = self.settings;
        format!("{trees} trees of depth {max_depth}, seed {seed}")
    }

    /// All trees grow in one round.
    fn rounds(&self) -> u32 {
        1
    }

    fn fit(
        &self,
        rows: &Rows<'_>,
        threads: NonZeroUsize,
        after_round: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Box<dyn Fitted>> {
        let parameters = parameters(self.settings, rows.scale_pos_weight(), threads);
        Ok(Box::new(Booster::fit_by(rows, parameters, self.rounds(), after_round)?))
    }

    fn load(&self, path: &Path) -> Result<Box<dyn Fitted>> {
        Ok(Box::new(Booster::load(path)?))
    }
}

fn parameters(settings: &ForestSettings, scale_pos_weight: f64, threads: NonZeroUsize) -> HashMap<String, String> {
    [
        ("objective", "binary:logistic".to_owned()),
        ("tree_method", "hist".to_owned()),
        ("num_parallel_tree", settings.trees.to_string()),
        // Each tree speaks with its full voice; XGBoost divides it by their number.
        ("eta", "1".to_owned()),
        ("max_depth", settings.max_depth.to_string()),
        ("subsample", settings.subsample.to_string()),
        ("colsample_bynode", settings.colsample_bynode.to_string()),
        ("scale_pos_weight", scale_pos_weight.to_string()),
        ("seed", settings.seed.to_string()),
        ("nthread", threads.to_string()),
        ("verbosity", "0".to_owned()),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::bundle::platt::sigmoid;
    use crate::model::matrix::Matrix;

    #[test]
    fn a_forest_finds_the_signal_in_one_round_and_the_threads_change_no_bit() {
        let values: Vec<f32> = (0..400_u16).flat_map(|i| [f32::from(i % 7), f32::from(i % 2)]).collect();
        let labels: Vec<bool> = (0..400).map(|i| i % 2 == 0 && i % 7 > 2).collect();
        let matrix = Matrix { values, rows: 400, width: 2, unseen: BTreeMap::new() };
        let settings = ForestSettings { trees: 30, colsample_bynode: 1.0, ..ForestSettings::default() };
        let margins = |threads| {
            let threads = NonZeroUsize::new(threads).unwrap();
            let mut rounds = 0;
            let mut count = || {
                rounds += 1;
                Ok(())
            };
            let learner = RandomForest { settings: &settings };
            let fitted = learner.fit(&Rows { matrix: &matrix, labels: &labels }, threads, &mut count).unwrap();
            assert_eq!(rounds, 1);
            fitted.margins(&matrix).unwrap()
        };
        let one = margins(1);
        assert_eq!(one, margins(2));
        for (margin, label) in one.iter().zip(&labels) {
            assert_eq!(sigmoid(*margin) > 0.5, *label, "{margin}");
        }
    }
}
