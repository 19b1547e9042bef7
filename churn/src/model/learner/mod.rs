//! The algorithms that can learn who churns, each in a folder of its own behind one trait.
//!
//! Everything around them (split, calibration, threshold, evaluation, gate, scores) reads margins and
//! contributions and knows no algorithm. Another one is another file here and a line in [`registry`], or among those that
//! are only tried ([`crate::model::trial`]).

pub(in crate::model) mod dummy;
pub(in crate::model) mod logistic;
pub(in crate::model) mod registry;
#[cfg(test)]
mod straight_line_test;
pub(in crate::model) mod xgboost;

use std::fmt::Debug;
use std::num::NonZeroUsize;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::matrix::Matrix;
use crate::error::Result;

/// An algorithm with its settings. `Sync`, because the fits of a training are made side by side.
pub(in crate::model) trait Learner: Sync {
    /// Its name: the key of its settings below `train`, and what a model says that it was made with.
    fn name(&self) -> &'static str;

    /// The library that computes, with its version. Another version is another training.
    fn engine(&self) -> &'static str;

    /// The settings in the words of the model card.
    fn description(&self) -> String;

    /// How many times one fit calls `after_round`.
    fn rounds(&self) -> u32;

    /// Fits on so many threads, calling `after_round` after every round; an error from it ends the fit.
    ///
    /// The same rows and settings give the same bytes, on any number of threads.
    fn fit(
        &self,
        rows: &Rows<'_>,
        threads: NonZeroUsize,
        after_round: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Box<dyn Fitted>>;

    /// The same without more weight for churners, so that its probabilities need no calibration; nothing where a learner
    /// weighs nobody anyway.
    fn unweighted(&self) -> Option<Box<dyn Learner + '_>> {
        None
    }

    /// Reads what [`Fitted::save`] wrote. A damaged file is an error and never the end of the process.
    fn load(&self, path: &Path) -> Result<Box<dyn Fitted>>;
}

/// What a learner has learnt.
pub(in crate::model) trait Fitted: Debug + Send + Sync {
    /// The margin (log-odds) of every row.
    fn margins(&self, matrix: &Matrix) -> Result<Vec<f64>>;

    /// Per row one value per column and the bias last; they sum to the margin.
    fn contributions(&self, matrix: &Matrix) -> Result<Vec<f32>>;

    /// How much each of `width` columns helped in training; any unit, none negative.
    fn gains(&self, width: usize) -> Result<Vec<f64>>;

    /// Writes one file; its name ends in `.ubj`, whatever the learner, because digests and registries know it.
    fn save(&self, path: &Path) -> Result<()>;
}

/// How heavy churners are in a fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weighting {
    /// All churners together as heavy as all stayers.
    Balanced,
    /// A churner as heavy as a stayer.
    Even,
}

impl Weighting {
    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Balanced => "balanced",
            Self::Even => "even",
        }
    }

    /// The weight of one churner.
    pub(in crate::model) fn of_churner(self, rows: &Rows<'_>) -> f64 {
        match self {
            Self::Balanced => rows.scale_pos_weight(),
            Self::Even => 1.0,
        }
    }
}

/// The rows that a learner learns from.
#[derive(Debug, Clone, Copy)]
pub(in crate::model) struct Rows<'a> {
    /// What is known of each customer.
    pub matrix: &'a Matrix,
    /// Whether each of them churned.
    pub labels: &'a [bool],
}

impl Rows<'_> {
    /// Negatives / positives: the weight at which the churners are as heavy as the stayers.
    pub fn scale_pos_weight(&self) -> f64 {
        let positives = self.labels.iter().filter(|&&label| label).count() as f64;
        (self.labels.len() as f64 - positives) / positives
    }
}
