//! The fits of one training: one per fold, so that every row is predicted by a model that did not see
//! it, then the final one on all rows. The fits of the folds are made with and without more weight for churners,
//! as the calibrations that are compared ask for them, several side by side.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use super::checkpoints::Checkpoints;
use super::side_by_side::{News, side_by_side, workers};
use crate::error::{Error, Result};
use crate::model::bundle::platt::sigmoid;
use crate::model::bundle::threshold::{self, Threshold};
use crate::model::learner::{Fitted, Learner, Rows, Weighting};
use crate::model::settings::SplitSettings;
use crate::model::split::fold_of;
use crate::watch::Watch;

/// The fold that the peer's protocol chooses its threshold on; the model of the other folds predicts it.
const PEER_FOLD: u32 = 0;
/// Of a fit that is made alone: two threads take three fifths of the time of one, more than a few were not measured.
const MOST_THREADS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);
/// Of fewer rows several threads spare a tenth of a second at most, and on a busy machine, where they wait for each other at
/// every part of a tree, they took several times as long as one.
const WORTH_SHARING: usize = 5_000;

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
    /// Of all its fits.
    pub weighting: Weighting,
    /// The margin of every training row.
    pub margins: Vec<f64>,
    /// By fold.
    pub models: Vec<Box<dyn Fitted>>,
}

/// The rows in a fold, and all others with their labels.
struct Fold {
    number: u32,
    inside: Vec<usize>,
    outside: Vec<usize>,
    labels: Vec<bool>,
}

/// A fit of all rows but those of a fold.
#[derive(Clone, Copy)]
struct FoldFit<'a> {
    weighting: Weighting,
    fold: &'a Fold,
}

/// What such a fit gives: the model, and the margins of the rows in the fold.
struct FoldModel {
    fitted: Box<dyn Fitted>,
    margins: Vec<f64>,
}

impl Fold {
    fn of(number: u32, folds: &[u32], labels: &[bool]) -> Result<Self> {
        let (inside, outside) = sides(folds, number);
        let labels: Vec<bool> = outside.iter().map(|&row| labels[row]).collect();
        if inside.is_empty() || !labels.contains(&true) || !labels.contains(&false) {
            let problem = format!("fold {number} leaves nothing to learn from or to predict; use more customers");
            return Err(Error::model("calibrate", problem));
        }
        Ok(Self { number, inside, outside, labels })
    }
}

impl FoldFit<'_> {
    fn make(
        self,
        rows: Rows<'_>,
        learners: Learners<'_>,
        after_round: &mut dyn FnMut() -> Result<()>,
    ) -> Result<FoldModel> {
        let matrix = rows.matrix.take(&self.fold.outside);
        let outside = Rows { matrix: &matrix, labels: &self.fold.labels };
        self.predicted(rows, learners.of(self.weighting).fit(&outside, NonZeroUsize::MIN, after_round)?)
    }

    fn predicted(self, rows: Rows<'_>, fitted: Box<dyn Fitted>) -> Result<FoldModel> {
        let margins = fitted.margins(&rows.matrix.take(&self.fold.inside))?;
        Ok(FoldModel { fitted, margins })
    }
}

/// Fits models on training rows and counts their rounds.
pub(in crate::model) struct Trainer<'a> {
    rows: Rows<'a>,
    /// The fold of each row.
    folds: Vec<u32>,
    fold_count: u32,
    learners: Learners<'a>,
    /// How many fits are made side by side.
    workers: NonZeroUsize,
    finished: Finished<'a>,
    watch: &'a dyn Watch,
    /// Of all fits.
    rounds: u64,
    rounds_done: u64,
}

