//! Makes a challenger from the gold table.

use std::collections::BTreeMap;

use polars::prelude::{Column, DataFrame};

use super::checkpoints::Checkpoints;
use super::digest;
use super::figures::TrainingFigures;
use crate::columns::PREDICTION;
use crate::error::{Error, Result};
use crate::features::Feature;
use crate::model::bundle::Bundle;
use crate::model::bundle::interval::ScoreIntervals;
use crate::model::bundle::metadata::{Calibrator, Metadata};
use crate::model::bundle::platt::{Platt, sigmoid};
use crate::model::bundle::threshold::{self, Threshold};
use crate::model::examples::Examples;
use crate::model::learner::xgboost::{Booster, ENGINE_VERSION, Fit};
use crate::model::matrix::{Matrix, Preprocessing};
use crate::model::settings::TrainSettings;
use crate::model::split::{Split, fold_of};
use crate::watch::Watch;

/// Moves when the same data and settings would give another model.
pub(in crate::model) const CODE_VERSION: &str = "model-1";
pub(in crate::model) const ALGORITHM: &str = "xgboost";
/// The fold whose model stands for the peer's sub-train fit.
const PEER_FOLD: u32 = 0;

/// What a training gives.
#[derive(Debug)]
pub struct Trained {
    /// The model.
    pub bundle: Bundle,
    /// How good it is on its training rows, out of fold.
    pub figures: TrainingFigures,
}

/// Trains on the training side of `gold`; holdout rows are never looked at.
///
/// Reports the boosting rounds of all fits (one per fold, then the final one). Fits that an earlier
/// attempt of the same training left in `checkpoints` are not repeated, and count as done.
pub fn train(
    gold: &DataFrame,
    experiment: &str,
    features: &[Feature],
    settings: &TrainSettings,
    checkpoints: &dyn Checkpoints,
    watch: &dyn Watch,
) -> Result<Trained> {
    settings.validate()?;
    let examples = Examples::of(gold)?;
    let split = Split::by_hash(&examples, &settings.split)?;
    let training = examples.take(&split.training)?;
    let preprocessing = Preprocessing::fit(&training.table, features)?;
    let matrix = preprocessing.transform(&training.table)?;

    let training_digest = digest::of_training(&examples, &preprocessing, experiment, features, settings)?;

    let finished = Finished { checkpoints, training_digest: &training_digest };
    let mut trainer = Trainer::new(&training, &matrix, settings, finished, watch);
    let margins = trainer.out_of_fold_margins()?;
    let platt = Platt::fit(&margins, &training.labels)?;
    let probabilities: Vec<f64> = margins.iter().map(|&margin| platt.probability(margin)).collect();
    let threshold = threshold::choose(&training.labels, &probabilities, settings.threshold.min_recall);
    let peer_threshold = trainer.peer_threshold(&margins);
    let intervals = ScoreIntervals::fit(&training.labels, &probabilities, settings.interval.coverage);
    let figures = TrainingFigures::of(&training.labels, &probabilities, threshold.value)?;
    let final_fit = settings.split.folds;
    let booster = trainer.fit(final_fit, &matrix, &training.labels)?;
    let scale_pos_weight = trainer.fit_of(&matrix, &training.labels).scale_pos_weight();

    let reference = reference(&training, features, &booster, &matrix, platt)?;
    let metadata = Metadata {
        version: training_digest[..16].to_owned(),
        training_digest,
        code_version: CODE_VERSION.to_owned(),
        experiment: experiment.to_owned(),
        algorithm: ALGORITHM.to_owned(),
        features: features.to_vec(),
        columns: preprocessing.columns(),
        threshold,
        peer_threshold,
        settings: settings.recorded(),
        split: split.report(&examples, gold.height()),
        scale_pos_weight,
        libraries: BTreeMap::from([
            ("xgboost".to_owned(), ENGINE_VERSION.to_owned()),
            ("polars".to_owned(), polars::VERSION.to_owned()),
        ]),
    };
    let calibrator = Calibrator { platt, rows: margins.len() as u64, intervals };
    Ok(Trained { bundle: Bundle { booster, preprocessing, calibrator, metadata, reference }, figures })
}

