//! Where offers save most: the difference of churn by action and segment, learned on one half of the customers and tried
//! on the other, both ways, so that nobody's own outcome ranks them.
//!
//! Learned: the differences shrunk towards their mean, by how much they differ beyond chance (DerSimonian and Laird
//! 1986). Tried: Qini (Radcliffe 2007), the customers saved beyond those of a random order, averaged over all depths.

use std::collections::BTreeMap;

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;
use serde::{Deserialize, Serialize};

use super::MeasureSettings;
use super::cells::Cell;
use super::effect::Estimate;
use super::observed::Observed;
use crate::draw;
use crate::recommend::Action;

/// Which half a customer is in; it has nothing to do with any other draw.
const SALT: &str = "uplift-halves-1";

/// By action and segment.
type Group<'a> = (Action, &'a str);

/// What the ranking by uplift is worth, and what it says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Uplift {
    /// Customers saved per customer, beyond a random order, on average over all depths. Where the interval holds 0,
    /// nothing is known of where offers save more.
    pub qini: Estimate,
    /// What is said of each action and segment, learned on all customers; the largest difference first.
    pub predicted: Vec<PredictedUplift>,
}

/// What is said of an action in a segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PredictedUplift {
    /// The action.
    pub action: Action,
    /// The segment.
    pub segment: String,
    /// Customers with an outcome.
    pub customers: u64,
    /// How much less of them leave for the offer, shrunk towards the mean of all.
    pub difference: f64,
}

impl Uplift {
    /// Of the customers whose segment is known; none where a half has nothing to compare.
    pub(super) fn of(observed: &Observed<'_>, settings: &MeasureSettings) -> Option<Self> {
        let tried = Tried::of(observed);
        let whole = tried.qini(<[Cell]>::to_vec)?;
        let mut random = Pcg64::seed_from_u64(settings.seed);
        let draws = (0..settings.resamples).filter_map(|_| tried.qini(|cells| redrawn(&mut random, cells)));
        let mut resampled: Vec<f64> = draws.collect();
        resampled.sort_by(f64::total_cmp);
        let (low, high) = (quantile(&resampled, 0.025)?, quantile(&resampled, 0.975)?);
        let qini = Estimate { value: whole, low: low.min(whole), high: high.max(whole) };
        Some(Self { qini, predicted: predicted(observed) })
    }
}

/// The differences, learned on all customers.
fn predicted(observed: &Observed<'_>) -> Vec<PredictedUplift> {
    let cells = observed.cells(|customer| Some((customer.action, customer.segment?)));
    let learned = Learned::from(&cells);
    let said = cells.iter().map(|(&(action, segment), cell)| PredictedUplift {
        action,
        segment: segment.to_owned(),
        customers: cell.customers(),
        difference: learned.mean + learned.beyond(&(action, segment)),
    });
    let mut predicted: Vec<_> = said.collect();
    // A stable sort: of the same difference, the order of actions and segments.
    predicted.sort_by(|a, b| b.difference.total_cmp(&a.difference));
    predicted
}

/// What was learned from cells: their mean, and how far each is from it.
#[derive(Debug, Default)]
struct Learned<'a> {
    mean: f64,
    beyond: BTreeMap<Group<'a>, f64>,
}

