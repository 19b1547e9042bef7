//! Logistic regression with balanced weights: medians for missing values, standardised columns, a penalty on the weights
//! and none on the intercept, as scikit-learn's `LogisticRegression(class_weight="balanced")` behind a `SimpleImputer`
//! and a `StandardScaler`.

mod newton;
mod settings;

use std::num::NonZeroUsize;
use std::path::Path;

use serde::{Deserialize, Serialize};

pub use settings::LogisticSettings;

use super::{Fitted, Learner, Rows};
use crate::error::{Error, Result};
use crate::model::matrix::Matrix;
use newton::Problem;

/// The learner with its settings.
pub(in crate::model) struct LogisticRegression<'a> {
    pub settings: &'a LogisticSettings,
}

/// One column: what stands for a missing value, how it is standardised, and its weight.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Weighted {
    median: f64,
    mean: f64,
    sd: f64,
    weight: f64,
}

/// The fitted line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Line {
    intercept: f64,
    columns: Vec<Weighted>,
}

impl Learner for LogisticRegression<'_> {
    fn name(&self) -> &'static str {
        "logistic_regression"
    }

    fn engine(&self) -> &'static str {
        "Newton 1"
    }

    fn description(&self) -> String {
        format!("balanced weights, C {}", self.settings.c)
    }

    fn rounds(&self) -> u32 {
        self.settings.iterations
    }

    fn fit(
        &self,
        rows: &Rows<'_>,
        _threads: NonZeroUsize,
        after_round: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Box<dyn Fitted>> {
        let width = rows.matrix.width;
        let mut columns: Vec<Weighted> = (0..width).map(|column| Weighted::of(rows.matrix, column)).collect();
        let matrix = rows.matrix;
        let values: Vec<f64> = (0..matrix.rows).flat_map(|row| standardised(&columns, matrix.row(row))).collect();
        let problem = Problem { values: &values, width, labels: rows.labels, c: self.settings.c };
        let solution = problem.minimum(self.settings.iterations, after_round)?;
        for (column, weight) in columns.iter_mut().zip(&solution) {
            column.weight = *weight;
        }
        Ok(Box::new(Line { intercept: solution[width], columns }))
    }

    fn load(&self, path: &Path) -> Result<Box<dyn Fitted>> {
        let bytes = std::fs::read(path).map_err(Error::file("read", path))?;
        let line: Line = serde_json::from_slice(&bytes).map_err(|e| Error::model("load a logistic regression", e))?;
        Ok(Box::new(line))
    }
}

impl Weighted {
    /// The column as the fitted rows have it; its weight is not known yet. A constant one keeps its place and says nothing.
    fn of(matrix: &Matrix, column: usize) -> Self {
        let cells = || (0..matrix.rows).map(move |row| f64::from(matrix.row(row)[column]));
        let median = median(cells().filter(|cell| !cell.is_nan()).collect());
        let filled = || cells().map(move |cell| if cell.is_nan() { median } else { cell });
        let mean = filled().sum::<f64>() / matrix.rows as f64;
        let variance = filled().map(|cell| (cell - mean).powi(2)).sum::<f64>() / matrix.rows as f64;
        let sd = if variance > 0.0 { variance.sqrt() } else { 1.0 };
        Self { median, mean, sd, weight: 0.0 }
    }

    fn standardised(&self, cell: f32) -> f64 {
        let cell = f64::from(cell);
        ((if cell.is_nan() { self.median } else { cell }) - self.mean) / self.sd
    }
}

fn standardised<'a>(columns: &'a [Weighted], row: &'a [f32]) -> impl Iterator<Item = f64> + 'a {
    columns.iter().zip(row).map(|(column, &cell)| column.standardised(cell))
}

/// The middle value, of an even number the mean of the two middle ones; 0 without any.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.len(), values.len() % 2) {
        (0, _) => 0.0,
        (_, 1) => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

impl Fitted for Line {
    fn margins(&self, matrix: &Matrix) -> Result<Vec<f64>> {
        self.require_width(matrix)?;
        let margin = |row: &[f32]| {
            let terms = standardised(&self.columns, row).zip(&self.columns);
            self.intercept + terms.map(|(value, column)| value * column.weight).sum::<f64>()
        };
        Ok((0..matrix.rows).map(|row| margin(matrix.row(row))).collect())
    }

    /// Of a line the contribution of a column is its term: what the row differs from the mean, times the weight.
    fn contributions(&self, matrix: &Matrix) -> Result<Vec<f32>> {
        self.require_width(matrix)?;
        let mut contributions = Vec::with_capacity(matrix.rows * (matrix.width + 1));
        for row in 0..matrix.rows {
            let terms = standardised(&self.columns, matrix.row(row)).zip(&self.columns);
            contributions.extend(terms.map(|(value, column)| (value * column.weight) as f32));
            contributions.push(self.intercept as f32);
        }
        Ok(contributions)
    }