impl<'a> Trainer<'a> {
    /// `ids` are the customers of the rows: they decide the folds. The folds are fitted for so many weightings, by so
    /// many threads; 0 is one per core.
    pub fn new(
        rows: Rows<'a>,
        ids: &[String],
        split: &SplitSettings,
        (learners, weightings): (Learners<'a>, u32),
        threads: u32,
        finished: Finished<'a>,
        watch: &'a dyn Watch,
    ) -> Self {
        let folds = ids.iter().map(|id| fold_of(id, split)).collect();
        let fits = u64::from(weightings * split.folds + 1);
        // Both forms of a learner have the same rounds.
        let rounds = fits * u64::from(learners.balanced.rounds());
        let workers = workers(threads);
        Self { rows, folds, fold_count: split.folds, learners, workers, finished, watch, rounds, rounds_done: 0 }
    }

    /// The fold of each row.
    pub fn folds(&self) -> &[u32] {
        &self.folds
    }

    /// For each weighting one model per fold, and the margin of every training row from the one that did not see the
    /// row's fold; all are fitted side by side.
    pub fn cross_fits(&mut self, weightings: &[Weighting]) -> Result<Vec<CrossFit>> {
        let mut crossed: Vec<CrossFit> = weightings.iter().map(|&weighting| self.unfitted(weighting)).collect();
        self.fit_folds(&mut crossed)?;
        Ok(crossed)
    }

    /// The model of all rows, by several threads where there is work for them, since it is fitted alone.
    pub fn final_fit(&mut self, weighting: Weighting) -> Result<Box<dyn Fitted>> {
        if let Some(fitted) = self.restore(weighting, self.fold_count)? {
            return Ok(fitted);
        }
        let (rows, learner) = (self.rows, self.learners.of(weighting));
        let threads =
            if rows.labels.len() < WORTH_SHARING { NonZeroUsize::MIN } else { self.workers.min(MOST_THREADS) };
        let fitted = learner.fit(&rows, threads, &mut || self.count_round())?;
        self.keep(weighting, self.fold_count, &*fitted)?;
        Ok(fitted)
    }

    /// The threshold of the peer's protocol, which fits on a part of the training rows and chooses on the
    /// rest: here on the raw probabilities of one fold. See [`Evaluation`](crate::model::Evaluation).
    pub fn peer_threshold(&self, margins: &[f64], min_recall: f64) -> Threshold {
        let (inside, _) = sides(&self.folds, PEER_FOLD);
        let labels: Vec<bool> = inside.iter().map(|&row| self.rows.labels[row]).collect();
        let raw: Vec<f64> = inside.iter().map(|&row| sigmoid(margins[row])).collect();
        threshold::choose(&labels, &raw, min_recall)
    }

    fn unfitted(&self, weighting: Weighting) -> CrossFit {
        CrossFit { weighting, margins: vec![f64::NAN; self.rows.labels.len()], models: Vec::new() }
    }

    /// The fits of all folds: those that are finished already are restored, the others made and kept as they end.
    fn fit_folds(&mut self, crossed: &mut [CrossFit]) -> Result<()> {
        let (rows, learners) = (self.rows, self.learners);
        let folds = (0..self.fold_count).map(|number| Fold::of(number, &self.folds, rows.labels));
        let folds = folds.collect::<Result<Vec<Fold>>>()?;
        let of_weighting = |crossed: &CrossFit| {
            let weighting = crossed.weighting;
            folds.iter().map(move |fold| FoldFit { weighting, fold })
        };
        let fits: Vec<FoldFit<'_>> = crossed.iter().flat_map(of_weighting).collect();

        // By place in `fits`, since they end in any order.
        let mut models = BTreeMap::new();
        let mut missing = Vec::new();
        for (place, fit) in fits.iter().enumerate() {
            if let Some(fitted) = self.restore(fit.weighting, fit.fold.number)? {
                models.insert(place, fit.predicted(rows, fitted)?);
            } else {
                missing.push(place);
            }
        }
        side_by_side(
            missing.len(),
            self.workers,
            |job, after_round| fits[missing[job]].make(rows, learners, after_round),
            |news: News<FoldModel>| match news {
                News::Round => self.count_round(),
                News::Done(job, model) => {
                    let place = missing[job];
                    self.keep(fits[place].weighting, fits[place].fold.number, &*model.fitted)?;
                    models.insert(place, model);
                    Ok(())
                }
            },
        )?;
        for (place, FoldModel { fitted, margins }) in models {
            let own = &mut crossed[place / folds.len()];
            for (&row, margin) in fits[place].fold.inside.iter().zip(margins) {
                own.margins[row] = margin;
            }
            own.models.push(fitted);
        }
        Ok(())
    }

    /// A finished fit, whose rounds count as done. The final fit has the number of folds for a fold.
    fn restore(&mut self, weighting: Weighting, fold: u32) -> Result<Option<Box<dyn Fitted>>> {
        let learner = self.learners.of(weighting);
        let restored = self.finished.restore(learner, self.number(weighting, fold))?;
        if restored.is_some() {
            self.rounds_done += u64::from(learner.rounds());
        }
        Ok(restored)
    }

    fn keep(&self, weighting: Weighting, fold: u32, fitted: &dyn Fitted) -> Result<()> {
        self.finished.keep(self.number(weighting, fold), fitted)
    }

    /// The fits of a weighting are numbered by fold, the final one last; those without more weight for churners come
    /// after those with it.
    fn number(&self, weighting: Weighting, fold: u32) -> u32 {
        match weighting {
            Weighting::Balanced => fold,
            Weighting::Even => self.fold_count + 1 + fold,
        }
    }

    fn count_round(&mut self) -> Result<()> {
        self.rounds_done += 1;
        self.watch.report(self.rounds_done, Some(self.rounds))
    }
}

/// The rows in a fold, and all others.
fn sides(folds: &[u32], fold: u32) -> (Vec<usize>, Vec<usize>) {
    (0..folds.len()).partition(|&row| folds[row] == fold)
}

#[cfg(test)]
mod tests {
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
        let learner = settings.learner.learner();
        let learners = Learners { balanced: &*learner, even: None };
        let finished = Finished { checkpoints: &NoCheckpoints, training_digest: "" };
        let rows = Rows { matrix: &matrix, labels: &labels };
        let mut trainer = Trainer::new(rows, &ids, &settings.split, (learners, 1), 2, finished, &Unwatched);
        let area = |margins: &[f64]| Ranking::new(margins).areas(&labels, |_| 1.0).map(|areas| areas.roc_auc).unwrap();
        let seen = trainer.final_fit(Weighting::Balanced).unwrap().margins(&matrix).unwrap();
        let unseen = trainer.cross_fits(&[Weighting::Balanced]).unwrap().remove(0).margins;
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
