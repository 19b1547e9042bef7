//! How many would-be leavers an offer keeps: assumed until it is measured well enough, and marked so everywhere.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Action, OfferPolicy};
use crate::outcomes::{Effect, Estimate, MeasureSettings, OfferEffects};

/// Where a save rate comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateBasis {
    /// From the settings: nobody has measured it.
    Assumed,
    /// From outcomes of offers and a control group.
    Measured,
}

impl RateBasis {
    /// The word in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Assumed => "assumed",
            Self::Measured => "measured",
        }
    }
}

/// The save rate of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SaveRate {
    /// The share of would-be leavers whom it keeps; below 0 it drives customers away.
    pub rate: f64,
    /// Where it comes from.
    pub basis: RateBasis,
    /// What outcomes say of it, with its 95 % interval, whether or not that decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<Estimate>,
}

/// The save rates in force, by offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SaveRates(BTreeMap<Action, SaveRate>);

impl SaveRates {
    /// Measured where that is sure enough, else assumed.
    pub fn of(policy: &OfferPolicy, effects: Option<&OfferEffects>) -> Self {
        let effect = |action: Action| effects.and_then(|effects| effects.by_action.get(&action)?.effect());
        let rate = |action: Action| in_force(policy.value().save_rates.of(action), effect(action), policy.measure());
        Self(Action::OFFERS.map(|action| (action, rate(action))).into())
    }

    /// Of an offer; none without one.
    pub fn get(&self, action: Action) -> Option<&SaveRate> {
        self.0.get(&action)
    }

    /// The share that an action keeps; nothing is saved without an offer.
    pub fn rate(&self, action: Action) -> f64 {
        self.get(action).map_or(0.0, |rate| rate.rate)
    }

    /// All of them, the cheapest offer first.
    pub fn all(&self) -> impl Iterator<Item = (Action, &SaveRate)> {
        self.0.iter().map(|(action, rate)| (*action, rate))
    }

    /// Where they come from, in a word: `assumed`, `measured`, or `partly measured`.
    pub fn basis(&self) -> &'static str {
        let measured = self.0.values().filter(|rate| rate.basis == RateBasis::Measured).count();
        match measured {
            0 => "assumed",
            all if all == self.0.len() => "measured",
            _ => "partly measured",
        }
    }
}

fn in_force(assumed: f64, effect: Option<&Effect>, settings: &MeasureSettings) -> SaveRate {
    let measured = effect.map(|effect| effect.save_rate);
    let is_sure = |effect: &&Effect| {
        let least = u64::from(settings.min_customers);
        effect.save_rate.width() <= settings.max_interval_width
            && effect.treated.customers >= least
            && effect.control.customers >= least
    };
    match effect.filter(is_sure) {
        Some(effect) => SaveRate { rate: effect.save_rate.value, basis: RateBasis::Measured, measured },
        None => SaveRate { rate: assumed, basis: RateBasis::Assumed, measured },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcomes::Arm;

    fn effect(customers: u64, low: f64, high: f64) -> Effect {
        let (arm, estimate) = (Arm { customers, churned: 0 }, Estimate { value: f64::midpoint(low, high), low, high });
        Effect {
            treated: arm,
            control: arm,
            treated_churn: 0.4,
            control_churn: 0.5,
            difference: estimate,
            save_rate: estimate,
        }
    }

    #[test]
    fn a_measurement_decides_once_it_is_sure_enough_and_is_shown_before() {
        let settings = MeasureSettings::default();
        let of = |effect: Option<Effect>| in_force(0.1, effect.as_ref(), &settings);
        let unsure = of(Some(effect(1_000, 0.1, 0.35)));
        assert_eq!((unsure.rate, unsure.basis), (0.1, RateBasis::Assumed));
        assert_eq!(unsure.measured.map(|measured| measured.low), Some(0.1));
        let sure = of(Some(effect(1_000, 0.1, 0.25)));
        assert_eq!((sure.rate, sure.basis), (0.175, RateBasis::Measured));
        assert_eq!(of(Some(effect(99, 0.1, 0.25))).basis, RateBasis::Assumed, "too few");
        assert_eq!(of(None), SaveRate { rate: 0.1, basis: RateBasis::Assumed, measured: None });
        // What drives customers away is believed too.
        assert!(of(Some(effect(1_000, -0.2, -0.1))).rate < 0.0);
    }

    #[test]
    fn the_basis_of_all_is_said_in_a_word() {
        use RateBasis::{Assumed, Measured};
        let rate = |basis| SaveRate { rate: 0.1, basis, measured: None };
        let rates = |bases: [RateBasis; 3]| {
            SaveRates(Action::OFFERS.into_iter().zip(bases.map(rate)).collect::<BTreeMap<_, _>>()).basis()
        };
        assert_eq!(rates([Assumed; 3]), "assumed");
        assert_eq!(rates([Measured; 3]), "measured");
        assert_eq!(rates([Assumed, Measured, Assumed]), "partly measured");
    }
}
