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

/// The parsed `feature_tiers.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureTiers {
    tiers: BTreeMap<String, Vec<Feature>>,
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
        self.tiers.iter().flat_map(|(tier, features)| features.iter().map(move |feature| (tier.as_str(), feature)))
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
            for feature in members {
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
