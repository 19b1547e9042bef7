//! What counts as drift: `configs/drift.yaml`.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How statistics become a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftRule {
    /// Any numeric feature, or the prediction, with a Kolmogorov-Smirnov p-value below `alpha`.
    Ks,
}

impl DriftRule {
    /// The name in the settings and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ks => "ks",
        }
    }
}

/// The parsed `drift.yaml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DriftSettings {
    /// The rule that decides. Default `ks`.
    pub rule: DriftRule,
    /// A p-value below this is drift; between 0 and 1. Default 0.01.
    pub alpha: f64,
    /// With fewer values than this on either side nothing is said. Default 200, at least 1.
    pub min_rows: u64,
}

impl Default for DriftSettings {
    fn default() -> Self {
        Self { rule: DriftRule::Ks, alpha: 0.01, min_rows: 200 }
    }
}

impl DriftSettings {
    /// Parses the YAML text; an unknown field or a value out of range is an error.
    pub fn parse(yaml: &str) -> Result<Self> {
        let settings: Self = serde_norway::from_str(yaml).map_err(|e| Error::settings("drift.yaml", e.to_string()))?;
        settings.validate()?;
        Ok(settings)
    }

    /// Refuses values that make no sense, whichever way the settings came in.
    pub fn validate(&self) -> Result<()> {
        if !(self.alpha > 0.0 && self.alpha < 1.0) {
            return Err(Error::settings("drift.yaml: alpha", "must lie between 0 and 1, for example 0.01"));
        }
        if self.min_rows == 0 {
            return Err(Error::settings("drift.yaml: min_rows", "must be at least 1, for example 200"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_settings_are_the_defaults() {
        let committed = DriftSettings::parse(include_str!("../../../configs/drift.yaml")).unwrap();
        assert_eq!(committed, DriftSettings::default());
    }

    #[test]
    fn an_unknown_field_or_a_value_out_of_range_is_an_error() {
        for yaml in ["alfa: 0.05", "alpha: 0.0", "alpha: 1.5", "alpha: .nan", "min_rows: 0", "rule: guess"] {
            assert!(DriftSettings::parse(yaml).is_err(), "{yaml}");
        }
    }
}
