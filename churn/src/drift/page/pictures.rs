//! The pictures of the report: what moved, both sides of a column, what was promised and what came to pass.

use std::collections::BTreeMap;

use polars::prelude::{Column, DataFrame, DataType};

use super::tables::percent;
use crate::drift::column::{ColumnDrift, ColumnKind};
use crate::drift::statistics::order;
use crate::error::{Error, Result};
use crate::html::Svg;
use crate::html::charts::{Dot, NAMES, ROW, WIDTH, dots};
use crate::model::performance::{Figure, PerformanceReport};

const HIGHEST: f64 = 110.0;
const BINS: usize = 24;
/// The pictures of numbers leave out so much at either end.
const TAILS: (f64, f64) = (0.01, 0.99);
const CATEGORIES: usize = 10;

/// How far the columns moved that matter most, by importance × effect.
pub fn weights(columns: &[&ColumnDrift]) -> String {
    let weighed: Vec<(&str, f64)> = columns
        .iter()
        .map(|column| (column.column.as_str(), super::weight(column)))
        .filter(|bar| bar.1 > 0.0)
        .collect();
    bars("Importance × effect: what moved and matters", &weighed, |weight| format!("{weight:.4}"))
}

/// Both sides of a column: the reference as an outline or in grey, today in colour.
pub fn both_sides(column: &ColumnDrift, reference: &DataFrame, current: &DataFrame) -> Result<String> {
    let (Ok(then), Ok(now)) = (reference.column(&column.column), current.column(&column.column)) else {
        return Ok(String::new());
    };
    match column.kind {
        ColumnKind::Numeric => Ok(histogram(&column.column, &numbers(then)?, &numbers(now)?)),
        ColumnKind::Category => Ok(shares(&column.column, &counts(then)?, &counts(now)?)),
    }
}

/// The promise and, where labels are known, what came to pass, on one axis.
pub fn performance(report: &PerformanceReport) -> String {
    let promised = report.estimated.as_ref().map(|estimated| {
        let Figure { value, low, high } = estimated.pr_auc;
        Dot { name: format!("{}, estimated", report.as_of), value, interval: Some((low, high)) }
    });
    let came = report.realised.iter().map(|one| Dot {
        name: format!("{}, realised", one.as_of),
        value: one.realised.pr_auc,
        interval: one.realised.pr_auc_interval.map(|interval| (interval.low, interval.high)),
    });
    dots("PR-AUC, with intervals", &promised.into_iter().chain(came).collect::<Vec<_>>())
}

fn bars(title: &str, bars: &[(&str, f64)], show: impl Fn(f64) -> String) -> String {
    let Some(longest) = bars.iter().map(|bar| bar.1).reduce(f64::max) else { return String::new() };
    let mut svg = Svg::new(WIDTH, bars.len() as f64 * ROW);
    for (place, (name, value)) in bars.iter().enumerate() {
        let y = place as f64 * ROW;
        svg.text("", (0.0, y + 15.0), name);
        svg.rect("now", (NAMES, y + 5.0), ((WIDTH - NAMES - 70.0) * value / longest, 12.0), name);
        svg.text("e", (WIDTH, y + 15.0), &show(*value));
    }
    svg.figure(title)
}

fn histogram(name: &str, then: &[f64], now: &[f64]) -> String {
    let ends = |share: f64, of: fn(f64, f64) -> f64| {
        [then, now].into_iter().filter_map(|side| order::quantile(side, share)).reduce(of)
    };
    let (Some(low), Some(high)) = (ends(TAILS.0, f64::min), ends(TAILS.1, f64::max)) else { return String::new() };
    let high = if high > low { high } else { low + 1.0 };
    let step = (high - low) / BINS as f64;
    let edges: Vec<f64> = (1..BINS).map(|bin| low + step * bin as f64).collect();
    let heights = |side: &[f64]| -> Vec<f64> {
        let rows = side.len().max(1) as f64;
        order::counts(side, &edges).into_iter().map(|count| count as f64 / rows).collect()
    };
    let (then, now) = (heights(then), heights(now));
    let highest = then.iter().chain(&now).copied().fold(f64::MIN_POSITIVE, f64::max);
    let (width, y) = (WIDTH / BINS as f64, |share: f64| HIGHEST * (1.0 - share / highest) + 4.0);
    let mut svg = Svg::new(WIDTH, HIGHEST + 24.0);
    for (bin, share) in now.iter().enumerate() {
        let tip = format!("from {:.4}: {}", low + step * bin as f64, percent(*share));
        svg.rect("now", (bin as f64 * width + 0.5, y(*share)), (width - 1.0, HIGHEST + 4.0 - y(*share)), &tip);
    }
    let stairs: Vec<(f64, f64)> = then
        .iter()
        .enumerate()
        .flat_map(|(bin, share)| [(bin as f64 * width, y(*share)), ((bin + 1) as f64 * width, y(*share))])
        .collect();
    svg.path("then", &stairs);
    svg.path("axis", &[(0.0, HIGHEST + 4.0), (WIDTH, HIGHEST + 4.0)]);
    svg.text("", (0.0, HIGHEST + 20.0), &format!("{low:.4}"));
    svg.text("e", (WIDTH, HIGHEST + 20.0), &format!("{high:.4}"));
    svg.figure(&format!("{name}: today in colour, the training dashed; outermost bins hold what lies beyond"))
}

fn shares(name: &str, then: &BTreeMap<String, u64>, now: &BTreeMap<String, u64>) -> String {
    let total = |side: &BTreeMap<String, u64>| side.values().sum::<u64>().max(1) as f64;
    let share = |side: &BTreeMap<String, u64>, of: &str| side.get(of).copied().unwrap_or_default() as f64 / total(side);
    let mut names: Vec<&String> = then.keys().chain(now.keys().filter(|name| !then.contains_key(*name))).collect();
    let larger = |of: &str| share(then, of).max(share(now, of));
    names.sort_by(|a, b| larger(b).total_cmp(&larger(a)).then_with(|| a.cmp(b)));
    names.truncate(CATEGORIES);
    let room = WIDTH - NAMES - 70.0;
    let mut svg = Svg::new(WIDTH, names.len() as f64 * ROW);
    for (place, category) in names.iter().enumerate() {
        let y = place as f64 * ROW;
        let (before, after) = (share(then, category), share(now, category));
        svg.text("", (0.0, y + 15.0), category);
        svg.rect("then", (NAMES, y + 4.0), (room * before, 6.0), &format!("in training {}", percent(before)));
        svg.rect("now", (NAMES, y + 11.0), (room * after, 6.0), &format!("today {}", percent(after)));
        svg.text("e", (WIDTH, y + 15.0), &percent(after));
    }
    svg.figure(&format!("{name}: today in colour, the training in grey"))
}

/// The values of a column, in rising order.
fn numbers(column: &Column) -> Result<Vec<f64>> {
    let column = column.cast(&DataType::Float64).map_err(Error::table("draw a drift column"))?;
    let values = column.f64().map_err(Error::table("draw a drift column"))?;
    Ok(order::ascending(&values.iter().flatten().collect::<Vec<_>>()))
}

/// The rows of each category; those without a value have a name, too.
fn counts(column: &Column) -> Result<BTreeMap<String, u64>> {
    let column = column.cast(&DataType::String).map_err(Error::table("draw a drift column"))?;
    let mut counts = BTreeMap::new();
    for text in column.str().map_err(Error::table("draw a drift column"))?.iter() {
        *counts.entry(text.unwrap_or("(none)").to_owned()).or_default() += 1;
    }
    Ok(counts)
}
