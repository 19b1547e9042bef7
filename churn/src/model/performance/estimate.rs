//! The performance that calibrated probabilities promise, with the interval in which it lies if they are right.

use serde::{Deserialize, Serialize};

use super::draws::{CalibrationError, Draws, log_odds, sigmoid};
use super::settings::PerformanceSettings;
use crate::error::Result;
use crate::model::ranking::Ranking;
use crate::watch::Watch;

/// A figure with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The mean of all draws.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Figure {
    /// Whether a figure lies in the interval, its ends included.
    pub fn holds(&self, figure: f64) -> bool {
        (self.low..=self.high).contains(&figure)
    }
}

/// What the probabilities promise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimated {
    /// Customers.
    pub rows: u64,
    /// Share of the outcomes that an interval holds.
    pub coverage: f64,
    /// The share of customers that will churn.
    pub churn_rate: Figure,
    /// Average precision.
    pub pr_auc: Figure,
    /// Area under the ROC curve.
    pub roc_auc: Figure,
    /// Churners among those flagged; none where nobody is flagged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<Figure>,
    /// Churners that are flagged.
    pub recall: Figure,
}

/// Customers as a model scored them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scored {
    /// Calibrated probabilities, of a model that did not see these customers.
    pub probabilities: Vec<f64>,
    /// Who is flagged.
    pub flagged: Vec<bool>,
}

/// The figures of one draw of outcomes.
struct Drawn {
    churn_rate: f64,
    pr_auc: f64,
    roc_auc: f64,
    precision: Option<f64>,
    recall: f64,
}

/// Draws the outcomes again and again; nothing where there are too few customers, or too few churners to expect.
///
/// `calibrated_on` are the probabilities of the rows that the calibration was fitted on: the more of them, the surer it
/// is; without any it is taken as it is.
pub fn estimate(
    scored: &Scored,
    calibrated_on: &[f64],
    settings: &PerformanceSettings,
    watch: &dyn Watch,
) -> Result<Option<Estimated>> {
    let rows = scored.probabilities.len() as u64;
    let expected = scored.probabilities.iter().sum::<f64>();
    let least = settings.min_positives as f64;
    if rows < settings.min_rows || expected < least || rows as f64 - expected < least {
        return Ok(None);
    }
    let ranking = Ranking::new(&scored.probabilities);
    let odds: Vec<f64> = scored.probabilities.iter().map(|&p| log_odds(p)).collect();
    let error = CalibrationError::of(&calibrated_on.iter().map(|&p| log_odds(p)).collect::<Vec<_>>());
    let mut draws = Draws::new(settings.seed);
    let mut drawn = Vec::with_capacity(settings.draws as usize);
    for draw in 0..settings.draws {
        if draw % 50 == 0 {
            watch.report(u64::from(draw), Some(u64::from(settings.draws)))?;
        }
        let (intercept, slope) = error.draw(&mut draws);
        let labels: Vec<bool> = odds.iter().map(|z| draws.uniform() < sigmoid(intercept + slope * z)).collect();
        // A draw of one class alone has no areas; with this many churners to expect there is hardly one.
        drawn.extend(figures(&ranking, &labels, &scored.flagged));
    }
    let figure = |of: &dyn Fn(&Drawn) -> Option<f64>| Figure::of(drawn.iter().filter_map(of), settings.coverage);
    let known = |of: &dyn Fn(&Drawn) -> f64| figure(&|drawn| Some(of(drawn)));
    let all = (known(&|d| d.churn_rate), known(&|d| d.pr_auc), known(&|d| d.roc_auc), known(&|d| d.recall));
    let (Some(churn_rate), Some(pr_auc), Some(roc_auc), Some(recall)) = all else { return Ok(None) };
    let precision = figure(&|d| d.precision);
    Ok(Some(Estimated { rows, coverage: settings.coverage, churn_rate, pr_auc, roc_auc, precision, recall }))
}

fn figures(ranking: &Ranking, labels: &[bool], flagged: &[bool]) -> Option<Drawn> {
    let areas = ranking.areas(labels, |_| 1.0)?;
    let count = |of: &dyn Fn(bool, bool) -> bool| {
        labels.iter().zip(flagged).filter(|(label, flagged)| of(**label, **flagged)).count() as f64
    };
    let (churners, found) = (count(&|label, _| label), count(&|label, flagged| label && flagged));
    let offered = count(&|_, flagged| flagged);
    Some(Drawn {
        churn_rate: churners / labels.len() as f64,
        pr_auc: areas.pr_auc,
        roc_auc: areas.roc_auc,
        precision: (offered > 0.0).then(|| found / offered),
        recall: found / churners,
    })
}

