//! The values of one column on both sides, in the training and now: how they are spread, and where both are farthest
//! apart.

use std::collections::BTreeMap;

use churn::model::RiskTier;
use polars::prelude::DataFrame;

use crate::data::{DataError, cells};
use crate::pages::explorer::{BINS, bins, quantile, sorted};

/// The quantiles that the page tells.
pub const QUANTILES: [f64; 7] = [0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0];
/// The pictures leave out so much at either end of a side, so that one odd customer does not stretch the axis.
const TAIL: f64 = 0.005;
/// A distribution of more values than these is drawn at so many places.
const PLACES: usize = 120;

/// Where the distributions are farthest apart: the statistic of Kolmogorov and Smirnov.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distance {
    /// At this value.
    pub at: f64,
    /// The share of the training's values that are at most as large.
    pub then: f64,
    /// The same now.
    pub now: f64,
}

impl Distance {
    /// How far, 0 to 1.
    pub fn size(&self) -> f64 {
        (self.then - self.now).abs()
    }
}

/// The values of one side.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Side {
    /// The mean of the values; none where there are none.
    pub mean: Option<f64>,
    /// The values at [`QUANTILES`]; none where there are none.
    pub quantiles: Vec<f64>,
    /// The share of the values in each bin.
    pub shares: Vec<f64>,
    /// Value, and the share of what is at most as large.
    pub curve: Vec<(f64, f64)>,
}

/// A column on both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Sides {
    /// The edges of the bins, the same for both; none where neither side has a value.
    pub edges: Vec<f64>,
    /// Whether some values lie beyond the edges: the outermost bins hold them.
    pub beyond: bool,
    /// In the training.
    pub then: Side,
    /// Now.
    pub now: Side,
    /// Where both are farthest apart; none where a side has no values.
    pub distance: Option<Distance>,
}

impl Sides {
    /// Of a column of two tables; one that has no such column has no values.
    pub fn of_tables(then: &DataFrame, now: &DataFrame, column: &str) -> Result<Self, DataError> {
        Ok(Self::of(&values(then, column)?, &values(now, column)?))
    }

    /// Of the values of both sides, the unknown left out.
    pub fn of(then: &[Option<f64>], now: &[Option<f64>]) -> Self {
        let (then, now) = (sorted(then), sorted(now));
        let distance = distance(&then, &now);
        let Some((low, high)) = window(&then, &now, distance) else {
            let nothing = Side::default();
            return Self { edges: Vec::new(), beyond: false, then: nothing.clone(), now: nothing, distance };
        };
        let edge = |bin: usize| low + (high - low) * bin as f64 / BINS as f64;
        let grid = grid(&then, &now, (low, high), distance);
        let is_beyond = |side: &[f64]| {
            side.first().is_some_and(|least| *least < low) || side.last().is_some_and(|greatest| *greatest > high)
        };
        Self {
            edges: (0..=BINS).map(edge).collect(),
            beyond: is_beyond(&then) || is_beyond(&now),
            then: Side::of(&then, (low, high), &grid),
            now: Side::of(&now, (low, high), &grid),
            distance,
        }
    }
}

impl Side {
    fn of(sorted: &[f64], (low, high): (f64, f64), grid: &[f64]) -> Self {
        let count = sorted.len() as f64;
        if sorted.is_empty() {
            return Self { shares: vec![0.0; BINS], ..Self::default() };
        }
        Self {
            mean: Some(sorted.iter().sum::<f64>() / count),
            quantiles: QUANTILES.iter().filter_map(|share| quantile(sorted, *share)).collect(),
            shares: bins(sorted, low, high).into_iter().map(|values| values as f64 / count).collect(),
            curve: grid.iter().map(|value| (*value, at_most(sorted, *value))).collect(),
        }
    }
}

/// The cells of a column; none where the table has no such column.
fn values(frame: &DataFrame, column: &str) -> Result<Vec<Option<f64>>, DataError> {
    if frame.column(column).is_err() {
        return Ok(Vec::new());
    }
    cells::numbers(frame, column)
}

/// The share of sorted values that are at most as large.
fn at_most(sorted: &[f64], value: f64) -> f64 {
    sorted.partition_point(|other| *other <= value) as f64 / sorted.len().max(1) as f64
}

/// Both distributions step by step; of several places that are as far apart, the first.
fn distance(then: &[f64], now: &[f64]) -> Option<Distance> {
    let (n, m) = (then.len(), now.len());
    let (mut i, mut j) = (0, 0);
    let mut farthest: Option<(usize, Distance)> = None;
    // Once a side is used up the distance only shrinks.
    while i < n && j < m {
        let value = then[i].min(now[j]);
        while i < n && then[i] <= value {
            i += 1;
        }
        while j < m && now[j] <= value {
            j += 1;
        }
        // Whole numbers, so that no rounding decides.
        let size = (i * m).abs_diff(j * n);
        if farthest.is_none_or(|(farthest, _)| size > farthest) {
            farthest = Some((size, Distance { at: value, then: i as f64 / n as f64, now: j as f64 / m as f64 }));
        }
    }
    farthest.map(|(_, distance)| distance)
}

