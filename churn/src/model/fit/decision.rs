//! The decision threshold of a training, by the rule of its settings.
//!
//! A threshold that finds enough churners among the rows it was chosen on finds enough of others every second time: it
//! was chosen at the edge. With a confidence it keeps a margin for two chances: the out-of-fold rows could have been
//! others, and so could the new customers that it is used on, who are fewer. So each resample of the rows is a
//! population, a batch of new customers is drawn of it, and in that share of the batches the recall is enough. The other
//! rule weighs what a missed churner costs against a needless offer.

use rand::SeedableRng;
use rand_pcg::Pcg64;

use crate::model::bundle::threshold::{Threshold, ThresholdRule, candidates, choose, choose_among};
use crate::model::measure::bootstrap::draw_new_counts;
use crate::model::ranking::Ranking;
use crate::model::settings::{BootstrapSettings, ThresholdChoice, ThresholdSettings};

/// A confidence of one half is the rule without a margin.
const NO_MARGIN: f64 = 0.5;

/// Chooses on calibrated probabilities of rows that the models which made them did not see, for so many new customers.
pub(super) fn decide(
    labels: &[bool],
    probabilities: &[f64],
    new_customers: usize,
    settings: &ThresholdSettings,
    bootstrap: &BootstrapSettings,
) -> Threshold {
    match settings.rule {
        ThresholdChoice::Recall if settings.confidence <= NO_MARGIN => {
            choose(labels, probabilities, settings.min_recall)
        }
        ThresholdChoice::Recall => with_margin(labels, probabilities, new_customers, settings, bootstrap),
        ThresholdChoice::Cost => cheapest(labels, probabilities, settings),
    }
}

/// The highest precision among the thresholds whose recall is enough on the rows and in enough batches of new customers.
fn with_margin(
    labels: &[bool],
    probabilities: &[f64],
    new_customers: usize,
    settings: &ThresholdSettings,
    bootstrap: &BootstrapSettings,
) -> Threshold {
    let mut needed = needed(labels, probabilities, new_customers, settings.min_recall, bootstrap);
    needed.sort_unstable();
    let enough = (settings.confidence * needed.len() as f64).ceil() as usize;
    let first = enough.checked_sub(1).and_then(|place| needed.get(place)).copied().unwrap_or_default();
    let chosen = choose_among(&candidates(labels, probabilities), first, settings.min_recall);
    match chosen.rule {
        ThresholdRule::MinRecall => Threshold { confidence: Some(settings.confidence), ..chosen },
        ThresholdRule::BestF1 | ThresholdRule::LowestCost => chosen,
    }
}

/// For every batch with churners the first candidate, from the highest threshold on, whose recall is enough in it.
fn needed(
    labels: &[bool],
    probabilities: &[f64],
    new_customers: usize,
    min_recall: f64,
    bootstrap: &BootstrapSettings,
) -> Vec<usize> {
    let ranking = Ranking::new(probabilities);
    // Only churners make recall: each tie by its churners.
    let churners: Vec<Vec<usize>> =
        ranking.ties().map(|tie| tie.iter().copied().filter(|&row| labels[row]).collect()).collect();
    let mut random = Pcg64::seed_from_u64(bootstrap.seed);
    let batches = (0..bootstrap.resamples).filter_map(|_| {
        let counts = draw_new_counts(&mut random, labels.len(), new_customers);
        let drawn = |rows: &[usize]| rows.iter().map(|&row| f64::from(counts[row])).sum::<f64>();
        let all: f64 = churners.iter().map(|rows| drawn(rows)).sum();
        let mut found = 0.0;
        churners.iter().position(|rows| {
            found += drawn(rows);
            all > 0.0 && found / all >= min_recall
        })
    });
    batches.collect()
}

