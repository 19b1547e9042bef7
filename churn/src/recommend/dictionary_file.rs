//! Reads `configs/reason_codes.yaml`. What was forgotten in it is named by its code, all at once.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::causes::{Cause, Teller};
use super::reasons::{FILE, SEGMENT, segment_code};
use super::{Action, Reason, ReasonDictionary, RuleReason, Sentence};
use crate::error::{Error, Result};

/// The segments of silver, and the word for none: their names need a translation.
pub(super) const SEGMENTS: [&str; 4] = ["Residential", "SME", "Corporate", "unknown"];

/// The file as it was written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    features: BTreeMap<String, FeatureEntry>,
    #[serde(default)]
    least_contribution: f64,
    #[serde(default)]
    causes: BTreeMap<String, CauseEntry>,
    rules: BTreeMap<RuleReason, Draft>,
    segment: Draft,
    segments: BTreeMap<String, Draft>,
    advice: BTreeMap<Action, Draft>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FeatureEntry {
    code: String,
    en: Option<String>,
    es: Option<String>,
}

/// A cause as it was written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CauseEntry {
    features: Vec<String>,
    told_by: Vec<TellerEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TellerEntry {
    feature: String,
    below: Option<FeatureEntry>,
    above: Option<FeatureEntry>,
    if_yes: Option<FeatureEntry>,
    if_no: Option<FeatureEntry>,
    missing: Option<FeatureEntry>,
    #[serde(default)]
    words: BTreeMap<String, FeatureEntry>,
}

/// A sentence that may lack a language.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    en: Option<String>,
    es: Option<String>,
}

impl ReasonDictionary {
    /// Parses the YAML text.
    ///
    /// A code (of a feature, a rule, a segment or an action) that has no sentence in one of the languages, a
    /// code that is malformed or used twice, a feature in two causes or without a reason of its own, or a sentence
    /// that is empty or would break the joined column, is an error.
    pub fn parse(yaml: &str) -> Result<Self> {
        let file: File = serde_norway::from_str(yaml).map_err(|e| Error::settings(FILE, e.to_string()))?;
        let mut missing = Vec::new();
        let dictionary = file.complete(&mut missing);
        if !missing.is_empty() {
            return Err(Error::settings(FILE, format!("no sentence for {}; add each", missing.join(", "))));
        }
        dictionary.require_codes()?;
        dictionary.require_causes()?;
        dictionary.require_lines()?;
        if !dictionary.segment.texts().iter().all(|text| text.contains(SEGMENT)) {
            return Err(Error::settings(format!("{FILE}: segment"), format!("the sentences must contain {SEGMENT}")));
        }
        Ok(dictionary)
    }

    fn require_codes(&self) -> Result<()> {
        let mut codes: BTreeSet<&str> = RuleReason::ALL.map(RuleReason::as_str).into();
        for (feature, reason) in &self.features {
            let problem = if !is_code(&reason.code) || reason.code.starts_with("segment_") {
                "a code has only a-z, 0-9 and _, and does not start with segment_".to_owned()
            } else if !codes.insert(&reason.code) {
                format!("code {} is taken", reason.code)
            } else {
                continue;
            };
            return Err(Error::settings(format!("{FILE}: features.{feature}"), problem));
        }
        for code in self.of_causes().map(|reason| reason.code.as_str()) {
            if !is_code(code) || code.starts_with("segment_") || !codes.insert(code) {
                let problem = format!("code {code} is malformed or taken");
                return Err(Error::settings(format!("{FILE}: causes"), problem));
            }
        }
        Ok(())
    }

