//! What became of offers: how much of the churn each of them saves, where most, and how sure that is.
//!
//! Whoever was due for an offer got it, or was drawn into the control group and got none. The two differ by the draw
//! alone, so the difference of their churn is the effect of the offer, accepted or not (intention to treat). Without a
//! control group there is nothing to compare with, and nothing is said.

mod cells;
mod effect;
mod measure;
mod observed;
mod proportion;
mod read;
mod settings;
mod uplift;

pub use cells::Arm;
pub use effect::{Effect, Estimate, Measured};
pub use measure::{Acceptance, OfferEffects, measure};
pub use read::Outcomes;
pub use settings::MeasureSettings;
pub use uplift::{PredictedUplift, Uplift};

#[cfg(test)]
mod planted_test;