    fn gains(&self, _width: usize) -> Result<Vec<f64>> {
        Ok(self.columns.iter().map(|column| column.weight.abs()).collect())
    }

    fn save(&self, path: &Path) -> Result<()> {
        let bytes = serde_json::to_vec(self).map_err(|e| Error::model("save a logistic regression", e))?;
        std::fs::write(path, bytes).map_err(Error::file("write", path))
    }
}

impl Line {
    fn require_width(&self, matrix: &Matrix) -> Result<()> {
        if matrix.width == self.columns.len() {
            return Ok(());
        }
        let problem = format!("it was fitted on {} columns, and here are {}", self.columns.len(), matrix.width);
        Err(Error::model("apply a logistic regression", problem))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// 60 rows made by arithmetic alone, so that Python can make the same.
    fn sample() -> (Matrix, Vec<bool>) {
        let row = |i: u16| {
            [f32::from(i * 7 % 11) - 5.0, f32::from(i * i % 13) / 4.0, f32::from(u16::from(i.is_multiple_of(3)))]
        };
        let label = |i: u16| (i * 5 % 17) + (if i.is_multiple_of(3) { i * 7 % 11 } else { 0 }) > 13;
        let values = (0..60).flat_map(row).collect();
        (Matrix { values, rows: 60, width: 3, unseen: BTreeMap::new() }, (0..60).map(label).collect())
    }

    fn fitted(matrix: &Matrix, labels: &[bool], c: f64) -> Line {
        let settings = LogisticSettings { c, ..LogisticSettings::default() };
        let learner = LogisticRegression { settings: &settings };
        let mut rounds = 0;
        let mut count = || {
            rounds += 1;
            Ok(())
        };
        let fitted = learner.fit(&Rows { matrix, labels }, NonZeroUsize::MIN, &mut count).unwrap();
        assert_eq!(rounds, settings.iterations);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.ubj");
        fitted.save(&path).unwrap();
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }

    #[test]
    fn weights_and_intercept_are_scikit_learns() {
        // scikit-learn 1.9.1: LogisticRegression(C, class_weight="balanced", solver="newton-cholesky", tol=1e-12)
        // on StandardScaler().fit_transform of the same rows
        let (matrix, labels) = sample();
        for (c, intercept, weights) in [
            (
                1.0,
                -0.185_748_976_355_636_34,
                [0.333_960_995_337_214_46, 0.186_076_225_947_238_02, 0.846_408_083_694_526_5],
            ),
            (
                0.1,
                -0.122_922_667_394_123_16,
                [0.215_303_208_518_848_07, 0.090_966_332_231_138_19, 0.524_961_349_552_696_6],
            ),
        ] {
            let line = fitted(&matrix, &labels, c);
            assert!((line.intercept - intercept).abs() < 1e-8, "{} instead of {intercept}", line.intercept);
            for (column, weight) in line.columns.iter().zip(weights) {
                assert!((column.weight - weight).abs() < 1e-8, "{} instead of {weight}", column.weight);
            }
        }
    }

    #[test]
    fn a_missing_value_counts_as_the_median_and_a_constant_column_says_nothing() {
        let values = vec![1.0, 7.0, f32::NAN, 7.0, 3.0, 7.0, 9.0, 7.0];
        let matrix = Matrix { values, rows: 4, width: 2, unseen: BTreeMap::new() };
        let line = fitted(&matrix, &[false, true, false, true], 1.0);
        assert_eq!((line.columns[0].median, line.columns[1].weight), (3.0, 0.0));
        let margins = line.margins(&matrix).unwrap();
        assert_eq!(margins[1], margins[2], "missing and the median are the same");
    }

    #[test]
    fn contributions_and_intercept_sum_to_the_margin() {
        let (matrix, labels) = sample();
        let line = fitted(&matrix, &labels, 1.0);
        let contributions = line.contributions(&matrix).unwrap();
        for (row, margin) in line.margins(&matrix).unwrap().into_iter().enumerate() {
            let sum: f64 = contributions[row * 4..(row + 1) * 4].iter().map(|&value| f64::from(value)).sum();
            assert!((sum - margin).abs() < 1e-5, "row {row}: {sum} against {margin}");
        }
        let narrow = Matrix { values: vec![0.0], rows: 1, width: 1, unseen: BTreeMap::new() };
        assert!(line.margins(&narrow).unwrap_err().to_string().contains("fitted on 3 columns"));
    }
}
