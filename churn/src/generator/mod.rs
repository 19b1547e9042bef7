//! Makes the raw files of a utility that does not exist, with the shapes, the dirt and the
//! churn relations of the real ones (the published figures of the data set, 20,099 customers, 2024).
//!
//! The same settings give the same bytes, on one thread or on many. The files appear together at
//! the end: an interrupted run leaves what was there before.

mod attributes;
mod contacts;
mod costs;
mod generated;
mod geography;
mod hourly_file;
mod later;
mod later_readings;
mod leaving;
mod levels;
mod lifecycle;
mod mark;
mod offers;
mod population;
mod prices;
mod profiles;
mod quantiles;
mod random;
mod readings;
mod sampling;
mod sentences;
mod settings;
mod staging;
mod tables;
mod world;

use std::collections::BTreeMap;
use std::path::Path;

pub use self::generated::{Generated, GeneratedFile};
pub use self::mark::{MARK, Others};
pub use self::settings::{GenerateSettings, PlantedOffers};
#[cfg(test)]
pub(crate) use self::{attributes::Segment, offers::planted};

use self::later::{FIRST_MONTHS, MOST_MONTHS};
use self::mark::Mark;
use self::staging::Staging;
use self::world::World;
use crate::error::{Error, Result};
use crate::watch::Watch;

/// Writes the seven raw files, and the eighth where the settings ask for it, into the folder `out`, which is made if it is
/// missing.
///
/// Raw files that it did not make itself are kept or replaced as `others` says; [`MARK`] tells which it made.
/// `watch` hears of hourly rows done, of customers x 8,784. Memory stays below 500 MB at full size:
/// the hourly readings are made and written one row group at a time.
pub fn generate(settings: &GenerateSettings, out: &Path, others: Others, watch: &dyn Watch) -> Result<Generated> {
    if settings.customers == 0 {
        return Err(Error::settings("customers", "0 customers make no data set; ask for 1 or more"));
    }
    settings.offers.iter().try_for_each(PlantedOffers::validate)?;
    if !(FIRST_MONTHS..=MOST_MONTHS).contains(&settings.months) {
        let rule = format!("{} is not from {FIRST_MONTHS} to {MOST_MONTHS}", settings.months);
        return Err(Error::settings("months", rule));
    }
    let present = match others {
        Others::Keep => Mark::of(out)?.require_own(out)?,
        Others::Replace => BTreeMap::new(),
    };
    let world = World::imagine(settings);
    let population = &world.population;
    let staging = Staging::open(out)?;
    let mut files = vec![
        tables::churn_label(&world, &staging)?,
        tables::customer_attributes(population, &staging)?,
        tables::customer_contracts(population, &staging)?,
        tables::price_history(&world, &staging)?,
        tables::costs_by_province_month(&world, &staging)?,
        contacts::customer_interactions(&world, &staging)?,
        hourly_file::consumption_hourly(population, &staging, watch)?,
    ];
    if let Some(offers) = &settings.offers {
        files.push(offers::offer_outcomes(population, offers, &staging)?);
    }
    if let Some(later) = &world.later {
        files.push(later_readings::consumption_hourly(population, later, &staging, watch)?);
    }
    staging.publish(settings, present)?;
    Ok(Generated { files })
}

#[cfg(test)]
mod tests;
