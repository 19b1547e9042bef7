//! The settings of training and evaluation, as `configs/model.yaml` writes them; those of the gate are in `decide`.
//!
//! Defaults are the values of the committed file; unknown keys are refused; `validate` reports all
//! problems at once.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::bundle::calibration::CalibrationMethod;
use super::decide::settings::GateSettings;
use super::learner::registry::LearnerSettings;
use super::limits::{open_share, refuse};
use super::trial::settings::LadderSettings;
use crate::error::{Error, Result};
use crate::label::LabelSettings;

/// The whole of `configs/model.yaml`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelSettings {
    /// How a challenger is made and measured.
    pub train: TrainSettings,
    /// What it must reach.
    pub gate: GateSettings,
    /// Which date the labels are of, and how far they look.
    pub label: LabelSettings,
    /// What the experiment ladder tries beside the learner of a challenger.
    pub ladder: LadderSettings,
}

impl ModelSettings {
    /// Parses and validates the YAML text.
    pub fn parse(yaml: &str) -> Result<Self> {
        let settings: Self = serde_norway::from_str(yaml).map_err(|e| Error::settings("model.yaml", e.to_string()))?;
        settings.train.validate()?;
        settings.gate.validate()?;
        refuse("label", &settings.label.rules())?;
        refuse("ladder", &settings.ladder.rules())?;
        Ok(settings)
    }
}

/// How a challenger is made and measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainSettings {
    /// Which customers are held out, and the folds of the others.
    pub split: SplitSettings,
    /// The learner's settings, under the learner's name.
    #[serde(flatten)]
    pub learner: LearnerSettings,
    /// Which calibrations are compared.
    pub calibration: CalibrationSettings,
    /// How the decision threshold is chosen.
    pub threshold: ThresholdSettings,
    /// The 90 % interval of a score.
    pub interval: IntervalSettings,
    /// The bootstrap of the holdout figures.
    pub bootstrap: BootstrapSettings,
    /// Fits that are made side by side, each on one thread, and threads of the final fit, four at most; 0 is one per core.
    /// No bit of the model depends on it, so the model does not record it.
    pub threads: u32,
}

/// Which customers are held out, and the folds of the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SplitSettings {
    /// Share of customers that no model trains on; default 0.20.
    pub holdout_share: f64,
    /// Salt of the hash that picks them. Another salt makes old and new models incomparable.
    pub holdout_salt: String,
    /// Folds of the training rows for calibration; default 5.
    pub folds: u32,
    /// Salt of the hash that picks the fold.
    pub fold_salt: String,
}

impl Default for SplitSettings {
    fn default() -> Self {
        Self { holdout_share: 0.20, holdout_salt: "holdout-1".into(), folds: 5, fold_salt: "fold-1".into() }
    }
}

/// Which calibrations are compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CalibrationSettings {
    /// Some of `platt`, `isotonic`, `beta`, `none`; default all. The best on cross-fitted rows is kept.
    pub methods: Vec<CalibrationMethod>,
}

impl Default for CalibrationSettings {
    fn default() -> Self {
        Self { methods: CalibrationMethod::ALL.to_vec() }
    }
}

/// What the decision threshold is chosen by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdChoice {
    /// The highest precision with enough recall.
    Recall,
    /// The lowest cost of missed churners and needless offers.
    Cost,
}

/// How the decision threshold is chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ThresholdSettings {
    /// `recall` (the default) or `cost`.
    pub rule: ThresholdChoice,
    /// With `recall`: the threshold must find at least this share of the churners; default 0.70.
    pub min_recall: f64,
    /// With `recall`: in which share of bootstrapped batches of new customers, each as large as the holdout and drawn of the
    /// out-of-fold rows, it must do so; default 0.90. With 0.50 there is no margin: on new customers the recall is enough
    /// every second time.
    pub confidence: f64,
    /// With `cost`: EUR lost with a churner who gets no offer; default 100.
    pub missed_churner_eur: f64,
    /// With `cost`: EUR spent on an offer to somebody who stays anyway; default 10. Only the ratio of the two counts.
    pub needless_offer_eur: f64,
}

