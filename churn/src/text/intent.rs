//! The intent of a contact: the first class, in the order of `configs/intents.yaml`, that has one
//! of its terms in the text.
//!
//! A term is a whole word or phrase in any case. Letters, digits and `_` of every script are word
//! characters, and so are combining accents: `bill` is neither in `billé` nor in `billing`.

use std::collections::BTreeSet;

use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use crate::error::{Error, Result};

const FILE: &str = "intents.yaml";

/// The classes of intent, compiled once; see the module for what a match is.
#[derive(Debug, Clone)]
pub struct IntentVocabulary {
    classes: Vec<IntentClass>,
    otherwise: String,
}

#[derive(Debug, Clone)]
struct IntentClass {
    name: String,
    pattern: Regex,
}

impl IntentVocabulary {
    /// Parses the text of `intents.yaml`.
    ///
    /// Refused: a file without classes, a class without terms, a class or term that is there twice
    /// (the second could never win), and a term whose ends are not word characters or whose words
    /// are not one blank apart (it could never match as written).
    pub fn parse(yaml: &str) -> Result<Self> {
        let file: VocabularyFile = serde_norway::from_str(yaml).map_err(|e| Error::settings(FILE, e.to_string()))?;
        file.check()?;
        let classes = file.classes.into_iter().map(IntentClass::compile).collect::<Result<_>>()?;
        Ok(Self { classes, otherwise: file.otherwise })
    }

    /// The name of the first class that has a term in `text`, or the name for none of them.
    pub fn classify(&self, text: &str) -> &str {
        let class = self.classes.iter().find(|class| class.pattern.is_match(text));
        class.map_or(&self.otherwise, |class| &class.name)
    }

    /// The names of the classes in their order, the one for none of them last.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.classes.iter().map(|class| class.name.as_str()).chain([self.otherwise.as_str()])
    }
}

impl IntentClass {
    fn compile(class: ClassEntry) -> Result<Self> {
        let terms = class.terms.iter().map(|term| whole_words(term));
        let pairs = class.on_one_line.iter();
        // The dot of a regular expression stops at a line feed: that is "on the same line".
        let pairs = pairs.map(|pair| format!("{}.*{}", whole_words(&pair.term), whole_words(&pair.followed_by)));
        let pattern = terms.chain(pairs).collect::<Vec<_>>().join("|");
        let pattern = RegexBuilder::new(&pattern)
            .case_insensitive(true)
            .build()
            .map_err(|e| Error::settings(FILE, format!("class {} does not compile: {e}", class.name)))?;
        Ok(Self { name: class.name, pattern })
    }
}

