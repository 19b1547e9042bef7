//! Which calibration a training keeps: all are compared on rows that neither model nor calibrator has seen.
//!
//! The models of the folds give every row a margin from a model that has not seen it. A calibrator is fitted on the
//! margins of all folds but one and says what it makes of that one; so each is judged as it will be used, on strangers.
//! Where the folds are fitted with and without more weight for churners, each calibrator is tried on both: the
//! probabilities of even weights are the better ones, and too near to the mean as they are.
//! The best Brier score wins, of equal ones (to five decimals) the best calibration error. What is kept is then fitted
//! on all margins.

use super::trainer::{CrossFit, Learners, Trainer};
use crate::cores;
use crate::error::{Error, Result};
use crate::model::bundle::calibration::{Calibration, CalibrationFigures, CalibrationMethod, CalibrationReport};
use crate::model::learner::Weighting;
use crate::model::measure::metrics::{brier, ece};

/// A Brier score is told to so many steps in 1: a smaller difference says nothing.
const BRIER_STEPS: f64 = 1e5;

/// What a training keeps of the fits of its folds.
pub(in crate::model) struct Calibrated {
    /// Fitted on the margins of all folds.
    pub calibration: Calibration,
    /// How it was chosen.
    pub report: CalibrationReport,
    /// The kept fits.
    pub crossed: CrossFit,
    /// Calibrated, of every row by the model that has not seen it.
    pub probabilities: Vec<f64>,
}

/// The weighting of the fits that a calibration is for.
fn weighting(method: CalibrationMethod) -> Weighting {
    match method {
        CalibrationMethod::Platt | CalibrationMethod::Isotonic | CalibrationMethod::Beta => Weighting::Balanced,
        CalibrationMethod::Unchanged => Weighting::Even,
    }
}

/// For which weightings the folds are fitted.
pub(in crate::model) fn weightings(methods: &[CalibrationMethod], learners: Learners<'_>) -> Vec<Weighting> {
    let is_asked = |wanted: &Weighting| methods.iter().any(|&method| of(method, learners) == *wanted);
    [Weighting::Balanced, Weighting::Even].into_iter().filter(is_asked).collect()
}

/// A learner that weighs nobody has one kind of fits for all calibrations.
fn of(method: CalibrationMethod, learners: Learners<'_>) -> Weighting {
    if learners.even.is_none() { Weighting::Balanced } else { weighting(method) }
}

/// Whether a method makes sense on fits of a weighting: what weighs more than it counts is no probability as it is.
fn suits(method: CalibrationMethod, fits: Weighting, learners: Learners<'_>) -> bool {
    method != CalibrationMethod::Unchanged || fits == of(method, learners)
}

/// Fits the folds as the methods ask for, compares each method on all fits that it suits, and keeps the best.
pub(in crate::model) fn calibrate(
    trainer: &mut Trainer<'_>,
    methods: &[CalibrationMethod],
    learners: Learners<'_>,
    labels: &[bool],
) -> Result<Calibrated> {
    let fits = trainer.cross_fits(&weightings(methods, learners))?;
    let suited = |&method: &CalibrationMethod| {
        let suited = fits.iter().filter(move |fit| suits(method, fit.weighting, learners));
        suited.map(move |fit| (method, fit))
    };
    let asked: Vec<(CalibrationMethod, &CrossFit)> = methods.iter().flat_map(suited).collect();
    let folds = trainer.folds();
    let compared = cores::map(&asked, |&(method, fits)| compare(method, fits, labels, folds));
    let compared = compared.into_iter().collect::<Result<Vec<_>>>()?;
    let best = best(&compared).ok_or_else(nothing_to_keep)?;
    let (kept, weighting) = (best.method, best.weighting());
    let crossed = fits.into_iter().find(|fit| fit.weighting == weighting).ok_or_else(nothing_to_keep)?;
    let calibration = Calibration::fit(kept, &crossed.margins, labels)?;
    let probabilities = crossed.margins.iter().map(|&margin| calibration.probability(margin)).collect();
    let report = CalibrationReport { kept, weighting: Some(weighting), compared };
    Ok(Calibrated { calibration, report, crossed, probabilities })
}

