//! Why a customer is at risk: three different causes, each with its direction.
//!
//! Many features tell the same fact: that a renewal is near is in seven of them. One by one they would fill all reasons
//! with one cause, and another seed of the learner would share it out among them in another way. So the contributions of
//! a cause's features are added before the strongest causes are named, which the seed hardly changes. What is said of a
//! cause is true of the customer's data, whatever the model makes of it: "with us for less time than most".

use std::collections::BTreeMap;

use super::{Reason, ReasonDictionary};
use crate::error::{Error, Result};
use crate::model::{Contributions, Standing, Standings};

/// The most causes that are named.
const MOST: usize = 3;

/// A fact that several features tell.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cause {
    /// All features that tell it.
    pub features: Vec<String>,
    /// Those that have words for it: the first whose value has a sentence speaks.
    pub told_by: Vec<Teller>,
}

/// What the values of a feature say, where they say something.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Teller {
    pub feature: String,
    /// Most have more.
    pub below: Option<Reason>,
    /// Most have less.
    pub above: Option<Reason>,
    /// A flag that is set.
    pub yes: Option<Reason>,
    /// A flag that is not set.
    pub no: Option<Reason>,
    /// No value.
    pub missing: Option<Reason>,
    /// By category.
    pub words: BTreeMap<String, Reason>,
}

impl Teller {
    /// All that it may say.
    pub fn reasons(&self) -> impl Iterator<Item = &Reason> {
        let sides = [&self.below, &self.above, &self.yes, &self.no, &self.missing];
        sides.into_iter().flatten().chain(self.words.values())
    }

    fn says(&self, standing: Standing<'_>) -> Option<&Reason> {
        match standing {
            Standing::Below => self.below.as_ref(),
            Standing::Above => self.above.as_ref(),
            Standing::Yes => self.yes.as_ref(),
            Standing::No => self.no.as_ref(),
            Standing::Missing => self.missing.as_ref(),
            Standing::Word(word) => self.words.get(word),
            Standing::Middle | Standing::Unknown => None,
        }
    }
}

/// The causes that the features of a model tell, in the order of their first features.
pub(super) struct Causes<'a> {
    /// A cause raises the risk from this contribution on, in log-odds.
    least: f64,
    causes: Vec<CauseOfModel<'a>>,
}

/// A cause as a model knows it.
struct CauseOfModel<'a> {
    /// Its features, counted in the model's order.
    features: Vec<usize>,
    /// Who has words for it.
    told_by: Vec<(usize, &'a Teller)>,
    /// What is said where nobody has: which fact counts, without a direction.
    neutral: &'a Reason,
}

impl<'a> Causes<'a> {
    /// Of the features of a model. One that belongs to no cause is a cause of its own.
    pub fn of(dictionary: &'a ReasonDictionary, features: &[String]) -> Result<Self> {
        let reasons = dictionary.of_features(features.iter().map(String::as_str))?;
        let place = |name: &str| features.iter().position(|feature| feature == name);
        let mut causes = Vec::new();
        for (feature, name) in features.iter().enumerate() {
            let Some(cause) = dictionary.causes.values().find(|cause| cause.features.contains(name)) else {
                causes.push(CauseOfModel { features: vec![feature], told_by: Vec::new(), neutral: reasons[feature] });
                continue;
            };
            let members: Vec<usize> = cause.features.iter().filter_map(|member| place(member)).collect();
            if members.iter().any(|&member| member < feature) {
                continue;
            }
            let told_by = cause.told_by.iter().filter_map(|teller| Some((place(&teller.feature)?, teller)));
            let told_by: Vec<_> = told_by.collect();
            let neutral = reasons[told_by.first().map_or(feature, |(teller, _)| *teller)];
            causes.push(CauseOfModel { features: members, told_by, neutral });
        }
        Ok(Self { least: dictionary.least_contribution, causes })
    }

