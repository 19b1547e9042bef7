//! The customers that a model is measured on: none of them was seen by the model that predicts them.

use std::collections::BTreeSet;

use polars::prelude::DataFrame;

use super::comparison::same_holdout;
use super::slices::Unseen;
use crate::error::Result;
use crate::model::bundle::Bundle;
use crate::model::examples::Examples;
use crate::model::split::Split;

/// The customers of `gold` with a label, and which of them the model's split keeps out of training.
pub(super) fn split(gold: &DataFrame, model: &Bundle) -> Result<(Examples, Split)> {
    let examples = Examples::of(gold)?;
    let split = Split::by_hash(&examples, &model.metadata.settings.split)?;
    Ok((examples, split))
}

/// Customers that the models which predict them have not seen.
pub(super) struct Measured {
    /// The customers.
    pub customers: Examples,
    /// Whether each of them is on the holdout.
    pub on_holdout: Vec<bool>,
    /// The challenger's calibrated probabilities.
    pub probabilities: Vec<f64>,
}

impl Measured {
    /// All with a label; those of the training out of fold. A challenger of before has no models of folds: then those of the
    /// holdout alone.
    pub fn of(challenger: &Bundle, customers: &Examples, split: &Split) -> Result<Self> {
        let rows = match &challenger.out_of_fold {
            Some(_) => (0..customers.len()).collect(),
            None => split.holdout.clone(),
        };
        let measured = customers.take(&rows)?;
        let held_out: BTreeSet<usize> = split.holdout.iter().copied().collect();
        let on_holdout = rows.iter().map(|row| held_out.contains(row)).collect();
        let probabilities = challenger.predict_unseen(&measured.table)?;
        Ok(Self { customers: measured, on_holdout, probabilities })
    }

    /// What a champion makes of them; nothing of those that it has seen.
    pub fn scores_of(&self, champion: &Bundle, challenger: &Bundle) -> Result<Vec<Option<f64>>> {
        let has_seen_none = champion.out_of_fold.is_some();
        let shares_holdout = same_holdout(challenger, champion);
        let theirs = champion.predict_unseen(&self.customers.table)?.into_iter().zip(&self.on_holdout);
        Ok(theirs.map(|(p, &is_held_out)| (has_seen_none || (shares_holdout && is_held_out)).then_some(p)).collect())
    }

    /// No champion's.
    pub fn no_scores(&self) -> Vec<Option<f64>> {
        vec![None; self.on_holdout.len()]
    }

    /// The same with a champion's probabilities beside the challenger's.
    pub fn beside<'a>(&'a self, champion: &'a [Option<f64>]) -> Unseen<'a> {
        Unseen {
            table: &self.customers.table,
            labels: &self.customers.labels,
            on_holdout: &self.on_holdout,
            probabilities: &self.probabilities,
            champion,
        }
    }
}
