//! The fits of one training: one per fold, so that every row is predicted by a model that did not see
//! it, then the final one on all rows. The fits of the folds are made with and without more weight for churners,
//! as the calibrations that are compared ask for them.

use super::checkpoints::Checkpoints;
use crate::error::{Error, Result};
use crate::model::bundle::platt::sigmoid;
use crate::model::bundle::threshold::{self, Threshold};
use crate::model::learner::{Fitted, Learner, Rows, Weighting};
use crate::model::settings::SplitSettings;
use crate::model::split::fold_of;
use crate::watch::Watch;

/// The fold that the peer's protocol chooses its threshold on; the model of the other folds predicts it.
const PEER_FOLD: u32 = 0;

/// A learner, and the same without more weight for churners, where it has such a form.
#[derive(Clone, Copy)]
pub(in crate::model) struct Learners<'a> {
    pub balanced: &'a dyn Learner,
    pub even: Option<&'a dyn Learner>,
}

impl<'a> Learners<'a> {
    /// The learner of a weighting. One without an even form weighs nobody: its form is both.
    fn of(self, weighting: Weighting) -> &'a dyn Learner {
        match weighting {
            Weighting::Balanced => self.balanced,
            Weighting::Even => self.even.unwrap_or(self.balanced),
        }
    }
}

/// The fits that earlier attempts of one training have finished.
#[derive(Clone, Copy)]
pub(in crate::model) struct Finished<'a> {
    pub checkpoints: &'a dyn Checkpoints,
    pub training_digest: &'a str,
}

impl Finished<'_> {
    /// A kept fit; none when its file cannot be used, for then it has to be made again.
    fn restore(&self, learner: &dyn Learner, fit: u32) -> Result<Option<Box<dyn Fitted>>> {
        let Some(file) = self.checkpoints.find(self.training_digest, fit)? else {
            return Ok(None);
        };
        Ok(learner.load(&file).inspect_err(|problem| self.checkpoints.damaged(&file, problem)).ok())
    }

    fn keep(&self, fit: u32, fitted: &dyn Fitted) -> Result<()> {
        self.checkpoints.keep(self.training_digest, fit, &|path| fitted.save(path))
    }
}

/// The models of the folds, and what each says of the rows that it did not see.
pub(in crate::model) struct CrossFit {
    /// The margin of every training row.
    pub margins: Vec<f64>,
    /// By fold.
    pub models: Vec<Box<dyn Fitted>>,
}

/// Fits models on training rows and counts their rounds.
pub(in crate::model) struct Trainer<'a> {
    rows: Rows<'a>,
    /// The fold of each row.
    folds: Vec<u32>,
    fold_count: u32,
    /// The fits that there will be in all.
    fits: u32,
    learners: Learners<'a>,
    finished: Finished<'a>,
    watch: &'a dyn Watch,
    rounds_done: u64,
}

