//! How sure are the holdout figures? Percentile bootstrap over the rows, with a fixed seed.
//!
//! Resamples are paired: one set of weights measures all models, so that the difference of two
//! models is not blurred by the luck of the draw. The scores are sorted once; a resample is a
//! vector of counts and one walk down the ranking.

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;
use serde::{Deserialize, Serialize};

use crate::cores;
use crate::error::Result;
use crate::model::ranking::{Areas, Ranking};
use crate::model::settings::BootstrapSettings;
use crate::watch::Watch;

/// Resamples that one thread draws before it hears whether to go on.
const RESAMPLES_AT_ONCE: u32 = 50;

/// A 95 % bootstrap interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The 2.5 % point.
    pub low: f64,
    /// The 97.5 % point.
    pub high: f64,
}

/// The areas of every model in every usable resample: `areas[resample][model]`.
pub(in crate::model) struct Resamples {
    areas: Vec<Vec<Areas>>,
}

impl Resamples {
    /// Draws `settings.resamples` times as many rows as there are, with replacement. A resample of one
    /// class only has no areas and is left out; small holdouts have some.
    pub fn draw(labels: &[bool], models: &[&[f64]], settings: &BootstrapSettings, watch: &dyn Watch) -> Result<Self> {
        let rankings: Vec<Ranking> = models.iter().map(|scores| Ranking::new(scores)).collect();
        let firsts: Vec<u32> = (0..settings.resamples).step_by(RESAMPLES_AT_ONCE as usize).collect();
        let drawn = cores::map(&firsts, |&first| -> Result<Vec<Vec<Areas>>> {
            watch.report(u64::from(first), Some(u64::from(settings.resamples)))?;
            let mut random = generator_at(first, labels.len(), settings.seed);
            let areas = (first..settings.resamples.min(first.saturating_add(RESAMPLES_AT_ONCE))).filter_map(|_| {
                let counts = draw_counts(&mut random, labels.len());
                rankings.iter().map(|ranking| ranking.areas(labels, |row| f64::from(counts[row]))).collect()
            });
            Ok(areas.collect())
        });
        let drawn = drawn.into_iter().collect::<Result<Vec<_>>>()?;
        Ok(Self { areas: drawn.into_iter().flatten().collect() })
    }

    /// The 95 % interval of one figure of one model.
    pub fn interval(&self, figure: impl Fn(&[Areas]) -> f64) -> Option<Interval> {
        Some(Interval { low: self.quantile(0.025, &figure)?, high: self.quantile(0.975, &figure)? })
    }

    /// The lower one-sided 95 % bound of one figure: one resample in twenty is below it.
    pub fn lower_bound(&self, figure: impl Fn(&[Areas]) -> f64) -> Option<f64> {
        self.quantile(0.05, figure)
    }

    /// A quantile of one figure, linear between order statistics; `None` without a usable resample.
    fn quantile(&self, at: f64, figure: impl Fn(&[Areas]) -> f64) -> Option<f64> {
        let mut values: Vec<f64> = self.areas.iter().map(|areas| figure(areas)).collect();
        values.sort_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        let position = at * last as f64;
        let below = position as usize;
        let above = (below + 1).min(last);
        Some(values[below] + (position - below as f64) * (values[above] - values[below]))
    }
}

/// One generator draws all resamples, each row by one number of it. This is where it stands before a resample of `n` rows.
fn generator_at(resample: u32, n: usize, seed: u64) -> Pcg64 {
    let mut random = Pcg64::seed_from_u64(seed);
    random.advance(u128::from(resample) * n as u128);
    random
}

/// How often each of `n` rows is drawn. The draw is our own line (multiply and shift, Lemire 2019)
/// so that the figures do not change with a library's way of drawing.
pub(in crate::model) fn draw_counts(random: &mut Pcg64, n: usize) -> Vec<u16> {
    let mut counts = vec![0_u16; n];
    for _ in 0..n {
        let row = draw_row(random, n);
        counts[row] = counts[row].saturating_add(1);
    }
    counts
}

/// How often each of `n` rows is among `new` customers of a population that the rows are a sample of: the rows are
/// drawn anew as its customers, and the new ones of these.
pub(in crate::model) fn draw_new_counts(random: &mut Pcg64, n: usize, new: usize) -> Vec<u16> {
    let population: Vec<usize> = (0..n).map(|_| draw_row(random, n)).collect();
    let mut counts = vec![0_u16; n];
    for _ in 0..new {
        let row = population[draw_row(random, n)];
        counts[row] = counts[row].saturating_add(1);
    }
    counts
}