impl<'a> Learned<'a> {
    fn from(cells: &BTreeMap<Group<'a>, Cell>) -> Self {
        let known: Vec<(Group<'a>, f64, f64)> =
            cells.iter().filter_map(|(&group, &cell)| Some((group, cell.difference()?, variance(cell)))).collect();
        if known.is_empty() {
            return Self::default();
        }
        let between = variance_between(known.iter().map(|&(_, difference, own)| (difference, own)));
        let mean = mean(known.iter().map(|&(_, difference, own)| (difference, 1.0 / (own + between))));
        let beyond =
            known.into_iter().map(|(group, difference, own)| (group, between / (between + own) * (difference - mean)));
        Self { mean, beyond: beyond.collect() }
    }

    /// How far a group is from the mean; one of which nothing is known is at it.
    fn beyond(&self, group: &Group<'_>) -> f64 {
        self.beyond.get(group).copied().unwrap_or_default()
    }
}

/// The variance of a difference, with a customer more on each side of each arm, so that it is never 0.
fn variance(cell: Cell) -> f64 {
    let of_arm = |churned: u64, customers: u64| {
        let share = (churned as f64 + 1.0) / (customers as f64 + 2.0);
        share * (1.0 - share) / customers as f64
    };
    of_arm(cell.treated.churned, cell.treated.customers) + of_arm(cell.control.churned, cell.control.customers)
}

/// How much differences vary beyond their own variances (DerSimonian and Laird's moments).
fn variance_between(differences: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let weighted = differences.map(|(difference, own)| (difference, 1.0 / own));
    let mean = mean(weighted.clone());
    let (mut cells, mut q, mut weights, mut squares) = (0.0, 0.0, 0.0, 0.0);
    for (difference, weight) in weighted {
        cells += 1.0;
        q += weight * (difference - mean) * (difference - mean);
        weights += weight;
        squares += weight * weight;
    }
    let scale = weights - squares / weights;
    if scale > 0.0 { ((q - (cells - 1.0)) / scale).max(0.0) } else { 0.0 }
}

fn mean(weighted: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (sum, weights) = weighted.fold((0.0, 0.0), |(sum, all), (value, weight)| (sum + weight * value, all + weight));
    sum / weights
}

/// Both halves, each ranked by what the other has taught.
struct Tried {
    /// The cells of a half with their scores, the highest first.
    halves: [Vec<(f64, Cell)>; 2],
}

impl Tried {
    fn of(observed: &Observed<'_>) -> Self {
        let cells = [false, true].map(|half| {
            observed.cells(|customer| {
                let is_in = (draw::unit(SALT, customer.id) < 0.5) == half;
                Some((customer.action, customer.segment?)).filter(|_| is_in)
            })
        });
        Self { halves: [ranked(&cells[0], &cells[1]), ranked(&cells[1], &cells[0])] }
    }