impl Figure {
    /// The mean of the draws, and the interval that leaves out as many below as above.
    fn of(draws: impl Iterator<Item = f64>, coverage: f64) -> Option<Self> {
        let mut sorted: Vec<f64> = draws.collect();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().checked_sub(1)?;
        let at = |share: f64| {
            let position = share * last as f64;
            let below = position as usize;
            let above = (below + 1).min(last);
            sorted[below] + (position - below as f64) * (sorted[above] - sorted[below])
        };
        let tail = (1.0 - coverage) / 2.0;
        let value = sorted.iter().sum::<f64>() / sorted.len() as f64;
        Some(Self { value, low: at(tail), high: at(1.0 - tail) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{book, outcomes};
    use super::*;
    use crate::watch::Unwatched;

    fn estimated(scored: &Scored, calibrated_on: &[f64]) -> Estimated {
        estimate(scored, calibrated_on, &PerformanceSettings::default(), &Unwatched).unwrap().unwrap()
    }

    #[test]
    fn on_nine_seeds_the_estimate_covers_what_came_to_pass() {
        for seed in 1..=9 {
            let scored = book(4000, seed);
            let labels = outcomes(&scored, 1000 + seed);
            let areas = Ranking::new(&scored.probabilities).areas(&labels, |_| 1.0).unwrap();
            let promised = estimated(&scored, &book(16_000, 100 + seed).probabilities);
            let rate = labels.iter().filter(|label| **label).count() as f64 / 4000.0;
            for (figure, came) in
                [(promised.pr_auc, areas.pr_auc), (promised.roc_auc, areas.roc_auc), (promised.churn_rate, rate)]
            {
                assert!(figure.holds(came), "seed {seed}: {came} is outside of {figure:?}");
            }
            assert!(promised.pr_auc.high - promised.pr_auc.low < 0.25, "an interval that says something: {promised:?}");
        }
    }

    /// By hand: of customers that all have the same probability the ranking knows nothing.
    #[test]
    fn probabilities_that_are_all_alike_promise_the_churn_rate_and_no_more() {
        let scored = Scored { probabilities: vec![0.25; 2000], flagged: vec![true; 2000] };
        let promised = estimated(&scored, &[]);
        assert_eq!((promised.roc_auc.value, promised.roc_auc.low, promised.roc_auc.high), (0.5, 0.5, 0.5));
        assert!((promised.pr_auc.value - 0.25).abs() < 0.002, "{promised:?}");
        assert!((promised.pr_auc.value - promised.churn_rate.value).abs() < 1e-12, "all are one tie");
        let precision = promised.precision.unwrap();
        assert!((precision.value - promised.churn_rate.value).abs() < 1e-12);
        assert_eq!(promised.recall.value, 1.0);
        // The half width of a binomial share at 99 %: 2.576 x sqrt(0.25 x 0.75 / 2000) = 0.0249.
        assert!((promised.churn_rate.high - 0.25 - 0.0249).abs() < 0.006, "{promised:?}");
    }

    #[test]
    fn a_calibration_on_few_rows_makes_the_interval_wider() {
        let scored = book(4000, 5);
        let width = |on: &[f64]| {
            let figure = estimated(&scored, on).churn_rate;
            figure.high - figure.low
        };
        let (sure, unsure) = (width(&book(16_000, 6).probabilities), width(&book(400, 6).probabilities));
        assert!(width(&[]) <= sure && 2.0 * sure < unsure, "{} {sure} {unsure}", width(&[]));
    }

    #[test]
    fn too_few_customers_or_churners_are_no_estimate_and_nobody_flagged_has_no_precision() {
        let none =
            |scored: &Scored| estimate(scored, &[], &PerformanceSettings::default(), &Unwatched).unwrap().is_none();
        assert!(none(&book(199, 1)) && none(&Scored::default()));
        assert!(none(&Scored { probabilities: vec![0.01; 1000], flagged: vec![false; 1000] }), "ten churners");
        assert!(none(&Scored { probabilities: vec![0.99; 1000], flagged: vec![true; 1000] }), "ten stayers");
        let unflagged = Scored { flagged: vec![false; 1000], ..book(1000, 2) };
        let promised = estimated(&unflagged, &[]);
        assert_eq!((promised.precision, promised.recall.value), (None, 0.0));
    }

    #[test]
    fn the_same_again_is_the_same() {
        let scored = book(1000, 3);
        assert_eq!(estimated(&scored, &[]), estimated(&scored, &[]));
    }
}