/// The fits that earlier attempts of one training have finished.
#[derive(Clone, Copy)]
struct Finished<'a> {
    checkpoints: &'a dyn Checkpoints,
    training_digest: &'a str,
}

impl Finished<'_> {
    /// A kept fit; none when its file cannot be used, for then it has to be made again.
    fn restore(&self, fit: u32) -> Result<Option<Booster>> {
        let Some(file) = self.checkpoints.find(self.training_digest, fit)? else {
            return Ok(None);
        };
        Ok(Booster::load(&file).inspect_err(|problem| self.checkpoints.damaged(&file, problem)).ok())
    }

    fn keep(&self, fit: u32, booster: &Booster) -> Result<()> {
        self.checkpoints.keep(self.training_digest, fit, &|path| booster.save(path))
    }
}

/// Fits models on training rows and counts their rounds.
struct Trainer<'a> {
    labels: &'a [bool],
    matrix: &'a Matrix,
    /// The fold of each training row.
    folds: Vec<u32>,
    settings: &'a TrainSettings,
    finished: Finished<'a>,
    watch: &'a dyn Watch,
    rounds_done: u64,
}

impl<'a> Trainer<'a> {
    fn new(
        training: &'a Examples,
        matrix: &'a Matrix,
        settings: &'a TrainSettings,
        finished: Finished<'a>,
        watch: &'a dyn Watch,
    ) -> Self {
        let folds = training.ids.iter().map(|id| fold_of(id, &settings.split)).collect();
        Self { labels: &training.labels, matrix, folds, settings, finished, watch, rounds_done: 0 }
    }

    /// The margin of every training row, from a model that did not see the row's fold.
    fn out_of_fold_margins(&mut self) -> Result<Vec<f64>> {
        let mut margins = vec![f64::NAN; self.labels.len()];
        for fold in 0..self.settings.split.folds {
            let (inside, outside) = sides(&self.folds, fold);
            let labels: Vec<bool> = outside.iter().map(|&row| self.labels[row]).collect();
            if inside.is_empty() || !labels.contains(&true) || !labels.contains(&false) {
                let problem = format!("fold {fold} leaves nothing to learn from or to predict; use more customers");
                return Err(Error::model("calibrate", problem));
            }
            let booster = self.fit(fold, &self.matrix.take(&outside), &labels)?;
            for (row, margin) in inside.iter().zip(booster.margins(&self.matrix.take(&inside))?) {
                margins[*row] = margin;
            }
        }
        Ok(margins)
    }

    /// The threshold on the raw probabilities of one fold: the peer fits on a part of the training rows
    /// and chooses on the rest.
    fn peer_threshold(&self, margins: &[f64]) -> Threshold {
        let (inside, _) = sides(&self.folds, PEER_FOLD);
        let labels: Vec<bool> = inside.iter().map(|&row| self.labels[row]).collect();
        let raw: Vec<f64> = inside.iter().map(|&row| sigmoid(margins[row])).collect();
        threshold::choose(&labels, &raw, self.settings.threshold.min_recall)
    }

    /// The fit of this number: restored when it is finished already, made and kept when not.
    fn fit(&mut self, number: u32, matrix: &Matrix, labels: &[bool]) -> Result<Booster> {
        let rounds = u64::from(self.settings.xgboost.rounds);
        if let Some(booster) = self.finished.restore(number)? {
            self.rounds_done += rounds;
            return Ok(booster);
        }
        let total = rounds * u64::from(self.settings.split.folds + 1);
        let (watch, mut done) = (self.watch, self.rounds_done);
        let booster = self.fit_of(matrix, labels).run(&mut || {
            done += 1;
            watch.report(done, Some(total))
        })?;
        self.rounds_done = done;
        self.finished.keep(number, &booster)?;
        Ok(booster)
    }

