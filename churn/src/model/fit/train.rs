//! Makes a challenger from the gold table.

use std::collections::BTreeMap;

use polars::prelude::{Column, DataFrame};

use super::VERSION;
use super::calibrate::{Calibrated, calibrate, weightings};
use super::checkpoints::Checkpoints;
use super::decision::decide;
use super::digest::Recipe;
use super::figures::TrainingFigures;
use super::trainer::{Finished, Learners, Trainer};
use crate::columns::PREDICTION;
use crate::cores;
use crate::error::{Error, Result};
use crate::features::Feature;
use crate::model::bundle::Bundle;
use crate::model::bundle::interval::ScoreIntervals;
use crate::model::bundle::metadata::{Calibrator, Metadata};
use crate::model::bundle::out_of_fold::OutOfFold;
use crate::model::bundle::threshold::Threshold;
use crate::model::bundle::training_rows::TrainingRows;
use crate::model::examples::Examples;
use crate::model::learner::{Learner, Rows};
use crate::model::matrix::Preprocessing;
use crate::model::settings::TrainSettings;
use crate::model::split::Split;
use crate::watch::Watch;

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
/// Reports the boosting rounds of all fits (one per fold, with and without more weight for churners where calibrations
/// that are compared ask for both, then the final one). Fits that an earlier
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
    let learner = settings.learner.learner();
    train_by(&*learner, gold, experiment, features, settings, checkpoints, watch)
}

/// The same by any learner; the settings are valid.
pub(in crate::model) fn train_by(
    learner: &dyn Learner,
    gold: &DataFrame,
    experiment: &str,
    features: &[Feature],
    settings: &TrainSettings,
    checkpoints: &dyn Checkpoints,
    watch: &dyn Watch,
) -> Result<Trained> {
    let examples = Examples::of(gold)?;
    let split = Split::by_hash(&examples, &settings.split)?;
    let training = examples.take(&split.training)?;
    let preprocessing = Preprocessing::fit(&training.table, features)?;
    let matrix = preprocessing.transform(&training.table)?;
    let rows = Rows { matrix: &matrix, labels: &training.labels };
    let recipe = Recipe { version: VERSION, learner, experiment, features, settings };
    let training_digest = recipe.digest(&examples, &preprocessing)?;

    let even = learner.unweighted();
    let learners = Learners { balanced: learner, even: even.as_deref() };
    let methods = &settings.calibration.methods;
    let finished = Finished { checkpoints, training_digest: &training_digest };
    let fits = (learners, weightings(methods, learners).len() as u32);
    let mut trainer = Trainer::new(rows, &training.ids, &settings.split, fits, settings.threads, finished, watch);
    let Calibrated { calibration, report, crossed, probabilities } =
        calibrate(&mut trainer, methods, learners, &training.labels)?;
    let peer_threshold = trainer.peer_threshold(&crossed.margins, settings.threshold.min_recall);
    // The final fit needs nothing of what is decided.
    let (fitted, decided) = cores::both(
        || trainer.final_fit(crossed.weighting),
        || Decided::of(&training.labels, &probabilities, split.holdout.len(), settings),
    );
    let Decided { threshold, intervals, figures } = decided?;
    let fitted = fitted?;

    let reference = reference(&training, features, probabilities)?;
    let rows_of_training = TrainingRows::of(&training_digest, &training.ids);
    let metadata = Metadata {
        version: training_digest[..16].to_owned(),
        training_digest,
        code_version: recipe.code_version(),
        experiment: experiment.to_owned(),
        algorithm: learner.name().to_owned(),
        features: features.to_vec(),
        columns: preprocessing.columns(),
        threshold,
        peer_threshold,
        settings: settings.recorded(),
        split: split.report(&examples, gold.height()),
        scale_pos_weight: crossed.weighting.of_churner(&rows),
        calibration: Some(report),
        fold_models: settings.split.folds,
        libraries: libraries(learner),
    };
    let calibrator = Calibrator { calibration, rows: crossed.margins.len() as u64, intervals };
    let out_of_fold = Some(OutOfFold { models: crossed.models, training: rows_of_training });
    Ok(Trained { bundle: Bundle { fitted, preprocessing, calibrator, metadata, reference, out_of_fold }, figures })
}

/// What follows from the out-of-fold probabilities of the training rows.
struct Decided {
    threshold: Threshold,
    intervals: ScoreIntervals,
    figures: TrainingFigures,
}

impl Decided {
    /// For so many new customers.
    fn of(labels: &[bool], probabilities: &[f64], new_customers: usize, settings: &TrainSettings) -> Result<Self> {
        let threshold = decide(labels, probabilities, new_customers, &settings.threshold, &settings.bootstrap);
        let intervals = ScoreIntervals::fit(labels, probabilities, settings.interval.coverage);
        let figures = TrainingFigures::of(labels, probabilities, threshold.value)?;
        Ok(Self { threshold, intervals, figures })
    }
}

/// The libraries that compute a model of a learner.
pub(super) fn libraries(learner: &dyn Learner) -> BTreeMap<String, String> {
    BTreeMap::from([
        (learner.name().to_owned(), learner.engine().to_owned()),
        ("polars".to_owned(), polars::VERSION.to_owned()),
    ])
}

