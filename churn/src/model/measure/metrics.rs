//! How good are probabilities? The figures of the evaluation, as scikit-learn defines them.
//!
//! Nothing here depends on the order of the rows: equal probabilities are always taken together.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::ranking::{Areas, Ranking};

const BINS: usize = 10;
/// Probabilities are kept this far from 0 and 1 in the log loss (the resolution of f64, as scikit-learn).
const CLIP: f64 = f64::EPSILON;

/// The figures of one set of probabilities at one threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Average precision: the step-wise sum, not the trapezoid.
    pub pr_auc: f64,
    /// Area under the ROC curve.
    pub roc_auc: f64,
    /// Churners among those flagged; 0 when nobody is.
    pub precision: f64,
    /// Churners that are flagged.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Share of right decisions.
    pub accuracy: f64,
    /// The four counts behind them.
    pub confusion: Confusion,
    /// From this probability on a customer is flagged.
    pub threshold: f64,
    /// Mean squared error of the probability.
    pub brier: f64,
    /// Mean negative log-likelihood.
    pub log_loss: f64,
    /// Expected calibration error over 10 quantile bins.
    pub ece: f64,
    /// Churn rate among the tenth with the highest scores, over the overall churn rate.
    pub top_decile_lift: f64,
}

/// Decisions against outcomes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// Flagged, and churned.
    pub true_positives: u64,
    /// Flagged, and stayed.
    pub false_positives: u64,
    /// Not flagged, and churned.
    pub false_negatives: u64,
    /// Not flagged, and stayed.
    pub true_negatives: u64,
}

impl Metrics {
    /// Measures; rows of one class only are an error, and so is a probability that is none: sorted
    /// somewhere, it would give figures that look like figures.
    pub fn of(labels: &[bool], probabilities: &[f64], threshold: f64) -> Result<Self> {
        if let Some(row) = probabilities.iter().position(|p| !(0.0..=1.0).contains(p)) {
            let problem = format!("the probability of row {} is no number from 0 to 1; train again", row + 1);
            return Err(Error::model("measure the model", problem));
        }
        let ranking = Ranking::new(probabilities);
        let Areas { pr_auc, roc_auc, .. } = ranking.areas(labels, |_| 1.0).ok_or_else(|| {
            Error::model("measure the model", "the rows are all churners or all stayers; use more customers")
        })?;
        let confusion = Confusion::of(labels, probabilities, threshold);
        Ok(Self {
            pr_auc,
            roc_auc,
            precision: confusion.precision(),
            recall: confusion.recall(),
            f1: confusion.f1(),
            accuracy: confusion.accuracy(),
            confusion,
            threshold,
            brier: brier(labels, probabilities),
            log_loss: log_loss(labels, probabilities),
            ece: ece(labels, probabilities),
            top_decile_lift: top_decile_lift(labels, &ranking),
        })
    }
}

impl Confusion {
    /// Counts decisions at a threshold.
    pub fn of(labels: &[bool], probabilities: &[f64], threshold: f64) -> Self {
        let mut counts = Self::default();
        for (&label, &probability) in labels.iter().zip(probabilities) {
            let count = match (probability >= threshold, label) {
                (true, true) => &mut counts.true_positives,
                (true, false) => &mut counts.false_positives,
                (false, true) => &mut counts.false_negatives,
                (false, false) => &mut counts.true_negatives,
            };
            *count += 1;
        }
        counts
    }

    /// Churners among those flagged; 0 when nobody is.
    pub fn precision(self) -> f64 {
        ratio(self.true_positives, self.true_positives + self.false_positives)
    }

    /// Churners that are flagged; 0 when there is none.
    pub fn recall(self) -> f64 {
        ratio(self.true_positives, self.true_positives + self.false_negatives)
    }

    /// 2 TP / (2 TP + FP + FN).
    pub fn f1(self) -> f64 {
        ratio(2 * self.true_positives, 2 * self.true_positives + self.false_positives + self.false_negatives)
    }

    /// Share of right decisions.
    pub fn accuracy(self) -> f64 {
        let right = self.true_positives + self.true_negatives;
        ratio(right, right + self.false_positives + self.false_negatives)
    }
}

/// Mean squared error of the probability (Brier 1950).
pub(in crate::model) fn brier(labels: &[bool], probabilities: &[f64]) -> f64 {
    let squares = labels.iter().zip(probabilities).map(|(&label, p)| (p - f64::from(u8::from(label))).powi(2));
    squares.sum::<f64>() / labels.len() as f64
}

fn log_loss(labels: &[bool], probabilities: &[f64]) -> f64 {
    let losses = labels.iter().zip(probabilities).map(|(&label, &p)| {
        let p = p.clamp(CLIP, 1.0 - CLIP);
        if label { -p.ln() } else { -(1.0 - p).ln() }
    });
    losses.sum::<f64>() / labels.len() as f64
}

/// Mean gap between predicted and observed churn over 10 bins of equally many rows, weighted by rows.
pub(in crate::model) fn ece(labels: &[bool], probabilities: &[f64]) -> f64 {
    let bins = reliability(labels, probabilities);
    bins.iter().map(|bin| bin.rows as f64 * (bin.predicted - bin.observed).abs()).sum::<f64>() / labels.len() as f64
}

/// One bin of the reliability curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Mean predicted probability.
    pub predicted: f64,
    /// Observed churn rate.
    pub observed: f64,
    /// Rows in the bin.
    pub rows: u64,
}

