//! The control group: who is due for an offer and gets none, so that the effect of offers can be measured.

use serde::Deserialize;

use super::Action;
use super::dictionary_file::SEGMENTS;
use crate::draw;
use crate::error::{Error, Result};

/// A random share of customers who get no offer, so that the effect of offers can be measured.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlGroup {
    /// Their share, from 0 (none, the default) to below 1.
    pub share: f64,
    /// Makes the draw; the same customer stays on the same side until it changes.
    pub salt: String,
    /// Other shares in parts of the customers; the first that fits holds. Default none.
    #[serde(default)]
    pub strata: Vec<ControlStratum>,
}

/// A part of the customers with a share of its own. Both are known of an outcome too, so that like is compared with like.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlStratum {
    /// `Residential`, `SME`, `Corporate` or `unknown`; left out: any.
    pub segment: Option<String>,
    /// The offer that is due; left out: any.
    pub action: Option<Action>,
    /// The share of the control group, from 0 to below 1.
    pub share: f64,
}

impl ControlGroup {
    /// Whether a customer who is due for the offer is in it.
    pub fn holds(&self, customer_id: &str, segment: Option<&str>, due: Action) -> bool {
        draw::unit(&self.salt, customer_id) < self.share_of(segment, due)
    }

    /// Its share among customers of this segment who are due for this offer.
    pub fn share_of(&self, segment: Option<&str>, due: Action) -> f64 {
        let segment = segment.unwrap_or("unknown");
        let fits = |stratum: &&ControlStratum| {
            stratum.segment.as_deref().is_none_or(|own| own == segment) && stratum.action.is_none_or(|own| own == due)
        };
        self.strata.iter().find(fits).map_or(self.share, |stratum| stratum.share)
    }

    /// Whether nobody can be in it.
    pub fn is_nobody(&self) -> bool {
        self.share <= 0.0 && self.strata.iter().all(|stratum| stratum.share <= 0.0)
    }

    /// Whether its share is the same in every segment.
    pub fn is_even(&self) -> bool {
        self.strata.iter().all(|stratum| stratum.segment.is_none())
    }

    /// Refuses a share out of range, a draw without a salt, and a part of nobody.
    pub(super) fn validate(&self) -> Result<()> {
        let refuse = |key: &str, rule: &str| Err(Error::settings(key, rule));
        if !(0.0..1.0).contains(&self.share) {
            return refuse("offer_policy.yaml: control_group.share", "must be at least 0 and below 1");
        }
        for stratum in &self.strata {
            if !(0.0..1.0).contains(&stratum.share) {
                return refuse("offer_policy.yaml: control_group.strata[].share", "must be at least 0 and below 1");
            }
            if stratum.segment.as_deref().is_some_and(|segment| !SEGMENTS.contains(&segment)) {
                return refuse(
                    "offer_policy.yaml: control_group.strata[].segment",
                    "must be Residential, SME, Corporate or unknown",
                );
            }
            if stratum.action == Some(Action::NoOffer) {
                return refuse("offer_policy.yaml: control_group.strata[].action", "must be an offer");
            }
        }
        if !self.is_nobody() && self.salt.is_empty() {
            return refuse("offer_policy.yaml: control_group.salt", "must be given when the share is not 0");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(share: f64, salt: &str, strata: Vec<ControlStratum>) -> ControlGroup {
        ControlGroup { share, salt: salt.to_owned(), strata }
    }

    fn stratum(segment: Option<&str>, action: Option<Action>, share: f64) -> ControlStratum {
        ControlStratum { segment: segment.map(str::to_owned), action, share }
    }

    fn members(group: &ControlGroup, segment: Option<&str>, due: Action) -> Vec<u32> {
        (0..10_000).filter(|i| group.holds(&format!("C{i}"), segment, due)).collect()
    }

    #[test]
    fn the_control_group_is_about_its_share_and_depends_on_the_salt() {
        let drawn = |salt: &str| members(&group(0.1, salt, Vec::new()), None, Action::OfferSmall);
        let (first, second) = (drawn("a"), drawn("b"));
        // 10,000 draws of 0.1: 1,000 with a standard deviation of 30.
        assert!((880..1_120).contains(&first.len()), "{}", first.len());
        assert_ne!(first, second);
        assert_eq!(first, drawn("a"));
        assert_eq!(members(&group(0.0, "a", Vec::new()), None, Action::OfferSmall), [0_u32; 0]);
    }

    #[test]
    fn a_part_has_its_own_share_and_the_first_that_fits_holds() {
        let strata = vec![
            stratum(Some("Corporate"), None, 0.0),
            stratum(None, Some(Action::OfferLarge), 0.05),
            stratum(Some("unknown"), None, 0.5),
        ];
        let group = group(0.2, "a", strata);
        let share = |segment, due| group.share_of(segment, due);
        assert_eq!(share(Some("Corporate"), Action::OfferLarge), 0.0);
        assert_eq!(share(Some("SME"), Action::OfferLarge), 0.05);
        assert_eq!(share(None, Action::OfferSmall), 0.5);
        assert_eq!(share(Some("SME"), Action::OfferSmall), 0.2);
        // Who is in a smaller group is in the larger one too: a share that grows moves nobody out.
        let (few, many) =
            (members(&group, Some("SME"), Action::OfferLarge), members(&group, Some("SME"), Action::OfferSmall));
        assert!(few.len() < many.len() && few.iter().all(|member| many.contains(member)));
        assert!(!group.is_even() && !group.is_nobody());
    }

    #[test]
    fn a_part_of_nobody_a_share_of_all_and_a_draw_without_a_salt_are_refused() {
        let refused = |group: ControlGroup| group.validate().unwrap_err().to_string();
        assert!(refused(group(1.0, "a", Vec::new())).contains("control_group.share: must be at least 0 and below 1"));
        assert!(refused(group(f64::NAN, "a", Vec::new())).contains("control_group.share"));
        assert!(refused(group(0.1, "", Vec::new())).contains("control_group.salt"));
        let with = |part| group(0.0, "", vec![part]);
        assert!(refused(with(stratum(Some("SME"), None, 0.1))).contains("control_group.salt"));
        assert!(refused(with(stratum(Some("Sme"), None, 0.0))).contains("strata[].segment: must be Residential"));
        assert!(refused(with(stratum(None, None, -0.1))).contains("strata[].share"));
        assert!(refused(with(stratum(None, Some(Action::NoOffer), 0.0))).contains("strata[].action"));
        with(stratum(Some("SME"), None, 0.0)).validate().unwrap();
    }
}