/// How good a calibration is on fits of one weighting.
fn compare(method: CalibrationMethod, fits: &CrossFit, labels: &[bool], folds: &[u32]) -> Result<CalibrationFigures> {
    let probabilities = cross_fitted(method, &fits.margins, labels, folds)?;
    let (brier, ece) = (brier(labels, &probabilities), ece(labels, &probabilities));
    Ok(CalibrationFigures { method, weighting: Some(fits.weighting), brier, ece })
}

fn nothing_to_keep() -> Error {
    Error::model("calibrate", "no calibration is asked for; name one in train.calibration.methods")
}

/// What a calibrator of the other folds makes of each row.
fn cross_fitted(method: CalibrationMethod, margins: &[f64], labels: &[bool], folds: &[u32]) -> Result<Vec<f64>> {
    let mut probabilities = vec![f64::NAN; margins.len()];
    for fold in 0..=folds.iter().copied().max().unwrap_or_default() {
        let (inside, outside): (Vec<usize>, Vec<usize>) = (0..folds.len()).partition(|&row| folds[row] == fold);
        let their_margins: Vec<f64> = outside.iter().map(|&row| margins[row]).collect();
        let their_labels: Vec<bool> = outside.iter().map(|&row| labels[row]).collect();
        let calibration = Calibration::fit(method, &their_margins, &their_labels)?;
        for row in inside {
            probabilities[row] = calibration.probability(margins[row]);
        }
    }
    Ok(probabilities)
}

