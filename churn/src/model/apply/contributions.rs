//! Why the model says what it says: TreeSHAP contributions by feature.

use std::sync::atomic::{AtomicUsize, Ordering};

use polars::prelude::DataFrame;

use super::standing::Standings;
use crate::cores;
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
        let by_scorer: Vec<_> = by_scorer(scorers).into_iter().collect();
        let done = AtomicUsize::new(0);
        let step = |scorer: Scorer, rows: &[usize]| -> Result<Vec<f32>> {
            watch.report(done.load(Ordering::Relaxed) as u64, Some(matrix.rows as u64))?;
            let by_column = self.model(scorer).contributions(&matrix.take(rows))?;
            done.fetch_add(rows.len(), Ordering::Relaxed);
            Ok(by_column.chunks_exact(matrix.width + 1).flat_map(|of_row| by_feature(of_row, &widths)).collect())
        };
        // A model is asked by one thread at a time.
        let found = cores::map(&by_scorer, |(scorer, rows)| {
            rows.chunks(ROWS_PER_STEP).map(|rows| step(*scorer, rows)).collect::<Result<Vec<_>>>()
        });
        for ((_, rows), found) in by_scorer.iter().zip(found) {
            let found = found?.concat();
            for (&row, of_row) in rows.iter().zip(found.chunks_exact(widths.len() + 1)) {
                values[row * widths.len()..(row + 1) * widths.len()].copy_from_slice(&of_row[..widths.len()]);
                bases[row] = of_row[widths.len()];
            }
        }
        let features = widths.iter().map(|&(name, _)| name.to_owned()).collect();
        Ok(Contributions { features, values, bases, standings: Standings::default() })
    }
}

/// The contributions of a row by feature, and its base value.
fn by_feature(of_row: &[f32], widths: &[(&str, usize)]) -> Vec<f32> {
    let mut rest = of_row;
    let mut values = Vec::with_capacity(widths.len() + 1);
    for &(_, width) in widths {
        let (own, after) = rest.split_at(width);
        values.push(own.iter().map(|&value| f64::from(value)).sum::<f64>() as f32);
        rest = after;
    }
    values.push(rest.iter().sum());
    values
}

#[cfg(test)]
mod tests {
    use super::*;
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

    #[test]
    fn each_customer_is_explained_by_their_own_scorer_whoever_is_asked_beside_them() {
        let gold = sample::gold(800);
        let bundle = sample::bundle(&gold, &sample::settings());
        let (matrix, scorers) = (bundle.matrix(&gold).unwrap(), bundle.scorers(&gold).unwrap());
        let all = bundle.explain(&matrix, &scorers, &Unwatched).unwrap();
        assert!(by_scorer(&scorers).len() > 2);
        for row in (0..gold.height()).step_by(40) {
            let alone = bundle.explain(&matrix.take(&[row]), &scorers[row..=row], &Unwatched).unwrap();
            assert_eq!((alone.row(0), alone.bases[0]), (all.row(row), all.bases[row]), "row {row}");
        }
    }
}
