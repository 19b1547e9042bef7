//! What a table holds, whatever its contract says: rows, types, nulls and ranges.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, StringChunked};

use super::cells::{Cells, calendar_date};
use super::report::{ColumnProfile, TableProfile};
use crate::cores;
use crate::month::Month;

/// A column with more different texts than this holds no categories.
const MOST_CATEGORIES: usize = 60;
/// A longer text is what somebody said.
const LONGEST_CATEGORY: usize = 60;

/// Describes a table; its repeated keys are counted later, by the contract's keys.
pub(super) fn profile(name: &str, frame: &DataFrame) -> TableProfile {
    let rows = frame.height();
    let schema = cores::map(frame.columns(), |column| {
        let cells = Cells::of(column);
        let numbers = cells.as_ref().and_then(number_range);
        let dates = cells.as_ref().and_then(date_range);
        let nulls = column.null_count();
        ColumnProfile {
            name: column.name().to_string(),
            dtype: column.dtype().to_string(),
            nulls: nulls as u64,
            null_rate: if rows == 0 { 0.0 } else { nulls as f64 / rows as f64 },
            min: numbers.map(|(min, _)| min),
            max: numbers.map(|(_, max)| max),
            first_date: dates.as_ref().map(|(first, _)| first.clone()),
            last_date: dates.map(|(_, last)| last),
            categories: cells.as_ref().and_then(categories),
        }
    });
    TableProfile { table: name.to_owned(), rows: rows as u64, columns: frame.width() as u64, duplicate_keys: 0, schema }
}

/// The rows of each text; none of keys, months and free texts, of which there are many.
fn categories(cells: &Cells<'_>) -> Option<BTreeMap<String, u64>> {
    let Cells::Text(texts) = cells else { return None };
    let mut rows_of: BTreeMap<&str, u64> = BTreeMap::new();
    for text in texts.iter().flatten() {
        let is_key = text.starts_with('C') && text[1..].bytes().all(|byte| byte.is_ascii_digit());
        if is_key || text.len() > LONGEST_CATEGORY || Month::parse(text).is_some() {
            return None;
        }
        *rows_of.entry(text).or_default() += 1;
        if rows_of.len() > MOST_CATEGORIES {
            return None;
        }
    }
    Some(rows_of.into_iter().map(|(text, rows)| (text.to_owned(), rows)).collect())
}

fn number_range(cells: &Cells<'_>) -> Option<(f64, f64)> {
    match cells {
        Cells::Integer(cells) => {
            Some((f64::from(cells.iter().flatten().min()?), f64::from(cells.iter().flatten().max()?)))
        }
        Cells::Number(cells) => cells.iter().flatten().filter(|value| value.is_finite()).fold(None, |range, value| {
            let (min, max) = range.unwrap_or((value, value));
            Some((value.min(min), value.max(max)))
        }),
        Cells::Text(_) | Cells::Date(_) => None,
    }
}

fn date_range(cells: &Cells<'_>) -> Option<(String, String)> {
    let days = match cells {
        Cells::Date(days) => days,
        Cells::Text(texts) => return month_range(texts),
        Cells::Integer(_) | Cells::Number(_) => return None,
    };
    let first = calendar_date(days.iter().flatten().min()?)?;
    let last = calendar_date(days.iter().flatten().max()?)?;
    Some((first.to_string(), last.to_string()))
}

/// The first and the last month of a column of months, `YYYY-MM`.
fn month_range(texts: &StringChunked) -> Option<(String, String)> {
    let (first, last) = (texts.iter().flatten().min()?, texts.iter().flatten().max()?);
    Month::parse(first).zip(Month::parse(last)).map(|(first, last)| (first.to_string(), last.to_string()))
}
