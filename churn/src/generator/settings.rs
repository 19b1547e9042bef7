//! What is asked of the generator.

use super::offers::PlantedOffers;

/// How much to make, and which of the many possible worlds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GenerateSettings {
    /// Number of customers, at least 1; the real data has 20,099.
    pub customers: u32,
    /// Seed of every random number.
    pub seed: u64,
    /// The eighth file: offers of the past with this effect. None: a delivery without it.
    pub offers: Option<PlantedOffers>,
    /// Months of readings, from January 2024 on: 12 end on the date of the labels, 18 on a second one.
    pub months: u32,
}
