//! The decision threshold: from which calibrated probability on a customer counts as churning.

use serde::{Deserialize, Serialize};

use crate::model::ranking::Ranking;
use crate::model::rounding::stored_below;

/// Which rule chose the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdRule {
    /// The highest precision among the thresholds with enough recall.
    MinRecall,
    /// No threshold has enough recall: the best F1.
    BestF1,
    /// The lowest cost of missed churners and needless offers together.
    LowestCost,
}

/// A threshold, and what it gave where it was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// A probability of at least this counts as churning.
    pub value: f64,
    /// The rule that chose it.
    pub rule: ThresholdRule,
    /// Precision on the rows it was chosen on.
    pub precision: f64,
    /// Recall on the rows it was chosen on.
    pub recall: f64,
    /// In which share of batches of new customers, drawn of these rows, the recall was enough at least; nothing where nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
}

/// Chooses on probabilities of rows that the scoring models did not see; of equally good thresholds the lowest.
pub(in crate::model) fn choose(labels: &[bool], probabilities: &[f64], min_recall: f64) -> Threshold {
    choose_among(&candidates(labels, probabilities), 0, min_recall)
}

/// The same among the candidates from the `first` on, which are those that find more; the best F1 is among all.
pub(in crate::model) fn choose_among(candidates: &[Candidate], first: usize, min_recall: f64) -> Threshold {
    let thresholds = || candidates.iter().map(|candidate| candidate.threshold);
    let enough = thresholds().skip(first).filter(|threshold| threshold.recall >= min_recall);
    if let Some(found) = best(enough, |threshold| threshold.precision) {
        return found;
    }
    match best(thresholds(), f1) {
        Some(found) => Threshold { rule: ThresholdRule::BestF1, ..found },
        None => Threshold { value: 0.5, rule: ThresholdRule::BestF1, precision: 0.0, recall: 0.0, confidence: None },
    }
}

/// Of equally good ones the last.
fn best(among: impl Iterator<Item = Threshold>, of: impl Fn(&Threshold) -> f64) -> Option<Threshold> {
    among.reduce(|best, next| if of(&next) >= of(&best) { next } else { best })
}

/// A threshold that may be chosen, and what it would do to the rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::model) struct Candidate {
    /// With precision and recall.
    pub threshold: Threshold,
    /// Churners that it flags.
    pub found: f64,
    /// Rows that it flags.
    pub flagged: f64,
}

/// Every distinct probability as a threshold, from the highest to the lowest.
pub(in crate::model) fn candidates(labels: &[bool], probabilities: &[f64]) -> Vec<Candidate> {
    let ranking = Ranking::new(probabilities);
    let positives = labels.iter().filter(|&&label| label).count() as f64;
    let (mut found, mut flagged) = (0.0, 0.0);
    ranking
        .ties()
        .map(|tie| {
            found += tie.iter().filter(|&&row| labels[row]).count() as f64;
            flagged += tie.len() as f64;
            let threshold = Threshold {
                value: stored_below(probabilities[tie[0]]),
                rule: ThresholdRule::MinRecall,
                precision: found / flagged,
                recall: if positives > 0.0 { found / positives } else { 0.0 },
                confidence: None,
            };
            Candidate { threshold, found, flagged }
        })
        .collect()
}

fn f1(threshold: &Threshold) -> f64 {
    let sum = threshold.precision + threshold.recall;
    if sum > 0.0 { 2.0 * threshold.precision * threshold.recall / sum } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABELS: [bool; 6] = [true, true, false, true, false, false];
    const PROBABILITIES: [f64; 6] = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4];

    #[test]
    fn the_highest_precision_with_enough_recall_wins() {
        // recall 1/3 2/3 2/3 1 1 1; precision 1 1 2/3 3/4 3/5 1/2
        assert_eq!(choose(&LABELS, &PROBABILITIES, 0.70).value, 0.6);
        assert_eq!(choose(&LABELS, &PROBABILITIES, 0.60).value, 0.8);
    }

    #[test]
    fn of_equal_precision_the_lower_threshold_finds_more() {
        assert_eq!(choose(&LABELS, &PROBABILITIES, 0.30).value, 0.8);
    }

    #[test]
    fn f1_is_the_harmonic_mean_and_0_where_nothing_is_found() {
        let rule = ThresholdRule::BestF1;
        let of = |precision, recall| f1(&Threshold { value: 0.5, rule, precision, recall, confidence: None });
        assert_eq!([of(0.5, 1.0), of(0.25, 0.75), of(1.0, 1.0), of(0.0, 0.0)], [2.0 / 3.0, 0.375, 1.0, 0.0]);
    }

    #[test]
    fn recall_at_the_least_that_is_asked_for_is_enough() {
        // recall is 2/3 at 0.8; precision is 1 there, and 3/4 where recall is enough for more
        let at = choose(&LABELS, &PROBABILITIES, 2.0 / 3.0);
        assert_eq!((at.value, at.rule, at.recall), (0.8, ThresholdRule::MinRecall, 2.0 / 3.0));
        assert_eq!(choose(&LABELS, &PROBABILITIES, (2.0_f64 / 3.0).next_up()).value, 0.6);
        let all = choose(&LABELS, &PROBABILITIES, 1.0);
        assert_eq!((all.value, all.rule, all.recall), (0.6, ThresholdRule::MinRecall, 1.0));
    }

    #[test]
    fn nobody_to_find_and_nobody_at_all_have_a_threshold_too() {
        let stayers = choose(&[false, false], &[0.4, 0.2], 0.7);
        assert_eq!((stayers.rule, stayers.precision, stayers.recall), (ThresholdRule::BestF1, 0.0, 0.0));
        let none = choose(&[], &[], 0.7);
        assert_eq!((none.value, none.rule, none.precision, none.recall), (0.5, ThresholdRule::BestF1, 0.0, 0.0));
    }

    #[test]
    fn equal_probabilities_are_flagged_together() {
        let chosen = choose(&[true, false, true], &[0.5, 0.5, 0.5], 0.70);
        assert_eq!((chosen.value, chosen.precision, chosen.recall), (0.5, 2.0 / 3.0, 1.0));
    }

    #[test]
    fn the_best_f1_stands_in_when_no_recall_is_enough_and_says_so() {
        let chosen = choose(&LABELS, &PROBABILITIES, 1.1);
        assert_eq!((chosen.value, chosen.rule), (0.6, ThresholdRule::BestF1));
    }
}
