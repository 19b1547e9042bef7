//! A trained model with all it needs to be applied, and its files.
//!
//! `model.ubj`, `preprocessing.json`, `calibrator.json`, `metadata.json`, `reference.parquet`, `training_rows.parquet`, and
//! the model of each fold, `fold-0.ubj` and on. A loaded bundle gives the predictions of the saved one to the bit.

pub(in crate::model) mod beta;
pub(in crate::model) mod calibration;
pub(in crate::model) mod interval;
pub(in crate::model) mod isotonic;
pub(in crate::model) mod metadata;
pub(in crate::model) mod out_of_fold;
pub(in crate::model) mod platt;
pub(in crate::model) mod threshold;
pub(in crate::model) mod training_rows;

use std::fs::{self, File};
use std::path::Path;

use metadata::{Calibrator, Metadata};
use out_of_fold::OutOfFold;
use polars::prelude::{DataFrame, ParquetWriter};
use serde::Serialize;
use serde::de::DeserializeOwned;
use training_rows::TrainingRows;

use crate::cores;
use crate::error::{Error, Result};
use crate::model::learner::Fitted;
use crate::model::matrix::{Matrix, Preprocessing};
use crate::table_file;

/// The files of a bundle.
const MODEL: &str = "model.ubj";
const PREPROCESSING: &str = "preprocessing.json";
const CALIBRATOR: &str = "calibrator.json";
/// The file with what a model says about itself.
pub const METADATA: &str = "metadata.json";
const REFERENCE: &str = "reference.parquet";
const TRAINING_ROWS: &str = "training_rows.parquet";

/// A trained model.
#[derive(Debug)]
pub struct Bundle {
    pub(in crate::model) fitted: Box<dyn Fitted>,
    pub(in crate::model) preprocessing: Preprocessing,
    pub(in crate::model) calibrator: Calibrator,
    pub(in crate::model) metadata: Metadata,
    pub(in crate::model) reference: DataFrame,
    /// Who was in training, and the models that have not seen them; models of before have none.
    pub(in crate::model) out_of_fold: Option<OutOfFold>,
}

impl Bundle {
    /// The names of the files that [`Self::save`] writes beside those of the folds.
    pub const FILES: [&str; 6] = [MODEL, PREPROCESSING, CALIBRATOR, METADATA, REFERENCE, TRAINING_ROWS];

    /// The name of the file with the model of a fold, counted from 0.
    pub fn fold_file(fold: u32) -> String {
        format!("fold-{fold}.ubj")
    }

    /// The names of all files that [`Self::save`] writes.
    pub fn files(&self) -> Vec<String> {
        let fixed = Self::FILES.map(str::to_owned).into_iter();
        fixed.chain((0..self.metadata.fold_models).map(Self::fold_file)).collect()
    }

    /// Writes the files into a folder, which is made when needed.
    pub fn save(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
        self.fitted.save(&folder.join(MODEL))?;
        write_json(&folder.join(PREPROCESSING), &self.preprocessing)?;
        write_json(&folder.join(CALIBRATOR), &self.calibrator)?;
        write_json(&folder.join(METADATA), &self.metadata)?;
        let path = folder.join(REFERENCE);
        let file = File::create(&path).map_err(Error::file("create", &path))?;
        let mut reference = self.reference.clone();
        ParquetWriter::new(file).finish(&mut reference).map_err(Error::table("write reference.parquet"))?;
        self.save_out_of_fold(folder)
    }

    fn save_out_of_fold(&self, folder: &Path) -> Result<()> {
        let Some(out_of_fold) = &self.out_of_fold else { return Ok(()) };
        out_of_fold.training.write(&folder.join(TRAINING_ROWS))?;
        for (model, fold) in out_of_fold.models.iter().zip(0..) {
            model.save(&folder.join(Self::fold_file(fold)))?;
        }
        Ok(())
    }

    /// Reads what [`Self::save`] wrote; the files must be those of one model.
    ///
    /// The digests are the caller's to compare, before: no file of a bundle holds them. What the learner
    /// wrote is read last: a learner may be C++ code, of which an error is not certain over a damaged file.
    pub fn load(folder: &Path) -> Result<Self> {
        let preprocessing: Preprocessing = read_json(&folder.join(PREPROCESSING))?;
        let calibrator = read_json(&folder.join(CALIBRATOR))?;
        let metadata: Metadata = read_json(&folder.join(METADATA))?;
        if !belong_together(&metadata, &preprocessing) {
            let problem = "metadata.json and preprocessing.json are of different models; train again or roll back";
            return Err(Error::model("load a model", problem));
        }
        let reference = table_file::read(&folder.join(REFERENCE))?;
        let training = match metadata.fold_models {
            0 => None,
            _ => Some(TrainingRows::read(&folder.join(TRAINING_ROWS), &metadata.training_digest)?),
        };
        let of_folds = (0..metadata.fold_models).map(Self::fold_file);
        let files: Vec<String> = std::iter::once(MODEL.to_owned()).chain(of_folds).collect();
        let read = cores::map(&files, |file| read_fitted(&metadata, &folder.join(file)));
        let mut models = read.into_iter().collect::<Result<Vec<_>>>()?;
        let fitted = models.remove(0);
        let out_of_fold = training.map(|training| OutOfFold { models, training });
        Ok(Self { fitted, preprocessing, calibrator, metadata, reference, out_of_fold })
    }

    /// How the model was made.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The calibration of the margin and the intervals.
    pub fn calibrator(&self) -> &Calibrator {
        &self.calibrator
    }

    /// The drift reference: the features of the training rows and the column `churn_proba`; no customer ids.
    pub fn reference(&self) -> &DataFrame {
        &self.reference
    }

