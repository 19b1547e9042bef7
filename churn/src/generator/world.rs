//! A population, and what becomes of it.

use chrono::NaiveDate;

use super::later::Later;
use super::leaving::Mind;
use super::lifecycle::SNAPSHOT;
use super::population::Population;
use super::settings::GenerateSettings;

/// All that the files are written from.
pub(super) struct World {
    pub population: Population,
    /// What happened after the date of the labels, where it is asked for.
    pub later: Option<Later>,
}

/// A date of labels.
pub(super) struct LabelDate {
    pub date: NaiveDate,
    /// The seed of what leads up to it.
    pub seed: u64,
    /// What each customer makes up its mind to; none of those who were not there any more.
    pub minds: Vec<Option<Mind>>,
}

impl World {
    pub fn imagine(settings: &GenerateSettings) -> Self {
        let population = Population::imagine(settings.customers as usize, settings.seed);
        let later = Later::of(&population, settings.months);
        Self { population, later }
    }

    /// The dates of labels, the first one first.
    pub fn label_dates(&self) -> Vec<LabelDate> {
        let Population { seed, minds, .. } = &self.population;
        let first = LabelDate { date: SNAPSHOT, seed: *seed, minds: minds.iter().copied().map(Some).collect() };
        let second = self.later.as_ref().and_then(|later| {
            let minds = later.minds.clone()?;
            Some(LabelDate { date: later.last_day(), seed: later.seed, minds })
        });
        std::iter::once(first).chain(second).collect()
    }
}
