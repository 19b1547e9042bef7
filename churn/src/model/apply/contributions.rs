//! Why the model says what it says: TreeSHAP contributions by feature.

use polars::prelude::DataFrame;

use crate::error::Result;
use crate::model::bundle::Bundle;
use crate::model::examples::{customer_ids, rows_of, take};
use crate::model::matrix::Matrix;
use crate::watch::Watch;

/// Rows explained between two reports of progress.
const ROWS_PER_STEP: usize = 1000;

/// One row per customer, one value per feature of the model, in margin (log-odds) units.
///
/// The one-hot columns of a category are summed into their feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Contributions {
    /// The features, in the model's order.
    pub features: Vec<String>,
    /// Row-major: `values[row * features.len() + feature]`.
    pub values: Vec<f32>,
    /// The base value of each row: what the model says before it knows anything of the customer. It and the
    /// row's contributions sum to the margin.
    pub bases: Vec<f32>,
}

impl Contributions {
    /// The contributions of one row, in the order of [`Self::features`].
    pub fn row(&self, row: usize) -> &[f32] {
        let width = self.features.len();
        &self.values[row * width..(row + 1) * width]
    }
}

impl Bundle {
    /// Why: the TreeSHAP contributions of every row, in the order of `gold`.
    pub fn contributions(&self, gold: &DataFrame, watch: &dyn Watch) -> Result<Contributions> {
        self.explain(&self.matrix(gold)?, watch)
    }

    /// The contributions of the customers of a scores table, in its order.
    pub fn contributions_of(&self, scores: &DataFrame, gold: &DataFrame, watch: &dyn Watch) -> Result<Contributions> {
        self.contributions(&take(gold, &rows_of(&customer_ids(scores)?, gold)?)?, watch)
    }

    pub(in crate::model) fn explain(&self, matrix: &Matrix, watch: &dyn Watch) -> Result<Contributions> {
        let widths: Vec<(&str, usize)> = self.preprocessing.widths().collect();
        let mut values = Vec::with_capacity(matrix.rows * widths.len());
        let mut bases = Vec::with_capacity(matrix.rows);
        for first in (0..matrix.rows).step_by(ROWS_PER_STEP) {
            watch.report(first as u64, Some(matrix.rows as u64))?;
            let rows: Vec<usize> = (first..matrix.rows.min(first + ROWS_PER_STEP)).collect();
            let by_column = self.fitted.contributions(&matrix.take(&rows))?;
            for row in by_column.chunks_exact(matrix.width + 1) {
                let mut rest = row;
                for &(_, width) in &widths {
                    let (own, after) = rest.split_at(width);
                    values.push(own.iter().map(|&value| f64::from(value)).sum::<f64>() as f32);
                    rest = after;
                }
                bases.extend_from_slice(rest);
            }
        }
        Ok(Contributions { features: widths.iter().map(|&(name, _)| name.to_owned()).collect(), values, bases })
    }
}

#[cfg(test)]
mod tests {
    use crate::model::sample;
    use crate::watch::Unwatched;

    #[test]
    fn contributions_are_by_feature_and_sum_to_the_margin_with_the_base_value() {
        let gold = sample::gold(800);
        let bundle = sample::bundle(&gold, &sample::settings());
        let contributions = bundle.contributions(&gold, &Unwatched).unwrap();
        assert_eq!(contributions.features, sample::features().into_iter().map(|f| f.name).collect::<Vec<_>>());
        let margins = bundle.fitted.margins(&bundle.matrix(&gold).unwrap()).unwrap();
        let sum = |row| contributions.row(row).iter().map(|&value| f64::from(value)).sum::<f64>();
        assert_eq!(contributions.bases.len(), gold.height());
        let base = |row: usize| f64::from(contributions.bases[row]);
        assert!((0..gold.height()).all(|row| (sum(row) + base(row) - margins[row]).abs() < 1e-4));
    }
}