    /// Qini of both halves, by their customers; `draw` gives the cells of each.
    fn qini(&self, mut draw: impl FnMut(&[Cell]) -> Vec<Cell>) -> Option<f64> {
        let (mut sum, mut customers) = (0.0, 0.0);
        for half in &self.halves {
            let cells: Vec<Cell> = half.iter().map(|(_, cell)| *cell).collect();
            let scores = half.iter().map(|(score, _)| *score);
            if let Some(qini) = qini(&scores.zip(draw(&cells)).collect::<Vec<_>>()) {
                let own = cells.iter().map(|cell| cell.customers()).sum::<u64>() as f64;
                sum += own * qini;
                customers += own;
            }
        }
        (customers > 0.0).then(|| sum / customers)
    }
}

/// The cells of one half with the scores that the other has taught, the highest first.
fn ranked(own: &BTreeMap<Group<'_>, Cell>, other: &BTreeMap<Group<'_>, Cell>) -> Vec<(f64, Cell)> {
    let learned = Learned::from(other);
    let mut ranked: Vec<_> = own.iter().map(|(group, &cell)| (learned.beyond(group), cell)).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    ranked
}

/// The area between the customers saved in the order of the scores and in a random order, per customer. Cells of the same
/// score are mixed; a cell without both sides is left out.
fn qini(ranked: &[(f64, Cell)]) -> Option<f64> {
    let known: Vec<(f64, f64, f64)> = ranked
        .iter()
        .filter_map(|&(score, cell)| {
            let customers = cell.customers() as f64;
            Some((score, customers, customers * cell.difference()?))
        })
        .collect();
    let (all, saved_in_all) = known.iter().fold((0.0, 0.0), |(n, saved), row| (n + row.1, saved + row.2));
    if all == 0.0 {
        return None;
    }
    let (mut area, mut saved) = (0.0, 0.0);
    for same in known.chunk_by(|a, b| a.0 == b.0) {
        let (customers, more) = same.iter().fold((0.0, 0.0), |(n, more), row| (n + row.1, more + row.2));
        area += customers * (2.0 * saved + more) / 2.0;
        saved += more;
    }
    Some((area / all - saved_in_all / 2.0) / all)
}

/// As many customers as there are, drawn with replacement.
fn redrawn(random: &mut Pcg64, cells: &[Cell]) -> Vec<Cell> {
    // A customer is a cell, a side and an outcome: the ends of these strata in the row of all.
    let mut ends = Vec::with_capacity(4 * cells.len());
    let mut all = 0;
    for cell in cells {
        for arm in [cell.treated, cell.control] {
            for customers in [arm.churned, arm.customers - arm.churned] {
                all += customers;
                ends.push(all);
            }
        }
    }
    let mut drawn = vec![Cell::default(); cells.len()];
    for _ in 0..all {
        // Multiply and shift (Lemire 2019), so that the figures do not change with a library's way of drawing.
        let place = ((u128::from(random.next_u64()) * u128::from(all)) >> 64) as u64;
        let stratum = ends.partition_point(|end| *end <= place);
        drawn[stratum / 4].add(stratum % 4 >= 2, stratum % 2 == 0);
    }
    drawn
}

/// A quantile, linear between order statistics; none of nothing.
fn quantile(sorted: &[f64], at: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let position = at * last as f64;
    let below = position as usize;
    let above = (below + 1).min(last);
    Some(sorted[below] + (position - below as f64) * (sorted[above] - sorted[below]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcomes::Arm;

    fn cell(treated: (u64, u64), control: (u64, u64)) -> Cell {
        let arm = |(customers, churned)| Arm { customers, churned };
        Cell { treated: arm(treated), control: arm(control) }
    }

    #[test]
    fn qini_is_the_area_beyond_a_random_order() {
        // All that is saved is in the first half: saved runs to 0.2 * 100 at 100 of 200 and stays; the area is
        // 100 * 20 / 2 + 100 * 20 = 3,000, at random 200 * 20 / 2 = 2,000, and (3,000 - 2,000) / 200 / 200 = 0.025.
        let (helped, others) = (cell((50, 10), (50, 20)), cell((50, 10), (50, 10)));
        let close = |found: Option<f64>, expected: f64| (found.unwrap() - expected).abs() < 1e-12;
        assert!(close(qini(&[(0.2, helped), (0.0, others)]), 0.025));
        assert!(close(qini(&[(0.2, others), (0.0, helped)]), -0.025));
        assert!(close(qini(&[(0.1, others), (0.1, helped)]), 0.0), "the same score mixes them");
        assert_eq!(qini(&[(0.1, cell((10, 1), (0, 0)))]), None);
    }

    #[test]
    fn differences_that_chance_explains_are_all_at_their_mean() {
        let alike = BTreeMap::from([
            ((Action::OfferSmall, "Residential"), cell((1_000, 300), (1_000, 400))),
            ((Action::OfferSmall, "SME"), cell((100, 31), (100, 41))),
        ]);
        let learned = Learned::from(&alike);
        assert!((learned.mean - 0.1).abs() < 1e-9, "{learned:?}");
        assert!(learned.beyond.values().all(|beyond| *beyond == 0.0), "{learned:?}");
        let other = BTreeMap::from([
            ((Action::OfferSmall, "Residential"), cell((1_000, 400), (1_000, 400))),
            ((Action::OfferSmall, "SME"), cell((1_000, 100), (1_000, 500))),
        ]);
        let learned = Learned::from(&other);
        assert!(learned.beyond(&(Action::OfferSmall, "SME")) > 0.19, "{learned:?}");
        assert_eq!(learned.beyond(&(Action::OfferLarge, "SME")), 0.0, "nothing is known of it");
    }

    #[test]
    fn a_resample_has_as_many_customers_and_the_shares_of_the_whole() {
        let cells = [cell((9_000, 900), (0, 0)), cell((500, 500), (500, 0))];
        let drawn = redrawn(&mut Pcg64::seed_from_u64(1), &cells);
        assert_eq!(drawn.iter().map(|cell| cell.customers()).sum::<u64>(), 10_000);
        assert_eq!((drawn[0].control.customers, drawn[1].control.churned), (0, 0));
        assert_eq!(drawn[1].treated.churned, drawn[1].treated.customers);
        // 900 expected, standard deviation 28.6.
        assert!(drawn[0].treated.churned.abs_diff(900) < 150, "{drawn:?}");
    }
}