    /// The numbers the model reads, with the count of categories it never saw.
    pub fn matrix(&self, gold: &DataFrame) -> Result<Matrix> {
        self.preprocessing.transform(gold)
    }

    /// The calibrated churn probability of every row by the final model, in the order of `gold`.
    ///
    /// It flatters customers that the model was fitted on: what people are to read is [`Self::predict_unseen`].
    pub fn predict(&self, gold: &DataFrame) -> Result<Vec<f64>> {
        let margins = self.fitted.margins(&self.matrix(gold)?)?;
        Ok(margins.into_iter().map(|margin| self.calibrator.calibration.probability(margin)).collect())
    }
}

/// Whether the version is that of the training, the columns are those of the matrix, and there is a model for every fold.
fn belong_together(metadata: &Metadata, preprocessing: &Preprocessing) -> bool {
    let of_training = !metadata.version.is_empty() && metadata.training_digest.starts_with(&metadata.version);
    let features = metadata.features.iter().map(|feature| feature.name.as_str());
    of_training
        && [0, metadata.settings.split.folds].contains(&metadata.fold_models)
        && metadata.columns == preprocessing.columns()
        && features.eq(preprocessing.widths().map(|(feature, _)| feature))
}

/// Reads what the learner wrote that the model names.
fn read_fitted(metadata: &Metadata, path: &Path) -> Result<Box<dyn Fitted>> {
    let learner = metadata.settings.learner.learner();
    if learner.name() == metadata.algorithm {
        return learner.load(path);
    }
    let problem = format!("no learner here is called {}; use the code that trained it", metadata.algorithm);
    Err(Error::model("load a model", problem))
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<()> {
    let mut json = serde_json::to_vec_pretty(value).map_err(|e| Error::model("write a model file", e))?;
    json.push(b'\n');
    fs::write(path, json).map_err(Error::file("write", path))
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let json = fs::read(path).map_err(Error::file("read", path))?;
    serde_json::from_slice(&json).map_err(|e| {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        Error::model("load a model", format!("{file}: {e}; train again or roll back to another version"))
    })
}

#[cfg(test)]
mod tests {
    use polars::prelude::{IntoLazy, NULL, lit};

    use super::*;
    use crate::model::sample;
    use crate::watch::Unwatched;

    fn bundle() -> (Bundle, DataFrame) {
        let gold = sample::gold(800);
        (sample::bundle(&gold, &sample::settings()), gold)
    }

    #[test]
    fn a_loaded_bundle_predicts_and_explains_as_the_saved_one_to_the_bit() {
        let (saved, gold) = bundle();
        let folder = tempfile::tempdir().unwrap();
        saved.save(folder.path()).unwrap();
        let loaded = Bundle::load(folder.path()).unwrap();
        assert_eq!(loaded.predict(&gold).unwrap(), saved.predict(&gold).unwrap());
        assert_eq!(loaded.contributions(&gold, &Unwatched).unwrap(), saved.contributions(&gold, &Unwatched).unwrap());
        assert_eq!(loaded.metadata().threshold.value.to_bits(), saved.metadata().threshold.value.to_bits());
        assert!(loaded.reference().equals_missing(saved.reference()));
    }

    #[test]
    fn a_prediction_depends_on_its_own_row_only() {
        let (bundle, gold) = bundle();
        let all = bundle.predict(&gold).unwrap();
        assert_eq!(bundle.predict(&gold.slice(5, 1)).unwrap(), all[5..6]);
        assert_eq!(bundle.predict(&gold.reverse()).unwrap(), all.into_iter().rev().collect::<Vec<_>>());
        assert_eq!(bundle.predict(&gold.slice(0, 0)).unwrap(), Vec::<f64>::new());
    }

    #[test]
    fn a_table_without_a_feature_cannot_be_scored() {
        let (bundle, gold) = bundle();
        let problem = bundle.predict(&gold.drop("std_margin").unwrap()).unwrap_err().to_string();
        assert!(problem.contains("feature std_margin"), "{problem}");
    }

    #[test]
    fn a_column_that_became_all_null_is_missing_and_not_an_error() {
        let (bundle, gold) = bundle();
        let without = gold.lazy().with_column(lit(NULL).cast(polars::prelude::DataType::Float64).alias("std_margin"));
        assert!(bundle.predict(&without.collect().unwrap()).unwrap().iter().all(|p| p.is_finite()));
    }

    #[test]
    fn a_damaged_file_is_an_error_that_names_it() {
        let (bundle, _) = bundle();
        let folder = tempfile::tempdir().unwrap();
        bundle.save(folder.path()).unwrap();
        for (name, damage) in [(CALIBRATOR, "{}"), (REFERENCE, "PAR1"), (TRAINING_ROWS, "PAR1")] {
            let whole = fs::read(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name), damage).unwrap();
            let problem = Bundle::load(folder.path()).unwrap_err().to_string();
            assert!(problem.contains(name), "{problem}");
            fs::write(folder.path().join(name), whole).unwrap();
        }
        Bundle::load(folder.path()).unwrap();
    }

    #[test]
    fn the_files_of_two_models_are_no_model_and_their_trees_are_not_read() {
        let (bundle, gold) = bundle();
        let other = sample::bundle_of(&gold, &sample::settings(), &sample::features()[..3]);
        let folder = tempfile::tempdir().unwrap();
        bundle.save(folder.path()).unwrap();
        write_json(&folder.path().join(PREPROCESSING), &other.preprocessing).unwrap();
        // Were these trees read, another error would be told.
        fs::write(folder.path().join(MODEL), "no trees").unwrap();
        let problem = Bundle::load(folder.path()).unwrap_err().to_string();
        assert!(problem.contains("of different models"), "{problem}");
    }
}
