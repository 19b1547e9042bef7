//! A second learner, which is not shipped: everything around the learners works with it unchanged.

use std::num::NonZeroUsize;
use std::path::Path;

use polars::df;

use super::{Fitted, Learner, Rows};
use crate::error::{Error, Result};
use crate::model::fit::checkpoints::{CheckpointFolder, NoCheckpoints};
use crate::model::fit::train::train_by;
use crate::model::matrix::Matrix;
use crate::model::{Bundle, GateSettings, evaluate, gate, sample, score};
use crate::snapshot_date::SnapshotDate;
use crate::watch::Unwatched;

/// Weighs each column by how far the means of churners and stayers lie apart.
struct StraightLine;

#[derive(Debug)]
struct Weights(Vec<f32>);

impl Learner for StraightLine {
    fn name(&self) -> &'static str {
        "straight_line"
    }

    fn engine(&self) -> &'static str {
        "by hand 1"
    }

    fn description(&self) -> String {
        "one weight per column".to_owned()
    }

    fn rounds(&self) -> u32 {
        1
    }

    fn fit(
        &self,
        rows: &Rows<'_>,
        _threads: NonZeroUsize,
        after_round: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Box<dyn Fitted>> {
        let mean = |column: usize, label: bool| {
            let values = (0..rows.matrix.rows).filter(|&row| rows.labels[row] == label);
            let values: Vec<f32> = values.map(|row| rows.matrix.row(row)[column]).filter(|v| !v.is_nan()).collect();
            values.iter().sum::<f32>() / values.len().max(1) as f32
        };
        let apart = |column| (mean(column, true) - mean(column, false)) / (1.0 + mean(column, false).abs());
        let weights = (0..rows.matrix.width).map(apart).collect();
        after_round()?;
        Ok(Box::new(Weights(weights)))
    }

    fn load(&self, path: &Path) -> Result<Box<dyn Fitted>> {
        let bytes = std::fs::read(path).map_err(Error::file("read", path))?;
        Ok(Box::new(Weights(serde_json::from_slice(&bytes).map_err(|e| Error::model("load the weights", e))?)))
    }
}

impl Fitted for Weights {
    fn margins(&self, matrix: &Matrix) -> Result<Vec<f64>> {
        let width = self.0.len() + 1;
        let sum = |row: &[f32]| row.iter().copied().map(f64::from).sum();
        Ok(self.contributions(matrix)?.chunks(width).map(sum).collect())
    }

    fn contributions(&self, matrix: &Matrix) -> Result<Vec<f32>> {
        let known = |value: f32| if value.is_nan() { 0.0 } else { value };
        let of_row = |row| matrix.row(row).iter().zip(&self.0).map(move |(&value, weight)| known(value) * weight);
        Ok((0..matrix.rows).flat_map(|row| of_row(row).chain([0.0])).collect())
    }

    fn gains(&self, _width: usize) -> Result<Vec<f64>> {
        Ok(self.0.iter().map(|&weight| f64::from(weight.abs())).collect())
    }

    fn save(&self, path: &Path) -> Result<()> {
        std::fs::write(path, serde_json::to_vec(&self.0).unwrap()).map_err(Error::file("write", path))
    }
}

#[test]
fn another_learner_is_trained_measured_judged_and_applied() {
    let (gold, features, settings) = (sample::gold(1500), sample::features(), sample::settings());
    let train = || train_by(&StraightLine, &gold, "E5_full", &features, &settings, &NoCheckpoints, &Unwatched).unwrap();
    let bundle = train().bundle;
    let by_trees = sample::bundle(&gold, &settings);
    assert_eq!(bundle.metadata().algorithm, "straight_line");
    assert_ne!(bundle.metadata().version, by_trees.metadata().version);
    assert_eq!(bundle.metadata(), train().bundle.metadata());

    let evaluation = evaluate(&bundle, Some(&by_trees), &gold, &Unwatched).unwrap();
    assert!(evaluation.summary.metrics.roc_auc > 0.6, "{:?}", evaluation.summary);
    assert_eq!(evaluation.importance.len(), features.len());
    assert_eq!(gate(&evaluation.summary(), &GateSettings::default()).checks.len(), 2);

    let ids = gold.column("customer_id").unwrap().str().unwrap().clone();
    let (provinces, channels) = (vec![28; 1500], vec!["Office"; 1500]);
    let silver = df!("customer_id" => ids, "province_code" => provinces, "sales_channel" => channels).unwrap();
    let scores = score(&bundle, &gold, &silver, SnapshotDate::parse("2024-12-31").unwrap()).unwrap();
    assert_eq!(scores.height(), 1500);
    let reasons = bundle.contributions_of(&scores, &gold, &Unwatched).unwrap();
    assert_eq!((reasons.features.len(), reasons.values.len()), (features.len(), 1500 * features.len()));
    assert_eq!(bundle.observe(&gold).unwrap().height(), 1500);
}

#[test]
fn its_finished_fits_are_kept_and_restored_and_code_without_it_refuses_its_model() {
    let (gold, features, settings) = (sample::gold(600), sample::features(), sample::settings());
    let folder = tempfile::tempdir().unwrap();
    let no_damage = |file: &Path, problem: &Error| panic!("{}: {problem}", file.display());
    let checkpoints = CheckpointFolder::new(folder.path(), &no_damage);
    let train = || train_by(&StraightLine, &gold, "E5_full", &features, &settings, &checkpoints, &Unwatched).unwrap();
    let [first, second] = [train(), train()].map(|trained| trained.bundle.predict(&gold).unwrap());
    assert_eq!(first, second);

    let model = tempfile::tempdir().unwrap();
    train().bundle.save(model.path()).unwrap();
    let problem = Bundle::load(model.path()).unwrap_err().to_string();
    assert!(problem.contains("straight_line"), "{problem}");
}
