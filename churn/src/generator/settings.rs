//! What is asked of the generator.

use crate::error::{Error, Result};

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

/// Offers to plant, and their effect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlantedOffers {
    /// The share of all customers who were due for an offer, above 0 and up to 1.
    pub share: f64,
    /// The share of these who were drawn into the control group, from 0 to below 1.
    pub control_share: f64,
    /// Of the households that would have left, the share that the offer keeps; 0 plants none.
    pub save_rate: f64,
    /// The same of businesses.
    pub business_save_rate: f64,
}

impl PlantedOffers {
    /// Four customers in ten, a fifth of them control, and the same effect for all.
    pub fn saving(save_rate: f64) -> Self {
        Self { share: 0.4, control_share: 0.2, save_rate, business_save_rate: save_rate }
    }

    /// Refuses what is no share.
    pub(super) fn validate(&self) -> Result<()> {
        let shares = [
            ("the share of customers", self.share > 0.0 && self.share <= 1.0),
            ("the share of the control group", (0.0..1.0).contains(&self.control_share)),
            ("the effect", (0.0..=1.0).contains(&self.save_rate) && (0.0..=1.0).contains(&self.business_save_rate)),
        ];
        match shares.into_iter().find(|(_, holds)| !holds) {
            Some((what, _)) => Err(Error::settings("planted offers", format!("{what} must lie between 0 and 1"))),
            None => Ok(()),
        }
    }
}
