//! What a table holds, whatever its contract says: rows, types, nulls and ranges.

use polars::prelude::DataFrame;

use super::cells::{Cells, calendar_date};
use super::report::{ColumnProfile, TableProfile};

/// Describes a table; its repeated keys are counted later, by the contract's keys.
pub(super) fn profile(name: &str, frame: &DataFrame) -> TableProfile {
    let rows = frame.height();
    let schema = frame
        .columns()
        .iter()
        .map(|column| {
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
            }
        })
        .collect();
    TableProfile { table: name.to_owned(), rows: rows as u64, columns: frame.width() as u64, duplicate_keys: 0, schema }
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
    let Cells::Date(days) = cells else { return None };
    let first = calendar_date(days.iter().flatten().min()?)?;
    let last = calendar_date(days.iter().flatten().max()?)?;
    Some((first.to_string(), last.to_string()))
}
