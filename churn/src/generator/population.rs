//! The made-up customers.

use super::attributes::{self, Attributes};
use super::costs::ProvinceCosts;
use super::leaving::{self, Mind, Tastes};
use super::levels::{self, Level};
use super::lifecycle::{self, Lifecycle};
use super::prices::{self, Tariff};

/// Everything about the customers that more than one file needs. Index `i` is customer `C` + (i + 1).
pub(super) struct Population {
    pub seed: u64,
    pub attributes: Vec<Attributes>,
    pub lifecycles: Vec<Lifecycle>,
    pub levels: Vec<Level>,
    pub costs: ProvinceCosts,
    pub tariffs: Vec<Tariff>,
    pub tastes: Tastes,
    /// What becomes of each at the first date of the labels.
    pub minds: Vec<Mind>,
}

impl Population {
    pub fn imagine(customers: usize, seed: u64) -> Self {
        let attributes = attributes::draw(customers, seed);
        let lifecycles = lifecycle::draw(customers, seed);
        let levels = levels::draw(&attributes, seed);
        let costs = ProvinceCosts::draw(seed);
        let tariffs = prices::draw(&attributes, &levels, &costs, seed);
        let tastes = Tastes::draw(seed);
        let pressure = |i: usize| (i, tastes.pressure(&attributes[i], &lifecycles[i], &levels[i], &tariffs[i]));
        let minds = leaving::make_up(&(0..customers).map(pressure).collect::<Vec<_>>(), seed);
        Self { seed, attributes, lifecycles, levels, costs, tariffs, tastes, minds }
    }

    pub fn len(&self) -> usize {
        self.attributes.len()
    }
}

/// The key of customer `index`: `C` and a running number of five digits or more.
pub(super) fn customer_id(index: usize) -> String {
    format!("C{:05}", index + 1)
}
