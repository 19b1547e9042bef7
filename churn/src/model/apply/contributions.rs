//! Why the model says what it says: TreeSHAP contributions by feature.

use polars::prelude::DataFrame;

use super::standing::Standings;
use crate::error::Result;
use crate::model::bundle::Bundle;
use crate::model::bundle::out_of_fold::{Scorer, by_scorer};
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
    /// Where the values that contribute lie; empty where nobody asked.
    pub standings: Standings,
}

impl Contributions {
    /// The contributions of one row, in the order of [`Self::features`].
    pub fn row(&self, row: usize) -> &[f32] {
        let width = self.features.len();
        &self.values[row * width..(row + 1) * width]
    }
}

impl Bundle {
    /// Why: the TreeSHAP contributions of every row, in the order of `gold`, to what is published: of a customer of the
    /// training to the margin of the model that has not seen them.
    pub fn contributions(&self, gold: &DataFrame, watch: &dyn Watch) -> Result<Contributions> {
        self.explain(&self.matrix(gold)?, &self.scorers(gold)?, watch)
    }

    /// The contributions of the customers of a scores table, in its order, with where their values lie among
    /// one another's.
    pub fn contributions_of(&self, scores: &DataFrame, gold: &DataFrame, watch: &dyn Watch) -> Result<Contributions> {
        let customers = take(gold, &rows_of(&customer_ids(scores)?, gold)?)?;
        let contributions = self.contributions(&customers, watch)?;
        Ok(Contributions { standings: self.standings(&customers)?, ..contributions })
    }

    /// The contributions of every row to the margin of its scorer.
    pub(in crate::model) fn explain(
        &self,
        matrix: &Matrix,
        scorers: &[Scorer],
        watch: &dyn Watch,
    ) -> Result<Contributions> {
        let widths: Vec<(&str, usize)> = self.preprocessing.widths().collect();
        let mut values = vec![0.0; matrix.rows * widths.len()];
        let mut bases = vec![0.0; matrix.rows];
        let mut done = 0;
        for (scorer, rows) in by_scorer(scorers) {
            for step in rows.chunks(ROWS_PER_STEP) {
                watch.report(done as u64, Some(matrix.rows as u64))?;
                let by_column = self.model(scorer).contributions(&matrix.take(step))?;
                for (&row, of_row) in step.iter().zip(by_column.chunks_exact(matrix.width + 1)) {
                    let by_feature = &mut values[row * widths.len()..(row + 1) * widths.len()];
                    let mut rest = of_row;
                    for (value, &(_, width)) in by_feature.iter_mut().zip(&widths) {
                        let (own, after) = rest.split_at(width);
                        *value = own.iter().map(|&value| f64::from(value)).sum::<f64>() as f32;
                        rest = after;
                    }
                    bases[row] = rest.iter().sum();
                }
                done += step.len();
            }
        }
        let features = widths.iter().map(|&(name, _)| name.to_owned()).collect();
        Ok(Contributions { features, values, bases, standings: Standings::default() })
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
        let margins = bundle.unseen_margins(&gold, &bundle.matrix(&gold).unwrap()).unwrap();
        let sum = |row| contributions.row(row).iter().map(|&value| f64::from(value)).sum::<f64>();
        assert_eq!(contributions.bases.len(), gold.height());
        let base = |row: usize| f64::from(contributions.bases[row]);
        assert!((0..gold.height()).all(|row| (sum(row) + base(row) - margins[row]).abs() < 1e-4));
    }
}