impl Default for ThresholdSettings {
    fn default() -> Self {
        Self {
            rule: ThresholdChoice::Recall,
            min_recall: 0.70,
            confidence: 0.90,
            missed_churner_eur: 100.0,
            needless_offer_eur: 10.0,
        }
    }
}

/// The interval of a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IntervalSettings {
    /// Share of outcomes the interval must hold; default 0.90.
    pub coverage: f64,
}

impl Default for IntervalSettings {
    fn default() -> Self {
        Self { coverage: 0.90 }
    }
}

/// The bootstrap of the holdout figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BootstrapSettings {
    /// Resamples of the holdout; default 1000.
    pub resamples: u32,
    /// Seed of the resamples; default 20241231.
    pub seed: u64,
}

impl Default for BootstrapSettings {
    fn default() -> Self {
        Self { resamples: 1000, seed: 20_241_231 }
    }
}

impl TrainSettings {
    /// The settings that make the model: what metadata records and a digest may cover.
    pub fn recorded(&self) -> Self {
        Self { threads: 0, ..self.clone() }
    }

    /// Refuses values that no model can be made with; one message names them all.
    pub fn validate(&self) -> Result<()> {
        let split = &self.split;
        let mut rules = vec![
            (open_share(split.holdout_share), "split.holdout_share must lie between 0 and 1"),
            ((2..=50).contains(&split.folds), "split.folds must be 2 to 50"),
            (split.holdout_salt != split.fold_salt, "split.holdout_salt and split.fold_salt must differ"),
        ];
        rules.extend(self.learner.rules());
        rules.extend([
            (once_each(&self.calibration.methods), "calibration.methods must name one or more, each once"),
            ((0.0..=1.0).contains(&self.threshold.min_recall), "threshold.min_recall must be 0 to 1"),
            ((0.5..1.0).contains(&self.threshold.confidence), "threshold.confidence must be 0.5 to below 1"),
            (positive(self.threshold.missed_churner_eur), "threshold.missed_churner_eur must be above 0"),
            (positive(self.threshold.needless_offer_eur), "threshold.needless_offer_eur must be above 0"),
            (open_share(self.interval.coverage), "interval.coverage must lie between 0 and 1"),
            ((100..=100_000).contains(&self.bootstrap.resamples), "bootstrap.resamples must be 100 to 100000"),
            (self.threads <= 1024, "threads must be 0 (all cores) to 1024"),
        ]);
        refuse("train", &rules)
    }
}

fn positive(value: f64) -> bool {
    value > 0.0 && value.is_finite()
}

