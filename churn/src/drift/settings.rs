//! What counts as drift, and how performance is estimated: `configs/drift.yaml`.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::performance::PerformanceSettings;

/// How statistics become a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftRule {
    /// A column that moved far, and not by chance; the verdict weighs each by how much it moves the model.
    Effect,
    /// Any numeric feature, or the prediction, with a Kolmogorov-Smirnov p-value below `alpha`.
    Ks,
}

impl DriftRule {
    /// The name in the settings and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Effect => "effect",
            Self::Ks => "ks",
        }
    }

    /// The rule that is reported beside it, and decides nothing.
    pub fn other(self) -> Self {
        match self {
            Self::Effect => Self::Ks,
            Self::Ks => Self::Effect,
        }
    }
}

/// The parsed `drift.yaml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DriftSettings {
    /// The rule that decides. Default `effect`.
    pub rule: DriftRule,
    /// A p-value below this is drift (`ks`), or one that is adjusted for the number of columns (`effect`); between 0 and 1.
    /// Default 0.01.
    pub alpha: f64,
    /// With fewer values than this on either side nothing is said. Default 200, at least 1.
    pub min_rows: u64,
    /// From here on a column has drifted: robust standard deviations of a numeric one, stability index or Jensen-Shannon
    /// distance of a category. Default 0.1, above 0.
    pub warn_effect: f64,
    /// From here on it has drifted far: robust standard deviations, stability index. Default 0.25, at least
    /// `warn_effect`.
    pub critical_effect: f64,
    /// Drifted features are told when their share of all that moves the model is at least this. Default 0.02, from 0
    /// to 1.
    pub warn_importance: f64,
    /// Drift is critical when the share of the features that drifted far is at least this. Default 0.1, from
    /// `warn_importance` to 1.
    pub critical_importance: f64,
    /// Dates that are no more days apart count as one, so that features that move with the calendar are compared as they
    /// are. Default 3.
    pub same_date_days: u32,
    /// How performance is estimated while labels are not there.
    pub performance: PerformanceSettings,
}

impl Default for DriftSettings {
    fn default() -> Self {
        Self {
            rule: DriftRule::Effect,
            alpha: 0.01,
            min_rows: 200,
            warn_effect: 0.1,
            critical_effect: 0.25,
            warn_importance: 0.02,
            critical_importance: 0.1,
            same_date_days: 3,
            performance: PerformanceSettings::default(),
        }
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
        if !(self.warn_effect > 0.0 && self.warn_effect.is_finite()) {
            return Err(Error::settings("drift.yaml: warn_effect", "must be above 0, for example 0.1"));
        }
        if !(self.critical_effect >= self.warn_effect && self.critical_effect.is_finite()) {
            return Err(Error::settings(
                "drift.yaml: critical_effect",
                "must be at least warn_effect, for example 0.25",
            ));
        }
        if !(0.0..=1.0).contains(&self.warn_importance) {
            return Err(Error::settings("drift.yaml: warn_importance", "must lie from 0 to 1, for example 0.02"));
        }
        if !(self.warn_importance..=1.0).contains(&self.critical_importance) {
            return Err(Error::settings(
                "drift.yaml: critical_importance",
                "must lie from warn_importance to 1, for example 0.1",
            ));
        }
        self.performance.validate()
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
    fn settings_of_before_keep_their_rule_and_the_rest_has_its_default() {
        let before = DriftSettings::parse("rule: ks\nalpha: 0.05\nmin_rows: 100\n").unwrap();
        assert_eq!((before.rule, before.alpha, before.min_rows), (DriftRule::Ks, 0.05, 100));
        assert_eq!(before.warn_effect, DriftSettings::default().warn_effect);
    }

    #[test]
    fn an_unknown_field_or_a_value_out_of_range_is_an_error() {
        for yaml in [
            "alfa: 0.05",
            "alpha: 0.0",
            "alpha: 1.5",
            "alpha: .nan",
            "min_rows: 0",
            "rule: guess",
            "warn_effect: 0",
            "warn_effect: .inf",
            "critical_effect: 0.05",
            "warn_importance: -0.1",
            "critical_importance: 0.01",
            "critical_importance: 1.1",
            "same_date_days: -1",
            "performance: { coverage: 1 }",
            "performance: { covers: 0.9 }",
        ] {
            assert!(DriftSettings::parse(yaml).is_err(), "{yaml}");
        }
    }

    #[test]
    fn either_rule_is_beside_the_other() {
        for rule in [DriftRule::Ks, DriftRule::Effect] {
            assert_eq!(rule.other().other(), rule);
            assert_ne!(rule.other().as_str(), rule.as_str());
        }
    }
}
