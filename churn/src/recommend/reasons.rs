//! The reason dictionary: a stable code and a sentence for people, for every feature and rule, and advice.
//! `configs/reason_codes.yaml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::causes::{Cause, Teller};
use super::{Action, Sentence};
use crate::error::{Error, Result};
use crate::features::Feature;

/// Where all of it is written.
pub(super) const FILE: &str = "reason_codes.yaml";
/// Where the segment goes in the sentence of `segment`.
pub(super) const SEGMENT: &str = "{segment}";

/// Why a customer is recommended what he is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Stable, lower case, for programs.
    pub code: String,
    /// For people: a fact that is true of the customer, or which fact counts.
    pub sentence: Sentence,
}

/// A reason that does not come from a feature. Its name is its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleReason {
    /// The tier is critical.
    CriticalChurnRisk,
    /// The tier is high.
    HighChurnRisk,
    /// The tier is medium.
    ModerateChurnRisk,
    /// No feature raises the risk, and neither tier nor guardrail has a reason.
    LowRiskMonitoring,
    /// An offer was withheld: the margin is below 0.
    NegativeMarginNoOffer,
    /// An offer was withheld: the margin is not known.
    UnknownMarginNoOffer,
    /// An offer was withheld: the customer is in the control group.
    ControlGroup,
    /// An offer was chosen for what it is worth.
    OfferWorthMaking,
    /// An offer was withheld: consent is delivered, and not of this customer.
    NoConsent,
    /// An offer was withheld: the last one is not long enough ago.
    ContactedRecently,
    /// An offer was withheld: it would fall due after the renewal.
    AfterRenewal,
    /// An offer that the tier earns was withheld: it costs more than it keeps, or is too small.
    OfferNotWorthIt,
    /// An offer was withheld: the budget went where a euro is worth more.
    BudgetSpent,
    /// An offer was withheld: no more customers can be contacted in its window.
    NoCapacity,
}

impl RuleReason {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::CriticalChurnRisk,
        Self::HighChurnRisk,
        Self::ModerateChurnRisk,
        Self::LowRiskMonitoring,
        Self::NegativeMarginNoOffer,
        Self::UnknownMarginNoOffer,
        Self::ControlGroup,
        Self::OfferWorthMaking,
        Self::NoConsent,
        Self::ContactedRecently,
        Self::AfterRenewal,
        Self::OfferNotWorthIt,
        Self::BudgetSpent,
        Self::NoCapacity,
    ];
    /// Those that withhold an offer, in the order in which they are asked.
    pub const WITHHOLDING: [Self; 9] = [
        Self::UnknownMarginNoOffer,
        Self::NegativeMarginNoOffer,
        Self::OfferNotWorthIt,
        Self::NoConsent,
        Self::AfterRenewal,
        Self::ContactedRecently,
        Self::BudgetSpent,
        Self::NoCapacity,
        Self::ControlGroup,
    ];

    /// The stable code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CriticalChurnRisk => "critical_churn_risk",
            Self::HighChurnRisk => "high_churn_risk",
            Self::ModerateChurnRisk => "moderate_churn_risk",
            Self::LowRiskMonitoring => "low_risk_monitoring",
            Self::NegativeMarginNoOffer => "negative_margin_no_offer",
            Self::UnknownMarginNoOffer => "unknown_margin_no_offer",
            Self::ControlGroup => "control_group",
            Self::OfferWorthMaking => "offer_worth_making",
            Self::NoConsent => "no_consent",
            Self::ContactedRecently => "contacted_recently",
            Self::AfterRenewal => "after_renewal",
            Self::OfferNotWorthIt => "offer_not_worth_it",
            Self::BudgetSpent => "budget_spent",
            Self::NoCapacity => "no_capacity",
        }
    }
}

/// The parsed `reason_codes.yaml`: every sentence in every language.
#[derive(Debug, Clone, PartialEq)]
pub struct ReasonDictionary {
    pub(super) features: BTreeMap<String, Reason>,
    /// A cause raises the risk from this sum of contributions on, in log-odds.
    pub(super) least_contribution: f64,
    /// The causes that several features tell, by a name for people.
    pub(super) causes: BTreeMap<String, Cause>,
    pub(super) rules: BTreeMap<RuleReason, Sentence>,
    /// With a place for the segment's name.
    pub(super) segment: Sentence,
    /// The names of the segments.
    pub(super) segments: BTreeMap<String, Sentence>,
    /// What to do, by action.
    pub(super) advice: BTreeMap<Action, Sentence>,
}

