//! The made-up customers.

use chrono::NaiveDate;

use super::attributes::{self, Attributes};
use super::churn_labels;
use super::costs::ProvinceCosts;
use super::later::Later;
use super::levels::{self, Level};
use super::lifecycle::{self, Lifecycle, SNAPSHOT};
use super::prices::{self, Tariff};
use super::settings::GenerateSettings;

/// Everything about the customers that more than one file needs. Index `i` is customer `C` + (i + 1).
pub(super) struct Population {
    pub seed: u64,
    pub attributes: Vec<Attributes>,
    pub lifecycles: Vec<Lifecycle>,
    pub levels: Vec<Level>,
    pub costs: ProvinceCosts,
    pub tariffs: Vec<Tariff>,
    pub churned: Vec<bool>,
    /// What happened after the date of the labels, where it is asked for.
    pub later: Option<Later>,
}

/// What labels of a date say of each customer; none of those who were not there any more.
pub(super) struct Labels {
    pub date: NaiveDate,
    pub churned: Vec<Option<bool>>,
}

impl Population {
    pub fn imagine(settings: &GenerateSettings) -> Self {
        let (n, seed) = (settings.customers as usize, settings.seed);
        let attributes = attributes::draw(n, seed);
        let lifecycles = lifecycle::draw(n, seed);
        let levels = levels::draw(&attributes, seed);
        let costs = ProvinceCosts::draw(seed);
        let tariffs = prices::draw(&attributes, &levels, &costs, seed);
        let churned = churn_labels::draw(&attributes, &lifecycles, &levels, &tariffs, seed, seed);
        let mut population = Self { seed, attributes, lifecycles, levels, costs, tariffs, churned, later: None };
        population.later = Later::of(&population, settings.months);
        population
    }

    /// The labels, the first date first.
    pub fn labels(&self) -> Vec<Labels> {
        let first = Labels { date: SNAPSHOT, churned: self.churned.iter().copied().map(Some).collect() };
        let second = self
            .later
            .as_ref()
            .and_then(|later| later.churned.clone().map(|churned| Labels { date: later.last_day(), churned }));
        std::iter::once(first).chain(second).collect()
    }

    pub fn len(&self) -> usize {
        self.attributes.len()
    }
}

/// The key of customer `index`: `C` and a running number of five digits or more.
pub(super) fn customer_id(index: usize) -> String {
    format!("C{:05}", index + 1)
}
