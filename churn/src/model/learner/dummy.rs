//! Two learners that look at nobody: the floor below every other one.

use std::num::NonZeroUsize;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Fitted, Learner, Rows};
use crate::error::{Error, Result};
use crate::model::matrix::Matrix;

/// `ladder.dummy_stratified`: guesses that are right as often as chance is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StratifiedSettings {
    /// Seed of the guesses; default 42.
    pub seed: u64,
}

impl Default for StratifiedSettings {
    fn default() -> Self {
        Self { seed: 42 }
    }
}

/// How it guesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Guess {
    /// The same for everybody.
    MostFrequent,
    /// Churner or stayer, each as often as in the fitted rows.
    Stratified {
        /// Seed of the guesses.
        seed: u64,
    },
}

/// Says the same of everybody: its PR-AUC is the churn rate.
pub(in crate::model) struct MostFrequent;

/// Guesses churners as often as there were some.
pub(in crate::model) struct Stratified<'a> {
    pub settings: &'a StratifiedSettings,
}

/// The share of churners in the fitted rows, and how it is guessed with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Guesser {
    churn_rate: f64,
    guess: Guess,
}

impl Learner for MostFrequent {
    fn name(&self) -> &'static str {
        "dummy_most_frequent"
    }

    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn description(&self) -> String {
        "the churn rate for everybody".to_owned()
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
        Guesser::fit(rows, Guess::MostFrequent, after_round)
    }

    fn load(&self, path: &Path) -> Result<Box<dyn Fitted>> {
        Guesser::load(path)
    }
}

impl Learner for Stratified<'_> {
    fn name(&self) -> &'static str {
        "dummy_stratified"
    }

    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn description(&self) -> String {
        format!("guesses at the churn rate, seed {}", self.settings.seed)
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
        Guesser::fit(rows, Guess::Stratified { seed: self.settings.seed }, after_round)
    }

    fn load(&self, path: &Path) -> Result<Box<dyn Fitted>> {
        Guesser::load(path)
    }
}

const ENGINE: &str = "dummy 1";

/// The margin of a guess: as certain as makes no difference.
const CERTAIN: f64 = 10.0;

impl Guesser {
    fn fit(rows: &Rows<'_>, guess: Guess, after_round: &mut dyn FnMut() -> Result<()>) -> Result<Box<dyn Fitted>> {
        let churners = rows.labels.iter().filter(|&&label| label).count() as f64;
        after_round()?;
        Ok(Box::new(Self { churn_rate: churners / rows.labels.len() as f64, guess }))
    }

    fn load(path: &Path) -> Result<Box<dyn Fitted>> {
        let bytes = std::fs::read(path).map_err(Error::file("read", path))?;
        let loaded: Self = serde_json::from_slice(&bytes).map_err(|e| Error::model("load a dummy", e))?;
        Ok(Box::new(loaded))
    }

    fn margin(&self, row: &[f32]) -> f64 {
        match self.guess {
            Guess::MostFrequent => (self.churn_rate / (1.0 - self.churn_rate)).ln(),
            // By the row alone, so that a guess does not depend on who else is in the table.
            Guess::Stratified { seed } if unit_hash(seed, row) < self.churn_rate => CERTAIN,
            Guess::Stratified { .. } => -CERTAIN,
        }
    }
}

impl Fitted for Guesser {
    fn margins(&self, matrix: &Matrix) -> Result<Vec<f64>> {
        Ok((0..matrix.rows).map(|row| self.margin(matrix.row(row))).collect())
    }

    fn contributions(&self, matrix: &Matrix) -> Result<Vec<f32>> {
        let of_row = |row| {
            let columns = std::iter::repeat_n(0.0, matrix.width);
            columns.chain([self.margin(matrix.row(row)) as f32])
        };
        Ok((0..matrix.rows).flat_map(of_row).collect())
    }

    fn gains(&self, width: usize) -> Result<Vec<f64>> {
        Ok(vec![0.0; width])
    }

    fn save(&self, path: &Path) -> Result<()> {
        let bytes = serde_json::to_vec(self).map_err(|e| Error::model("save a dummy", e))?;
        std::fs::write(path, bytes).map_err(Error::file("write", path))
    }
}

/// A number in [0, 1) that depends on the seed and the row only.
fn unit_hash(seed: u64, row: &[f32]) -> f64 {
    let mut hash = Sha256::new();
    hash.update(seed.to_le_bytes());
    for value in row {
        hash.update(value.to_bits().to_le_bytes());
    }
    let head = hash.finalize().iter().take(8).fold(0_u64, |bits, &byte| bits << 8 | u64::from(byte));
    (head >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn rows() -> (Matrix, Vec<bool>) {
        let values = (0..2000_u16).map(f32::from).collect();
        let labels = (0..2000).map(|i| i % 5 == 0).collect();
        (Matrix { values, rows: 2000, width: 1, unseen: BTreeMap::new() }, labels)
    }

    fn margins(learner: &dyn Learner) -> Vec<f64> {
        let (matrix, labels) = rows();
        let fitted =
            learner.fit(&Rows { matrix: &matrix, labels: &labels }, NonZeroUsize::MIN, &mut || Ok(())).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.ubj");
        fitted.save(&path).unwrap();
        let margins = fitted.margins(&matrix).unwrap();
        assert_eq!(learner.load(&path).unwrap().margins(&matrix).unwrap(), margins);
        assert_eq!(fitted.contributions(&matrix).unwrap().len(), 2 * margins.len());
        margins
    }

    #[test]
    fn the_most_frequent_says_the_churn_rate_of_everybody() {
        let expected = (0.2_f64 / 0.8).ln();
        assert!(margins(&MostFrequent).iter().all(|margin| (margin - expected).abs() < 1e-12));
    }

    #[test]
    fn the_stratified_one_guesses_churners_as_often_as_there_were_some() {
        let settings = StratifiedSettings::default();
        let margins = margins(&Stratified { settings: &settings });
        let guessed = margins.iter().filter(|&&margin| margin > 0.0).count();
        assert!((300..500).contains(&guessed), "{guessed} of 2000");
    }
}
