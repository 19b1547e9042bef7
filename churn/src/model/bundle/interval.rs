//! The interval around a score: split conformal prediction, by risk tier.
//!
//! In each tier the half width is the ceil((n + 1) x coverage)-th smallest |outcome - probability| of
//! customers that the model did not see (Vovk's Mondrian conformal prediction). It promises that at
//! least `coverage` of the *outcomes* (1 churns, 0 stays) in a tier lie in their interval, whatever the
//! model is worth, as long as tomorrow's customers are like those it was fitted on. It promises
//! nothing about a single customer's true probability.

use serde::{Deserialize, Serialize};

use crate::model::rounding::{published, published_up};
use crate::model::tier::RiskTier;

/// The half widths by tier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreIntervals {
    /// Share of outcomes that an interval must hold.
    pub coverage: f64,
    /// One entry per tier.
    pub tiers: Vec<TierInterval>,
}

/// The half width of one tier.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierInterval {
    /// The tier of the published probability.
    pub tier: RiskTier,
    /// Customers it was measured on.
    pub rows: u64,
    /// Half width; 1 (the interval says nothing) when there are too few customers.
    pub half_width: f64,
}

impl ScoreIntervals {
    /// Measures on out-of-fold probabilities.
    pub(in crate::model) fn fit(labels: &[bool], probabilities: &[f64], coverage: f64) -> Self {
        let tiers = RiskTier::ALL
            .into_iter()
            .map(|tier| {
                let mut distances: Vec<f64> = labels
                    .iter()
                    .zip(probabilities)
                    .map(|(&label, &probability)| (f64::from(u8::from(label)), published(probability)))
                    .filter(|&(_, probability)| RiskTier::of(probability) == tier)
                    .map(|(outcome, probability)| (outcome - probability).abs())
                    .collect();
                distances.sort_by(f64::total_cmp);
                let rank = ((distances.len() + 1) as f64 * coverage).ceil() as usize;
                let half_width = distances.get(rank - 1).copied().unwrap_or(1.0);
                TierInterval { tier, rows: distances.len() as u64, half_width: published_up(half_width) }
            })
            .collect();
        Self { coverage, tiers }
    }

    /// The interval of a published probability, inside [0, 1].
    pub fn around(&self, churn_proba: f64) -> (f64, f64) {
        let tier = RiskTier::of(churn_proba);
        let half_width = self.tiers.iter().find(|entry| entry.tier == tier).map_or(1.0, |entry| entry.half_width);
        (published((churn_proba - half_width).max(0.0)), published((churn_proba + half_width).min(1.0)))
    }

    /// Share of outcomes inside their interval.
    pub(in crate::model) fn observed_coverage(&self, labels: &[bool], probabilities: &[f64]) -> f64 {
        let inside = labels.iter().zip(probabilities).filter(|&(&label, &probability)| {
            let (low, high) = self.around(published(probability));
            (low..=high).contains(&f64::from(u8::from(label)))
        });
        inside.count() as f64 / labels.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_half_width_is_the_conformal_quantile_of_the_tier() {
        // 19 stayers at 0.01 .. 0.19: rank ceil(20 x 0.9) = 18, the 18th smallest distance is 0.18
        let probabilities: Vec<f64> = (1..20).map(|i| f64::from(i) / 100.0).collect();
        let intervals = ScoreIntervals::fit(&[false; 19], &probabilities, 0.90);
        assert_eq!(intervals.tiers[0], TierInterval { tier: RiskTier::Low, rows: 19, half_width: 0.18 });
        assert_eq!(intervals.around(0.10), (0.0, 0.28));
    }

    #[test]
    fn the_rank_is_rounded_up_and_a_whole_one_stays() {
        let width = |stayers: usize| {
            let probabilities: Vec<f64> = (1..=stayers).map(|i| i as f64 / 100.0).collect();
            ScoreIntervals::fit(&vec![false; stayers], &probabilities, 0.75).tiers[0].half_width
        };
        // (n + 1) x 0.75: 4 x 0.75 = 3 of 3, 5 x 0.75 = 3.75 -> 4 of 4, 6 x 0.75 = 4.5 -> 5 of 5, 8 x 0.75 = 6 of 7
        assert_eq!([3, 4, 5, 7].map(width), [0.03, 0.04, 0.05, 0.06]);
        // 3 x 0.75 = 2.25 -> 3 of 2: there is no such customer.
        assert_eq!(width(2), 1.0);
    }

    #[test]
    fn the_distance_of_a_churner_is_what_lacks_to_1() {
        let intervals = ScoreIntervals::fit(&[true], &[0.875], 0.5);
        assert_eq!(intervals.tiers[3], TierInterval { tier: RiskTier::Critical, rows: 1, half_width: 0.125 });
    }

    #[test]
    fn an_outcome_at_the_end_of_its_interval_is_inside() {
        let tiers = vec![TierInterval { tier: RiskTier::Low, rows: 9, half_width: 0.25 }];
        let intervals = ScoreIntervals { coverage: 0.9, tiers };
        assert_eq!(intervals.around(0.25), (0.0, 0.5));
        assert_eq!(intervals.observed_coverage(&[false, false, true, true], &[0.25, 0.26, 0.1, 0.39]), 0.25);
        // A tier that nobody measured has an interval that says nothing.
        assert_eq!(intervals.around(0.9), (0.0, 1.0));
    }

    #[test]
    fn the_tier_is_that_of_the_published_probability() {
        // Published as 0.4, which is medium.
        let intervals = ScoreIntervals::fit(&[false], &[0.399_96], 0.5);
        assert_eq!(intervals.tiers.iter().map(|tier| tier.rows).collect::<Vec<_>>(), [0, 1, 0, 0]);
    }

    #[test]
    fn a_tier_with_too_few_customers_has_an_interval_that_says_nothing() {
        let intervals = ScoreIntervals::fit(&[true], &[0.85], 0.90);
        assert_eq!(intervals.around(0.85), (0.0, 1.0));
    }

    #[test]
    fn the_promised_share_of_the_outcomes_is_covered() {
        let probabilities: Vec<f64> = (0..2000).map(|i| f64::from(i % 400) / 1000.0).collect();
        let labels: Vec<bool> = (0..2000_u32).map(|i| i * 7919 % 1000 < (i % 400)).collect();
        let intervals = ScoreIntervals::fit(&labels, &probabilities, 0.90);
        assert!(intervals.observed_coverage(&labels, &probabilities) >= 0.90);
    }
}
