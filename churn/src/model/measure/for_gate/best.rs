//! The best champion of these labels, measured again on today's holdout: small losses must not add up.
//!
//! A challenger that may lose a little against the last champion may lose it every night. So it is held against the best
//! of all champions too, each measured on the same customers of today: the bar moves when the data moves, and never
//! because a worse model came in between.

use serde::{Deserialize, Serialize};

use super::generation::sets_no_bar;
use crate::error::Result;
use crate::model::bundle::Bundle;
use crate::model::examples::Examples;
use crate::model::measure::bootstrap::Resamples;
use crate::model::measure::comparison::{ChampionComparison, compare};
use crate::model::measure::metrics::Metrics;
use crate::watch::Watch;

/// An earlier champion that nobody has withdrawn.
#[derive(Debug)]
pub struct EarlierChampion {
    /// Its version.
    pub version: String,
    /// It, or why it cannot be had.
    pub model: Result<Bundle, String>,
    /// Whether it was the best one when the champion that scores was let in.
    pub held_the_bar: bool,
}

/// The challenger beside the best champion of these labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BestChampion {
    /// The best one; nothing where no champion sets a bar.
    pub compared: Option<ChampionComparison>,
    /// How many champions were measured, the one that scores among them.
    pub candidates: u64,
    /// Those that could not be measured or set no bar.
    pub left_out: Vec<LeftOut>,
}

/// A champion that sets no bar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its version.
    pub version: String,
    /// Why, in words.
    pub reason: String,
    /// Whether it was the best one so far, and is not known to be none any more: it can only not be measured.
    pub held_the_bar: bool,
}

/// A challenger and the customers that all are measured on.
pub(super) struct Field<'a> {
    pub challenger: &'a Bundle,
    pub metrics: &'a Metrics,
    pub ours: &'a [f64],
    pub holdout: &'a Examples,
}

/// A champion on these customers.
struct Candidate<'a> {
    model: &'a Bundle,
    scores: Vec<f64>,
    metrics: Metrics,
}

impl Candidate<'_> {
    fn better(self, next: Self) -> Self {
        if next.metrics.pr_auc > self.metrics.pr_auc { next } else { self }
    }
}

impl Field<'_> {
    /// The best of the champion that scores and the earlier ones, and the model itself.
    pub fn best<'b>(
        &self,
        champion: Option<&'b Bundle>,
        earlier: &'b [EarlierChampion],
        watch: &dyn Watch,
    ) -> Result<(BestChampion, Option<&'b Bundle>)> {
        let mut left_out = Vec::new();
        let mut candidates = Vec::new();
        let of_now = champion.map(|model| (model.metadata.version.as_str(), Ok(model), false));
        let before = earlier
            .iter()
            .map(|one| (one.version.as_str(), one.model.as_ref().map_err(String::clone), one.held_the_bar));
        for (version, model, held_the_bar) in of_now.into_iter().chain(before) {
            let version = version.to_owned();
            if let Some(reason) = model.as_ref().ok().and_then(|model| sets_no_bar(self.challenger, model)) {
                left_out.push(LeftOut { version, reason: reason.to_owned(), held_the_bar: false });
                continue;
            }
            match model.and_then(|model| self.candidate(model)) {
                Ok(candidate) => candidates.push(candidate),
                Err(reason) => left_out.push(LeftOut { version, reason, held_the_bar }),
            }
        }
        let found = candidates.len() as u64;
        // Of equal ones the first: the champion that scores.
        let best = candidates.into_iter().reduce(Candidate::better);
        let compared = best.as_ref().map(|best| self.compared(best, watch)).transpose()?;
        Ok((BestChampion { compared, candidates: found, left_out }, best.map(|best| best.model)))
    }

    /// A champion measured here, or why it cannot be: what it reads is no longer in the table, for example.
    fn candidate<'b>(&self, model: &'b Bundle) -> Result<Candidate<'b>, String> {
        let scores = model.predict(&self.holdout.table).map_err(|error| error.to_string())?;
        let metrics = Metrics::of(&self.holdout.labels, &scores, model.metadata.threshold.value);
        Ok(Candidate { model, scores, metrics: metrics.map_err(|error| error.to_string())? })
    }

    fn compared(&self, best: &Candidate<'_>, watch: &dyn Watch) -> Result<ChampionComparison> {
        let settings = &self.challenger.metadata.settings.bootstrap;
        let resamples = Resamples::draw(&self.holdout.labels, &[self.ours, &best.scores], settings, watch)?;
        Ok(compare(self.challenger, self.metrics, best.model, &best.metrics, &resamples))
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::{IntoLazy, col};

    use super::*;
    use crate::features::{Feature, FeatureKind};
    use crate::model::measure::evaluate::evaluate;
    use crate::model::measure::unseen::split;
    use crate::model::sample;
    use crate::watch::Unwatched;

    fn best(challenger: &Bundle, champion: Option<&Bundle>, earlier: &[EarlierChampion]) -> BestChampion {
        let (customers, split) = split(&sample::gold(1500), challenger).unwrap();
        let holdout = customers.take(&split.holdout).unwrap();
        let ours = challenger.predict(&holdout.table).unwrap();
        let metrics = Metrics::of(&holdout.labels, &ours, challenger.metadata.threshold.value).unwrap();
        let field = Field { challenger, metrics: &metrics, ours: &ours, holdout: &holdout };
        field.best(champion, earlier, &Unwatched).unwrap().0
    }

    fn earlier(model: Bundle) -> EarlierChampion {
        EarlierChampion { version: model.metadata.version.clone(), model: Ok(model), held_the_bar: true }
    }

    #[test]
    fn the_champion_that_is_best_is_compared_as_the_evaluation_compares_it() {
        let gold = sample::gold(1500);
        let challenger = sample::bundle(&gold, &sample::settings());
        let champion = sample::bundle_of(&gold, &sample::settings(), &sample::features()[..4]);
        let evaluation = evaluate(&challenger, Some(&champion), &gold, &Unwatched).unwrap();
        let found = best(&challenger, Some(&champion), &[]);
        assert_eq!(found.compared, evaluation.summary.champion);
        assert_eq!((found.candidates, found.left_out), (1, Vec::new()));
    }

    #[test]
    fn a_champion_of_another_split_or_of_columns_that_are_gone_sets_no_bar_and_says_why() {
        let gold = sample::gold(1500);
        let settings = sample::settings();
        let challenger = sample::bundle_of(&gold, &settings, &sample::features()[..2]);
        let mut other = settings.clone();
        other.split.holdout_salt = "another".to_owned();
        let of_another_split = sample::bundle(&gold, &other);
        let renamed = gold.lazy().with_column(col("tenure_months").alias("gone")).collect().unwrap();
        let mut features = sample::features()[..2].to_vec();
        features.push(Feature { name: "gone".to_owned(), kind: FeatureKind::Numeric });
        let of_a_gone_column = sample::bundle_of(&renamed, &settings, &features);
        let found = best(&challenger, Some(&of_another_split), &[earlier(of_a_gone_column)]);
        assert_eq!((found.compared, found.candidates), (None, 0));
        let [split, column] = found.left_out.try_into().unwrap();
        assert!(split.reason.contains("another split") && !split.held_the_bar, "{split:?}");
        assert!(column.reason.contains("feature gone") && column.held_the_bar, "{column:?}");
    }
}