fn once_each(methods: &[CalibrationMethod]) -> bool {
    let different: BTreeSet<_> = methods.iter().collect();
    !methods.is_empty() && different.len() == methods.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_configuration_holds_the_defaults() {
        let committed = ModelSettings::parse(include_str!("../../../configs/model.yaml")).unwrap();
        assert_eq!(committed, ModelSettings::default());
    }

    #[test]
    fn an_unknown_key_is_refused_and_named() {
        for (yaml, key) in [
            ("trian: {}", "trian"),
            ("train: { xgbost: { rounds: 5 } }", "xgbost"),
            ("train: { xgboost: { round: 5 } }", "round"),
            ("train: { split: { fold: 5 } }", "fold"),
            ("label: { horizon: 90 }", "horizon"),
            ("ladder: { grid: { depth: [3] } }", "depth"),
        ] {
            let problem = ModelSettings::parse(yaml).unwrap_err().to_string();
            assert!(problem.contains(&format!("`{key}`")), "{problem}");
        }
    }

    #[test]
    fn the_learners_settings_lie_beside_the_others_in_yaml_and_in_json() {
        let settings = ModelSettings::parse("train: { xgboost: { rounds: 5, eta: 1 }, threads: 2 }").unwrap().train;
        assert_eq!((settings.learner.xgboost.rounds, settings.learner.xgboost.eta, settings.threads), (5, 1.0, 2));
        let json = serde_json::to_string(&settings).unwrap();
        let mut rest = json.as_str();
        for key in ["split", "xgboost", "calibration", "threshold", "interval", "bootstrap", "threads"] {
            rest = rest.split_once(&format!("\"{key}\":")).expect(key).1;
        }
        assert_eq!(serde_json::from_str::<TrainSettings>(&json).unwrap(), settings);
    }

    #[test]
    fn all_unusable_values_are_named_at_once() {
        let yaml = "train: { split: { folds: 1 }, xgboost: { eta: .nan, rounds: 0 } }";
        let problem = ModelSettings::parse(yaml).unwrap_err().to_string();
        for key in ["split.folds", "xgboost.eta", "xgboost.rounds"] {
            assert!(problem.contains(key), "{problem}");
        }
    }

    #[test]
    fn the_ends_of_the_allowed_ranges_are_allowed_and_their_neighbours_are_not() {
        let train = |yaml: &str| ModelSettings::parse(&format!("train: {{ {yaml} }}")).is_ok();
        for good in [
            "split: { folds: 2 }",
            "split: { folds: 50 }",
            "xgboost: { rounds: 1 }",
            "xgboost: { max_depth: 16 }",
            "xgboost: { eta: 1.0, subsample: 1.0, colsample_bytree: 1.0 }",
            "xgboost: { seed: 2147483647 }",
            "threshold: { min_recall: 0.0 }",
            "threshold: { min_recall: 1.0 }",
            "threshold: { confidence: 0.5 }",
            "threshold: { rule: cost, missed_churner_eur: 0.01 }",
            "calibration: { methods: [none] }",
            "bootstrap: { resamples: 100 }",
            "threads: 1024",
        ] {
            assert!(train(good), "{good}");
        }
        for bad in [
            "split: { folds: 1 }",
            "split: { folds: 51 }",
            "split: { holdout_share: 0.0 }",
            "split: { holdout_share: 1.0 }",
            "split: { holdout_salt: same, fold_salt: same }",
            "xgboost: { rounds: 100001 }",
            "xgboost: { max_depth: 0 }",
            "xgboost: { max_depth: 17 }",
            "xgboost: { eta: 0.0 }",
            "xgboost: { subsample: 0.0 }",
            "xgboost: { subsample: 1.1 }",
            "xgboost: { colsample_bytree: 0.0 }",
            "xgboost: { colsample_bytree: .nan }",
            "xgboost: { seed: 2147483648 }",
            "threshold: { min_recall: 1.1 }",
            "threshold: { confidence: 0.49 }",
            "threshold: { confidence: 1.0 }",
            "threshold: { rule: luck }",
            "threshold: { missed_churner_eur: 0.0 }",
            "threshold: { needless_offer_eur: .inf }",
            "calibration: { methods: [] }",
            "calibration: { methods: [platt, platt] }",
            "calibration: { methods: [magic] }",
            "interval: { coverage: 0.0 }",
            "interval: { coverage: 1.0 }",
            "bootstrap: { resamples: 99 }",
            "threads: 1025",
        ] {
            assert!(!train(bad), "{bad}");
        }
        let label = |yaml: &str| ModelSettings::parse(&format!("label: {{ {yaml} }}")).is_ok();
        assert!(label("date: 2024-12-31, horizon_days: 1, tolerance_days: 0") && label("tolerance_days: 366"));
        for bad in ["date: 31.12.2024", "horizon_days: 0", "horizon_days: 3661", "tolerance_days: 367"] {
            assert!(!label(bad), "{bad}");
        }
    }

    #[test]
    fn what_is_recorded_does_not_depend_on_the_threads() {
        let one = TrainSettings { threads: 1, ..TrainSettings::default() };
        assert_eq!(one.recorded(), TrainSettings::default().recorded());
    }
}