impl<'a> Trainer<'a> {
    /// `ids` are the customers of the rows: they decide the folds. The folds are fitted for so many weightings.
    pub fn new(
        rows: Rows<'a>,
        ids: &[String],
        split: &SplitSettings,
        (learners, weightings): (Learners<'a>, u32),
        finished: Finished<'a>,
        watch: &'a dyn Watch,
    ) -> Self {
        let folds = ids.iter().map(|id| fold_of(id, split)).collect();
        let fits = weightings * split.folds + 1;
        Self { rows, folds, fold_count: split.folds, fits, learners, finished, watch, rounds_done: 0 }
    }

    /// The fold of each row.
    pub fn folds(&self) -> &[u32] {
        &self.folds
    }

    /// One model per fold, and the margin of every training row from the one that did not see the row's fold.
    pub fn cross_fit(&mut self, weighting: Weighting) -> Result<CrossFit> {
        let mut margins = vec![f64::NAN; self.rows.labels.len()];
        let mut models = Vec::with_capacity(self.fold_count as usize);
        for fold in 0..self.fold_count {
            let (inside, outside) = sides(&self.folds, fold);
            let labels: Vec<bool> = outside.iter().map(|&row| self.rows.labels[row]).collect();
            if inside.is_empty() || !labels.contains(&true) || !labels.contains(&false) {
                let problem = format!("fold {fold} leaves nothing to learn from or to predict; use more customers");
                return Err(Error::model("calibrate", problem));
            }
            let fitted =
                self.fit(weighting, fold, Rows { matrix: &self.rows.matrix.take(&outside), labels: &labels })?;
            for (row, margin) in inside.iter().zip(fitted.margins(&self.rows.matrix.take(&inside))?) {
                margins[*row] = margin;
            }
            models.push(fitted);
        }
        Ok(CrossFit { margins, models })
    }

    /// The model of all rows.
    pub fn final_fit(&mut self, weighting: Weighting) -> Result<Box<dyn Fitted>> {
        self.fit(weighting, self.fold_count, self.rows)
    }

    /// The threshold of the peer's protocol, which fits on a part of the training rows and chooses on the
    /// rest: here on the raw probabilities of one fold. See [`Evaluation`](crate::model::Evaluation).
    pub fn peer_threshold(&self, margins: &[f64], min_recall: f64) -> Threshold {
        let (inside, _) = sides(&self.folds, PEER_FOLD);
        let labels: Vec<bool> = inside.iter().map(|&row| self.rows.labels[row]).collect();
        let raw: Vec<f64> = inside.iter().map(|&row| sigmoid(margins[row])).collect();
        threshold::choose(&labels, &raw, min_recall)
    }

    /// One fit: restored when it is finished already, made and kept when not. The fits of a weighting are numbered by
    /// fold, the final one last; those without more weight for churners come after those with it.
    fn fit(&mut self, weighting: Weighting, fold: u32, rows: Rows<'_>) -> Result<Box<dyn Fitted>> {
        let number = match weighting {
            Weighting::Balanced => fold,
            Weighting::Even => self.fold_count + 1 + fold,
        };
        let learner = self.learners.of(weighting);
        let rounds = u64::from(learner.rounds());
        if let Some(fitted) = self.finished.restore(learner, number)? {
            self.rounds_done += rounds;
            return Ok(fitted);
        }
        let total = rounds * u64::from(self.fits);
        let (watch, mut done) = (self.watch, self.rounds_done);
        let fitted = learner.fit(&rows, &mut || {
            done += 1;
            watch.report(done, Some(total))
        })?;
        self.rounds_done = done;
        self.finished.keep(number, &*fitted)?;
        Ok(fitted)
    }
}

/// The rows in a fold, and all others.
fn sides(folds: &[u32], fold: u32) -> (Vec<usize>, Vec<usize>) {
    (0..folds.len()).partition(|&row| folds[row] == fold)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::fit::checkpoints::NoCheckpoints;
    use crate::model::matrix::Matrix;
    use crate::model::ranking::Ranking;
    use crate::model::sample;
    use crate::watch::Unwatched;

    #[test]
    fn a_fold_is_predicted_by_a_model_that_did_not_see_it() {
        // Labels without any relation to the features: a model that saw its rows would rank them well.
        let labels: Vec<bool> = (0..400).map(|i| sample::noise(i, 11) < 15).collect();
        let ids: Vec<String> = (0..400).map(|i| format!("C{i:05}")).collect();
        let values = (0..400_u16).map(f32::from).collect();
        let matrix = Matrix { values, rows: 400, width: 1, unseen: BTreeMap::new() };
        let settings = sample::settings();
        let learner = settings.learner.learner(1);
        let learners = Learners { balanced: &*learner, even: None };
        let finished = Finished { checkpoints: &NoCheckpoints, training_digest: "" };
        let rows = Rows { matrix: &matrix, labels: &labels };
        let mut trainer = Trainer::new(rows, &ids, &settings.split, (learners, 1), finished, &Unwatched);
        let area = |margins: &[f64]| Ranking::new(margins).areas(&labels, |_| 1.0).map(|areas| areas.roc_auc).unwrap();
        let seen = trainer.final_fit(Weighting::Balanced).unwrap().margins(&matrix).unwrap();
        let unseen = trainer.cross_fit(Weighting::Balanced).unwrap().margins;
        assert!(area(&seen) > 0.8, "{}", area(&seen));
        assert!((0.35..0.65).contains(&area(&unseen)), "{}", area(&unseen));
    }

    #[test]
    fn each_customer_is_in_one_fold_and_outside_all_others() {
        let folds = [0, 2, 1, 0, 2];
        let (inside, outside) = sides(&folds, 2);
        assert_eq!((inside, outside), (vec![1, 4], vec![0, 2, 3]));
    }
}
