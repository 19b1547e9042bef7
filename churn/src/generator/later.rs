//! What happens after the first date of the labels, where more than twelve months are asked for: the same customers, less
//! those who have left by then.
//!
//! Contracts are not renewed: their file has no history, and a date that moved on for those who stayed would tell at the
//! first date of the labels who stayed. So renewals run out, and the second labels see customers as they are in the files.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::leaving::{self, Mind};
use super::lifecycle::{Lifecycle, SNAPSHOT};
use super::population::Population;
use super::prices::{self, Tariff};
use super::random::{Purpose, between, stream};

/// Months that end on the first date of the labels.
pub const FIRST_MONTHS: u32 = 12;
/// So many months have a second date of labels at their end, and more are not made.
pub const MOST_MONTHS: u32 = 18;
/// Months after the first date, at most.
pub const LATER_MONTHS: usize = (MOST_MONTHS - FIRST_MONTHS) as usize;
/// The first day after the first date.
pub const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2025, 1, 1).expect("a date of the calendar");
/// Who is to leave does so within so many days: the horizon of the labels.
const HORIZON_DAYS: usize = 180;
/// Another seed for all that is drawn after the first date.
const LATER: u64 = 0x6c61_7465_7220_6f6e;

/// The months after the first date of the labels.
pub(super) struct Later {
    /// The seed of what happens in them.
    pub seed: u64,
    /// How many months.
    pub months: usize,
    /// The first day after them.
    pub end: NaiveDate,
    /// The first day that each customer was not there any more; none of those who stayed.
    pub left_on: Vec<Option<NaiveDate>>,
    /// First tier of each customer by month, EUR/kWh.
    pub tier1: Vec<[f64; LATER_MONTHS]>,
    /// What those who are there make up their minds to by the last day; none in fewer months than there can be.
    pub minds: Option<Vec<Option<Mind>>>,
}

impl Later {
    /// What becomes of a population in so many months, counted from the first ones; none where these are all.
    pub fn of(population: &Population, months: u32) -> Option<Self> {
        let later = months.checked_sub(FIRST_MONTHS).filter(|later| *later > 0)?;
        let seed = population.seed ^ LATER;
        let left_on = (0..population.len()).map(|index| left_on(population, seed, index)).collect();
        let path = |(index, tariff)| prices::half_year(tariff, &mut stream(seed, Purpose::Prices, index));
        let mut later = Self {
            seed,
            months: later as usize,
            end: FIRST_DAY + Months::new(later),
            left_on,
            tier1: population.tariffs.iter().enumerate().map(path).collect(),
            minds: None,
        };
        later.minds = (months == MOST_MONTHS).then(|| later.second_minds(population));
        Some(later)
    }

    /// The date of the second labels.
    pub fn last_day(&self) -> NaiveDate {
        self.end - Days::new(1)
    }

    /// How many days after the first date a customer was there.
    pub fn days(&self, index: usize) -> usize {
        let end = self.left_on[index].map_or(self.end, |left_on| left_on.min(self.end));
        (end - FIRST_DAY).num_days().max(0) as usize
    }

    /// The months, numbered from 0, in which a customer was there.
    pub fn months_of(&self, index: usize) -> impl Iterator<Item = usize> {
        let days = self.days(index) as i64;
        (0..self.months).filter(move |month| (first_of(*month) - FIRST_DAY).num_days() < days)
    }

    /// Made up as the first ones, by those who are still there, half a year later in their contracts.
    fn second_minds(&self, population: &Population) -> Vec<Option<Mind>> {
        let days = (self.last_day() - SNAPSHOT).num_days();
        let pressure = |index: usize| {
            let (then, paid) = (population.lifecycles[index], population.tariffs[index]);
            let december = self.tier1[index][LATER_MONTHS - 1];
            let now =
                Lifecycle { renewal_days: then.renewal_days - days, tenure_days: then.tenure_days + days, ..then };
            let pays = Tariff { tier1_december: december, trend: december / paid.tier1[LATER_MONTHS] - 1.0, ..paid };
            population.tastes.pressure(&population.attributes[index], &now, &population.levels[index], &pays)
        };
        let there = (0..population.len()).filter(|index| self.left_on[*index].is_none());
        let there: Vec<(usize, f64)> = there.map(|index| (index, pressure(index))).collect();
        let mut minds = vec![None; population.len()];
        for ((index, _), mind) in there.iter().zip(leaving::make_up(&there, self.seed)) {
            minds[*index] = Some(mind);
        }
        minds
    }
}

/// The first day of a month, numbered from 0.
pub(super) fn first_of(month: usize) -> NaiveDate {
    FIRST_DAY + Months::new(month as u32)
}

/// A month as the files name it.
pub(super) fn name_of(month: usize) -> String {
    let first = first_of(month);
    format!("{}-{:02}", first.year(), first.month())
}

fn left_on(population: &Population, seed: u64, index: usize) -> Option<NaiveDate> {
    let rng = &mut stream(seed, Purpose::Dates, index);
    let days = between(rng, 1, HORIZON_DAYS + 1) as u64;
    population.minds[index].leaves.then(|| SNAPSHOT + Days::new(days))
}