/// Up to 10 bins of about equally many rows, from the lowest probability to the highest. Rows of one
/// probability share a bin (the one of their middle rank), so that row order cannot matter.
pub(in crate::model) fn reliability(labels: &[bool], probabilities: &[f64]) -> Vec<ReliabilityBin> {
    let mut sums = [(0.0, 0_u64, 0_u64); BINS];
    let mut above = 0;
    for tie in Ranking::new(probabilities).ties() {
        let middle = above + (tie.len() - 1) / 2;
        let bin = &mut sums[BINS - 1 - middle * BINS / labels.len()];
        bin.0 += probabilities[tie[0]] * tie.len() as f64;
        bin.1 += tie.iter().filter(|&&row| labels[row]).count() as u64;
        bin.2 += tie.len() as u64;
        above += tie.len();
    }
    let filled = sums.into_iter().filter(|&(_, _, rows)| rows > 0);
    filled
        .map(|(predicted, churners, rows)| ReliabilityBin {
            predicted: predicted / rows as f64,
            observed: ratio(churners, rows),
            rows,
        })
        .collect()
}

/// Rows of equal score at the edge of the decile count in part.
fn top_decile_lift(labels: &[bool], ranking: &Ranking) -> f64 {
    let churners_of = |rows: &[usize]| rows.iter().filter(|&&row| labels[row]).count() as f64;
    let size = labels.len().div_ceil(10) as f64;
    let (mut rows, mut churners) = (0.0, 0.0);
    for tie in ranking.ties() {
        let share = ((size - rows) / tie.len() as f64).min(1.0);
        rows += share * tie.len() as f64;
        churners += share * churners_of(tie);
        if rows >= size {
            break;
        }
    }
    let all = labels.iter().filter(|&&label| label).count() as f64;
    (churners / size) / (all / labels.len() as f64)
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LABELS: [bool; 10] = [false, false, true, true, false, true, false, false, true, false];
    const PROBABILITIES: [f64; 10] = [0.1, 0.4, 0.35, 0.8, 0.4, 0.4, 0.05, 0.65, 0.9, 0.1];

    fn close(got: f64, wanted: f64) {
        assert!((got - wanted).abs() < 1e-12, "{got} instead of {wanted}");
    }

    #[test]
    fn areas_and_losses_are_scikit_learns() {
        // scikit-learn 1.9.1: average_precision_score, roc_auc_score, brier_score_loss, log_loss; three are tied at 0.4
        let metrics = Metrics::of(&LABELS, &PROBABILITIES, 0.4).unwrap();
        close(metrics.pr_auc, 0.767_857_142_857_142_8);
        close(metrics.roc_auc, 0.791_666_666_666_666_6);
        close(metrics.brier, 0.159_75);
        close(metrics.log_loss, 0.462_810_462_107_873);
    }

    #[test]
    fn the_confusion_counts_a_probability_at_the_threshold_as_flagged() {
        let metrics = Metrics::of(&LABELS, &PROBABILITIES, 0.4).unwrap();
        let wanted = Confusion { true_positives: 3, false_positives: 3, false_negatives: 1, true_negatives: 3 };
        assert_eq!(metrics.confusion, wanted);
        assert_eq!((metrics.precision, metrics.recall, metrics.f1, metrics.accuracy), (0.5, 0.75, 0.6, 0.6));
    }

    #[test]
    fn what_is_no_probability_is_not_measured() {
        for bad in [f64::NAN, -0.001, 1.001, f64::INFINITY] {
            let error = Metrics::of(&[true, false, true], &[0.5, 0.2, bad], 0.5).unwrap_err().to_string();
            assert!(error.contains("row 3"), "{error}");
        }
        assert!(Metrics::of(&[true, false], &[1.0, 0.0], 0.5).is_ok());
    }

    #[test]
    fn a_perfect_order_lifts_the_top_tenth_by_the_inverse_of_the_rate() {
        let labels: Vec<bool> = (0..50).map(|i| i < 5).collect();
        let scores: Vec<f64> = (0..50).map(|i| 1.0 - f64::from(i) / 50.0).collect();
        close(Metrics::of(&labels, &scores, 0.5).unwrap().top_decile_lift, 10.0);
        close(Metrics::of(&labels, &[0.1; 50], 0.5).unwrap().top_decile_lift, 1.0);
    }

    #[test]
    fn the_calibration_error_of_a_constant_is_its_distance_from_the_rate() {
        close(ece(&LABELS, &[0.7; 10]), 0.3);
        assert_eq!(reliability(&LABELS, &[0.7; 10]).len(), 1);
    }

    #[test]
    fn certain_and_wrong_has_a_finite_log_loss() {
        assert!(log_loss(&[true, false], &[0.0, 1.0]).is_finite());
    }

    proptest! {
        #[test]
        fn the_order_of_the_rows_changes_nothing(
            rows in prop::collection::vec((any::<bool>(), 0_u8..12), 2..60), shift in 0_usize..60,
        ) {
            let measure = |rows: &[(bool, u8)]| {
                let labels: Vec<bool> = rows.iter().map(|row| row.0).collect();
                let scores: Vec<f64> = rows.iter().map(|row| f64::from(row.1) / 16.0).collect();
                Metrics::of(&labels, &scores, 0.5).ok()
            };
            let mut turned = rows.clone();
            turned.rotate_left(shift % rows.len());
            match (measure(&rows), measure(&turned)) {
                (Some(a), Some(b)) => {
                    prop_assert_eq!((a.pr_auc, a.roc_auc, a.confusion), (b.pr_auc, b.roc_auc, b.confusion));
                    prop_assert!((a.ece - b.ece).abs() < 1e-12 && (a.top_decile_lift - b.top_decile_lift).abs() < 1e-12);
                }
                (a, b) => prop_assert!(a.is_none() && b.is_none()),
            }
        }
    }
}
