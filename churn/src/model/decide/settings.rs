//! The settings of the gate: section `gate` of `configs/model.yaml`.
//!
//! They travel: a run keeps the limits that it began with, and a verdict says by which ones it was judged. Only the file
//! is strict about keys; what another version of the program wrote is read as far as it is known.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::error::Result;
use crate::model::limits::{LEAST_POSITIVES, open_share, refuse};

/// Figures of a single column below these are not told to the gate: no limit may be lower.
pub const LEAST_ROC_AUC_LIMIT: f64 = 0.75;
/// The same for the churn rate of a value.
pub const LEAST_CHURN_RATE_LIMIT: f64 = 0.5;

/// What a challenger must reach to become champion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GateSettings {
    /// Lowest holdout PR-AUC; default 0.70 (the business rule).
    pub pr_auc_floor: f64,
    /// How the floor is applied where churn is rarer or more frequent than when it was set; default `fixed`.
    pub floor_rule: FloorRule,
    /// The churn rate that the floor was set at; default 0.097. Only `lift_over_base_rate` looks at it.
    pub floor_base_rate: f64,
    /// PR-AUC that may be lost against the champion, and against the best one, at the lower 95 % bound; default 0.02.
    pub max_pr_auc_loss: f64,
    /// Whether the probabilities mean what they say.
    pub calibration: CalibrationLimits,
    /// Whether no kind of customers pays for the others.
    pub slices: SliceLimits,
    /// Whether a single column gives the outcome away.
    pub leakage: LeakageLimits,
}

/// How the floor is applied where churn is rarer or more frequent than when it was set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FloorRule {
    /// The PR-AUC of the holdout as it is.
    #[default]
    Fixed,
    /// The PR-AUC over the base rate that the floor was set at: the holdout is weighed to that churn rate first.
    LiftOverBaseRate,
}

/// Whether the probabilities mean what they say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CalibrationLimits {
    /// By how much the Brier score may be above the better one of champion and best champion; default 0.005.
    pub max_brier_loss: f64,
    /// Lowest calibration slope: below 1 the probabilities are too extreme; default 0.8.
    pub min_slope: f64,
    /// Highest calibration slope: above 1 they are too timid; default 1.25.
    pub max_slope: f64,
    /// With fewer churners on the holdout it is not evaluated, since chance would decide; default 100.
    pub min_positives: u64,
}

/// Whether no kind of customers pays for the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SliceLimits {
    /// PR-AUC that a slice may lose against the champion, and against the best one; default 0.05.
    pub max_pr_auc_loss: f64,
    /// A slice with fewer churners is not evaluated, since chance would decide; default 100.
    pub min_positives: u64,
}

/// Whether a single column gives the outcome away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LeakageLimits {
    /// Highest ROC-AUC on the holdout of one feature alone; default 0.95.
    pub max_roc_auc: f64,
    /// Highest churn rate among the customers with one value, or in one range of values; default 0.95.
    pub max_churn_rate: f64,
    /// Share of the labelled customers that a value or range must have to be looked at; default 0.01.
    pub min_support: f64,
    /// Features that may be above the limits, since somebody has looked at them.
    pub reviewed: Vec<ReviewedFeature>,
}

/// A feature that somebody has looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewedFeature {
    /// Its name in `feature_tiers.yaml`.
    pub feature: String,
    /// Why it is no leak; the verdict says it.
    pub reason: String,
}

/// What of the settings an evaluation measures by: part of what names its output.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GateMeasures {
    /// The churn rate that the floor was set at.
    pub floor_base_rate: f64,
    /// Share of the labelled customers that a value or range must have.
    pub min_support: f64,
}

impl Default for GateSettings {
    fn default() -> Self {
        Self {
            pr_auc_floor: 0.70,
            floor_rule: FloorRule::Fixed,
            floor_base_rate: 0.097,
            max_pr_auc_loss: 0.02,
            calibration: CalibrationLimits::default(),
            slices: SliceLimits::default(),
            leakage: LeakageLimits::default(),
        }
    }
}

impl Default for CalibrationLimits {
    fn default() -> Self {
        Self { max_brier_loss: 0.005, min_slope: 0.8, max_slope: 1.25, min_positives: 100 }
    }
}

impl Default for SliceLimits {
    fn default() -> Self {
        Self { max_pr_auc_loss: 0.05, min_positives: 100 }
    }
}

