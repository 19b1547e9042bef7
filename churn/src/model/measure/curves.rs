//! The curves of the evaluation, thinned so that a page can draw them.

use serde::{Deserialize, Serialize};

use super::metrics::{ReliabilityBin, reliability};
use crate::model::ranking::Ranking;

const MAX_POINTS: usize = 200;

/// The precision-recall, ROC and reliability curves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Curves {
    /// From the highest threshold to the lowest.
    pub precision_recall: Vec<PrPoint>,
    /// From (0, 0) to (1, 1).
    pub roc: Vec<RocPoint>,
    /// From the lowest probability to the highest, calibrated.
    pub reliability: Vec<ReliabilityBin>,
    /// The same before calibration.
    pub reliability_raw: Vec<ReliabilityBin>,
}

/// Precision and recall at a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PrPoint {
    /// From this probability on a customer is flagged.
    pub threshold: f64,
    /// Churners among those flagged.
    pub precision: f64,
    /// Churners that are flagged.
    pub recall: f64,
}

/// Rates of false and true alarms.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RocPoint {
    /// Stayers that are flagged.
    pub false_positive_rate: f64,
    /// Churners that are flagged.
    pub true_positive_rate: f64,
}

impl Curves {
    /// The curves of calibrated and raw probabilities; both classes must be there.
    pub fn of(labels: &[bool], calibrated: &[f64], raw: &[f64]) -> Self {
        let positives = labels.iter().filter(|&&label| label).count() as f64;
        let negatives = labels.len() as f64 - positives;
        let (mut found, mut flagged) = (0.0, 0.0);
        let mut precision_recall = Vec::new();
        let mut roc = vec![RocPoint { false_positive_rate: 0.0, true_positive_rate: 0.0 }];
        for tie in Ranking::new(calibrated).ties() {
            found += tie.iter().filter(|&&row| labels[row]).count() as f64;
            flagged += tie.len() as f64;
            let recall = found / positives;
            precision_recall.push(PrPoint { threshold: calibrated[tie[0]], precision: found / flagged, recall });
            roc.push(RocPoint { false_positive_rate: (flagged - found) / negatives, true_positive_rate: recall });
        }
        Self {
            precision_recall: thin(&precision_recall),
            roc: thin(&roc),
            reliability: reliability(labels, calibrated),
            reliability_raw: reliability(labels, raw),
        }
    }
}

/// Evenly many points, the first and the last among them.
fn thin<T: Copy>(points: &[T]) -> Vec<T> {
    if points.len() <= MAX_POINTS {
        return points.to_vec();
    }
    (0..MAX_POINTS).map(|i| points[i * (points.len() - 1) / (MAX_POINTS - 1)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_end_where_everybody_is_flagged() {
        let labels: Vec<bool> = (0..1000).map(|i| i % 4 == 0).collect();
        let scores: Vec<f64> = (0..1000).map(|i| f64::from(i) / 1000.0).collect();
        let curves = Curves::of(&labels, &scores, &scores);
        assert_eq!(curves.precision_recall.len(), 200);
        assert_eq!(curves.roc.first(), Some(&RocPoint { false_positive_rate: 0.0, true_positive_rate: 0.0 }));
        assert_eq!(curves.roc.last(), Some(&RocPoint { false_positive_rate: 1.0, true_positive_rate: 1.0 }));
        assert_eq!(curves.precision_recall.last().map(|point| (point.precision, point.recall)), Some((0.25, 1.0)));
    }
}
