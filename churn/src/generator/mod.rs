//! Makes the seven raw files of a utility that does not exist, with the shapes, the dirt and the
//! churn relations of the real ones (the published figures of the data set, 20,099 customers, 2024).
//!
//! The same settings give the same bytes, on one thread or on many. The files appear together at
//! the end: an interrupted run leaves what was there before.

mod attributes;
mod churn_labels;
mod contacts;
mod costs;
mod geography;
mod hourly_file;
mod levels;
mod lifecycle;
mod mark;
mod prices;
mod profiles;
mod quantiles;
mod random;
mod readings;
mod sentences;
mod staging;
mod tables;

use std::collections::BTreeMap;
use std::path::Path;

pub use self::mark::{MARK, Others};

use self::attributes::Attributes;
use self::costs::ProvinceCosts;
use self::levels::Level;
use self::lifecycle::Lifecycle;
use self::mark::Mark;
use self::prices::Tariff;
use self::staging::Staging;
use crate::error::{Error, Result};
use crate::watch::Watch;

/// How much to make, and which of the many possible worlds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GenerateSettings {
    /// Number of customers, at least 1; the real data has 20,099.
    pub customers: u32,
    /// Seed of every random number.
    pub seed: u64,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// One entry per raw file, in the order they were written.
    pub files: Vec<GeneratedFile>,
}

/// One raw file of a [`Generated`] set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GeneratedFile {
    /// File name inside the output folder.
    pub name: &'static str,
    /// Rows (objects in the JSON file), the header not counted.
    pub rows: u64,
}

/// Writes the seven raw files into the folder `out`, which is made if it is missing.
///
/// Raw files that it did not make itself are kept or replaced as `others` says; [`MARK`] tells which it made.
/// `watch` hears of hourly rows done, of customers x 8,784. Memory stays below 500 MB at full size:
/// the hourly readings are made and written one row group at a time.
pub fn generate(settings: &GenerateSettings, out: &Path, others: Others, watch: &dyn Watch) -> Result<Generated> {
    if settings.customers == 0 {
        return Err(Error::settings("customers", "0 customers make no data set; ask for 1 or more"));
    }
    let present = match others {
        Others::Keep => Mark::of(out)?.require_own(out)?,
        Others::Replace => BTreeMap::new(),
    };
    let population = Population::imagine(settings);
    let staging = Staging::open(out)?;
    let files = vec![
        tables::churn_label(&population, &staging)?,
        tables::customer_attributes(&population, &staging)?,
        tables::customer_contracts(&population, &staging)?,
        tables::price_history(&population, &staging)?,
        tables::costs_by_province_month(&population, &staging)?,
        contacts::customer_interactions(&population, &staging)?,
        hourly_file::consumption_hourly(&population, &staging, watch)?,
    ];
    staging.publish(settings, present)?;
    Ok(Generated { files })
}

/// Everything about the customers that more than one file needs. Index `i` is customer `C` + (i + 1).
struct Population {
    seed: u64,
    attributes: Vec<Attributes>,
    lifecycles: Vec<Lifecycle>,
    levels: Vec<Level>,
    costs: ProvinceCosts,
    tariffs: Vec<Tariff>,
    churned: Vec<bool>,
}

impl Population {
    fn imagine(settings: &GenerateSettings) -> Self {
        let (n, seed) = (settings.customers as usize, settings.seed);
        let attributes = attributes::draw(n, seed);
        let lifecycles = lifecycle::draw(n, seed);
        let levels = levels::draw(&attributes, seed);
        let costs = ProvinceCosts::draw(seed);
        let tariffs = prices::draw(&attributes, &levels, &costs, seed);
        let churned = churn_labels::draw(&attributes, &lifecycles, &levels, &tariffs, seed);
        Self { seed, attributes, lifecycles, levels, costs, tariffs, churned }
    }

    fn len(&self) -> usize {
        self.attributes.len()
    }
}

/// The key of customer `index`: `C` and a running number of five digits or more.
fn customer_id(index: usize) -> String {
    format!("C{:05}", index + 1)
}

#[cfg(test)]
mod tests;
