//! The models of the folds: who was in training is scored by the one that has not seen them.
//!
//! Four in five customers of the published table are customers that the final model was fitted on. It knows how they
//! ended, and its scores of them say so: their high tiers would hold more churners than those of new customers ever
//! do. The fold follows from the customer's ID alone, so anybody can find out who scored whom.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;

use super::Bundle;
use super::training_rows::TrainingRows;
use crate::cores;
use crate::error::Result;
use crate::model::examples::customer_ids;
use crate::model::learner::Fitted;
use crate::model::matrix::Matrix;
use crate::model::split::fold_of;

/// What scoring needs to be as honest about customers of the training as about others.
#[derive(Debug)]
pub(in crate::model) struct OutOfFold {
    /// The model that has not seen fold 0, 1 and so on.
    pub models: Vec<Box<dyn Fitted>>,
    /// Who was in training.
    pub training: TrainingRows,
}

/// Which model scores a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::model) enum Scorer {
    /// The one of all training customers.
    Final,
    /// The one that has not seen this fold.
    Fold(usize),
}

impl Bundle {
    /// The calibrated churn probability of every row by a model that has not seen the customer, in the order of `gold`: what
    /// is published. Models of before have only a final model, which scores everybody.
    pub fn predict_unseen(&self, gold: &DataFrame) -> Result<Vec<f64>> {
        let margins = self.unseen_margins(gold, &self.matrix(gold)?)?;
        Ok(margins.into_iter().map(|margin| self.calibrator.calibration.probability(margin)).collect())
    }

    /// Whether the model was fitted on each customer of a table; nothing of models of before, which do not say.
    pub fn in_training(&self, customers: &DataFrame) -> Result<Option<Vec<bool>>> {
        let Some(out_of_fold) = &self.out_of_fold else { return Ok(None) };
        let ids = customer_ids(customers)?;
        Ok(Some(ids.iter().map(|id| out_of_fold.training.holds(id)).collect()))
    }

    /// The margin of every row by a model that has not seen the customer; `matrix` is that of `customers`.
    pub(in crate::model) fn unseen_margins(&self, customers: &DataFrame, matrix: &Matrix) -> Result<Vec<f64>> {
        let mut margins = vec![f64::NAN; matrix.rows];
        let by_scorer: Vec<_> = by_scorer(&self.scorers(customers)?).into_iter().collect();
        let found = cores::map(&by_scorer, |(scorer, rows)| self.model(*scorer).margins(&matrix.take(rows)));
        for ((_, rows), found) in by_scorer.iter().zip(found) {
            for (row, margin) in rows.iter().zip(found?) {
                margins[*row] = margin;
            }
        }
        Ok(margins)
    }

    /// For every customer the model that has not seen them.
    pub(in crate::model) fn scorers(&self, customers: &DataFrame) -> Result<Vec<Scorer>> {
        let Some(seen) = self.in_training(customers)? else { return Ok(vec![Scorer::Final; customers.height()]) };
        let split = &self.metadata.settings.split;
        let scorer = |(id, seen): (String, bool)| {
            if seen { Scorer::Fold(fold_of(&id, split) as usize) } else { Scorer::Final }
        };
        Ok(customer_ids(customers)?.into_iter().zip(seen).map(scorer).collect())
    }

    /// The model that a scorer stands for. There is one for every fold: a bundle is not loaded without.
    pub(in crate::model) fn model(&self, scorer: Scorer) -> &dyn Fitted {
        match (scorer, &self.out_of_fold) {
            (Scorer::Fold(fold), Some(out_of_fold)) => out_of_fold.models.get(fold).unwrap_or(&self.fitted).as_ref(),
            (Scorer::Fold(_), None) | (Scorer::Final, _) => self.fitted.as_ref(),
        }
    }
}