fn draw_row(random: &mut Pcg64, n: usize) -> usize {
    ((u128::from(random.next_u64()) * n as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::Unwatched;

    fn sample() -> (Vec<bool>, Vec<f64>) {
        let labels: Vec<bool> = (0..400).map(|i| i % 8 == 0).collect();
        let scores =
            (0..400_u32).map(|i| f64::from(i * 37 % 101) / 101.0 + if i % 8 == 0 { 0.4 } else { 0.0 }).collect();
        (labels, scores)
    }

    fn draw(models: &[&[f64]]) -> Resamples {
        Resamples::draw(&sample().0, models, &BootstrapSettings::default(), &Unwatched).unwrap()
    }

    /// One model in so many resamples.
    fn of_pr_auc(steps: impl Iterator<Item = f64>) -> Resamples {
        Resamples { areas: steps.map(|pr_auc| vec![Areas { pr_auc, roc_auc: 0.5, base_rate: 0.1 }]).collect() }
    }

    /// 0, 1, 2 ... 200 as the PR-AUC of the only model, in a mixed order.
    fn ladder() -> Resamples {
        of_pr_auc((0..=200_u32).map(|i| f64::from(i * 77 % 201)))
    }

    #[test]
    fn a_95_percent_interval_leaves_out_one_resample_in_forty_on_each_side() {
        assert_eq!(ladder().interval(|areas| areas[0].pr_auc), Some(Interval { low: 5.0, high: 195.0 }));
    }

    #[test]
    fn the_lower_bound_leaves_out_one_resample_in_twenty() {
        assert_eq!(ladder().lower_bound(|areas| areas[0].pr_auc), Some(10.0));
        assert_eq!(ladder().lower_bound(|areas| -areas[0].pr_auc), Some(-190.0));
    }

    #[test]
    fn a_quantile_between_two_resamples_is_on_the_line_between_them() {
        let two = of_pr_auc([1.0, 3.0].into_iter());
        assert_eq!(two.quantile(0.25, |areas| areas[0].pr_auc), Some(1.5));
        assert_eq!(Resamples { areas: Vec::new() }.lower_bound(|areas| areas[0].pr_auc), None);
    }

    #[test]
    fn the_interval_holds_the_figure_and_is_the_same_again() {
        let (labels, scores) = sample();
        let interval = draw(&[&scores]).interval(|areas| areas[0].roc_auc).unwrap();
        let whole = Ranking::new(&scores).areas(&labels, |_| 1.0).unwrap().roc_auc;
        assert!(interval.low < whole && whole < interval.high, "{interval:?} around {whole}");
        assert_eq!(draw(&[&scores]).interval(|areas| areas[0].roc_auc), Some(interval));
    }

    #[test]
    fn resamples_are_those_of_one_generator_that_draws_them_one_after_the_other() {
        let (labels, scores) = sample();
        let settings = BootstrapSettings { resamples: 173, ..BootstrapSettings::default() };
        let drawn = Resamples::draw(&labels, &[&scores], &settings, &Unwatched).unwrap();
        let ranking = Ranking::new(&scores);
        let mut random = Pcg64::seed_from_u64(settings.seed);
        let one_by_one: Vec<Vec<Areas>> = (0..settings.resamples)
            .map(|_| {
                let counts = draw_counts(&mut random, labels.len());
                vec![ranking.areas(&labels, |row| f64::from(counts[row])).unwrap()]
            })
            .collect();
        assert_eq!(drawn.areas, one_by_one);
    }

    #[test]
    fn a_model_never_differs_from_itself() {
        let (_, scores) = sample();
        let difference = draw(&[&scores, &scores]).interval(|areas| areas[0].pr_auc - areas[1].pr_auc);
        assert_eq!(difference, Some(Interval { low: 0.0, high: 0.0 }));
    }

    #[test]
    fn resamples_of_one_class_are_left_out() {
        let drawn = Resamples::draw(&[true, false], &[&[0.9, 0.1]], &BootstrapSettings::default(), &Unwatched).unwrap();
        assert!((400..600).contains(&drawn.areas.len()), "{}", drawn.areas.len());
        assert_eq!(drawn.lower_bound(|areas| areas[0].pr_auc), Some(1.0));
    }
}