/// From where to where the pictures go: the largest distance is inside; none where there are no values.
fn window(then: &[f64], now: &[f64], distance: Option<Distance>) -> Option<(f64, f64)> {
    let ends = |tail: f64| {
        let cut = |side: &[f64]| (tail * side.len().saturating_sub(1) as f64) as usize;
        let lows = [then, now].into_iter().filter_map(|side| side.get(cut(side)).copied());
        let highs = [then, now].into_iter().filter_map(|side| side.iter().rev().nth(cut(side)).copied());
        let at = distance.map(|distance| distance.at);
        Some((lows.chain(at).reduce(f64::min)?, highs.chain(at).reduce(f64::max)?))
    };
    let (low, high) = ends(TAIL).filter(|(low, high)| low < high).or_else(|| ends(0.0))?;
    // What is the same everywhere stands in the middle.
    Some(if low < high { (low, high) } else { (low - 0.5, high + 0.5) })
}

/// The values at which the distributions are drawn, rising: all of them where they are few.
fn grid(then: &[f64], now: &[f64], (low, high): (f64, f64), distance: Option<Distance>) -> Vec<f64> {
    let inside = then.iter().chain(now).copied().filter(|value| (low..=high).contains(value));
    let mut values: Vec<f64> = inside.collect();
    values.sort_unstable_by(f64::total_cmp);
    values.dedup();
    if values.len() <= PLACES {
        return values;
    }
    let place = |place: usize| low + (high - low) * place as f64 / PLACES as f64;
    let mut places: Vec<f64> = (0..=PLACES).map(place).chain(distance.map(|distance| distance.at)).collect();
    places.sort_unstable_by(f64::total_cmp);
    places.dedup();
    places
}

/// How many customers a side has in each tier, by the rounded probability as it is published.
pub fn tiers(probabilities: &[Option<f64>]) -> BTreeMap<RiskTier, u64> {
    let mut counts: BTreeMap<_, u64> = RiskTier::ALL.into_iter().map(|tier| (tier, 0)).collect();
    for probability in probabilities.iter().flatten() {
        *counts.entry(RiskTier::of((probability * 1e4).round() / 1e4)).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use churn::drift::ks_two_sample;
    use polars::df;
    use proptest::prelude::*;

    use super::*;

    fn known(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().copied().map(Some).collect()
    }

    #[test]
    fn the_bins_and_the_curves_hold_every_value() {
        let then: Vec<f64> = (0..1000).map(f64::from).collect();
        let now: Vec<f64> = (500..1500).map(f64::from).collect();
        let sides = Sides::of(&known(&then), &known(&now));
        assert_eq!((sides.edges.len(), sides.beyond), (BINS + 1, true), "half a percent lies beyond");
        for side in [&sides.then, &sides.now] {
            assert!((side.shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            assert!(side.curve.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1));
        }
        assert_eq!(sides.now.quantiles[3], 999.5);
        assert_eq!(sides.then.mean, Some(499.5));
        let distance = sides.distance.unwrap();
        assert_eq!((distance.at, distance.then, distance.now), (499.0, 0.5, 0.0));
        assert!(sides.then.curve.contains(&(499.0, 0.5)), "the curve goes through the place of the distance");
    }

    #[test]
    fn a_flag_a_constant_and_nothing_have_no_trouble() {
        let flags = Sides::of(&known(&[0.0, 0.0, 1.0, 1.0]), &known(&[0.0, 1.0, 1.0, 1.0]));
        assert_eq!((flags.edges[0], flags.edges[BINS]), (0.0, 1.0));
        assert_eq!(flags.now.curve, [(0.0, 0.25), (1.0, 1.0)]);
        let constant = Sides::of(&known(&[7.0; 5]), &known(&[7.0; 3]));
        assert_eq!((constant.distance.unwrap().size(), constant.then.shares[BINS / 2]), (0.0, 1.0));
        let lost = Sides::of(&known(&[1.0, 2.0]), &[None, None]);
        assert_eq!((lost.distance, lost.now.mean, lost.now.shares.len()), (None, None, BINS));
        assert!(Sides::of(&[None], &[]).edges.is_empty());
    }

    #[test]
    fn a_table_without_the_column_has_no_values() {
        let then = df!("tenure" => [1, 2, 3]).unwrap();
        let sides = Sides::of_tables(&then, &df!("other" => [1]).unwrap(), "tenure").unwrap();
        assert_eq!((sides.then.mean, sides.now.mean), (Some(2.0), None));
    }

    #[test]
    fn tiers_are_those_of_the_published_probability() {
        let counts = tiers(&[Some(0.799_96), Some(0.799_94), Some(0.1), None]);
        assert_eq!((counts[&RiskTier::Critical], counts[&RiskTier::High], counts[&RiskTier::Low]), (1, 1, 1));
        assert_eq!(counts[&RiskTier::Medium], 0);
    }

    proptest! {
        #[test]
        fn the_distance_is_the_statistic_of_the_test(
            then in prop::collection::vec(-20..20_i32, 1..60),
            now in prop::collection::vec(-20..20_i32, 1..60),
        ) {
            let floats = |values: &[i32]| values.iter().copied().map(f64::from).collect::<Vec<_>>();
            let (then, now) = (floats(&then), floats(&now));
            let sides = Sides::of(&known(&then), &known(&now));
            let test = ks_two_sample(&then, &now).unwrap();
            prop_assert!((sides.distance.unwrap().size() - test.statistic).abs() < 1e-9);
        }
    }
}
