//! The categories of a column of texts on both sides, in the training and now.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;

use crate::data::{DataError, cells};

/// So many categories are told; the others together are one more.
const MOST: usize = 12;

/// A category on both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// Which one.
    pub what: Category,
    /// Its share of the rows in the training.
    pub then: f64,
    /// Now.
    pub now: f64,
}

/// A category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Category {
    /// A value.
    Named(String),
    /// No value.
    Nothing,
    /// All that are not told.
    Others,
}

/// The categories of a column of two tables, the largest first; a table that has no such column has none.
pub fn of_tables(then: &DataFrame, now: &DataFrame, column: &str) -> Result<Vec<Share>, DataError> {
    let (then, now) = (counted(then, column)?, counted(now, column)?);
    let whole = |side: &BTreeMap<Option<String>, u64>| side.values().sum::<u64>().max(1) as f64;
    let (whole_then, whole_now) = (whole(&then), whole(&now));
    let of = |side: &BTreeMap<Option<String>, u64>, name: &Option<String>| {
        side.get(name).copied().unwrap_or_default() as f64
    };
    let names = then.keys().chain(now.keys().filter(|name| !then.contains_key(*name)));
    let share = |name: &Option<String>| Share {
        what: name.clone().map_or(Category::Nothing, Category::Named),
        then: of(&then, name) / whole_then,
        now: of(&now, name) / whole_now,
    };
    let mut shares: Vec<Share> = names.map(share).collect();
    shares.sort_by(|a, b| b.then.max(b.now).total_cmp(&a.then.max(a.now)));
    let others = shares.split_off(shares.len().min(MOST));
    if !others.is_empty() {
        let (then, now) = (others.iter().map(|share| share.then).sum(), others.iter().map(|share| share.now).sum());
        shares.push(Share { what: Category::Others, then, now });
    }
    Ok(shares)
}

fn counted(frame: &DataFrame, column: &str) -> Result<BTreeMap<Option<String>, u64>, DataError> {
    let mut counts = BTreeMap::new();
    if frame.column(column).is_ok() {
        for text in cells::texts(frame, column)? {
            *counts.entry(text.map(str::to_owned)).or_default() += 1;
        }
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;

    #[test]
    fn the_largest_categories_are_told_and_the_others_together() {
        let names: Vec<Option<String>> = (0..40).map(|row| (row % 4 != 3).then(|| format!("c{}", row % 20))).collect();
        let (then, now) = (df!("x" => &names).unwrap(), df!("x" => ["new"; 4]).unwrap());
        let shares = of_tables(&then, &now, "x").unwrap();
        assert_eq!(shares.len(), MOST + 1);
        assert_eq!((&shares[0].what, shares[0].now), (&Category::Named("new".to_owned()), 1.0));
        assert_eq!((&shares[1].what, shares[1].then), (&Category::Nothing, 0.25));
        assert_eq!(shares[MOST].what, Category::Others);
        assert!((shares.iter().map(|share| share.then).sum::<f64>() - 1.0).abs() < 1e-12);
        let missing = of_tables(&then, &df!("y" => [1]).unwrap(), "x").unwrap();
        assert!(missing.iter().all(|share| share.now == 0.0));
    }
}