fn whole_words(term: &str) -> String {
    format!(r"\b{}\b", regex::escape(term))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VocabularyFile {
    otherwise: String,
    classes: Vec<ClassEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassEntry {
    name: String,
    #[serde(default)]
    terms: Vec<String>,
    #[serde(default)]
    on_one_line: Vec<PairEntry>,
}

/// `term`, and anywhere later on the same line `followed_by`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PairEntry {
    term: String,
    followed_by: String,
}

impl VocabularyFile {
    fn check(&self) -> Result<()> {
        if self.classes.is_empty() {
            return Err(Error::settings(FILE, "`classes` is empty; list at least one class"));
        }
        let mut names = BTreeSet::from([self.otherwise.as_str()]);
        let mut terms = BTreeSet::new();
        for class in &self.classes {
            if !names.insert(&class.name) {
                return Err(Error::settings(FILE, format!("the name {} is there twice", class.name)));
            }
            class.check(&mut terms)?;
        }
        if names.iter().any(|name| name.trim().is_empty()) {
            return Err(Error::settings(FILE, "a class has an empty name"));
        }
        Ok(())
    }
}

impl ClassEntry {
    fn check(&self, seen: &mut BTreeSet<String>) -> Result<()> {
        if self.terms.is_empty() && self.on_one_line.is_empty() {
            return Err(Error::settings(FILE, format!("class {} has no terms", self.name)));
        }
        let pairs = self.on_one_line.iter().flat_map(|pair| [&pair.term, &pair.followed_by]);
        if let Some(term) = self.terms.iter().chain(pairs).find(|term| !is_term(term)) {
            let problem = "must begin and end with a letter or digit, with single blanks between its words";
            return Err(Error::settings(FILE, format!("class {}: the term `{term}` {problem}", self.name)));
        }
        if let Some(term) = self.terms.iter().find(|term| !seen.insert(term.to_lowercase())) {
            return Err(Error::settings(FILE, format!("class {}: the term `{term}` is there twice", self.name)));
        }
        Ok(())
    }
}

/// A boundary needs a word character beside it; a line break or a second blank is never what was meant.
fn is_term(term: &str) -> bool {
    let ends_are_words = term.starts_with(char::is_alphanumeric) && term.ends_with(char::is_alphanumeric);
    let other_blanks = term.chars().any(|c| c.is_whitespace() && c != ' ');
    ends_are_words && !other_blanks && !term.contains("  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> IntentVocabulary {
        IntentVocabulary::parse(include_str!("../../../configs/intents.yaml")).unwrap()
    }

    fn problem(yaml: &str) -> String {
        IntentVocabulary::parse(yaml).unwrap_err().to_string()
    }

    #[test]
    fn the_nine_classes_keep_their_names_and_their_order() {
        let expected = [
            "Cancellation / Switch",
            "Complaint / Escalation",
            "Billing / Payment",
            "Contract Renewal",
            "Pricing Offers",
            "Plan / Product Inquiry",
            "Account / Service Inquiry",
            "General / Operational Contact",
            "Other / Unclassified",
        ];
        assert_eq!(shipped().names().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn every_class_is_found_by_each_of_its_terms() {
        let terms = [
            "cancel;canceled;cancelled;cancellation;terminate;switch;switching;leave;account close;account closure;\
             closing account",
            "complain;complaint;complaining;frustrated;frustration;escalated;escalation;not satisfied;unsatisfied;\
             upset;dissatisfied;dissatisfaction;unhappy;discontent",
            "bill;billing;charge;charges;charged;payment;overdue;past due",
            "renew;renewal;renewals;renewing;expire;expiry;expiration;renewed",
            "price;prices;priced;rate;rates;pricing;increase;hike;discount;discounts;saving;savings;competitive;\
             competitiveness;competition;better deal;better rate;better offer;alternative;alternatives;looking around",
            "plan;plans;option;options",
            "account detail;account details;account question;account questions;account update;account updates;\
             account setup;account issue;account issues;setup detail;setup details;service;services;inquiry;inquired;\
             inquiries;info;clarified;account is fine, no issues;no issues found;all good",
            "general;follow up;followup;follow-up;routine;inbound call;no action required;resolved;normal process;\
             standard interaction;customer contacted",
        ];
        let vocabulary = shipped();
        for (class, terms) in vocabulary.names().zip(terms) {
            for term in terms.split(';') {
                assert_eq!(vocabulary.classify(&format!("They said: {term}.")), class, "{term}");
                assert_eq!(vocabulary.classify(&term.to_uppercase()), class, "{term} in capitals");
            }
        }
    }

    #[test]
    fn the_first_class_wins_wherever_its_term_stands() {
        let vocabulary = shipped();
        assert_eq!(vocabulary.classify("Renewal price too high, may leave"), "Cancellation / Switch");
        assert_eq!(vocabulary.classify("Price of the renewal"), "Contract Renewal");
        assert_eq!(vocabulary.classify("Reviewed options, all good"), "Plan / Product Inquiry");
        assert_eq!(vocabulary.classify("Routine call about the bill"), "Billing / Payment");
    }

    #[test]
    fn only_whole_words_count() {
        let vocabulary = shipped();
        for text in ["expiring", "it expires soon", "complaints", "switched", "planned", "corporate", "information"] {
            assert_eq!(vocabulary.classify(text), "Other / Unclassified", "{text}");
        }
        for text in ["(bill)", "bill.", "their bill", "pre-bill", "bill's", "\"Bill\"", "bill"] {
            assert_eq!(vocabulary.classify(text), "Billing / Payment", "{text}");
        }
        assert_eq!(vocabulary.classify("last_bill"), "Other / Unclassified");
    }

    #[test]
    fn letters_of_every_script_and_accents_are_part_of_the_word() {
        let vocabulary = shipped();
        // Composed, decomposed (e and a combining accent on the l), Greek, Cyrillic.
        for text in ["billé", "bill\u{301}", "αbill", "billя"] {
            assert_eq!(vocabulary.classify(text), "Other / Unclassified", "{text}");
        }
        for text in ["señor, bill", "«bill»", "¿bill?", "bill😡", "请看bill。"] {
            let expected = if text.starts_with('请') { "Other / Unclassified" } else { "Billing / Payment" };
            assert_eq!(vocabulary.classify(text), expected, "{text}");
        }
    }

    #[test]
    fn one_blank_is_exactly_one_blank() {
        let vocabulary = shipped();
        assert_eq!(vocabulary.classify("past due"), "Billing / Payment");
        for text in ["past  due", "past\tdue", "past\ndue", "past\u{a0}due", "pastdue", "past-due"] {
            assert_eq!(vocabulary.classify(text), "Other / Unclassified", "{text:?}");
        }
    }

    #[test]
    fn account_and_no_issues_must_share_a_line_in_this_order() {
        let vocabulary = shipped();
        assert_eq!(vocabulary.classify("Checked account, everything fine; NO ISSUES."), "Account / Service Inquiry");
        assert_eq!(vocabulary.classify("account no issues"), "Account / Service Inquiry");
        for text in ["no issues with the account", "account\nno issues", "accounts: no issues", "account: no issuesx"] {
            assert_eq!(vocabulary.classify(text), "Other / Unclassified", "{text:?}");
        }
    }

    #[test]
    fn text_without_a_term_is_unclassified() {
        let vocabulary = shipped();
        for text in ["", "   ", "hola, ¿qué tal?", "😀"] {
            assert_eq!(vocabulary.classify(text), "Other / Unclassified");
        }
    }

    #[test]
    fn a_term_is_text_and_not_a_pattern() {
        let vocabulary = IntentVocabulary::parse("{otherwise: none, classes: [{name: C, terms: [a.b]}]}").unwrap();
        assert_eq!(vocabulary.classify("a.b"), "C");
        assert_eq!(vocabulary.classify("axb"), "none");
    }

    #[test]
    fn a_vocabulary_that_cannot_work_is_refused_with_its_reason() {
        let of = |classes: &str| problem(&format!("{{otherwise: none, classes: {classes}}}"));
        assert!(of("[]").contains("`classes` is empty"));
        assert!(of("[{name: A}]").contains("class A has no terms"));
        assert!(of("[{name: A, terms: [a]}, {name: A, terms: [b]}]").contains("the name A is there twice"));
        assert!(of("[{name: A, terms: [a]}, {name: B, terms: [A]}]").contains("the term `A` is there twice"));
        assert!(of("[{name: none, terms: [a]}]").contains("the name none is there twice"));
        assert!(of("[{name: '', terms: [a]}]").contains("empty name"));
        for term in ["''", "' a'", "a!", "'a  b'", "\"a\\nb\""] {
            assert!(of(&format!("[{{name: A, terms: [{term}]}}]")).contains("must begin and end"), "{term}");
        }
        assert!(of("[{name: A, on_one_line: [{term: a, followed_by: '?'}]}]").contains("must begin and end"));
        assert!(of("[{name: A, words: [a]}]").contains("unknown field"));
    }
}
