//! The checks of the gate, each a pure function of the figures and the limits.

mod calibration;
mod comparison;
mod floor;
mod leakage;
mod slices;

pub(super) use calibration::calibration;
pub(super) use comparison::{not_worse_than_best, not_worse_than_champion};
pub(super) use floor::pr_auc_floor;
pub(super) use leakage::leakage;
pub(super) use slices::slices;

/// Figures for the tests of the checks.
#[cfg(test)]
pub(super) mod example {
    use crate::model::bundle::threshold::ThresholdRule;
    use crate::model::measure::comparison::ChampionComparison;
    use crate::model::measure::evaluate::EvaluationSummary;
    use crate::model::measure::for_gate::GateFigures;
    use crate::model::measure::for_gate::base_rate::PrAucAtRate;
    use crate::model::measure::for_gate::best::BestChampion;
    use crate::model::measure::for_gate::calibration_line::CalibrationLine;
    use crate::model::measure::for_gate::leakage::Leakage;
    use crate::model::measure::for_gate::slice_losses::SliceLoss;
    use crate::model::measure::metrics::Metrics;
    use crate::model::measure::slices::{SliceBy, SliceRows};

    /// A challenger without a fault: 400 churners among 4,000 customers, ranked well, with no champion beside it.
    pub fn summary() -> EvaluationSummary {
        let metrics = Metrics::of(&[true, true, false, false], &[0.9, 0.8, 0.2, 0.1], 0.5).unwrap();
        EvaluationSummary {
            model_version: "challenger".into(),
            holdout_rows: 4000,
            holdout_positives: 400,
            metrics: Metrics { pr_auc: 0.75, brier: 0.045, ..metrics },
            threshold_rule: ThresholdRule::MinRecall,
            pr_auc_interval: None,
            roc_auc_interval: None,
            champion: None,
            slices: Vec::new(),
            gate: Some(figures()),
        }
    }

    pub fn figures() -> GateFigures {
        GateFigures {
            at_floor_rate: PrAucAtRate { base_rate: 0.097, pr_auc: 0.74 },
            best: BestChampion { compared: None, candidates: 0, left_out: Vec::new() },
            calibration: CalibrationLine { slope: 1.02, intercept: 0.01 },
            slices: Vec::new(),
            leakage: Leakage { rows: 20_000, support: 200, features: 56, suspects: Vec::new() },
        }
    }

    /// A champion whose lower bound of the difference is `pr_auc_difference_low`.
    pub fn against(version: &str, pr_auc_difference_low: impl Into<Option<f64>>) -> ChampionComparison {
        ChampionComparison {
            version: version.into(),
            pr_auc: 0.75,
            roc_auc: 0.9,
            brier: 0.044,
            pr_auc_difference: 0.0,
            pr_auc_difference_low: pr_auc_difference_low.into(),
            same_split: true,
        }
    }

    /// A slice in which the challenger has 0.5.
    pub fn slice(value: &str, positives: u64, champion: Option<f64>, best: Option<f64>) -> SliceLoss {
        SliceLoss {
            by: SliceBy::Segment,
            value: value.to_owned(),
            measured_on: SliceRows::Holdout,
            rows: 10 * positives,
            positives,
            pr_auc: Some(0.5),
            champion,
            best,
        }
    }
}
