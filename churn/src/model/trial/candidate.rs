//! Tries a candidate out.

use polars::prelude::DataFrame;

use super::algorithm::Algorithm;
use super::figures::{TrialFigures, TrialName};
use super::settings::LadderSettings;
use crate::error::{Error, Result};
use crate::features::Feature;
use crate::model::examples::Examples;
use crate::model::fit::calibrate::{calibrate, weightings};
use crate::model::fit::checkpoints::NoCheckpoints;
use crate::model::fit::trainer::{Finished, Learners as Fits, Trainer};
use crate::model::learner::dummy::{MostFrequent, Stratified};
use crate::model::learner::logistic::LogisticRegression;
use crate::model::learner::registry::LearnerSettings;
use crate::model::learner::xgboost::RandomForest;
use crate::model::learner::{Learner, Rows, Weighting};
use crate::model::matrix::Preprocessing;
use crate::model::measure::bootstrap::Resamples;
use crate::model::ranking::{Areas, Ranking};
use crate::model::settings::{ModelSettings, TrainSettings};
use crate::model::split::Split;
use crate::watch::Watch;

/// Trials run side by side, so that one thread each is fastest.
const THREADS: u32 = 1;

/// What is tried: an algorithm with its settings, and the features that it sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    algorithm: Algorithm,
    learners: Learners,
    features: Vec<Feature>,
    training: TrainSettings,
    measured: Measured,
}

/// The settings of every learner, those of a point of the grid among them.
#[derive(Debug, Clone, PartialEq)]
struct Learners {
    of_challenger: LearnerSettings,
    tried: LadderSettings,
}

/// On whom a candidate is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measured {
    /// On the holdout alone.
    OnHoldout,
    /// Out of fold too: what is chosen among many must not be chosen on the holdout.
    OutOfFoldToo,
}

impl Candidate {
    /// What a name means by these settings; `features` are those of its experiment.
    pub fn of(name: &TrialName, features: Vec<Feature>, settings: &ModelSettings) -> Result<Self> {
        let (mut of_challenger, tried) = (settings.train.learner.clone(), settings.ladder.clone());
        if let Some(point) = name.grid_point {
            let at_point = tried.grid.settings_at(point, &of_challenger.xgboost);
            let none = || Error::settings("ladder.grid", format!("there is no point {point} in it"));
            of_challenger.xgboost = at_point.ok_or_else(none)?;
        }
        let measured = if name.grid_point.is_some() { Measured::OutOfFoldToo } else { Measured::OnHoldout };
        let learners = Learners { of_challenger, tried };
        Ok(Self { algorithm: name.algorithm, learners, features, training: settings.train.clone(), measured })
    }

    /// What decides the figures, beside the tables.
    pub fn recorded(&self) -> Result<serde_json::Value> {
        let Self { algorithm, learners: Learners { of_challenger, tried }, features, training, measured } = self;
        let learner = match algorithm {
            Algorithm::DummyMostFrequent => Ok(serde_json::Value::Null),
            Algorithm::DummyStratified => serde_json::to_value(&tried.dummy_stratified),
            Algorithm::LogisticRegression => serde_json::to_value(&tried.logistic_regression),
            Algorithm::RandomForest => serde_json::to_value(&tried.random_forest),
            Algorithm::Xgboost => serde_json::to_value(of_challenger),
        };
        let learner = learner.map_err(|e| Error::model("record a trial", e))?;
        // What makes no difference is not recorded, so that a changed setting finds what it does not change.
        let features: &[Feature] = if algorithm.looks_at_features() { features } else { &[] };
        let calibrations = (*algorithm == Algorithm::Xgboost).then_some(&training.calibration.methods);
        Ok(serde_json::json!({
            "algorithm": algorithm,
            "engine": self.learner().engine(),
            "learner": learner,
            "features": features,
            "calibrations": calibrations,
            "split": training.split,
            "bootstrap": training.bootstrap,
            "out_of_fold": *measured == Measured::OutOfFoldToo,
        }))
    }

