//! The performance that came to pass, and where it is not what the probabilities promised.

use serde::{Deserialize, Serialize};

use super::estimate::{Estimated, Figure, Scored};
use super::settings::PerformanceSettings;
use crate::error::Result;
use crate::model::measure::bootstrap::{Interval, Resamples};
use crate::model::measure::metrics::brier;
use crate::model::ranking::Ranking;
use crate::model::settings::BootstrapSettings;
use crate::watch::Watch;

/// What came to pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Realised {
    /// Customers whose label is known.
    pub rows: u64,
    /// Churners among them.
    pub positives: u64,
    /// Their share.
    pub churn_rate: f64,
    /// Average precision.
    pub pr_auc: f64,
    /// Its 95 % bootstrap interval.
    pub pr_auc_interval: Option<Interval>,
    /// Area under the ROC curve.
    pub roc_auc: f64,
    /// Mean squared error of the probability.
    pub brier: f64,
    /// Churners among those flagged; none where nobody is flagged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<f64>,
    /// Churners that were flagged.
    pub recall: f64,
}

/// Which figure is not what was promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FigureName {
    /// Fewer or more customers churned than the probabilities said.
    ChurnRate,
    /// The ranking is worse or better than they said.
    PrAuc,
}

impl FigureName {
    /// The name in reports and alerts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ChurnRate => "churn_rate",
            Self::PrAuc => "pr_auc",
        }
    }
}

/// A figure that came out otherwise than the probabilities allow.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Departure {
    /// Which.
    pub figure: FigureName,
    /// What was promised of the same customers.
    pub estimated: Figure,
    /// What came to pass.
    pub realised: f64,
}

impl Departure {
    /// Whether people should hear of it: a better ranking than promised is no trouble.
    pub fn is_trouble(&self) -> bool {
        self.figure == FigureName::ChurnRate || self.realised < self.estimated.low
    }
}

/// Measures customers whose labels are known; nothing where they are too few, or of one class almost alone.
pub fn measure(
    scored: &Scored,
    labels: &[bool],
    settings: &PerformanceSettings,
    watch: &dyn Watch,
) -> Result<Option<Realised>> {
    let rows = labels.len() as u64;
    let positives = labels.iter().filter(|label| **label).count() as u64;
    let enough = |count: u64| count >= settings.min_positives;
    if rows < settings.min_rows || !enough(positives) || !enough(rows - positives) {
        return Ok(None);
    }
    let Some(areas) = Ranking::new(&scored.probabilities).areas(labels, |_| 1.0) else { return Ok(None) };
    let bootstrap = BootstrapSettings { resamples: settings.draws, seed: settings.seed };
    let resamples = Resamples::draw(labels, &[scored.probabilities.as_slice()], &bootstrap, watch)?;
    let offered = scored.flagged.iter().filter(|flagged| **flagged).count() as f64;
    let found = labels.iter().zip(&scored.flagged).filter(|(label, flagged)| **label && **flagged).count() as f64;
    Ok(Some(Realised {
        rows,
        positives,
        churn_rate: positives as f64 / rows as f64,
        pr_auc: areas.pr_auc,
        pr_auc_interval: resamples.interval(|areas| areas[0].pr_auc),
        roc_auc: areas.roc_auc,
        brier: brier(labels, &scored.probabilities),
        precision: (offered > 0.0).then(|| found / offered),
        recall: found / positives as f64,
    }))
}

/// Where what came to pass lies outside of what was promised of the very same customers.
pub fn departures(estimated: &Estimated, realised: &Realised) -> Vec<Departure> {
    let figures = [
        (FigureName::ChurnRate, estimated.churn_rate, realised.churn_rate),
        (FigureName::PrAuc, estimated.pr_auc, realised.pr_auc),
    ];
    let departures = figures.map(|(figure, estimated, realised)| Departure { figure, estimated, realised });
    departures.into_iter().filter(|departure| !departure.estimated.holds(departure.realised)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::estimate::estimate;
    use super::super::sample::{book, outcomes};
    use super::*;
    use crate::watch::Unwatched;

    fn settings() -> PerformanceSettings {
        PerformanceSettings::default()
    }

    fn found(scored: &Scored, labels: &[bool]) -> Vec<Departure> {
        let calibrated_on = book(16_000, 77).probabilities;
        let estimated = estimate(scored, &calibrated_on, &settings(), &Unwatched).unwrap().unwrap();
        departures(&estimated, &measure(scored, labels, &settings(), &Unwatched).unwrap().unwrap())
    }

    #[test]
    fn outcomes_that_the_probabilities_allow_are_no_news() {
        for seed in 1..=9 {
            let scored = book(4000, seed);
            assert_eq!(found(&scored, &outcomes(&scored, 2000 + seed)), [], "seed {seed}");
        }
    }

    #[test]
    fn a_planted_shift_of_the_labels_is_found_on_nine_seeds() {
        for seed in 1..=9 {
            let scored = book(4000, seed);
            // For a tenth of the customers the world is another one: half of them leave, whatever the model knows.
            let labels = outcomes(&scored, 3000 + seed).into_iter().enumerate();
            let shifted: Vec<bool> =
                labels.map(|(row, label)| if row % 10 == 3 { row % 20 == 3 } else { label }).collect();
            let departures = found(&scored, &shifted);
            let is_found = departures.iter().any(|d| d.figure == FigureName::ChurnRate && d.is_trouble());
            assert!(is_found, "seed {seed}: {departures:?}");
        }
    }

    #[test]
    fn churn_for_other_reasons_at_the_same_rate_is_found_by_the_ranking_on_nine_seeds() {
        for seed in 1..=9 {
            let scored = book(4000, seed);
            let mut turned = outcomes(&scored, 2000 + seed);
            // As many churn as before, and they are others.
            turned.rotate_left(1777);
            let troubles: Vec<FigureName> =
                found(&scored, &turned).iter().filter(|d| d.is_trouble()).map(|d| d.figure).collect();
            assert_eq!(troubles, [FigureName::PrAuc], "seed {seed}");
        }
    }

    #[test]
    fn a_better_ranking_than_promised_is_told_to_nobody() {
        let promised = Figure { value: 0.5, low: 0.4, high: 0.6 };
        let departure = |figure, realised| Departure { figure, estimated: promised, realised };
        assert!(!departure(FigureName::PrAuc, 0.7).is_trouble());
        assert!(departure(FigureName::PrAuc, 0.3).is_trouble());
        assert!(
            departure(FigureName::ChurnRate, 0.7).is_trouble() && departure(FigureName::ChurnRate, 0.3).is_trouble()
        );
    }

    #[test]
    fn too_few_labels_or_churners_are_not_measured() {
        let scored = book(1000, 1);
        let few: Vec<bool> = (0..1000).map(|row| row < 29).collect();
        assert_eq!(measure(&scored, &few, &settings(), &Unwatched).unwrap(), None);
        let enough: Vec<bool> = (0..1000).map(|row| row < 30).collect();
        let measured = measure(&scored, &enough, &settings(), &Unwatched).unwrap().unwrap();
        assert_eq!((measured.rows, measured.positives, measured.churn_rate), (1000, 30, 0.03));
        let interval = measured.pr_auc_interval.unwrap();
        assert!(interval.low <= measured.pr_auc && measured.pr_auc <= interval.high, "{measured:?}");
    }
}
