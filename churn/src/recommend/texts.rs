//! The sentences for the readers of the lake, who do not have the worker's configuration.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::DataFrame;
use serde::{Deserialize, Serialize};

use super::{Action, Reason, ReasonDictionary, RuleReason, Sentence};
use crate::columns::texts;
use crate::error::Result;

/// What the codes of the recommendations and the features of the contributions say, in every language.
///
/// A document beside the tables and not a column of theirs: a sentence is said once, and another language
/// changes no table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonTexts {
    /// Code → sentence, for every code that `reason_codes` of the same recommendations may hold.
    pub reasons: BTreeMap<String, Sentence>,
    /// Action → what to do about the customer.
    pub advice: BTreeMap<Action, Sentence>,
    /// Feature → its code in `reasons`.
    pub features: BTreeMap<String, String>,
    /// Code of a cause with its direction → the feature whose value it tells. Documents of before have none.
    #[serde(default)]
    pub told_by: BTreeMap<String, String>,
}

impl ReasonDictionary {
    /// The dictionary with the segments that it knows and those of `scores`.
    pub fn texts(&self, scores: &DataFrame) -> Result<ReasonTexts> {
        let mut segments: BTreeSet<&str> = texts(scores, "segment")?.into_iter().flatten().collect();
        segments.extend(self.segments.keys().map(String::as_str));
        let of_features = self.features.values().chain(self.of_causes()).cloned();
        let of_rules = RuleReason::ALL.into_iter().map(|rule| self.of_rule(rule));
        let of_segments = segments.into_iter().map(|segment| self.of_segment(Some(segment)));
        let tellers = self.causes.values().flat_map(|cause| &cause.told_by);
        let told_by = tellers
            .flat_map(|teller| teller.reasons().map(move |reason| (reason.code.clone(), teller.feature.clone())))
            .collect();
        let reasons = of_features.chain(of_rules).chain(of_segments);
        Ok(ReasonTexts {
            reasons: reasons.map(|Reason { code, sentence }| (code, sentence)).collect(),
            advice: self.advice.clone(),
            features: self.features.iter().map(|(feature, reason)| (feature.clone(), reason.code.clone())).collect(),
            told_by,
        })
    }
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;

    const COMMITTED: &str = include_str!("../../../configs/reason_codes.yaml");

    fn documented(segments: &[Option<&str>]) -> ReasonTexts {
        let dictionary = ReasonDictionary::parse(COMMITTED).unwrap();
        dictionary.texts(&df!("segment" => segments).unwrap()).unwrap()
    }

    #[test]
    fn every_code_and_action_has_both_languages() {
        let texts = documented(&[None, Some("Public Body")]);
        let es = |code: &str| texts.reasons[code].es.as_str();
        assert_eq!(es("segment_residential"), "Tipo de cliente: hogar");
        assert_eq!(es("segment_unknown"), "Tipo de cliente: desconocido");
        assert_eq!(es("segment_public_body"), "Tipo de cliente: Public Body");
        assert_eq!(es(&texts.features["tenure_months"]), "Los meses que el cliente lleva con nosotros");
        assert_eq!(es("short_tenure"), "El cliente lleva con nosotros menos tiempo que la mayoría");
        assert_eq!(texts.told_by["short_tenure"], "tenure_months");
        assert!(texts.told_by.keys().all(|code| texts.reasons.contains_key(code)));
        assert!(RuleReason::ALL.iter().all(|rule| texts.reasons.contains_key(rule.as_str())));
        assert_eq!(texts.advice.keys().copied().collect::<Vec<_>>(), Action::ALL);
    }

    #[test]
    fn the_document_says_actions_as_the_table_does_and_survives_json() {
        let texts = documented(&[]);
        let json = serde_json::to_value(&texts).unwrap();
        for action in Action::ALL {
            assert!(json["advice"][action.as_str()]["es"].is_string(), "{}", action.as_str());
        }
        assert_eq!(json["reasons"]["high_churn_risk"]["en"], "The risk of losing the customer is high (60 to 80 %)");
        assert_eq!(serde_json::from_value::<ReasonTexts>(json).unwrap(), texts);
    }
}
