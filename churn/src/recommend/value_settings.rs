//! What an offer is assumed to be worth, and the limits of what may be offered. `policy` and `value` of
//! `configs/offer_policy.yaml`.

use serde::{Deserialize, Serialize};

use super::{Action, TimingWindow};
use crate::error::{Error, Result};

/// Who chooses the offers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyKind {
    /// The risk tier, as the business has agreed.
    #[default]
    Tier,
    /// The value of an offer, within limits.
    Value,
}

impl PolicyKind {
    /// The word in the settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tier => "tier",
            Self::Value => "value",
        }
    }
}

/// What an offer is worth, and how much may be offered. Under `policy: tier` it only says what value would choose.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ValueSettings {
    /// Months for which an offer is paid and a customer who stays earns. Default 12.
    pub months: u32,
    /// The share of would-be leavers whom an offer keeps, until it is measured.
    pub save_rates: AssumedRates,
    /// An offer below so much a month is not worth a call, EUR. Default 1.
    pub minimum_offer_eur: f64,
    /// What all offers together may cost a month, EUR. Default no limit.
    pub budget_eur: Option<f64>,
    /// How many customers can be contacted, by timing window.
    pub capacity: Capacity,
    /// Nobody gets an offer so soon after the last one, in days. Default 90.
    pub days_between_offers: u32,
}

/// Assumed save rates, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AssumedRates {
    /// Assumed of a small offer, 0..=1. Default 0.10.
    #[serde(rename = "offer_small")]
    pub small: f64,
    /// Assumed of a medium offer, 0..=1. Default 0.20.
    #[serde(rename = "offer_medium")]
    pub medium: f64,
    /// Assumed of a large offer, 0..=1. Default 0.30.
    #[serde(rename = "offer_large")]
    pub large: f64,
}

/// The most customers of a timing window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Capacity {
    /// At once. Default no limit.
    pub immediate: Option<u64>,
    /// Between 30 and 60 days. Default no limit.
    #[serde(rename = "30_60_days")]
    pub days_30_60: Option<u64>,
    /// Between 60 and 90 days. Default no limit.
    #[serde(rename = "60_90_days")]
    pub days_60_90: Option<u64>,
}

impl Default for ValueSettings {
    fn default() -> Self {
        Self {
            months: 12,
            save_rates: AssumedRates::default(),
            minimum_offer_eur: 1.0,
            budget_eur: None,
            capacity: Capacity::default(),
            days_between_offers: 90,
        }
    }
}

impl Default for AssumedRates {
    fn default() -> Self {
        Self { small: 0.10, medium: 0.20, large: 0.30 }
    }
}

impl AssumedRates {
    /// What is assumed of an action; nothing is saved without an offer.
    pub fn of(self, action: Action) -> f64 {
        match action {
            Action::NoOffer => 0.0,
            Action::OfferSmall => self.small,
            Action::OfferMedium => self.medium,
            Action::OfferLarge => self.large,
        }
    }
}

impl Capacity {
    /// The most customers of a window.
    pub fn of(self, window: TimingWindow) -> Option<u64> {
        match window {
            TimingWindow::Immediate => self.immediate,
            TimingWindow::Days30To60 => self.days_30_60,
            TimingWindow::Days60To90 => self.days_60_90,
        }
    }
}

impl ValueSettings {
    /// Refuses what cannot be meant.
    pub(super) fn validate(&self) -> Result<()> {
        let refuse = |key: &str, rule: &str| Err(Error::settings(key, rule));
        if !(1..=120).contains(&self.months) {
            return refuse("offer_policy.yaml: value.months", "must lie between 1 and 120, for example 12");
        }
        for action in Action::OFFERS {
            if !(0.0..=1.0).contains(&self.save_rates.of(action)) {
                let key = format!("offer_policy.yaml: value.save_rates.{}", action.as_str());
                return refuse(&key, "must lie between 0 and 1, for example 0.10");
            }
        }
        let is_money = |eur: f64| eur.is_finite() && eur >= 0.0;
        if !is_money(self.minimum_offer_eur) {
            return refuse(
                "offer_policy.yaml: value.minimum_offer_eur",
                "must be a number of EUR from 0, for example 1.0",
            );
        }
        if !self.budget_eur.is_none_or(is_money) {
            return refuse("offer_policy.yaml: value.budget_eur", "must be a number of EUR from 0, or left out");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_meant_is_refused_by_its_key() {
        type Change = fn(&mut ValueSettings);
        ValueSettings::default().validate().unwrap();
        let refused: [(&str, Change); 6] = [
            ("months", |settings| settings.months = 0),
            ("save_rates.offer_medium", |settings| settings.save_rates.medium = 20.0),
            ("save_rates.offer_small", |settings| settings.save_rates.small = f64::NAN),
            ("minimum_offer_eur", |settings| settings.minimum_offer_eur = -1.0),
            ("budget_eur", |settings| settings.budget_eur = Some(f64::INFINITY)),
            ("budget_eur", |settings| settings.budget_eur = Some(-0.01)),
        ];
        for (key, change) in refused {
            let mut settings = ValueSettings::default();
            change(&mut settings);
            let message = settings.validate().unwrap_err().to_string();
            assert!(message.contains(&format!("value.{key}: must ")), "{message}");
        }
        let nothing = ValueSettings { budget_eur: Some(0.0), ..ValueSettings::default() };
        nothing.validate().unwrap();
    }
}