impl ReasonDictionary {
    /// Refuses, at start-up, features that nobody could explain; all of them are named at once.
    pub fn check(&self, features: &[Feature]) -> Result<()> {
        self.of_features(features.iter().map(|feature| feature.name.as_str())).map(drop)
    }

    /// The reasons of these features, in their order.
    pub(super) fn of_features<'a>(&self, features: impl Iterator<Item = &'a str>) -> Result<Vec<&Reason>> {
        let mut found = Vec::new();
        let mut unknown = Vec::new();
        for feature in features {
            match self.features.get(feature) {
                Some(reason) => found.push(reason),
                None => unknown.push(feature),
            }
        }
        if unknown.is_empty() {
            return Ok(found);
        }
        let problem = format!("no reason for {}; add a code and a sentence for each", unknown.join(", "));
        Err(Error::settings(format!("{FILE}: features"), problem))
    }

    /// All that the causes may say.
    pub(super) fn of_causes(&self) -> impl Iterator<Item = &Reason> {
        self.causes.values().flat_map(|cause| &cause.told_by).flat_map(Teller::reasons)
    }

    /// The reason of a rule.
    pub(super) fn of_rule(&self, rule: RuleReason) -> Reason {
        Reason { code: rule.as_str().to_owned(), sentence: self.rules[&rule].clone() }
    }

    /// The reason of a segment; null is `unknown`. A segment that has no name here is called as it is.
    pub(super) fn of_segment(&self, segment: Option<&str>) -> Reason {
        let segment = segment.unwrap_or("unknown");
        let name = self.segments.get(segment).cloned().unwrap_or_else(|| Sentence::same(segment));
        Reason { code: segment_code(segment), sentence: self.segment.fill(SEGMENT, &name) }
    }
}

/// `segment_<segment>`, lower case, other signs than letters and digits as `_`.
pub(super) fn segment_code(segment: &str) -> String {
    let sign = |sign: char| if sign.is_ascii_alphanumeric() { sign } else { '_' };
    format!("segment_{}", segment.to_lowercase().chars().map(sign).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::FeatureTiers;

    const COMMITTED: &str = include_str!("../../../configs/reason_codes.yaml");
    const TIERS: &str = include_str!("../../../configs/feature_tiers.yaml");

    #[test]
    fn every_feature_of_every_experiment_has_a_reason() {
        let dictionary = ReasonDictionary::parse(COMMITTED).unwrap();
        let tiers = FeatureTiers::parse(TIERS).unwrap();
        for experiment in tiers.experiments() {
            dictionary.check(&tiers.features(experiment).unwrap()).unwrap();
        }
        assert_eq!(dictionary.features.len(), tiers.features("E6_with_strings").unwrap().len());
    }

    #[test]
    fn every_feature_tells_one_cause_and_has_words_of_its_kind() {
        use crate::features::FeatureKind::{Category, Flag, Numeric};
        let dictionary = ReasonDictionary::parse(COMMITTED).unwrap();
        let features = FeatureTiers::parse(TIERS).unwrap().features("E6_with_strings").unwrap();
        for feature in &features {
            let causes = dictionary.causes.values().filter(|cause| cause.features.contains(&feature.name));
            assert_eq!(causes.count(), 1, "{}", feature.name);
        }
        for teller in dictionary.causes.values().flat_map(|cause| &cause.told_by) {
            let kind = features.iter().find(|feature| feature.name == teller.feature).unwrap().kind;
            let fits = match kind {
                Numeric => teller.below.is_some() && teller.above.is_some() && teller.yes.is_none(),
                Flag => teller.yes.is_some() && teller.no.is_some() && teller.missing.is_none(),
                Category => !teller.words.is_empty() && teller.below.is_none(),
            };
            assert!(fits, "{}", teller.feature);
        }
    }

    #[test]
    fn a_feature_without_a_reason_is_an_error_that_names_it() {
        let dictionary = ReasonDictionary::parse(COMMITTED).unwrap();
        let feature = Feature { name: "shoe_size".to_owned(), kind: crate::features::FeatureKind::Numeric };
        assert!(dictionary.check(&[feature]).unwrap_err().to_string().contains("no reason for shoe_size"));
    }

    #[test]
    fn the_segment_is_part_of_its_code() {
        let dictionary = ReasonDictionary::parse(COMMITTED).unwrap();
        let codes = [Some("SME"), Some("Big Corporate;"), None].map(|segment| dictionary.of_segment(segment).code);
        assert_eq!(codes, ["segment_sme", "segment_big_corporate_", "segment_unknown"]);
        let sentence = dictionary.of_segment(Some("SME")).sentence;
        assert_eq!(sentence.texts(), ["Customer segment: SME", "Tipo de cliente: pyme"]);
    }
}
