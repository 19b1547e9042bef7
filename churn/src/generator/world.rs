//! A population, and what becomes of it.

use chrono::NaiveDate;

use super::later::Later;
use super::lifecycle::SNAPSHOT;
use super::population::Population;
use super::settings::GenerateSettings;

/// All that the files are written from.
pub(super) struct World {
    pub population: Population,
    /// What happened after the date of the labels, where it is asked for.
    pub later: Option<Later>,
}

/// What labels of a date say of each customer; none of those who were not there any more.
pub(super) struct Labels {
    pub date: NaiveDate,
    pub churned: Vec<Option<bool>>,
}

impl World {
    pub fn imagine(settings: &GenerateSettings) -> Self {
        let population = Population::imagine(settings.customers as usize, settings.seed);
        let later = Later::of(&population, settings.months);
        Self { population, later }
    }

    /// The labels, the first date first.
    pub fn labels(&self) -> Vec<Labels> {
        let first = Labels { date: SNAPSHOT, churned: self.population.churned.iter().copied().map(Some).collect() };
        let second = self
            .later
            .as_ref()
            .and_then(|later| later.churned.clone().map(|churned| Labels { date: later.last_day(), churned }));
        std::iter::once(first).chain(second).collect()
    }
}