    fn require_causes(&self) -> Result<()> {
        let mut told = BTreeSet::new();
        for (name, cause) in &self.causes {
            let unknown = cause.features.iter().find(|feature| !self.features.contains_key(*feature));
            let foreign = cause.told_by.iter().find(|teller| !cause.features.contains(&teller.feature));
            let problem = if let Some(feature) = unknown {
                format!("{feature} has no reason of its own below features")
            } else if let Some(teller) = foreign {
                format!("{} tells it, and is not among its features", teller.feature)
            } else if let Some(feature) = cause.features.iter().find(|feature| !told.insert(feature.as_str())) {
                format!("{feature} is in a cause already")
            } else {
                continue;
            };
            return Err(Error::settings(format!("{FILE}: causes.{name}"), problem));
        }
        if !(self.least_contribution >= 0.0 && self.least_contribution.is_finite()) {
            return Err(Error::settings(format!("{FILE}: least_contribution"), "it must be 0 or more, in log-odds"));
        }
        Ok(())
    }

    fn require_lines(&self) -> Result<()> {
        let of_features = self.features.values().chain(self.of_causes()).map(|reason| &reason.sentence);
        let others = self.rules.values().chain(self.segments.values()).chain(self.advice.values());
        for text in of_features.chain(others).chain([&self.segment]).flat_map(Sentence::texts) {
            if text.trim().is_empty() || text.contains(['|', '\n']) {
                return Err(Error::settings(FILE, "a sentence is one line of text without the sign |"));
            }
        }
        Ok(())
    }
}

impl File {
    /// The dictionary; what it lacks is added to `missing`. A code without an entry lacks every language.
    fn complete(mut self, missing: &mut Vec<String>) -> ReasonDictionary {
        for segment in SEGMENTS {
            self.segments.entry(segment.to_owned()).or_default();
        }
        let mut feature = |(name, entry): (String, FeatureEntry)| (name, entry.complete(missing));
        let features = self.features.into_iter().map(&mut feature).collect();
        let mut cause = |(name, entry): (String, CauseEntry)| (name, entry.complete(missing));
        let causes = self.causes.into_iter().map(&mut cause).collect();
        let mut rule = |rule| (rule, self.rules.remove(&rule).unwrap_or_default().complete(rule.as_str(), missing));
        let rules = RuleReason::ALL.into_iter().map(&mut rule).collect();
        let mut segment = |(name, draft): (String, Draft)| {
            let sentence = draft.complete(&segment_code(&name), missing);
            (name, sentence)
        };
        let segments = self.segments.into_iter().map(&mut segment).collect();
        let mut advice =
            |action| (action, self.advice.remove(&action).unwrap_or_default().complete(action.as_str(), missing));
        let advice = Action::ALL.into_iter().map(&mut advice).collect();
        let segment = self.segment.complete("segment", missing);
        let least_contribution = self.least_contribution;
        ReasonDictionary { features, least_contribution, causes, rules, segment, segments, advice }
    }
}

impl FeatureEntry {
    fn complete(self, missing: &mut Vec<String>) -> Reason {
        let sentence = Draft { en: self.en, es: self.es }.complete(&self.code, missing);
        Reason { code: self.code, sentence }
    }
}

impl CauseEntry {
    fn complete(self, missing: &mut Vec<String>) -> Cause {
        let told_by = self.told_by.into_iter().map(|teller| teller.complete(missing)).collect();
        Cause { features: self.features, told_by }
    }
}

impl TellerEntry {
    fn complete(self, missing: &mut Vec<String>) -> Teller {
        let mut said = |entry: Option<FeatureEntry>| entry.map(|entry| entry.complete(missing));
        let (below, above) = (said(self.below), said(self.above));
        let (yes, no, unknown) = (said(self.if_yes), said(self.if_no), said(self.missing));
        let words = self.words.into_iter().map(|(word, entry)| (word, entry.complete(missing))).collect();
        Teller { feature: self.feature, below, above, yes, no, missing: unknown, words }
    }
}

impl Draft {
    fn complete(self, code: &str, missing: &mut Vec<String>) -> Sentence {
        let mut written = |language: &str, text: Option<String>| {
            text.unwrap_or_else(|| {
                missing.push(format!("{code} ({language})"));
                String::new()
            })
        };
        Sentence { en: written("en", self.en), es: written("es", self.es) }
    }
}