    fn fit_of<'b>(&self, matrix: &'b Matrix, labels: &'b [bool]) -> Fit<'b>
    where
        'a: 'b,
    {
        Fit { matrix, labels, settings: &self.settings.xgboost, threads: self.settings.threads }
    }
}

/// The rows in a fold, and all others.
fn sides(folds: &[u32], fold: u32) -> (Vec<usize>, Vec<usize>) {
    (0..folds.len()).partition(|&row| folds[row] == fold)
}

/// What drift is measured against: the features of the training rows as gold has them, and the predictions.
fn reference(
    training: &Examples,
    features: &[Feature],
    booster: &Booster,
    matrix: &Matrix,
    platt: Platt,
) -> Result<DataFrame> {
    let predictions: Vec<f64> = booster.margins(matrix)?.into_iter().map(|margin| platt.probability(margin)).collect();
    training
        .table
        .select(features.iter().map(|feature| feature.name.as_str()))
        .and_then(|mut table| {
            table.with_column(Column::new(PREDICTION.into(), predictions))?;
            Ok(table)
        })
        .map_err(Error::table("build the drift reference"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use polars::prelude::IntoLazy;
    use polars::prelude::{SortMultipleOptions, col};

    use super::*;
    use crate::model::fit::checkpoints::NoCheckpoints;
    use crate::model::sample;
    use crate::watch::Unwatched;

    fn trained(gold: &DataFrame) -> Bundle {
        sample::bundle(gold, &sample::settings())
    }

    fn watched(gold: &DataFrame, watch: &dyn Watch) -> Result<Trained> {
        train(gold, "E5_full", &sample::features(), &sample::settings(), &NoCheckpoints, watch)
    }

    fn files(bundle: &Bundle) -> Vec<Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        bundle.save(folder.path()).unwrap();
        Bundle::FILES.iter().map(|name| std::fs::read(folder.path().join(name)).unwrap()).collect()
    }

    #[test]
    fn the_same_customers_in_another_order_give_the_same_files() {
        let gold = sample::gold(1500);
        let turned = gold.sort(["tenure_months", "customer_id"], SortMultipleOptions::default()).unwrap();
        assert!(files(&trained(&gold)) == files(&trained(&turned)), "the files differ");
    }

    #[test]
    fn the_version_moves_with_the_data_and_the_settings_but_not_with_the_threads() {
        let gold = sample::gold(600);
        let version =
            |gold: &DataFrame, settings: &TrainSettings| sample::bundle(gold, settings).metadata().version.clone();
        let settings = sample::settings();
        let first = version(&gold, &settings);
        assert_eq!(version(&gold, &TrainSettings { threads: 2, ..settings.clone() }), first);
        let mut other = settings.clone();
        other.xgboost.seed = 43;
        assert_ne!(version(&gold, &other), first);
        assert_ne!(version(&sample::gold(601), &settings), first);
    }

    #[test]
    fn a_holdout_customer_never_changes_the_model() {
        let gold = sample::gold(600);
        let examples = Examples::of(&gold).unwrap();
        let split = Split::by_hash(&examples, &sample::settings().split).unwrap();
        let training_only = examples.take(&split.training).unwrap();
        let held_out = examples.ids[split.holdout[0]].clone();
        let altered = gold
            .lazy()
            .with_column(
                polars::prelude::when(col("customer_id").eq(polars::prelude::lit(held_out)))
                    .then(polars::prelude::lit(77_777.0))
                    .otherwise(col("tenure_months"))
                    .alias("tenure_months"),
            )
            .collect()
            .unwrap();
        let (plain, other) = (trained(&sample::gold(600)), trained(&altered));
        assert_eq!(plain.predict(&training_only.table).unwrap(), other.predict(&training_only.table).unwrap());
    }

    #[test]
    fn a_fold_is_predicted_by_a_model_that_did_not_see_it() {
        // Labels without any relation to the features: a model that saw its rows would rank them well.
        let labels: Vec<bool> = (0..400).map(|i| sample::noise(i, 11) < 15).collect();
        let examples = Examples {
            table: DataFrame::empty(),
            ids: (0..400).map(|i| format!("C{i:05}")).collect(),
            labels: labels.clone(),
        };
        let values = (0..400_u16).map(f32::from).collect();
        let matrix = Matrix { values, rows: 400, width: 1, unseen: BTreeMap::new() };
        let settings = sample::settings();
        let finished = Finished { checkpoints: &NoCheckpoints, training_digest: "" };
        let mut trainer = Trainer::new(&examples, &matrix, &settings, finished, &Unwatched);
        let area = |margins: &[f64]| {
            crate::model::ranking::Ranking::new(margins).areas(&labels, |_| 1.0).map(|areas| areas.roc_auc).unwrap()
        };
        let seen = trainer.fit(settings.split.folds, &matrix, &labels).unwrap().margins(&matrix).unwrap();
        let unseen = trainer.out_of_fold_margins().unwrap();
        assert!(area(&seen) > 0.8, "{}", area(&seen));
        assert!((0.35..0.65).contains(&area(&unseen)), "{}", area(&unseen));
    }

    #[test]
    fn each_customer_is_in_one_fold_and_outside_all_others() {
        let folds = [0, 2, 1, 0, 2];
        let (inside, outside) = sides(&folds, 2);
        assert_eq!((inside, outside), (vec![1, 4], vec![0, 2, 3]));
    }

    #[test]
    fn progress_counts_the_rounds_of_all_fits_and_a_stop_is_heard() {
        struct Counter(AtomicU64, u64);
        impl Watch for Counter {
            fn report(&self, done: u64, total: Option<u64>) -> Result<()> {
                assert_eq!((done, total), (self.0.fetch_add(1, Ordering::Relaxed) + 1, Some(6 * 40)));
                if done == self.1 { Err(Error::Cancelled) } else { Ok(()) }
            }
        }
        let run = |watch: &Counter| watched(&sample::gold(600), watch);
        let all = Counter(AtomicU64::new(0), u64::MAX);
        run(&all).unwrap();
        assert_eq!(all.0.into_inner(), 240);
        assert!(matches!(run(&Counter(AtomicU64::new(0), 100)), Err(Error::Cancelled)));
    }

    #[test]
    fn the_figures_are_of_the_training_rows_and_out_of_fold() {
        let gold = sample::gold(1500);
        let Trained { bundle, figures } = watched(&gold, &Unwatched).unwrap();
        assert_eq!(figures.rows, bundle.metadata().split.training_rows as u64);
        assert_eq!(figures.threshold, bundle.metadata().threshold.value);
        // The reference holds the predictions of the model that saw these rows: they flatter it.
        let predictions = bundle.reference().column(PREDICTION).unwrap().f64().unwrap().to_vec();
        let seen: Vec<f64> = predictions.into_iter().flatten().collect();
        let examples = Examples::of(&gold).unwrap();
        let split = Split::by_hash(&examples, &sample::settings().split).unwrap();
        let labels = examples.take(&split.training).unwrap().labels;
        let flattered = TrainingFigures::of(&labels, &seen, figures.threshold).unwrap();
        assert!(figures.pr_auc < flattered.pr_auc && figures.roc_auc < flattered.roc_auc, "{figures:?} {flattered:?}");
        assert!(figures.brier > flattered.brier && figures.roc_auc > 0.6, "{figures:?} {flattered:?}");
    }

    #[test]
    fn the_reference_holds_features_and_predictions_of_the_training_rows_and_no_customer() {
        let bundle = trained(&sample::gold(600));
        let reference = bundle.reference();
        assert_eq!(reference.height(), bundle.metadata().split.training_rows);
        let mut wanted: Vec<String> = sample::features().into_iter().map(|feature| feature.name).collect();
        wanted.push(PREDICTION.to_owned());
        assert_eq!(reference.get_column_names_owned().iter().map(ToString::to_string).collect::<Vec<_>>(), wanted);
    }
}
