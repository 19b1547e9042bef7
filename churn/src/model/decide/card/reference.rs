//! What drift is measured against, in figures of many customers: no row of it is in the card.

use std::collections::BTreeMap;
use std::fmt::Write;

use polars::prelude::DataFrame;

use super::section::CardSection;
use crate::columns::PREDICTION;
use crate::drift::statistics::order;
use crate::error::Result;
use crate::features::{Feature, FeatureKind};
use crate::html::charts;
use crate::markdown::cell;
use crate::model::matrix::{numbers, texts};

const SHARES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
const MOST_FREQUENT: usize = 3;
const BINS: usize = 20;

/// The features of the training customers, and what models of the folds said of them.
pub(super) fn section(reference: &DataFrame, features: &[Feature]) -> Result<CardSection> {
    let mut text = format!(
        "## What drift is measured against\n\n\
         The {} training customers as they were then, and their out-of-fold probabilities: the table `reference.parquet`.\n\n\
         | feature | kind | missing | 5 % | 25 % | median | 75 % | 95 % | most frequent |\n\
         |---|---|---|---|---|---|---|---|---|\n",
        reference.height()
    );
    for feature in features.iter().filter(|feature| reference.column(&feature.name).is_ok()) {
        let Row { kind, missing, figures } = Row::of(reference, feature)?;
        let _ = writeln!(text, "| `{}` | {kind} | {} | {figures} |", feature.name, percent(missing));
    }
    Ok(CardSection::text(text).with(predictions(reference)?))
}

/// What is said of a feature.
struct Row {
    kind: &'static str,
    missing: f64,
    /// The cells behind these.
    figures: String,
}

impl Row {
    fn of(reference: &DataFrame, feature: &Feature) -> Result<Self> {
        let name = feature.name.as_str();
        Ok(match feature.kind {
            FeatureKind::Numeric => {
                let values = numbers(reference, name)?;
                Self { kind: "numeric", missing: missing(&values), figures: quantiles(&values) + " |" }
            }
            FeatureKind::Flag => {
                let values: Vec<Option<String>> =
                    numbers(reference, name)?.into_iter().map(|value| value.map(|value| value.to_string())).collect();
                Self { kind: "flag", missing: missing(&values), figures: no_quantiles() + &frequent(&values) }
            }
            FeatureKind::Category => {
                let values = texts(reference, name)?;
                Self { kind: "category", missing: missing(&values), figures: no_quantiles() + &frequent(&values) }
            }
        })
    }
}

fn missing<T>(values: &[Option<T>]) -> f64 {
    values.iter().filter(|value| value.is_none()).count() as f64 / values.len().max(1) as f64
}

fn quantiles(values: &[Option<f64>]) -> String {
    let sorted = order::ascending(&values.iter().copied().flatten().collect::<Vec<_>>());
    let figure = |share: &f64| order::quantile(&sorted, *share).map_or_else(|| "-".to_owned(), short);
    SHARES.iter().map(figure).collect::<Vec<_>>().join(" | ")
}

/// As many empty cells.
fn no_quantiles() -> String {
    " | ".repeat(SHARES.len())
}

/// The values that most customers have, with their shares of those whose value is known.
fn frequent(values: &[Option<String>]) -> String {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for value in values.iter().flatten() {
        *counts.entry(value).or_default() += 1;
    }
    let known = counts.values().sum::<u64>().max(1) as f64;
    let mut counts: Vec<(&str, u64)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let say = |(value, count): &(&str, u64)| format!("{} {}", cell(value), percent(*count as f64 / known));
    counts.iter().take(MOST_FREQUENT).map(say).collect::<Vec<_>>().join(", ")
}

/// The probabilities as columns; nothing of a reference from before they were in it.
fn predictions(reference: &DataFrame) -> Result<String> {
    if reference.column(PREDICTION).is_err() {
        return Ok(String::new());
    }
    let sorted = order::ascending(&numbers(reference, PREDICTION)?.into_iter().flatten().collect::<Vec<_>>());
    let edges: Vec<f64> = (1..BINS).map(|bin| bin as f64 / BINS as f64).collect();
    let rows = sorted.len().max(1) as f64;
    let shares: Vec<f64> = order::counts(&sorted, &edges).into_iter().map(|count| count as f64 / rows).collect();
    Ok(charts::columns("Churn probabilities of the training customers, out of fold", (0.0, 1.0), &shares))
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// With as many digits as people look at.
fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 1000.0 => format!("{value:.0}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;

    #[test]
    fn a_reference_is_told_in_figures_of_many_customers() {
        let even: Vec<Option<f64>> = (0..=100).map(|row| (row > 0).then(|| f64::from(row) * 20.0)).collect();
        let flags: Vec<i32> = (0..=100).map(|row| i32::from(row < 25)).collect();
        let words: Vec<&str> = (0..=100).map(|row| if row < 50 { "a|b" } else { "c" }).collect();
        let table = df!("even" => even, "flag" => flags, "word" => words, PREDICTION => vec![0.3; 101]).unwrap();
        let feature = |name: &str, kind| Feature { name: name.to_owned(), kind };
        let features = [
            feature("even", FeatureKind::Numeric),
            feature("flag", FeatureKind::Flag),
            feature("word", FeatureKind::Category),
            feature("gone", FeatureKind::Flag),
        ];
        let section = section(&table, &features).unwrap();
        let rows: Vec<&str> = section.markdown().lines().filter(|line| line.starts_with("| `")).collect();
        let expected = [
            "| `even` | numeric | 1.0 % | 119.00 | 515.00 | 1010 | 1505 | 1901 | |",
            "| `flag` | flag | 0.0 % |  |  |  |  |  | 0 75.2 %, 1 24.8 % |",
            "| `word` | category | 0.0 % |  |  |  |  |  | c 50.5 %, a\\|b 49.5 % |",
        ];
        assert_eq!(rows, expected);
        assert!(section.html("h2").contains("from 0.250: 100.0 %"), "{}", section.html("h2"));
    }
}