fn is_code(code: &str) -> bool {
    !code.is_empty() && code.chars().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMITTED: &str = include_str!("../../../configs/reason_codes.yaml");

    /// What is wrong with the committed file once the text from `start` on, up to and with `end`, is left out.
    fn without(start: &str, end: &str) -> String {
        let (before, rest) = COMMITTED.split_once(start).unwrap();
        let (_, after) = rest.split_once(end).unwrap();
        ReasonDictionary::parse(&format!("{before}{after}")).unwrap_err().to_string()
    }

    #[test]
    fn a_code_without_a_sentence_in_one_language_is_an_error_that_names_both() {
        let spanish_of = |entry: &str| {
            let (_, rest) = COMMITTED.split_once(entry).unwrap();
            let line = rest.lines().find(|line| line.starts_with("    es: ")).unwrap();
            without(&format!("{line}\n"), "")
        };
        for (entry, code) in [
            ("  tenure_months:", "tenure_length (es)"),
            ("  high_churn_risk:", "high_churn_risk (es)"),
            ("  low_risk_monitoring:", "low_risk_monitoring (es)"),
            ("  negative_margin_no_offer:", "negative_margin_no_offer (es)"),
            ("  offer_small:", "offer_small (es)"),
        ] {
            let problem = spanish_of(entry);
            assert!(problem.ends_with(&format!("{FILE}: no sentence for {code}; add each")), "{problem}");
        }
        let segment = without(", es: \"pyme\"", "");
        assert!(segment.contains("no sentence for segment_sme (es);"), "{segment}");
    }

    #[test]
    fn all_that_is_forgotten_is_named_at_once() {
        let spaniards_only = COMMITTED.replace("    en: \"The average", "    #").replace("  unknown: {", "  other: {");
        let problem = ReasonDictionary::parse(&spaniards_only).unwrap_err().to_string();
        for code in
            ["electricity_use_monthly (en)", "gas_use_monthly (en)", "segment_unknown (en), segment_unknown (es)"]
        {
            assert!(problem.contains(code), "{problem}");
        }
        let no_rule = without(
            "  control_group:",
            "control group\"\n    es: \"Sin oferta, porque el cliente está en el grupo de control\"\n",
        );
        assert!(no_rule.contains("no sentence for control_group (en), control_group (es);"), "{no_rule}");
    }

    #[test]
    fn a_repeated_code_an_unknown_rule_and_a_sentence_that_would_break_the_column_are_errors() {
        for (from, to) in [
            ("code: renewal_period", "code: renewal_distance"),
            ("code: renewal_period", "code: segment_period"),
            ("code: short_tenure", "code: long_tenure"),
            ("code: short_tenure", "code: tenure_length"),
            ("- feature: tenure_months", "- feature: shoe_size"),
            ("features: [tenure_months,", "features: [segment, tenure_months,"),
            ("features: [tenure_months,", "features: [shoe_size, tenure_months,"),
            ("least_contribution: 0.10", "least_contribution: -0.10"),
            ("  control_group:", "  high_churn_risks:"),
            ("Customer segment: {segment}", "Customer segment: {segment} | a"),
            ("Tipo de cliente: {segment}", "Tipo de cliente"),
            ("\"gran empresa\"", "\"\""),
        ] {
            let yaml = COMMITTED.replace(from, to);
            assert_ne!(yaml, COMMITTED);
            assert!(ReasonDictionary::parse(&yaml).is_err(), "{to}");
        }
    }

    #[test]
    fn no_spanish_sentence_is_the_english_one() {
        let dictionary = ReasonDictionary::parse(COMMITTED).unwrap();
        let of_features = dictionary.features.values().chain(dictionary.of_causes()).map(|reason| &reason.sentence);
        let others = dictionary.rules.values().chain(dictionary.segments.values()).chain(dictionary.advice.values());
        for sentence in of_features.chain(others).chain([&dictionary.segment]) {
            assert_ne!(sentence.en, sentence.es);
        }
    }
}
