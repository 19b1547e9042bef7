//! The features of `gold_master` by tier, and the experiments made of tiers.
//!
//! The lists live in `configs/feature_tiers.yaml`; this module parses them and refuses what does
//! not fit together.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How the matrix treats a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureKind {
    /// A measure; null stays missing where the algorithm can take it.
    Numeric,
    /// 0 or 1; null is 0.
    Flag,
    /// Text; one-hot over the categories seen in training.
    Category,
}

/// One column of `gold_master` that a model may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// The column's name.
    pub name: String,
    /// How the matrix treats it.
    pub kind: FeatureKind,
}

/// How the values of a feature depend on the date that they are looked at from, while nothing happens to a customer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calendar {
    /// Not at all.
    #[default]
    Still,
    /// They grow or shrink as time passes, for some customers more than for others: days since a contact that may
    /// come again, months to a renewal that starts anew.
    Moves,
    /// They grow by exactly the months that pass, for every customer alike.
    AgesInMonths,
    /// They depend on which months are in view.
    Seasonal,
}

impl Calendar {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Still, Self::Moves, Self::AgesInMonths, Self::Seasonal];

    /// The word in `feature_tiers.yaml`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Still => "still",
            Self::Moves => "moves",
            Self::AgesInMonths => "ages_in_months",
            Self::Seasonal => "seasonal",
        }
    }

    /// What the word means, and what drift makes of it.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Still => "does not depend on the date; drift compares it as it is",
            Self::Moves => {
                "grows or shrinks as time passes, for some customers more than for others; drift of another date is told and \
                 not counted"
            }
            Self::AgesInMonths => {
                "grows by exactly the months that pass, for every customer alike; drift takes them off and compares"
            }
            Self::Seasonal => {
                "depends on which months are in view; drift compares with customers of the same calendar month, and is told and \
                 not counted where there are none yet"
            }
        }
    }
}

/// A line of a tier.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "Line")]
struct Listed {
    feature: Feature,
    calendar: Calendar,
}

/// The same as it is written; a feature without `calendar` is still.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: String,
    kind: FeatureKind,
    #[serde(default)]
    calendar: Calendar,
}

impl From<Line> for Listed {
    fn from(Line { name, kind, calendar }: Line) -> Self {
        Self { feature: Feature { name, kind }, calendar }
    }
}

/// The parsed `feature_tiers.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureTiers {
    tiers: BTreeMap<String, Vec<Listed>>,
    experiments: BTreeMap<String, Vec<String>>,
    champion: String,
}

impl FeatureTiers {
    /// Parses the YAML text; an experiment of an unknown tier or a feature named twice is an error.
    pub fn parse(yaml: &str) -> Result<Self> {
        let tiers: Self =
            serde_norway::from_str(yaml).map_err(|e| Error::settings("feature_tiers.yaml", e.to_string()))?;
        tiers.features(&tiers.champion)?;
        for experiment in tiers.experiments.keys() {
            tiers.features(experiment)?;
        }
        Ok(tiers)
    }

    /// The experiment that competes for the championship when a run names none.
    pub fn champion(&self) -> &str {
        &self.champion
    }

    /// Every feature with the name of its tier.
    pub fn by_tier(&self) -> impl Iterator<Item = (&str, &Feature)> {
        self.tiers.iter().flat_map(|(tier, listed)| listed.iter().map(move |line| (tier.as_str(), &line.feature)))
    }

    /// How every feature depends on the date, by its name.
    pub fn calendar(&self) -> BTreeMap<String, Calendar> {
        let listed = self.tiers.values().flatten();
        listed.map(|line| (line.feature.name.clone(), line.calendar)).collect()
    }

    /// The names of all experiments, in alphabetical order.
    pub fn experiments(&self) -> impl Iterator<Item = &str> {
        self.experiments.keys().map(String::as_str)
    }

    /// The features of one experiment, in the order of its tiers.
    pub fn features(&self, experiment: &str) -> Result<Vec<Feature>> {
        let tiers = self.experiments.get(experiment).ok_or_else(|| {
            let known = self.experiments().collect::<Vec<_>>().join(", ");
            Error::settings("experiment", format!("`{experiment}` is not in feature_tiers.yaml; it has {known}"))
        })?;
        let mut seen = BTreeSet::new();
        let mut features = Vec::new();
        for tier in tiers {
            let members = self.tiers.get(tier).ok_or_else(|| {
                Error::settings(
                    "feature_tiers.yaml",
                    format!("experiment {experiment} names tier {tier}, which is not there"),
                )
            })?;
            for Listed { feature, .. } in members {
                if !seen.insert(&feature.name) {
                    return Err(Error::settings(
                        "feature_tiers.yaml",
                        format!("experiment {experiment} has feature {} twice", feature.name),
                    ));
                }
                features.push(feature.clone());
            }
        }
        Ok(features)
    }
}

#[cfg(test)]
mod tests {
    use serde_norway::Value;

    use super::*;

    const SHIPPED: &str = include_str!("../../configs/feature_tiers.yaml");

    #[test]
    fn every_shipped_feature_says_how_it_depends_on_the_date() {
        let file: Value = serde_norway::from_str(SHIPPED).unwrap();
        for (tier, features) in file["tiers"].as_mapping().unwrap() {
            for feature in features.as_sequence().unwrap() {
                assert!(feature["calendar"].is_string(), "{tier:?}: {feature:?}");
            }
        }
        let calendar = FeatureTiers::parse(SHIPPED).unwrap().calendar();
        assert_eq!(calendar["tenure_months"], Calendar::AgesInMonths);
        assert_eq!(calendar["months_to_renewal"], Calendar::Moves);
        assert_eq!(calendar["avg_monthly_elec_kwh"], Calendar::Seasonal);
        assert_eq!(calendar["segment"], Calendar::Still);
    }

    #[test]
    fn the_words_of_the_calendar_are_those_of_the_file() {
        for calendar in Calendar::ALL {
            assert_eq!(serde_norway::from_str::<Calendar>(calendar.as_str()).unwrap(), calendar);
        }
    }

    #[test]
    fn a_feature_that_is_built_on_one_that_moves_moves() {
        let calendar = FeatureTiers::parse(SHIPPED).unwrap().calendar();
        for (feature, behaviour) in &calendar {
            let of_dates = feature.ends_with("renewal_bucket") || feature.contains("tenure_bucket");
            if of_dates || feature.ends_with("_x_renewal") {
                assert_eq!(*behaviour, Calendar::Moves, "{feature}");
            }
        }
    }

    #[test]
    fn a_feature_that_says_nothing_is_still_and_a_word_that_is_none_is_refused() {
        let file = |line: &str| format!("champion: E\nexperiments: {{ E: [t] }}\ntiers: {{ t: [{line}] }}");
        let tiers = FeatureTiers::parse(&file("{ name: segment, kind: category }")).unwrap();
        assert_eq!(tiers.calendar()["segment"], Calendar::Still);
        for line in ["{ name: a, kind: flag, calendar: lunar }", "{ name: a, kind: flag, calender: still }"] {
            assert!(FeatureTiers::parse(&file(line)).is_err(), "{line}");
        }
    }
}