impl Default for LeakageLimits {
    fn default() -> Self {
        Self { max_roc_auc: 0.95, max_churn_rate: 0.95, min_support: 0.01, reviewed: reviewed_at_delivery() }
    }
}

/// The list of the committed file: what a customer said, or how, in a contact of before the run's date.
fn reviewed_at_delivery() -> Vec<ReviewedFeature> {
    let said = "what the customer called about, in a contact dated before as_of: a complaint comes before the leaving";
    let tone = "how the customer sounded, in a contact dated before as_of: anger comes before the leaving";
    let both = "topic and tone of a contact dated before as_of: an angry complaint comes before the leaving";
    [
        ("customer_intent", said),
        ("is_complaint_intent", said),
        ("recent_complaint_flag", said),
        ("intent_severity_score", said),
        ("complaint_near_renewal", said),
        ("dual_fuel_x_intent", said),
        ("sentiment_label", tone),
        ("is_negative_sentiment", tone),
        ("complaint_x_negative_sentiment", both),
        ("intent_x_renewal_bucket", said),
        ("intent_x_tenure_bucket", said),
        ("sentiment_x_renewal_bucket", tone),
        ("intent_x_sentiment", both),
        ("competition_x_intent", said),
    ]
    .map(|(feature, reason)| ReviewedFeature { feature: feature.to_owned(), reason: reason.to_owned() })
    .to_vec()
}

impl GateSettings {
    /// What of them an evaluation measures by.
    pub fn measures(&self) -> GateMeasures {
        GateMeasures { floor_base_rate: self.floor_base_rate, min_support: self.leakage.min_support }
    }

    /// Refuses limits that no figure can meet or miss; one message names them all.
    pub fn validate(&self) -> Result<()> {
        let share = |value: f64| (0.0..=1.0).contains(&value);
        let (calibration, slices, leakage) = (&self.calibration, &self.slices, &self.leakage);
        let enough_positives = slices.min_positives >= LEAST_POSITIVES;
        let some_support = leakage.min_support > 0.0 && leakage.min_support <= 0.5;
        let roc_auc = (LEAST_ROC_AUC_LIMIT..=1.0).contains(&leakage.max_roc_auc);
        let churn_rate = (LEAST_CHURN_RATE_LIMIT..=1.0).contains(&leakage.max_churn_rate);
        refuse(
            "gate",
            &[
                (share(self.pr_auc_floor), "pr_auc_floor must be 0 to 1"),
                (open_share(self.floor_base_rate), "floor_base_rate must lie between 0 and 1"),
                (share(self.max_pr_auc_loss), "max_pr_auc_loss must be 0 to 1"),
                (share(calibration.max_brier_loss), "calibration.max_brier_loss must be 0 to 1"),
                (share(calibration.min_slope), "calibration.min_slope must be 0 to 1"),
                ((1.0..=100.0).contains(&calibration.max_slope), "calibration.max_slope must be 1 to 100"),
                (calibration.min_positives >= 2, "calibration.min_positives must be 2 or more"),
                (share(slices.max_pr_auc_loss), "slices.max_pr_auc_loss must be 0 to 1"),
                (enough_positives, "slices.min_positives must be 30 or more: with fewer nothing is measured"),
                (roc_auc, "leakage.max_roc_auc must be 0.75 to 1"),
                (churn_rate, "leakage.max_churn_rate must be 0.5 to 1"),
                (some_support, "leakage.min_support must be above 0 and at most 0.5"),
                (leakage.are_all_reasoned(), "leakage.reviewed must name each feature once, each with its reason"),
            ],
        )
    }
}

impl LeakageLimits {
    /// Why a feature may be above the limits; nothing where nobody has looked at it.
    pub fn reason_for(&self, feature: &str) -> Option<&str> {
        self.reviewed.iter().find(|reviewed| reviewed.feature == feature).map(|reviewed| reviewed.reason.as_str())
    }

    fn are_all_reasoned(&self) -> bool {
        let is_once = |at: usize, feature: &str| self.reviewed[..at].iter().all(|before| before.feature != feature);
        let mut reviewed = self.reviewed.iter().enumerate();
        reviewed.all(|(at, one)| {
            !one.feature.trim().is_empty() && !one.reason.trim().is_empty() && is_once(at, &one.feature)
        })
    }
}

/// Limits as another version of the program may have written them: what it does not know is passed over, what is not
/// there has its default.
pub fn known_limits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<GateSettings, D::Error> {
    of_another_version(Value::deserialize(deserializer)?)
}

