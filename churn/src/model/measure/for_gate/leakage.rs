//! What single columns give away of the outcome.
//!
//! A column that knows the future need not rank everybody: one value that only churners have, on a few hundred customers,
//! leaves the ROC-AUC of the column near one half. So each feature is looked at twice: how well it ranks alone, and which
//! of its values, or ranges of values, with enough customers has the highest share of churners.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::features::{Feature, FeatureKind};
use crate::model::decide::settings::{LEAST_CHURN_RATE_LIMIT, LEAST_ROC_AUC_LIMIT};
use crate::model::examples::Examples;
use crate::model::matrix::{numbers, texts};
use crate::model::ranking::Ranking;
use crate::model::split::Split;
use crate::watch::Watch;

/// A value of fewer customers is not looked at, whatever their share: chance would decide.
const LEAST_ROWS: usize = 30;

/// What single columns give away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Leakage {
    /// Labelled customers.
    pub rows: u64,
    /// A value or range with fewer of them was not looked at.
    pub support: u64,
    /// How many features were looked at.
    pub features: u64,
    /// Those of which a limit may think something, as far as any limit may be lowered; the highest churn rate first.
    pub suspects: Vec<FeatureAlone>,
}

/// One feature without all others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureAlone {
    /// The feature.
    pub feature: String,
    /// ROC-AUC on the holdout of the churn rate that training customers with the same value have; nothing without both
    /// churners and stayers.
    pub roc_auc: Option<f64>,
    /// The value or range with the highest churn rate among those with enough customers.
    pub purest: Option<PureGroup>,
}

/// The customers with one value of a feature, or in one range of its values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PureGroup {
    /// The value or range.
    pub values: String,
    /// Customers.
    pub rows: u64,
    /// Churners among them.
    pub positives: u64,
}

impl PureGroup {
    /// The share of churners.
    pub fn churn_rate(&self) -> f64 {
        self.positives as f64 / self.rows.max(1) as f64
    }
}

impl fmt::Display for PureGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:.1} % churn on {} customers", self.values, 100.0 * self.churn_rate(), self.rows)
    }
}

impl FeatureAlone {
    /// The highest churn rate of a value or range.
    pub fn churn_rate(&self) -> f64 {
        self.purest.as_ref().map_or(0.0, PureGroup::churn_rate)
    }

    fn is_suspect(&self) -> bool {
        self.churn_rate() >= LEAST_CHURN_RATE_LIMIT || self.roc_auc.is_some_and(|area| area >= LEAST_ROC_AUC_LIMIT)
    }
}

impl Leakage {
    /// Looks at every feature of labelled customers; `min_support` is a share of them.
    pub(in crate::model) fn of(
        features: &[Feature],
        examples: &Examples,
        split: &Split,
        min_support: f64,
        watch: &dyn Watch,
    ) -> Result<Self> {
        let rows = examples.len();
        let support = ((min_support * rows as f64).ceil() as usize).max(LEAST_ROWS);
        let mut suspects = Vec::new();
        for (done, feature) in (0..).zip(features) {
            watch.report(done, Some(features.len() as u64))?;
            let alone = alone(feature, examples, split, support)?;
            if alone.is_suspect() {
                suspects.push(alone);
            }
        }
        suspects.sort_by(|a, b| b.churn_rate().total_cmp(&a.churn_rate()).then_with(|| a.feature.cmp(&b.feature)));
        Ok(Self { rows: rows as u64, support: support as u64, features: features.len() as u64, suspects })
    }
}

fn alone(feature: &Feature, examples: &Examples, split: &Split, support: usize) -> Result<FeatureAlone> {
    let groups = Groups::of(feature, examples, support)?;
    let labels = &examples.labels;
    let (roc_auc, purest) = (groups.roc_auc(labels, split), groups.purest(labels, support));
    Ok(FeatureAlone { feature: feature.name.clone(), roc_auc, purest })
}

/// The customers by value or range of values.
struct Groups {
    /// What each group is called.
    names: Vec<String>,
    /// The group of each customer.
    of_row: Vec<usize>,
}

impl Groups {
    fn of(feature: &Feature, examples: &Examples, support: usize) -> Result<Self> {
        Ok(match feature.kind {
            FeatureKind::Category => Self::of_texts(texts(&examples.table, &feature.name)?),
            FeatureKind::Numeric | FeatureKind::Flag => {
                Self::of_numbers(&numbers(&examples.table, &feature.name)?, support)
            }
        })
    }