    /// The causes that raise the risk of a customer most, at most three, the strongest first.
    pub fn raising(&self, contributions: &Contributions, row: usize) -> Result<Vec<Reason>> {
        let of_features = contributions.row(row);
        if of_features.iter().any(|value| value.is_nan()) {
            return Err(Error::model("recommend", "a contribution is not a number; explain the customers again"));
        }
        let sum = |cause: &CauseOfModel<'_>| -> f64 {
            cause.features.iter().map(|&feature| f64::from(of_features[feature])).sum()
        };
        let mut raising: Vec<_> = self.causes.iter().map(|cause| (sum(cause), cause)).collect();
        raising.retain(|(sum, _)| *sum > 0.0 && *sum >= self.least);
        // A stable sort: ties keep the model's order.
        raising.sort_by(|a, b| b.0.total_cmp(&a.0));
        let strongest = raising.into_iter().take(MOST);
        Ok(strongest.map(|(_, cause)| cause.says(&contributions.standings, row).clone()).collect())
    }
}

impl<'a> CauseOfModel<'a> {
    fn says(&self, standings: &Standings, row: usize) -> &'a Reason {
        let said = self.told_by.iter().find_map(|(feature, teller)| teller.says(standings.of(*feature, row)));
        said.unwrap_or(self.neutral)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMITTED: &str = include_str!("../../../configs/reason_codes.yaml");

    /// What is said of one customer, of whom nobody knows how the values stand.
    fn said(row: &[(&str, f32)]) -> Vec<String> {
        let dictionary = ReasonDictionary::parse(COMMITTED).unwrap();
        let contributions = Contributions {
            features: row.iter().map(|(feature, _)| (*feature).to_owned()).collect(),
            values: row.iter().map(|(_, value)| *value).collect(),
            bases: vec![0.0],
            standings: Standings::default(),
        };
        let causes = Causes::of(&dictionary, &contributions.features).unwrap();
        causes.raising(&contributions, 0).unwrap().into_iter().map(|reason| reason.code).collect()
    }

    #[test]
    fn what_does_not_raise_the_risk_by_enough_is_no_reason() {
        assert_eq!(said(&[("tenure_months", 0.0), ("is_dual_fuel", -0.9), ("customer_intent", 0.09)]), [""; 0]);
        assert_eq!(said(&[("customer_intent", 0.11)]), ["contact_topic"]);
    }

    #[test]
    fn features_of_one_cause_are_one_reason_with_their_sum() {
        // Four features of the renewal, each stronger than what else there is: named one by one they would be all.
        let row = [
            ("tenure_months", 0.3),
            ("months_to_renewal", 0.4),
            ("renewal_bucket", 0.4),
            ("is_within_3m_of_renewal", 0.4),
            ("is_expired_contract", 0.4),
            ("customer_intent", 0.2),
            ("std_margin", 0.12),
        ];
        assert_eq!(said(&row), ["renewal_period", "tenure_length", "contact_topic"]);
        // What one feature of a cause adds another takes away.
        let row = [("months_to_renewal", 0.4), ("renewal_bucket", -0.5), ("tenure_months", 0.2)];
        assert_eq!(said(&row), ["tenure_length"]);
    }

    #[test]
    fn the_strongest_three_are_named_and_ties_keep_the_models_order() {
        let row = [("tenure_months", 0.2), ("sales_channel", 0.2), ("customer_intent", 0.2), ("std_margin", 0.2)];
        assert_eq!(said(&row), ["tenure_length", "sales_channel", "contact_topic"]);
    }

    #[test]
    fn what_is_said_follows_from_the_customers_value() {
        let dictionary = ReasonDictionary::parse(COMMITTED).unwrap();
        let says = |cause: &str, teller: usize, standing| {
            let said = dictionary.causes[cause].told_by[teller].says(standing);
            said.map(|reason| reason.sentence.en.clone()).unwrap_or_default()
        };
        assert!(says("tenure", 0, Standing::Below).contains("less time than most"));
        assert!(says("tenure", 0, Standing::Above).contains("longer than most"));
        assert_eq!(says("tenure", 0, Standing::Middle), "");
        assert!(says("contact", 0, Standing::Word("Cancellation / Switch")).contains("leav"));
        assert!(says("contact", 0, Standing::Missing).contains("No contact"));
        assert_ne!(says("fuels", 0, Standing::Yes), says("fuels", 0, Standing::No));
    }
}
