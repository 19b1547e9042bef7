//! How good a ranking would look where churn is rarer or more frequent.
//!
//! A PR-AUC falls with the share of churners although nothing else changes. So that a limit that was set at one churn rate
//! can be held against a year of another, the churners are weighed until their share is that rate (prior shift: who churns
//! and how they look stays as it is; Saerens, Latinne and Decaestecker 2002).

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::ranking::Ranking;

/// A PR-AUC at another churn rate than that of the customers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PrAucAtRate {
    /// The churn rate.
    pub base_rate: f64,
    /// What the PR-AUC is worth there.
    pub pr_auc: f64,
}

impl PrAucAtRate {
    /// Measures; rows of one class only are an error. `base_rate` lies between 0 and 1.
    pub(in crate::model) fn of(labels: &[bool], probabilities: &[f64], base_rate: f64) -> Result<Self> {
        let positives = labels.iter().filter(|&&label| label).count() as f64;
        let negatives = labels.len() as f64 - positives;
        let weight = base_rate / (1.0 - base_rate) * negatives / positives;
        let areas = Ranking::new(probabilities).areas(labels, |row| if labels[row] { weight } else { 1.0 });
        let areas = areas.ok_or_else(|| {
            let problem = "the rows are all churners or all stayers; use more customers";
            Error::model("measure the model at another churn rate", problem)
        })?;
        Ok(Self { base_rate, pr_auc: areas.pr_auc })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores that tell churners from stayers, but not well; a tenth churns.
    fn sample() -> (Vec<bool>, Vec<f64>) {
        let labels: Vec<bool> = (0..2000).map(|i| i % 10 == 0).collect();
        let scores = (0..2000_u32).map(|i| f64::from(i * 7919 % 997) / 1000.0 * if i % 10 == 0 { 1.0 } else { 0.7 });
        (labels, scores.collect())
    }

    #[test]
    fn at_their_own_rate_it_is_the_pr_auc() {
        let (labels, scores) = sample();
        let own = Ranking::new(&scores).areas(&labels, |_| 1.0).unwrap().pr_auc;
        assert!((PrAucAtRate::of(&labels, &scores, 0.1).unwrap().pr_auc - own).abs() < 1e-12);
    }

    #[test]
    fn where_churn_is_rarer_the_same_ranking_is_worth_less() {
        let (labels, scores) = sample();
        let at = |rate| PrAucAtRate::of(&labels, &scores, rate).unwrap().pr_auc;
        assert!(at(0.06) < at(0.1) && at(0.1) < at(0.2), "{} {} {}", at(0.06), at(0.1), at(0.2));
    }

    #[test]
    fn fewer_churners_of_the_same_kind_weighed_to_the_old_rate_are_worth_what_they_were() {
        let (labels, scores) = sample();
        let whole = PrAucAtRate::of(&labels, &scores, 0.1).unwrap().pr_auc;
        // Every second churner is gone, whatever their score.
        let kept: Vec<usize> = (0..2000).filter(|row| row % 20 != 10).collect();
        let (labels, scores): (Vec<_>, Vec<_>) = kept.iter().map(|&row| (labels[row], scores[row])).unzip();
        let at = |rate| PrAucAtRate::of(&labels, &scores, rate).unwrap().pr_auc;
        assert!((at(0.1) - whole).abs() < 0.03, "{} instead of {whole}", at(0.1));
        assert!(at(100.0 / 1900.0) < whole - 0.03, "{}", at(100.0 / 1900.0));
    }

    #[test]
    fn one_class_alone_is_an_error() {
        assert!(PrAucAtRate::of(&[true, true], &[0.1, 0.2], 0.1).is_err());
    }
}