    fn of_texts(texts: Vec<Option<String>>) -> Self {
        let texts: Vec<String> = texts.into_iter().map(|text| text.unwrap_or_else(|| "missing".to_owned())).collect();
        let mut place: BTreeMap<&str, usize> = texts.iter().map(|text| (text.as_str(), 0)).collect();
        for (number, known) in (0..).zip(place.values_mut()) {
            *known = number;
        }
        let of_row = texts.iter().map(|text| place[text.as_str()]).collect();
        Self { names: place.into_keys().map(str::to_owned).collect(), of_row }
    }

    /// A value of enough customers is a group of its own; the others are cut into ranges of just enough.
    fn of_numbers(numbers: &[Option<f64>], support: usize) -> Self {
        let known = |(row, number): (usize, &Option<f64>)| Some((number.filter(|number| !number.is_nan())?, row));
        let mut order: Vec<(f64, usize)> = numbers.iter().enumerate().filter_map(known).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut groups = Self { names: Vec::new(), of_row: vec![usize::MAX; numbers.len()] };
        let mut open: Vec<(f64, usize)> = Vec::new();
        for tie in order.chunk_by(|a, b| a.0 == b.0) {
            if tie.len() >= support {
                groups.close(&mut open);
                groups.close(&mut tie.to_vec());
                continue;
            }
            open.extend_from_slice(tie);
            if open.len() >= support {
                groups.close(&mut open);
            }
        }
        groups.close(&mut open);
        let missing = groups.names.len();
        if groups.of_row.contains(&usize::MAX) {
            groups.names.push("missing".to_owned());
        }
        for group in groups.of_row.iter_mut().filter(|group| **group == usize::MAX) {
            *group = missing;
        }
        groups
    }

    /// Makes a group of the values that were gathered.
    fn close(&mut self, open: &mut Vec<(f64, usize)>) {
        let (Some(&(first, _)), Some(&(last, _))) = (open.first(), open.last()) else { return };
        for &(_, row) in open.iter() {
            self.of_row[row] = self.names.len();
        }
        self.names.push(range(first, last));
        open.clear();
    }

    /// Customers and churners of each group, among some of the rows.
    fn counts(&self, labels: &[bool], rows: impl Iterator<Item = usize>) -> Vec<(u64, u64)> {
        let mut counts = vec![(0, 0); self.names.len()];
        for row in rows {
            let count = &mut counts[self.of_row[row]];
            count.0 += 1;
            count.1 += u64::from(labels[row]);
        }
        counts
    }

    fn purest(&self, labels: &[bool], support: usize) -> Option<PureGroup> {
        let counts = self.counts(labels, 0..labels.len());
        let groups = self.names.iter().zip(counts).filter(|(_, (rows, _))| *rows >= support as u64);
        let groups = groups.map(|(name, (rows, positives))| PureGroup { values: name.clone(), rows, positives });
        groups.reduce(|best, next| if next.churn_rate() > best.churn_rate() { next } else { best })
    }

    /// How well the churn rates of the training customers rank those of the holdout.
    fn roc_auc(&self, labels: &[bool], split: &Split) -> Option<f64> {
        let counts = self.counts(labels, split.training.iter().copied());
        let churners = split.training.iter().filter(|&&row| labels[row]).count();
        let overall = churners as f64 / split.training.len().max(1) as f64;
        let rate = |&(rows, positives): &(u64, u64)| if rows == 0 { overall } else { positives as f64 / rows as f64 };
        let rates: Vec<f64> = counts.iter().map(rate).collect();
        let scores: Vec<f64> = split.holdout.iter().map(|&row| rates[self.of_row[row]]).collect();
        let labels: Vec<bool> = split.holdout.iter().map(|&row| labels[row]).collect();
        Ranking::new(&scores).areas(&labels, |_| 1.0).map(|areas| areas.roc_auc)
    }
}

/// A range as people read it, to four digits.
fn range(first: f64, last: f64) -> String {
    let shown = |value: f64| (value * 1e4).round() / 1e4;
    if first == last { shown(first).to_string() } else { format!("{} to {}", shown(first), shown(last)) }
}

#[cfg(test)]
mod tests {
    use polars::df;
    use polars::prelude::DataFrame;

    use super::*;
    use crate::model::sample::noise;
    use crate::model::settings::SplitSettings;
    use crate::watch::Unwatched;

    const CUSTOMERS: u32 = 20_000;