/// The lowest cost of missed churners and needless offers; of equally cheap thresholds the lowest.
fn cheapest(labels: &[bool], probabilities: &[f64], settings: &ThresholdSettings) -> Threshold {
    let positives = labels.iter().filter(|&&label| label).count() as f64;
    let candidates = candidates(labels, probabilities);
    let costs = candidates.iter().map(|candidate| {
        let (missed, needless) = (positives - candidate.found, candidate.flagged - candidate.found);
        missed * settings.missed_churner_eur + needless * settings.needless_offer_eur
    });
    let cheapest = candidates.iter().zip(costs).reduce(|best, next| if next.1 <= best.1 { next } else { best });
    match cheapest {
        Some((candidate, _)) => Threshold { rule: ThresholdRule::LowestCost, ..candidate.threshold },
        None => choose(labels, probabilities, settings.min_recall),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::bundle::platt::sigmoid;
    use crate::model::sample;

    /// Customers of one population whose scores tell something of the outcome; every seed draws others.
    fn population(seed: u32, customers: u32) -> (Vec<bool>, Vec<f64>) {
        let unit = |i: u32, salt: u32| {
            let digit = |place: u32| f64::from(sample::noise(i, 1000 * seed + 10 * salt + place));
            (digit(0) + digit(1) / 100.0) / 100.0
        };
        // The sum of some uniform numbers is about normal.
        let margin = |i: u32| -2.4 + 1.3 * ((0..6).map(|part| unit(i, part)).sum::<f64>() - 3.0) / 0.5_f64.sqrt();
        let rows = (0..customers).map(|i| (unit(i, 7) < sigmoid(margin(i)), sigmoid(margin(i))));
        rows.unzip()
    }

    fn chosen(rows: &(Vec<bool>, Vec<f64>), settings: &ThresholdSettings) -> Threshold {
        let bootstrap = BootstrapSettings { resamples: 400, ..BootstrapSettings::default() };
        decide(&rows.0, &rows.1, rows.0.len() / 4, settings, &bootstrap)
    }

    fn with_confidence(confidence: f64) -> ThresholdSettings {
        ThresholdSettings { confidence, ..ThresholdSettings::default() }
    }

    #[test]
    fn one_half_is_the_rule_without_a_margin() {
        let rows = population(1, 2000);
        let plain = choose(&rows.0, &rows.1, 0.70);
        assert_eq!(chosen(&rows, &with_confidence(0.5)), plain);
        assert_eq!(plain.confidence, None);
    }

    #[test]
    fn more_confidence_is_a_lower_threshold_and_the_same_rows_give_the_same_one() {
        let rows = population(1, 2000);
        let found = [0.5, 0.75, 0.9, 0.99].map(|confidence| chosen(&rows, &with_confidence(confidence)));
        assert!(found.windows(2).all(|pair| pair[0].value >= pair[1].value), "{found:?}");
        assert!(found[0].value > found[3].value && found.iter().all(|threshold| threshold.recall >= 0.70), "{found:?}");
        assert_eq!((found[2].rule, found[2].confidence), (ThresholdRule::MinRecall, Some(0.9)));
        assert_eq!(chosen(&rows, &with_confidence(0.9)), found[2]);
    }

    /// A batch is a quarter of the rows, as a holdout is: its own churners are few, and the margin must hold for them too.
    #[test]
    fn on_new_customers_the_recall_is_enough_as_often_as_was_asked_and_half_the_time_without_a_margin() {
        const ROWS: u32 = 1500;
        const DRAWS: u32 = 150;
        let recall = |threshold: f64, (labels, probabilities): &(Vec<bool>, Vec<f64>)| {
            let of_churners = || labels.iter().zip(probabilities).filter(|(churned, _)| **churned);
            of_churners().filter(|(_, p)| **p >= threshold).count() as f64 / of_churners().count() as f64
        };
        let enough = |confidence: f64| {
            let found = (1..=DRAWS).filter(|&seed| {
                let threshold = chosen(&population(seed, ROWS), &with_confidence(confidence)).value;
                recall(threshold, &population(5000 + seed, ROWS / 4)) >= 0.70
            });
            found.count() as f64 / f64::from(DRAWS)
        };
        // Two standard deviations of chance: 0.08 about one half, 0.05 about nine tenths.
        let (plain, with_margin) = (enough(0.5), enough(0.9));
        assert!((0.40..=0.62).contains(&plain), "{plain}");
        assert!((0.85..=0.96).contains(&with_margin), "{with_margin}");
    }

    #[test]
    fn fewer_new_customers_need_a_wider_margin() {
        let rows = population(1, 2000);
        let bootstrap = BootstrapSettings { resamples: 400, ..BootstrapSettings::default() };
        let of = |new: usize| decide(&rows.0, &rows.1, new, &with_confidence(0.9), &bootstrap).value;
        assert!(of(200) < of(2000) && of(2000) < of(200_000), "{} {} {}", of(200), of(2000), of(200_000));
    }

    #[test]
    fn the_cost_rule_flags_from_the_probability_on_where_an_offer_pays() {
        // A missed churner costs nine times a needless offer: for calibrated probabilities it pays from 0.1 on.
        let rows = population(3, 30_000);
        let settings = ThresholdSettings {
            rule: ThresholdChoice::Cost,
            missed_churner_eur: 90.0,
            needless_offer_eur: 10.0,
            ..ThresholdSettings::default()
        };
        let found = chosen(&rows, &settings);
        assert!((0.07..0.13).contains(&found.value) && found.rule == ThresholdRule::LowestCost, "{found:?}");
        let dearer = chosen(&rows, &ThresholdSettings { needless_offer_eur: 90.0, ..settings });
        assert!((0.40..0.60).contains(&dearer.value), "{dearer:?}");
    }

    #[test]
    fn where_no_recall_is_enough_the_best_f1_stands_in() {
        let rows = (vec![false; 50], vec![0.5; 50]);
        let found = chosen(&rows, &with_confidence(0.9));
        assert_eq!((found.rule, found.confidence), (ThresholdRule::BestF1, None));
    }
}
