//! What the gate looks at beside the figures of the evaluation, small enough to travel through a workflow.
//!
//! It is measured on the holdout, which no model is fitted on. Slices are measured out of fold too where the holdout has too
//! few churners, and single columns on all labelled customers, since no model is asked.

pub(in crate::model) mod base_rate;
pub(in crate::model) mod best;
pub(in crate::model) mod calibration_line;
mod generation;
pub(in crate::model) mod leakage;
pub(in crate::model) mod slice_losses;

use polars::prelude::DataFrame;
use serde::{Deserialize, Serialize};

use self::base_rate::PrAucAtRate;
use self::best::{BestChampion, EarlierChampion, Field};
use self::calibration_line::CalibrationLine;
use self::leakage::Leakage;
use self::slice_losses::SliceLoss;
use super::metrics::Metrics;
use super::unseen::{Measured, split};
use crate::error::Result;
use crate::model::bundle::Bundle;
use crate::model::decide::settings::GateMeasures;
use crate::watch::Watch;

/// What the gate looks at beside the figures of the evaluation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateFigures {
    /// The PR-AUC at the churn rate that the floor was set at.
    pub at_floor_rate: PrAucAtRate,
    /// The challenger beside the best champion of these labels.
    pub best: BestChampion,
    /// How what happened follows what was said.
    pub calibration: CalibrationLine,
    /// Every slice beside the champion and the best one.
    pub slices: Vec<SliceLoss>,
    /// What single columns give away.
    pub leakage: Leakage,
}

/// Measures what the gate looks at: `challenger` beside the champion that scores and beside earlier ones.
pub fn gate_figures(
    challenger: &Bundle,
    champion: Option<&Bundle>,
    earlier: &[EarlierChampion],
    gold: &DataFrame,
    measures: GateMeasures,
    watch: &dyn Watch,
) -> Result<GateFigures> {
    let (customers, split) = split(gold, challenger)?;
    let holdout = customers.take(&split.holdout)?;
    let labels = &holdout.labels;
    let ours = challenger.predict(&holdout.table)?;
    let metrics = Metrics::of(labels, &ours, challenger.metadata.threshold.value)?;
    let field = Field { challenger, metrics: &metrics, ours: &ours, holdout: &holdout };
    let (best, best_model) = field.best(champion, earlier, watch)?;
    let measured = Measured::of(challenger, &customers, &split)?;
    Ok(GateFigures {
        at_floor_rate: PrAucAtRate::of(labels, &ours, measures.floor_base_rate)?,
        best,
        calibration: CalibrationLine::of(labels, &ours)?,
        slices: slices(challenger, &measured, champion, best_model)?,
        leakage: Leakage::of(&challenger.metadata.features, &customers, &split, measures.min_support, watch)?,
    })
}

/// On customers that none of the models has seen.
fn slices(
    challenger: &Bundle,
    measured: &Measured,
    champion: Option<&Bundle>,
    best: Option<&Bundle>,
) -> Result<Vec<SliceLoss>> {
    let scores = |model: Option<&Bundle>| match model {
        Some(model) => measured.scores_of(model, challenger),
        None => Ok(measured.no_scores()),
    };
    let champion = scores(champion)?;
    slice_losses::slice_losses(&measured.beside(&champion), &scores(best)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{GateSettings, sample};
    use crate::watch::Unwatched;

    fn figures(challenger: &Bundle, champion: Option<&Bundle>, earlier: &[EarlierChampion]) -> GateFigures {
        let measures = GateSettings::default().measures();
        gate_figures(challenger, champion, earlier, &sample::gold(3000), measures, &Unwatched).unwrap()
    }

    /// A model of the first features.
    fn bundle(seed: u32, features: usize) -> Bundle {
        let mut settings = sample::settings();
        settings.learner.xgboost.seed = seed;
        sample::bundle_of(&sample::gold(3000), &settings, &sample::features()[..features])
    }

    #[test]
    fn the_first_model_has_nobody_beside_it_and_is_measured_all_the_same() {
        let found = figures(&bundle(42, 6), None, &[]);
        assert_eq!((found.best.candidates, found.best.compared), (0, None));
        assert!((0.5..2.0).contains(&found.calibration.slope), "{:?}", found.calibration);
        assert!(found.slices.iter().all(|slice| slice.champion.is_none() && slice.best.is_none()));
        assert!(found.leakage.features > 0 && found.leakage.rows == 3000, "{:?}", found.leakage);
    }

    #[test]
    fn the_best_of_all_champions_is_the_one_that_is_compared_with() {
        let (challenger, champion, poor, good) = (bundle(42, 6), bundle(43, 4), bundle(44, 2), bundle(45, 6));
        let version = |bundle: &Bundle| bundle.metadata().version.clone();
        let best = version(&good);
        let had = |model: Bundle| EarlierChampion { version: version(&model), model: Ok(model), held_the_bar: false };
        let gone = Err("its files are gone".to_owned());
        let gone = EarlierChampion { version: "gone".to_owned(), model: gone, held_the_bar: true };
        let found = figures(&challenger, Some(&champion), &[had(poor), had(good), gone]);
        let compared = found.best.compared.as_ref().unwrap();
        assert_eq!((compared.version.as_str(), found.best.candidates), (best.as_str(), 3));
        let [left_out] = found.best.left_out.as_slice() else { panic!("{:?}", found.best) };
        assert_eq!((left_out.reason.as_str(), left_out.held_the_bar), ("its files are gone", true));
        assert!(found.slices.iter().all(|slice| slice.pr_auc.is_none() || slice.best.is_some()), "{:?}", found.slices);
    }

    #[test]
    fn what_the_gate_looks_at_survives_json() {
        let (challenger, champion) = (bundle(42, 6), bundle(43, 4));
        let found = figures(&challenger, Some(&champion), &[]);
        let json = serde_json::to_string(&found).unwrap();
        assert_eq!(serde_json::from_str::<GateFigures>(&json).unwrap(), found);
        // A run carries it in its history.
        assert!(json.len() < 16_384, "{} bytes", json.len());
    }
}
