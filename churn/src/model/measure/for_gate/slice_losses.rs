//! What a challenger gives up for one kind of customers, however good it is over all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::model::measure::slices::{LEAST_POSITIVES, SliceBy, SliceRows, Unseen};
use crate::model::ranking::Ranking;

/// One slice: the challenger beside the champion, and beside the best one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SliceLoss {
    /// By what its customers are told apart.
    pub by: SliceBy,
    /// Which of them.
    pub value: String,
    /// On which customers it was measured.
    pub measured_on: SliceRows,
    /// How many these are.
    pub rows: u64,
    /// Churners among them.
    pub positives: u64,
    /// The challenger's average precision; nothing with too few churners, or without stayers.
    pub pr_auc: Option<f64>,
    /// The champion's; nothing without one that has not seen them.
    pub champion: Option<f64>,
    /// The best champion's.
    pub best: Option<f64>,
}

impl SliceLoss {
    /// By how much the challenger is better than the better one of champion and best champion; below 0 it is worse. Nothing
    /// where there is nothing to compare.
    pub fn difference(&self) -> Option<f64> {
        let theirs = [self.champion, self.best].into_iter().flatten().reduce(f64::max)?;
        Some(self.pr_auc? - theirs)
    }

    /// `contact without`.
    pub fn name(&self) -> String {
        format!("{} {}", self.by.as_str(), self.value)
    }
}

/// Compares every slice, in the order of [`SliceBy::ALL`] and then of the values. `best` are the best champion's
/// probabilities, as those of the champion.
pub(in crate::model) fn slice_losses(customers: &Unseen<'_>, best: &[Option<f64>]) -> Result<Vec<SliceLoss>> {
    let mut found = Vec::new();
    for by in SliceBy::ALL {
        let mut members: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (row, value) in by.values(customers.table)?.into_iter().enumerate() {
            members.entry(value).or_default().push(row);
        }
        for (value, rows) in members {
            let (measured_on, rows) = customers.measured(rows);
            found.push(compared(by, value, measured_on, &rows, customers, best));
        }
    }
    Ok(found)
}

fn compared(
    by: SliceBy,
    value: String,
    measured_on: SliceRows,
    rows: &[usize],
    customers: &Unseen<'_>,
    best: &[Option<f64>],
) -> SliceLoss {
    let labels: Vec<bool> = rows.iter().map(|&row| customers.labels[row]).collect();
    let positives = labels.iter().filter(|&&label| label).count() as u64;
    let pr_auc = |scores: Option<Vec<f64>>| {
        let areas = Ranking::new(&scores.filter(|_| positives >= LEAST_POSITIVES)?).areas(&labels, |_| 1.0);
        areas.map(|areas| areas.pr_auc)
    };
    // Nobody is compared on customers of whom it has seen only some.
    let of = |scores: &[Option<f64>]| pr_auc(rows.iter().map(|&row| scores[row]).collect());
    SliceLoss {
        by,
        value,
        measured_on,
        rows: rows.len() as u64,
        positives,
        pr_auc: pr_auc(Some(rows.iter().map(|&row| customers.probabilities[row]).collect())),
        champion: of(customers.champion),
        best: of(best),
    }
}

#[cfg(test)]
mod tests {
    use polars::df;
    use polars::prelude::DataFrame;

    use super::*;

    const ROWS: u32 = 2000;

    /// Every tenth churns; those with a contact are the first half.
    fn table() -> (DataFrame, Vec<bool>) {
        let flags = |of: fn(u32) -> bool| (0..ROWS).map(|i| i32::from(of(i))).collect::<Vec<_>>();
        let words = |word: &'static str| vec![word; ROWS as usize];
        let table = df!(
            "has_interaction" => flags(|i| i < ROWS / 2),
            "segment" => (0..ROWS).map(|i| if i < 20 { "Corporate" } else { "SME" }).collect::<Vec<_>>(),
            "sales_channel" => words("Office"),
            "tenure_bucket" => words("5y+"),
            "renewal_bucket" => words("0-3m"),
            "is_high_competition_province" => flags(|_| false),
        )
        .unwrap();
        (table, (0..ROWS).map(|i| i % 10 == 3).collect())
    }

    /// Right for those of whom `knows` is true, by lot for the others.
    fn scores(labels: &[bool], knows: impl Fn(usize) -> bool) -> Vec<Option<f64>> {
        let by_lot = |i: usize| (i * 7919 % 997) as f64 / 1000.0;
        let score = |(i, label): (usize, &bool)| if knows(i) { f64::from(u8::from(*label)) } else { by_lot(i) };
        labels.iter().enumerate().map(score).map(Some).collect()
    }

    fn losses(champion: &[Option<f64>], best: &[Option<f64>]) -> Vec<SliceLoss> {
        let (table, labels) = table();
        let ours: Vec<f64> = scores(&labels, |i| i < 1000).into_iter().flatten().collect();
        let on_holdout = vec![true; labels.len()];
        let (table, labels, on_holdout, probabilities) = (&table, &labels, &on_holdout, &ours);
        slice_losses(&Unseen { table, labels, on_holdout, probabilities, champion }, best).unwrap()
    }

    fn slice<'a>(found: &'a [SliceLoss], name: &str) -> &'a SliceLoss {
        found.iter().find(|slice| slice.name() == name).unwrap()
    }

    #[test]
    fn what_one_kind_of_customers_loses_is_seen_against_the_better_of_the_two() {
        let (_, labels) = table();
        let (nobody, everybody) = (scores(&labels, |_| false), scores(&labels, |_| true));
        for found in [losses(&everybody, &nobody), losses(&nobody, &everybody)] {
            assert_eq!(slice(&found, "contact with").difference(), Some(0.0));
            let without = slice(&found, "contact without");
            assert!(without.difference().unwrap() < -0.5 && without.positives == 100, "{without:?}");
        }
    }

    #[test]
    fn a_small_slice_and_one_without_a_champion_have_no_difference() {
        let (_, labels) = table();
        let nobody = vec![None; labels.len()];
        let everybody = scores(&labels, |_| true);
        let small = losses(&everybody, &nobody);
        let small = slice(&small, "segment Corporate");
        assert_eq!((small.positives, small.pr_auc, small.difference()), (2, None, None));
        assert!(losses(&nobody, &nobody).iter().all(|slice| slice.difference().is_none()));
        let mut seen_one = everybody;
        seen_one[5] = None;
        let found = losses(&seen_one, &nobody);
        assert_eq!(slice(&found, "contact with").champion, None);
        assert!(slice(&found, "contact without").champion.is_some());
    }
}
