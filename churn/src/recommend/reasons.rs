//! The reason dictionary: a stable code and a sentence for people, for every feature and rule.
//! `configs/reason_codes.yaml`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::features::Feature;

const FILE: &str = "reason_codes.yaml";
/// Where the segment goes in the sentence of `segment`.
const SEGMENT: &str = "{segment}";

/// Why a customer is recommended what he is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Stable, lower case, for programs.
    pub code: String,
    /// For people; says which fact counts, not which value it has.
    pub sentence: String,
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
}

impl RuleReason {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::CriticalChurnRisk,
        Self::HighChurnRisk,
        Self::ModerateChurnRisk,
        Self::LowRiskMonitoring,
        Self::NegativeMarginNoOffer,
        Self::UnknownMarginNoOffer,
        Self::ControlGroup,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::CriticalChurnRisk => "critical_churn_risk",
            Self::HighChurnRisk => "high_churn_risk",
            Self::ModerateChurnRisk => "moderate_churn_risk",
            Self::LowRiskMonitoring => "low_risk_monitoring",
            Self::NegativeMarginNoOffer => "negative_margin_no_offer",
            Self::UnknownMarginNoOffer => "unknown_margin_no_offer",
            Self::ControlGroup => "control_group",
        }
    }
}

/// The parsed `reason_codes.yaml`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonDictionary {
    features: BTreeMap<String, Reason>,
    rules: BTreeMap<RuleReason, String>,
    segment: String,
}

impl ReasonDictionary {
    /// Parses the YAML text.
    ///
    /// A missing rule, a code that is malformed or used twice, or a sentence that is empty or would
    /// break the joined column, is an error.
    pub fn parse(yaml: &str) -> Result<Self> {
        let dictionary: Self = serde_norway::from_str(yaml).map_err(|e| Error::settings(FILE, e.to_string()))?;
        let mut codes: BTreeSet<&str> = RuleReason::ALL.map(RuleReason::code).into();
        for (feature, reason) in &dictionary.features {
            if !is_code(&reason.code) || reason.code.starts_with("segment_") {
                let problem = "a code has only a-z, 0-9 and _, and does not start with segment_";
                return Err(Error::settings(format!("{FILE}: features.{feature}"), problem));
            }
            if !codes.insert(&reason.code) {
                return Err(Error::settings(
                    format!("{FILE}: features.{feature}"),
                    format!("code {} is taken", reason.code),
                ));
            }
        }
        for rule in RuleReason::ALL {
            if !dictionary.rules.contains_key(&rule) {
                return Err(Error::settings(format!("{FILE}: rules"), format!("{} has no sentence", rule.code())));
            }
        }
        let of_features = dictionary.features.values().map(|reason| &reason.sentence);
        for sentence in of_features.chain(dictionary.rules.values()).chain([&dictionary.segment]) {
            if sentence.trim().is_empty() || sentence.contains(['|', '\n']) {
                return Err(Error::settings(FILE, "a sentence is one line of text without the sign |"));
            }
        }
        if !dictionary.segment.contains(SEGMENT) {
            return Err(Error::settings(format!("{FILE}: segment"), format!("the sentence must contain {SEGMENT}")));
        }
        Ok(dictionary)
    }

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

    /// The reason of a rule.
    pub(super) fn of_rule(&self, rule: RuleReason) -> Reason {
        Reason { code: rule.code().to_owned(), sentence: self.rules[&rule].clone() }
    }

    /// `segment_<segment>`, lower case, other signs than letters and digits as `_`; null is `unknown`.
    pub(super) fn of_segment(&self, segment: Option<&str>) -> Reason {
        let segment = segment.unwrap_or("unknown");
        let code: String =
            segment.to_lowercase().chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '_' }).collect();
        Reason { code: format!("segment_{code}"), sentence: self.segment.replace(SEGMENT, segment) }
    }
}

fn is_code(code: &str) -> bool {
    !code.is_empty() && code.chars().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_')
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
    fn a_feature_without_a_reason_is_an_error_that_names_it() {
        let dictionary = ReasonDictionary::parse(COMMITTED).unwrap();
        let feature = Feature { name: "shoe_size".to_owned(), kind: crate::features::FeatureKind::Numeric };
        assert!(dictionary.check(&[feature]).unwrap_err().to_string().contains("no reason for shoe_size"));
    }

    #[test]
    fn a_repeated_code_a_missing_rule_and_a_sentence_with_the_separator_are_errors() {
        let twice = COMMITTED.replace("code: renewal_period", "code: renewal_distance");
        let unruly = COMMITTED.replace("  control_group:", "  high_churn_risks:");
        let separator = COMMITTED.replace("{segment}", "{segment} | a");
        for yaml in [twice, unruly, separator] {
            assert_ne!(yaml, COMMITTED);
            assert!(ReasonDictionary::parse(&yaml).is_err());
        }
    }

    #[test]
    fn the_segment_is_part_of_its_code() {
        let dictionary = ReasonDictionary::parse(COMMITTED).unwrap();
        let codes = [Some("SME"), Some("Big Corporate;"), None].map(|segment| dictionary.of_segment(segment).code);
        assert_eq!(codes, ["segment_sme", "segment_big_corporate_", "segment_unknown"]);
    }
}