/// The rows of each scorer, in their order.
pub(in crate::model) fn by_scorer(scorers: &[Scorer]) -> BTreeMap<Scorer, Vec<usize>> {
    let mut rows: BTreeMap<Scorer, Vec<usize>> = BTreeMap::new();
    for (row, scorer) in scorers.iter().enumerate() {
        rows.entry(*scorer).or_default().push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use polars::prelude::{DataType, IntoLazy, NULL, col, lit, when};

    use super::*;
    use crate::model::examples::Examples;
    use crate::model::sample;
    use crate::model::split::Split;

    const CUSTOMERS: u32 = 900;

    /// A bundle of customers of whom every thirtieth has no label, and gold with some who came later.
    fn later() -> (Bundle, DataFrame) {
        let unlabelled = |table: DataFrame| {
            let every = (0..CUSTOMERS).step_by(30).map(|i| format!("C{i:05}"));
            let nobody = every.fold(lit(false), |any, id| any.or(col("customer_id").eq(lit(id))));
            let label = when(nobody).then(lit(NULL).cast(DataType::Int32)).otherwise(col("churn")).alias("churn");
            table.lazy().with_column(label).collect().unwrap()
        };
        let bundle = sample::bundle(&unlabelled(sample::gold(CUSTOMERS)), &sample::settings());
        (bundle, sample::gold(CUSTOMERS + 100))
    }

    #[test]
    fn only_customers_of_the_training_are_said_to_be_in_it() {
        let (bundle, gold) = later();
        let all = Examples::of(&gold).unwrap();
        let split = Split::by_hash(&all, &bundle.metadata().settings.split).unwrap();
        let seen = bundle.in_training(&gold).unwrap().unwrap();
        let was_labelled = |row: usize| row < CUSTOMERS as usize && !row.is_multiple_of(30);
        for row in &split.training {
            assert_eq!(seen[*row], was_labelled(*row), "row {row}");
        }
        assert!(split.holdout.iter().all(|row| !seen[*row]));
        assert_eq!(seen.iter().filter(|seen| **seen).count(), bundle.metadata().split.training_rows);
    }

    #[test]
    fn each_customer_is_scored_by_a_model_that_has_not_seen_them() {
        let (bundle, gold) = later();
        let (seen, ids) = (bundle.in_training(&gold).unwrap().unwrap(), customer_ids(&gold).unwrap());
        let by_final = bundle.predict(&gold).unwrap();
        let published = bundle.predict_unseen(&gold).unwrap();
        let out_of_fold = bundle.out_of_fold.as_ref().unwrap();
        let matrix = bundle.matrix(&gold).unwrap();
        let by_fold: Vec<Vec<f64>> = out_of_fold.models.iter().map(|model| model.margins(&matrix).unwrap()).collect();
        for row in 0..gold.height() {
            let fold = fold_of(&ids[row], &bundle.metadata().settings.split) as usize;
            let of_fold = bundle.calibrator.calibration.probability(by_fold[fold][row]);
            assert_eq!(published[row], if seen[row] { of_fold } else { by_final[row] }, "row {row}");
        }
        assert!(seen.iter().enumerate().any(|(row, seen)| *seen && published[row] != by_final[row]));
    }

    #[test]
    fn a_score_depends_on_its_own_row_only() {
        let (bundle, gold) = later();
        let all = bundle.predict_unseen(&gold).unwrap();
        assert_eq!(bundle.predict_unseen(&gold.slice(5, 3)).unwrap(), all[5..8]);
        assert_eq!(bundle.predict_unseen(&gold.reverse()).unwrap(), all.into_iter().rev().collect::<Vec<_>>());
    }

    #[test]
    fn a_model_of_before_scores_everybody_by_its_final_model_and_says_nothing_of_the_training() {
        let (mut bundle, gold) = later();
        let folder = tempfile::tempdir().unwrap();
        (bundle.out_of_fold, bundle.metadata.fold_models, bundle.metadata.calibration) = (None, 0, None);
        bundle.save(folder.path()).unwrap();
        assert!(!folder.path().join(Bundle::fold_file(0)).exists());
        let metadata = folder.path().join(crate::model::METADATA);
        let text = std::fs::read_to_string(&metadata).unwrap();
        std::fs::write(&metadata, text.replace(",\n  \"fold_models\": 0", "")).unwrap();
        let loaded = Bundle::load(folder.path()).unwrap();
        assert_eq!(loaded.predict_unseen(&gold).unwrap(), bundle.predict(&gold).unwrap());
        assert_eq!(loaded.in_training(&gold).unwrap(), None);
    }
}