/// What drift is measured against: the features of the training rows as gold has them, and the predictions of models that
/// have not seen them, since today's customers are predicted by such models too.
fn reference(training: &Examples, features: &[Feature], predictions: Vec<f64>) -> Result<DataFrame> {
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
        trained_by(sample::settings().threads, gold, watch)
    }

    fn trained_by(threads: u32, gold: &DataFrame, watch: &dyn Watch) -> Result<Trained> {
        let settings = TrainSettings { threads, ..sample::settings() };
        train(gold, "E5_full", &sample::features(), &settings, &NoCheckpoints, watch)
    }

    fn files(bundle: &Bundle) -> Vec<Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        bundle.save(folder.path()).unwrap();
        bundle.files().iter().map(|name| std::fs::read(folder.path().join(name)).unwrap()).collect()
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
        other.learner.xgboost.seed = 43;
        assert_ne!(version(&gold, &other), first);
        assert_ne!(version(&sample::gold(601), &settings), first);
    }

    #[test]
    fn fits_side_by_side_make_the_same_models_and_figures_as_one_after_the_other() {
        let gold = sample::gold(1500);
        let [one, two, many] = [1, 2, 16].map(|threads| trained_by(threads, &gold, &Unwatched).unwrap());
        for other in [&two, &many] {
            assert!(files(&other.bundle) == files(&one.bundle), "the files differ");
            assert_eq!(other.figures, one.figures);
        }
    }

    #[test]
    fn a_model_says_which_version_of_the_training_made_it() {
        let metadata = trained(&sample::gold(600)).metadata().clone();
        assert_eq!(metadata.code_version, format!("model-{}", crate::versions::TRAIN));
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
    fn progress_counts_the_rounds_of_all_fits_and_a_stop_is_heard() {
        struct Counter(AtomicU64, u64);
        impl Watch for Counter {
            fn report(&self, done: u64, total: Option<u64>) -> Result<()> {
                assert_eq!((done, total), (self.0.fetch_add(1, Ordering::Relaxed) + 1, Some(11 * 40)));
                if done == self.1 { Err(Error::Cancelled) } else { Ok(()) }
            }
        }
        for threads in [1, 2] {
            let run = |watch: &Counter| trained_by(threads, &sample::gold(600), watch);
            let all = Counter(AtomicU64::new(0), u64::MAX);
            run(&all).unwrap();
            assert_eq!(all.0.into_inner(), 440);
            let stopped = Counter(AtomicU64::new(0), 100);
            assert!(matches!(run(&stopped), Err(Error::Cancelled)));
            assert_eq!(stopped.0.into_inner(), 100, "nothing is reported after a stop");
        }
    }

    #[test]
    fn the_figures_are_of_the_training_rows_and_out_of_fold() {
        let gold = sample::gold(1500);
        let Trained { bundle, figures } = watched(&gold, &Unwatched).unwrap();
        assert_eq!(figures.rows, bundle.metadata().split.training_rows as u64);
        assert_eq!(figures.threshold, bundle.metadata().threshold.value);
        let examples = Examples::of(&gold).unwrap();
        let split = Split::by_hash(&examples, &sample::settings().split).unwrap();
        let training = examples.take(&split.training).unwrap();
        // The predictions of the model that saw these rows flatter it.
        let seen = bundle.predict(&training.table).unwrap();
        let flattered = TrainingFigures::of(&training.labels, &seen, figures.threshold).unwrap();
        assert!(figures.pr_auc < flattered.pr_auc && figures.roc_auc < flattered.roc_auc, "{figures:?} {flattered:?}");
        assert!(figures.brier > flattered.brier && figures.roc_auc > 0.6, "{figures:?} {flattered:?}");
    }

    #[test]
    fn the_reference_holds_the_predictions_that_the_figures_were_taken_from() {
        let gold = sample::gold(1500);
        let Trained { bundle, figures } = watched(&gold, &Unwatched).unwrap();
        let predictions = bundle.reference().column(PREDICTION).unwrap().f64().unwrap().to_vec();
        let unseen: Vec<f64> = predictions.into_iter().flatten().collect();
        let examples = Examples::of(&gold).unwrap();
        let split = Split::by_hash(&examples, &sample::settings().split).unwrap();
        let labels = examples.take(&split.training).unwrap().labels;
        assert_eq!(TrainingFigures::of(&labels, &unseen, figures.threshold).unwrap(), figures);
    }

    #[test]
    fn the_reference_holds_what_models_that_have_not_seen_a_row_say_of_it() {
        let gold = sample::gold(600);
        let bundle = trained(&gold);
        let examples = Examples::of(&gold).unwrap();
        let split = Split::by_hash(&examples, &sample::settings().split).unwrap();
        let training = examples.take(&split.training).unwrap();
        let stored = bundle.reference().column(PREDICTION).unwrap().f64().unwrap().to_vec();
        let published = bundle.predict_unseen(&training.table).unwrap();
        assert_eq!(stored, published.into_iter().map(Some).collect::<Vec<_>>());
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