/// The best Brier score, then the best calibration error, then the simplest.
fn best(compared: &[CalibrationFigures]) -> Option<CalibrationFigures> {
    let steps = |figures: &CalibrationFigures| (figures.brier * BRIER_STEPS).round();
    let better = |a: &&CalibrationFigures, b: &&CalibrationFigures| {
        steps(a).total_cmp(&steps(b)).then(a.ece.total_cmp(&b.ece)).then(a.method.cmp(&b.method))
    };
    compared.iter().min_by(better).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::bundle::platt::sigmoid;
    use crate::model::{TrainSettings, sample};

    /// Margins from -3 to 3; the label follows `rate` of the margin, by a number that only looks random.
    fn rows(rate: fn(f64) -> f64) -> (Vec<f64>, Vec<bool>, Vec<u32>) {
        let margins: Vec<f64> = (0..6000).map(|i| -3.0 + f64::from(i) / 1000.0).collect();
        let label = |(i, margin): (u32, &f64)| {
            f64::from(sample::noise(i, 21)) + f64::from(sample::noise(i, 22)) / 100.0 < 100.0 * rate(*margin)
        };
        let labels = (0..).zip(&margins).map(label).collect();
        (margins, labels, (0..6000).map(|i| sample::noise(i, 23) % 5).collect())
    }

    fn figures(method: CalibrationMethod, rate: fn(f64) -> f64) -> CalibrationFigures {
        let (margins, labels, folds) = rows(rate);
        let probabilities = cross_fitted(method, &margins, &labels, &folds).unwrap();
        let (brier, ece) = (brier(&labels, &probabilities), ece(&labels, &probabilities));
        CalibrationFigures { method, weighting: None, brier, ece }
    }

    fn kept(rate: fn(f64) -> f64) -> CalibrationMethod {
        best(&CalibrationMethod::ALL.map(|method| figures(method, rate))).unwrap().method
    }

    #[test]
    fn the_form_of_the_truth_is_found() {
        // A step in the middle has no slope; a bend that only one end has no single one.
        assert_eq!(kept(|margin| if margin < 0.5 { 0.05 } else { 0.6 }), CalibrationMethod::Isotonic);
        let overrating = |margin: f64| sigmoid(margin - 2.0);
        let [platt, unchanged] =
            [CalibrationMethod::Platt, CalibrationMethod::Unchanged].map(|method| figures(method, overrating));
        assert!(platt.brier < unchanged.brier && platt.ece < unchanged.ece, "{platt:?} {unchanged:?}");
        assert_ne!(kept(overrating), CalibrationMethod::Unchanged);
    }

    #[test]
    fn no_calibrator_is_judged_on_rows_that_it_was_fitted_on() {
        // Labels without any relation to the margin: steps that had seen them would look better than the rate.
        let lot = |_: f64| 0.3;
        let (margins, labels, _) = rows(lot);
        let seen = Calibration::fit(CalibrationMethod::Isotonic, &margins, &labels).unwrap();
        let seen: Vec<f64> = margins.iter().map(|&margin| seen.probability(margin)).collect();
        let honest = figures(CalibrationMethod::Isotonic, lot).brier;
        let rate = labels.iter().filter(|&&label| label).count() as f64 / labels.len() as f64;
        assert!(brier(&labels, &seen) < rate * (1.0 - rate) && honest > brier(&labels, &seen), "{honest}");
    }

    #[test]
    fn the_brier_score_decides_then_the_calibration_error_then_the_simplest() {
        use CalibrationMethod::{Beta, Isotonic, Platt, Unchanged};
        let of = |method, brier, ece| CalibrationFigures { method, weighting: None, brier, ece };
        let kept = |compared: &[CalibrationFigures]| best(compared).map(|best| best.method);
        assert_eq!(kept(&[of(Platt, 0.05, 0.001), of(Beta, 0.0498, 0.02)]), Some(Beta));
        assert_eq!(kept(&[of(Platt, 0.050_001, 0.02), of(Isotonic, 0.050_003, 0.01)]), Some(Isotonic));
        assert_eq!(kept(&[of(Unchanged, 0.05, 0.01), of(Platt, 0.05, 0.01)]), Some(Platt));
    }

    #[test]
    fn a_training_says_what_it_compared_and_weighs_churners_as_the_kept_calibration_asks() {
        let gold = sample::gold(1500);
        let of = |methods: &[CalibrationMethod]| {
            let mut settings: TrainSettings = sample::settings();
            settings.calibration.methods = methods.to_vec();
            sample::bundle(&gold, &settings)
        };
        let all = of(&CalibrationMethod::ALL);
        let report = all.metadata().calibration.clone().unwrap();
        let compared: Vec<_> = report.compared.iter().map(|one| (one.method, one.weighting())).collect();
        let on_both = |method| [(method, Weighting::Balanced), (method, Weighting::Even)];
        let mut wanted =
            [CalibrationMethod::Platt, CalibrationMethod::Isotonic, CalibrationMethod::Beta].map(on_both).concat();
        wanted.push((CalibrationMethod::Unchanged, Weighting::Even));
        assert_eq!(compared, wanted);
        let kept = best(&report.compared).unwrap();
        assert!(
            report.keeps(&kept) && report.compared.iter().filter(|one| report.keeps(one)).count() == 1,
            "{report:?}"
        );
        assert_eq!(all.calibrator().calibration.method(), report.kept);
        let even = of(&[CalibrationMethod::Unchanged]);
        assert_eq!(even.metadata().scale_pos_weight, 1.0);
        let platt = of(&[CalibrationMethod::Platt]);
        assert!(platt.metadata().scale_pos_weight > 3.0, "{}", platt.metadata().scale_pos_weight);
        // Without more weight for churners the raw probabilities are about the churn rate already.
        let mean = |found: Vec<f64>| found.iter().sum::<f64>() / found.len() as f64;
        let (rate, found) = (all.metadata().split.churn_rate, mean(even.predict(&gold).unwrap()));
        assert!((found - rate).abs() < 0.02, "{found} against {rate}");
    }
}
