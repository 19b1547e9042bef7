//! When outcomes of offers are believed. `measure` of `configs/offer_policy.yaml`.

use serde::Deserialize;

use crate::error::{Error, Result};

/// When outcomes of offers replace what is assumed of them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MeasureSettings {
    /// An outcome counts so many days after the offer, when whoever meant to leave has left. Default 90.
    pub outcome_days: u32,
    /// A measured save rate replaces the assumed one once its 95 % interval is at most so wide. Default 0.20.
    pub max_interval_width: f64,
    /// And once so many customers got the offer, and so many of the control group did not. Default 100.
    pub min_customers: u32,
    /// Where the segment of a larger share of them is not known, nothing is said by segment. Default 0.05.
    pub max_unknown_segments: f64,
    /// Resamples of the interval of Qini. Default 500.
    pub resamples: u32,
    /// Seed of the resamples. Default 20241231.
    pub seed: u64,
}

impl Default for MeasureSettings {
    fn default() -> Self {
        Self {
            outcome_days: 90,
            max_interval_width: 0.20,
            min_customers: 100,
            max_unknown_segments: 0.05,
            resamples: 500,
            seed: 20_241_231,
        }
    }
}

impl MeasureSettings {
    /// Refuses what cannot be meant.
    pub fn validate(&self) -> Result<()> {
        let refuse = |key: &str, rule: &str| Err(Error::settings(key, rule));
        if !(self.max_interval_width > 0.0 && self.max_interval_width <= 2.0) {
            return refuse(
                "offer_policy.yaml: measure.max_interval_width",
                "must be above 0 and at most 2, for example 0.20",
            );
        }
        if self.min_customers == 0 {
            return refuse("offer_policy.yaml: measure.min_customers", "must be at least 1, for example 100");
        }
        if !(0.0..=1.0).contains(&self.max_unknown_segments) {
            return refuse(
                "offer_policy.yaml: measure.max_unknown_segments",
                "must lie between 0 and 1, for example 0.05",
            );
        }
        if self.resamples == 0 {
            return refuse("offer_policy.yaml: measure.resamples", "must be at least 1, for example 500");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_meant_is_refused_by_its_key() {
        type Change = fn(&mut MeasureSettings);
        MeasureSettings::default().validate().unwrap();
        let refused: [(&str, Change); 5] = [
            ("max_interval_width", |settings| settings.max_interval_width = 0.0),
            ("max_interval_width", |settings| settings.max_interval_width = f64::NAN),
            ("min_customers", |settings| settings.min_customers = 0),
            ("max_unknown_segments", |settings| settings.max_unknown_segments = 1.1),
            ("resamples", |settings| settings.resamples = 0),
        ];
        for (key, change) in refused {
            let mut settings = MeasureSettings::default();
            change(&mut settings);
            let message = settings.validate().unwrap_err().to_string();
            assert!(message.contains(&format!("measure.{key}: must ")), "{message}");
        }
    }
}