    /// A tenth churns, whatever the columns say; every fourth churner has the mark: 500 customers.
    fn gold() -> DataFrame {
        let rows: Vec<u32> = (0..CUSTOMERS).collect();
        let churned = |i: u32| i % 10 == 3;
        let marked = |i: u32| i % 40 == 3;
        let number = |i: u32| f64::from(noise(i, 1)) + f64::from(noise(i, 2)) / 100.0;
        let column = |of: &dyn Fn(u32) -> Option<f64>| rows.iter().map(|&i| of(i)).collect::<Vec<_>>();
        df!(
            "customer_id" => rows.iter().map(|i| format!("C{i:05}")).collect::<Vec<_>>(),
            "churn" => rows.iter().map(|&i| i32::from(churned(i))).collect::<Vec<_>>(),
            "mark" => rows.iter().map(|&i| i32::from(marked(i))).collect::<Vec<_>>(),
            "word" => rows.iter().map(|&i| marked(i).then_some("leaves")).collect::<Vec<_>>(),
            "range" => column(&|i| Some(if marked(i) { 50.0 + number(i) / 1e4 } else { number(i) })),
            "answer" => column(&|i| Some(f64::from(i % 7) + if churned(i) { 10.0 } else { 0.0 })),
            "plain" => column(&|i| (noise(i, 3) > 5).then(|| number(i))),
            "kind" => rows.iter().map(|&i| Some(["a", "b", "c"][noise(i, 4) as usize % 3])).collect::<Vec<_>>(),
        )
        .unwrap()
    }

    fn looked_at(names: &[(&str, FeatureKind)]) -> Leakage {
        let examples = Examples::of(&gold()).unwrap();
        let split = Split::by_hash(&examples, &SplitSettings::default()).unwrap();
        let feature = |(name, kind): &(&str, FeatureKind)| Feature { name: (*name).to_owned(), kind: *kind };
        let features: Vec<Feature> = names.iter().map(feature).collect();
        Leakage::of(&features, &examples, &split, 0.01, &Unwatched).unwrap()
    }

    #[test]
    fn a_value_that_only_churners_have_is_found_although_the_column_ranks_hardly_anybody() {
        let found = looked_at(&[("mark", FeatureKind::Flag), ("word", FeatureKind::Category)]);
        assert_eq!((found.rows, found.support, found.features, found.suspects.len()), (20_000, 200, 2, 2));
        for (suspect, value) in found.suspects.iter().zip(["1", "leaves"]) {
            let purest = suspect.purest.as_ref().unwrap();
            assert_eq!((purest.values.as_str(), purest.rows, purest.positives), (value, 500, 500), "{suspect:?}");
            assert!(suspect.roc_auc.unwrap() < 0.75, "the ranking alone passes: {suspect:?}");
            assert!(purest.to_string().ends_with(": 100.0 % churn on 500 customers"), "{purest}");
        }
    }

    #[test]
    fn a_range_of_numbers_that_only_churners_have_is_found_too() {
        let found = looked_at(&[("range", FeatureKind::Numeric)]);
        let purest = found.suspects[0].purest.as_ref().unwrap();
        assert!(purest.churn_rate() > 0.95 && purest.rows >= 200, "{purest:?}");
        assert!(purest.values.contains(" to "), "{purest:?}");
    }

    #[test]
    fn a_column_that_is_the_answer_ranks_everybody() {
        let found = looked_at(&[("answer", FeatureKind::Numeric)]);
        assert_eq!(found.suspects[0].roc_auc, Some(1.0));
        assert_eq!(found.suspects[0].churn_rate(), 1.0);
    }

    #[test]
    fn columns_that_know_nothing_are_no_suspects_with_or_without_nulls() {
        let found = looked_at(&[("plain", FeatureKind::Numeric), ("kind", FeatureKind::Category)]);
        assert_eq!((found.features, found.suspects.len()), (2, 0), "{found:?}");
    }

    #[test]
    fn numbers_are_cut_into_ranges_of_enough_customers_and_frequent_values_stand_alone() {
        let mut numbers: Vec<Option<f64>> = (0..100).map(|i| Some(f64::from(i))).collect();
        numbers.extend([Some(50.0); 60]);
        numbers.extend([None; 40]);
        let groups = Groups::of_numbers(&numbers, 40);
        assert_eq!(groups.names, ["0 to 39", "40 to 49", "50", "51 to 90", "91 to 99", "missing"]);
        let counts = groups.counts(&vec![false; numbers.len()], 0..numbers.len());
        assert_eq!(counts.iter().map(|count| count.0).collect::<Vec<_>>(), [40, 10, 61, 40, 9, 40]);
    }

    #[test]
    fn a_value_of_too_few_customers_is_not_looked_at() {
        let groups = Groups { names: vec!["rare".to_owned()], of_row: vec![0; 29] };
        assert_eq!(groups.purest(&[true; 29], 30), None);
        let groups = Groups { names: vec!["enough".to_owned()], of_row: vec![0; 30] };
        assert_eq!(groups.purest(&[true; 30], 30).unwrap().churn_rate(), 1.0);
    }
}
