//! The offer policy: what each risk tier gets, and how much it may cost. `configs/offer_policy.yaml`.

use serde::Deserialize;

use super::{Action, ControlGroup, PolicyKind, RuleReason, TimingWindow, ValueSettings};
use crate::error::{Error, Result};
use crate::outcomes::MeasureSettings;

/// The parsed `offer_policy.yaml`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferPolicy {
    /// Who chooses: the risk tier, or the value of an offer. Default `tier`.
    #[serde(default)]
    policy: PolicyKind,
    tiers: TierOffers,
    max_offer_share: OfferShares,
    #[serde(default)]
    value: ValueSettings,
    #[serde(default)]
    control_group: ControlGroup,
    #[serde(default)]
    measure: MeasureSettings,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct TierOffers {
    #[serde(rename = "Low (<40%)")]
    low: TierOffer,
    #[serde(rename = "Medium (40-60%)")]
    medium: TierOffer,
    #[serde(rename = "High (60-80%)")]
    high: TierOffer,
    #[serde(rename = "Critical (>80%)")]
    critical: TierOffer,
}

/// What a tier gets when no guardrail objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierOffer {
    /// What to do.
    pub action: Action,
    /// When.
    pub timing_window: TimingWindow,
}

/// The most an offer may cost, as a share of the average monthly margin, 0..=1.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfferShares {
    #[serde(rename = "offer_small")]
    small: f64,
    #[serde(rename = "offer_medium")]
    medium: f64,
    #[serde(rename = "offer_large")]
    large: f64,
}

impl OfferPolicy {
    /// Parses the YAML text; a missing tier, an unknown field or a share out of range is an error.
    pub fn parse(yaml: &str) -> Result<Self> {
        let policy: Self =
            serde_norway::from_str(yaml).map_err(|e| Error::settings("offer_policy.yaml", e.to_string()))?;
        let shares = &policy.max_offer_share;
        for share in [shares.small, shares.medium, shares.large] {
            if !(0.0..=1.0).contains(&share) {
                return Err(Error::settings("offer_policy.yaml: max_offer_share", "every share must lie in 0..=1"));
            }
        }
        policy.control_group.validate()?;
        policy.value.validate()?;
        policy.measure.validate()?;
        Ok(policy)
    }

    /// Who chooses the offers.
    pub fn kind(&self) -> PolicyKind {
        self.policy
    }

    /// What an offer is worth, and the limits of what may be offered.
    pub fn value(&self) -> &ValueSettings {
        &self.value
    }

    /// The optional control group.
    pub fn control_group(&self) -> &ControlGroup {
        &self.control_group
    }

    /// When outcomes of offers are believed.
    pub fn measure(&self) -> &MeasureSettings {
        &self.measure
    }

    /// What the tier with this label gets, and the reason that the tier itself is.
    pub(super) fn tier(&self, label: &str) -> Option<(TierOffer, Option<RuleReason>)> {
        match label {
            "Low (<40%)" => Some((self.tiers.low, None)),
            "Medium (40-60%)" => Some((self.tiers.medium, Some(RuleReason::ModerateChurnRisk))),
            "High (60-80%)" => Some((self.tiers.high, Some(RuleReason::HighChurnRisk))),
            "Critical (>80%)" => Some((self.tiers.critical, Some(RuleReason::CriticalChurnRisk))),
            _ => None,
        }
    }

    /// The most an action may cost a month, in EUR to the cent (half to even), for a margin of 0 or more.
    pub(super) fn max_offer_eur(&self, action: Action, avg_monthly_margin: f64) -> f64 {
        let share = match action {
            Action::NoOffer => return 0.0,
            Action::OfferSmall => self.max_offer_share.small,
            Action::OfferMedium => self.max_offer_share.medium,
            Action::OfferLarge => self.max_offer_share.large,
        };
        (share * avg_monthly_margin * 100.0).round_ties_even() / 100.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMITTED: &str = include_str!("../../../configs/offer_policy.yaml");

    #[test]
    fn the_committed_policy_gives_each_tier_what_the_business_agreed() {
        let policy = OfferPolicy::parse(COMMITTED).unwrap();
        let offers = ["Low (<40%)", "Medium (40-60%)", "High (60-80%)", "Critical (>80%)"].map(|label| {
            let offer = policy.tier(label).unwrap().0;
            (offer.action.as_str(), offer.timing_window.as_str(), policy.max_offer_eur(offer.action, 100.0))
        });
        let agreed = [
            ("no_offer", "60_90_days", 0.0),
            ("offer_small", "30_60_days", 5.0),
            ("offer_medium", "immediate", 15.0),
            ("offer_large", "immediate", 25.0),
        ];
        assert_eq!(offers, agreed);
        assert!(policy.control_group().is_nobody());
        assert_eq!(policy.kind(), PolicyKind::Tier);
    }

    #[test]
    fn the_committed_values_are_the_defaults_and_an_older_file_does_without_them() {
        let policy = OfferPolicy::parse(COMMITTED).unwrap();
        assert_eq!((policy.value(), policy.measure()), (&ValueSettings::default(), &MeasureSettings::default()));
        let (older, _) = COMMITTED.split_once("# What an offer is worth").unwrap();
        let older = older.replace("policy: tier\n", "");
        assert_eq!(OfferPolicy::parse(&older).unwrap(), policy_without_control(&policy));
        let by_value = OfferPolicy::parse(&COMMITTED.replace("policy: tier", "policy: value")).unwrap();
        assert_eq!(by_value.kind(), PolicyKind::Value);
        assert!(OfferPolicy::parse(&COMMITTED.replace("policy: tier", "policy: chance")).is_err());
        assert!(OfferPolicy::parse(&COMMITTED.replace("months: 12", "months: 0")).is_err());
        assert!(OfferPolicy::parse(&COMMITTED.replace("min_customers: 100", "min_customers: 0")).is_err());
    }

    fn policy_without_control(policy: &OfferPolicy) -> OfferPolicy {
        OfferPolicy { control_group: ControlGroup::default(), ..policy.clone() }
    }

    #[test]
    fn half_a_cent_of_an_offer_goes_to_the_even_cent() {
        let policy = OfferPolicy::parse(&COMMITTED.replace("offer_large: 0.25", "offer_large: 0.5")).unwrap();
        let offers = [0.25, 0.75, 1.25, 1.75, 0.0].map(|margin| policy.max_offer_eur(Action::OfferLarge, margin));
        assert_eq!(offers, [0.12, 0.38, 0.62, 0.88, 0.0]);
    }

    #[test]
    fn a_share_of_nothing_or_everything_is_a_share() {
        let with = |share: &str| OfferPolicy::parse(&COMMITTED.replace("offer_large: 0.25", share));
        assert!(with("offer_large: 0.0").is_ok() && with("offer_large: 1.0").is_ok());
        for share in ["offer_large: -0.01", "offer_large: 1.01", "offer_large: .nan"] {
            assert!(with(share).is_err(), "{share}");
        }
        assert!(OfferPolicy::parse(&COMMITTED.replace("share: 0.0", "share: .nan")).is_err());
    }

    #[test]
    fn a_policy_without_a_tier_or_with_a_share_above_one_is_an_error() {
        assert!(OfferPolicy::parse(&COMMITTED.replace("High (60-80%)", "High")).is_err());
        assert!(OfferPolicy::parse(&COMMITTED.replace("offer_large: 0.25", "offer_large: 25")).is_err());
        assert!(OfferPolicy::parse(&COMMITTED.replace("share: 0.0", "share: 1.0")).is_err());
    }
}