    /// Fits on the training customers of `gold`, with the weight for churners that a training would choose by its
    /// calibrations, and measures on the holdout of `later`, or of `gold` itself.
    ///
    /// A customer keeps its side in both tables: of a later one, too, nobody is measured who was fitted on. Reports the
    /// rounds of the fits, those of the folds among them where calibrations ask for both weights, then the resamples.
    pub fn try_out(&self, gold: &DataFrame, later: Option<&DataFrame>, watch: &dyn Watch) -> Result<TrialFigures> {
        let examples = Examples::of(gold)?;
        let split = Split::by_hash(&examples, &self.training.split)?;
        let training = examples.take(&split.training)?;
        let preprocessing = Preprocessing::fit(&training.table, &self.features)?;
        let matrix = preprocessing.transform(&training.table)?;
        let rows = Rows { matrix: &matrix, labels: &training.labels };
        let (learner, methods) = (self.learner(), &self.training.calibration.methods);
        let even = learner.unweighted();
        let learners = Fits { balanced: &*learner, even: even.as_deref() };
        let asked = weightings(methods, learners);
        let has_folds = asked.len() > 1 || self.measured == Measured::OutOfFoldToo;
        let fits = (learners, if has_folds { asked.len() as u32 } else { 0 });
        let finished = Finished { checkpoints: &NoCheckpoints, training_digest: "" };
        let mut trainer = Trainer::new(rows, &training.ids, &self.training.split, fits, THREADS, finished, watch);
        let crossed =
            if has_folds { Some(calibrate(&mut trainer, methods, learners, &training.labels)?.crossed) } else { None };
        let out_of_fold_pr_auc = match (self.measured, &crossed) {
            (Measured::OutOfFoldToo, Some(crossed)) => Some(areas(&training.labels, &crossed.margins)?.pr_auc),
            _ => None,
        };
        let kept = crossed.map(|crossed| crossed.weighting).or(asked.first().copied());
        let fitted = trainer.final_fit(kept.unwrap_or(Weighting::Balanced))?;

        let unseen = match later {
            None => examples.take(&split.holdout)?,
            Some(later) => holdout(later, &self.training)?,
        };
        let margins = fitted.margins(&preprocessing.transform(&unseen.table)?)?;
        let Areas { pr_auc, roc_auc, .. } = areas(&unseen.labels, &margins)?;
        let resamples = Resamples::draw(&unseen.labels, &[&margins], &self.training.bootstrap, watch)?;
        Ok(TrialFigures {
            training_rows: training.len() as u64,
            training_positives: training.positives() as u64,
            rows: unseen.len() as u64,
            positives: unseen.positives() as u64,
            pr_auc,
            pr_auc_interval: resamples.interval(|areas| areas[0].pr_auc),
            roc_auc,
            roc_auc_interval: resamples.interval(|areas| areas[0].roc_auc),
            out_of_fold_pr_auc,
        })
    }

    fn learner(&self) -> Box<dyn Learner + '_> {
        let Learners { of_challenger, tried } = &self.learners;
        match self.algorithm {
            Algorithm::DummyMostFrequent => Box::new(MostFrequent),
            Algorithm::DummyStratified => Box::new(Stratified { settings: &tried.dummy_stratified }),
            Algorithm::LogisticRegression => Box::new(LogisticRegression { settings: &tried.logistic_regression }),
            Algorithm::RandomForest => Box::new(RandomForest { settings: &tried.random_forest }),
            Algorithm::Xgboost => of_challenger.learner(),
        }
    }
}

/// The labelled customers of a table whom no model is fitted on.
fn holdout(gold: &DataFrame, settings: &TrainSettings) -> Result<Examples> {
    let examples = Examples::of(gold)?;
    let split = Split::by_hash(&examples, &settings.split)?;
    examples.take(&split.holdout)
}

fn areas(labels: &[bool], margins: &[f64]) -> Result<Areas> {
    if margins.iter().any(|margin| !margin.is_finite()) {
        return Err(Error::model("measure a candidate", "it gave a margin that is no number; look at its settings"));
    }
    let one_class = "the rows are all churners or all stayers; use more customers";
    let one_class = || Error::model("measure a candidate", one_class);
    Ranking::new(margins).areas(labels, |_| 1.0).ok_or_else(one_class)
}

#[cfg(test)]
mod tests {
    use polars::prelude::{IntoLazy, col, lit, when};

    use super::*;
    use crate::model::{CalibrationMethod, evaluate, sample};
    use crate::watch::Unwatched;

    fn settings() -> ModelSettings {
        ModelSettings { train: sample::settings(), ..ModelSettings::default() }
    }

    fn named(algorithm: Algorithm, grid_point: Option<u32>) -> TrialName {
        TrialName { experiment: "E5_full".to_owned(), algorithm, grid_point }
    }

    fn candidate(algorithm: Algorithm) -> Candidate {
        Candidate::of(&named(algorithm, None), sample::features(), &settings()).unwrap()
    }

    fn tried(algorithm: Algorithm, gold: &DataFrame) -> TrialFigures {
        candidate(algorithm).try_out(gold, None, &Unwatched).unwrap()
    }

