//! What is tried beside the learner of a challenger: `ladder` of `configs/model.yaml`.

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;
use serde::{Deserialize, Serialize};

use crate::model::learner::dummy::StratifiedSettings;
use crate::model::learner::logistic::LogisticSettings;
use crate::model::learner::xgboost::{ForestSettings, XgboostSettings};

/// More points than these are no grid that anybody waits for.
const MOST_POINTS: usize = 1000;

/// The settings of the learners that are only tried, and the grid of the one that scores.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LadderSettings {
    /// Logistic regression.
    pub logistic_regression: LogisticSettings,
    /// Random forest.
    pub random_forest: ForestSettings,
    /// Guesses at the churn rate.
    pub dummy_stratified: StratifiedSettings,
    /// Other settings of `train.xgboost`.
    pub grid: GridSettings,
}

/// The grid of `train.xgboost`: every combination of these values. Tried only when somebody asks for it, and no more
/// points than the budget allows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GridSettings {
    /// Boosting rounds.
    pub rounds: Vec<u32>,
    /// Depths of a tree.
    pub max_depth: Vec<u32>,
    /// Learning rates.
    pub eta: Vec<f64>,
    /// Seed of the order in which the points are tried; default 42.
    pub seed: u64,
}

impl Default for GridSettings {
    fn default() -> Self {
        Self { rounds: vec![300, 600, 900], max_depth: vec![2, 3, 4], eta: vec![0.01, 0.02, 0.05], seed: 42 }
    }
}

impl LadderSettings {
    /// What must hold, each with the words that refuse it.
    pub fn rules(&self) -> Vec<(bool, &'static str)> {
        let mut rules = self.logistic_regression.rules().to_vec();
        rules.extend(self.random_forest.rules());
        rules.extend(self.grid.rules());
        rules
    }
}

impl GridSettings {
    /// How many points it has.
    pub fn len(&self) -> usize {
        self.rounds.len() * self.max_depth.len() * self.eta.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first `budget` points in the order in which they are tried: drawn by the seed, so that few of them are spread
    /// over the grid.
    pub fn points_within(&self, budget: u32) -> Vec<u32> {
        let mut order: Vec<u32> = (0..).take(self.len()).collect();
        let mut random = Pcg64::seed_from_u64(self.seed);
        // Fisher and Yates, with a draw of our own: multiply and shift (Lemire 2019).
        for place in (1..order.len()).rev() {
            let other = (u128::from(random.next_u64()) * (place as u128 + 1)) >> 64;
            order.swap(place, other as usize);
        }
        order.truncate(budget as usize);
        order
    }

    /// The settings of a point, all else as in `usual`; none beyond the last one.
    pub fn settings_at(&self, point: u32, usual: &XgboostSettings) -> Option<XgboostSettings> {
        let point = point as usize;
        let (rounds, rest) = (point % self.rounds.len().max(1), point / self.rounds.len().max(1));
        let (max_depth, eta) = (rest % self.max_depth.len().max(1), rest / self.max_depth.len().max(1));
        Some(XgboostSettings {
            rounds: *self.rounds.get(rounds)?,
            max_depth: *self.max_depth.get(max_depth)?,
            eta: *self.eta.get(eta)?,
            ..usual.clone()
        })
    }

    fn rules(&self) -> [(bool, &'static str); 3] {
        let points = (0..).take(self.len().min(MOST_POINTS));
        let usual = XgboostSettings::default();
        let mut settings = points.filter_map(|point| self.settings_at(point, &usual));
        let are_usable = settings.all(|settings| settings.rules().iter().all(|(holds, _)| *holds));
        [
            (!self.is_empty(), "grid needs at least one value of rounds, max_depth and eta"),
            (self.len() <= MOST_POINTS, "grid must have at most 1000 points"),
            (are_usable, "grid must hold only values that train.xgboost may have"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_point_of_the_grid_is_another_and_a_budget_takes_the_first_of_one_order() {
        let grid = GridSettings::default();
        let usual = XgboostSettings::default();
        let all = grid.points_within(u32::MAX);
        assert_eq!((all.len(), grid.len()), (27, 27));
        let points: BTreeSet<String> =
            all.iter().map(|&point| format!("{:?}", grid.settings_at(point, &usual).unwrap())).collect();
        assert_eq!(points.len(), 27);
        assert!(points.contains(&format!("{usual:?}")), "the grid is around what is used");
        assert_eq!(grid.points_within(5), all[..5]);
        assert!(all.windows(2).any(|pair| pair[0] > pair[1]), "not in the order of the file: {all:?}");
        assert_eq!(grid.settings_at(27, &usual), None);
    }

    #[test]
    fn a_grid_that_cannot_be_fitted_is_refused() {
        let broken = |grid: GridSettings| grid.rules().iter().any(|(holds, _)| !holds);
        assert!(!broken(GridSettings::default()));
        assert!(broken(GridSettings { eta: vec![], ..GridSettings::default() }));
        assert!(broken(GridSettings { eta: vec![0.1, 0.0], ..GridSettings::default() }));
        assert!(broken(GridSettings { rounds: (1..=200).collect(), ..GridSettings::default() }));
    }
}