/// The same where there may be none.
pub fn known_limits_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<GateSettings>, D::Error> {
    let written = Option::<Value>::deserialize(deserializer)?;
    written.map(of_another_version).transpose()
}

fn of_another_version<E: serde::de::Error>(mut written: Value) -> Result<GateSettings, E> {
    let known = serde_json::to_value(GateSettings::default()).map_err(E::custom)?;
    keep_known(&mut written, &known);
    serde_json::from_value(written).map_err(E::custom)
}

/// Takes out, section by section, the keys that the known ones have not.
fn keep_known(written: &mut Value, known: &Value) {
    match (written, known) {
        (Value::Object(written), Value::Object(known)) => {
            written.retain(|key, _| known.contains_key(key));
            for (key, value) in written.iter_mut() {
                if let Some(known) = known.get(key) {
                    keep_known(value, known);
                }
            }
        }
        (Value::Array(written), Value::Array(known)) => {
            if let Some(known) = known.first() {
                for value in written.iter_mut() {
                    keep_known(value, known);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::ModelSettings;

    fn gate(yaml: &str) -> Result<GateSettings> {
        Ok(ModelSettings::parse(&format!("gate: {{ {yaml} }}"))?.gate)
    }

    #[test]
    fn the_ends_of_the_allowed_ranges_are_allowed_and_their_neighbours_are_not() {
        for good in [
            "pr_auc_floor: 0.0, max_pr_auc_loss: 1.0",
            "pr_auc_floor: 1.0, max_pr_auc_loss: 0.0",
            "floor_rule: lift_over_base_rate, floor_base_rate: 0.06",
            "calibration: { max_brier_loss: 0.0, min_slope: 1.0, max_slope: 1.0, min_positives: 2 }",
            "slices: { max_pr_auc_loss: 0.0, min_positives: 30 }",
            "leakage: { max_roc_auc: 0.75, max_churn_rate: 0.5, min_support: 0.5, reviewed: [] }",
        ] {
            assert!(gate(good).is_ok(), "{good}");
        }
        for bad in [
            "pr_auc_floor: -0.1",
            "pr_auc_floor: .nan",
            "max_pr_auc_loss: 1.1",
            "max_pr_auc_loss: .nan",
            "floor_rule: lift",
            "floor_base_rate: 0.0",
            "floor_base_rate: 1.0",
            "calibration: { max_brier_loss: -0.1 }",
            "calibration: { min_slope: 1.1 }",
            "calibration: { max_slope: 0.9 }",
            "calibration: { max_slope: .inf }",
            "calibration: { min_positives: 1 }",
            "slices: { max_pr_auc_loss: 1.1 }",
            "slices: { min_positives: 29 }",
            "leakage: { max_roc_auc: 0.74 }",
            "leakage: { max_churn_rate: 0.49 }",
            "leakage: { min_support: 0.0 }",
            "leakage: { min_support: 0.51 }",
            "leakage: { reviewed: [{ feature: segment }] }",
            "leakage: { reviewed: [{ feature: segment, reason: \" \" }] }",
            "leakage: { reviewed: [{ feature: segment, reason: x }, { feature: segment, reason: y }] }",
            "slices: { least_positives: 100 }",
        ] {
            assert!(gate(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_another_version_wrote_is_read_as_far_as_it_is_known() {
        let newer = json!({
            "pr_auc_floor": 0.6, "max_pr_auc_loss": 0.03, "newer": 1,
            "slices": { "min_positives": 50, "newer": { "deep": true } },
            "leakage": { "reviewed": [{ "feature": "segment", "reason": "known", "newer": "ana" }] },
        });
        let read = known_limits(newer).unwrap();
        assert_eq!((read.pr_auc_floor, read.max_pr_auc_loss, read.slices.min_positives), (0.6, 0.03, 50));
        assert_eq!(read.leakage.reason_for("segment"), Some("known"));
        assert_eq!(read.calibration, CalibrationLimits::default());
        // Before there was more than two limits.
        let older = known_limits(json!({ "pr_auc_floor": 0.7, "max_pr_auc_loss": 0.02 })).unwrap();
        assert_eq!(older, GateSettings::default());
        assert_eq!(known_limits_if_any(Value::Null).unwrap(), None);
    }

    #[test]
    fn a_feature_is_reviewed_by_its_name_alone() {
        let limits = LeakageLimits::default();
        assert!(limits.reason_for("complaint_x_negative_sentiment").is_some_and(|reason| reason.contains("before")));
        assert_eq!(limits.reason_for("complaint"), None);
    }
}