    #[test]
    fn the_learner_of_a_challenger_is_as_good_when_it_is_tried_as_when_it_is_trained() {
        use CalibrationMethod::{Platt, Unchanged};
        let gold = sample::gold(1500);
        for methods in [vec![Platt], vec![Unchanged], vec![Platt, Unchanged]] {
            let mut settings = settings();
            settings.train.calibration.methods = methods;
            let trained = sample::bundle(&gold, &settings.train);
            let summary = evaluate(&trained, None, &gold, &Unwatched).unwrap().summary;
            let name = named(Algorithm::Xgboost, None);
            let candidate = Candidate::of(&name, sample::features(), &settings).unwrap();
            let figures = candidate.try_out(&gold, None, &Unwatched).unwrap();
            assert_eq!((figures.rows, figures.positives), (summary.holdout_rows, summary.holdout_positives));
            assert!((figures.pr_auc - summary.metrics.pr_auc).abs() < 1e-9, "{figures:?} {summary:?}");
            assert!((figures.roc_auc - summary.metrics.roc_auc).abs() < 1e-9, "{figures:?} {summary:?}");
        }
    }

    #[test]
    fn whoever_looks_at_nobody_reaches_the_churn_rate_and_all_others_more() {
        let gold = sample::gold(1500);
        let nothing = tried(Algorithm::DummyMostFrequent, &gold);
        assert!((nothing.pr_auc - nothing.base_rate()).abs() < 1e-12 && nothing.roc_auc == 0.5, "{nothing:?}");
        for algorithm in [Algorithm::LogisticRegression, Algorithm::RandomForest, Algorithm::Xgboost] {
            let figures = tried(algorithm, &gold);
            assert!(figures.pr_auc > 1.5 * nothing.pr_auc, "{algorithm}: {figures:?}");
            let interval = figures.pr_auc_interval.unwrap();
            assert!(interval.low < figures.pr_auc && figures.pr_auc < interval.high, "{algorithm}: {figures:?}");
            assert_eq!(figures, tried(algorithm, &gold), "{algorithm} is the same again");
        }
    }

    #[test]
    fn on_a_later_table_only_customers_are_measured_who_were_never_fitted_on() {
        let (gold, settings) = (sample::gold(1500), sample::settings());
        let examples = Examples::of(&gold).unwrap();
        let split = Split::by_hash(&examples, &settings.split).unwrap();
        let fitted_on = examples.ids[split.training[0]].clone();
        // A customer of the training side may do later what it wants.
        let later = gold
            .clone()
            .lazy()
            .with_column(
                when(col("customer_id").eq(lit(fitted_on))).then(lit(1)).otherwise(col("churn")).alias("churn"),
            )
            .collect()
            .unwrap();
        let candidate = candidate(Algorithm::Xgboost);
        let on = |later: &DataFrame| candidate.try_out(&gold, Some(later), &Unwatched).unwrap();
        assert_eq!(on(&gold), candidate.try_out(&gold, None, &Unwatched).unwrap());
        assert_eq!(on(&later), on(&gold));
        let grown = sample::gold(1800);
        assert!(on(&grown).rows > on(&gold).rows, "who came later is measured too");
    }

    #[test]
    fn a_point_of_the_grid_is_measured_out_of_fold_too_and_its_record_tells_it_from_others() {
        let (gold, mut settings) = (sample::gold(600), settings());
        settings.ladder.grid.rounds = vec![20, 40];
        let at = |point| Candidate::of(&named(Algorithm::Xgboost, Some(point)), sample::features(), &settings);
        let figures = at(0).unwrap().try_out(&gold, None, &Unwatched).unwrap();
        assert!(figures.out_of_fold_pr_auc.unwrap() > figures.base_rate(), "{figures:?}");
        assert_ne!(at(0).unwrap().recorded().unwrap(), at(1).unwrap().recorded().unwrap());
        assert!(at(1000).unwrap_err().to_string().contains("no point 1000"));
    }

    #[test]
    fn a_record_holds_what_decides_and_nothing_else() {
        let recorded = |algorithm, settings: &ModelSettings| {
            let features = sample::features();
            Candidate::of(&named(algorithm, None), features, settings).unwrap().recorded().unwrap()
        };
        let mut other = settings();
        other.train.learner.xgboost.rounds = 41;
        other.train.threads = 7;
        assert_ne!(recorded(Algorithm::Xgboost, &other), recorded(Algorithm::Xgboost, &settings()));
        for same in [Algorithm::LogisticRegression, Algorithm::RandomForest, Algorithm::DummyStratified] {
            assert_eq!(recorded(same, &other), recorded(same, &settings()), "{same}");
        }
    }
}
