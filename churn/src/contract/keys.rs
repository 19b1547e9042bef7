//! Repeated keys and unknown references, on dense codes instead of joined text.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use chrono::Datelike;

use super::cells::{Broken, Cells, calendar_date};
use super::rules::ColumnType;

/// A column of a key with the type that says how it compares.
pub(super) type KeyColumn<'a> = (Cells<'a>, ColumnType);

/// The rows whose key an earlier row has too. A key with a null in it is no key.
pub(super) fn repeated(key: &[KeyColumn<'_>]) -> Broken {
    let Some((first, others)) = key.split_first() else {
        return Broken::default();
    };
    let codes = others.iter().fold(codes(first), |left, right| pair_codes(&left, &codes(right)));
    let mut seen = HashSet::new();
    let mut broken = Broken::default();
    for (row, code) in codes.into_iter().enumerate() {
        if code.is_some_and(|code| !seen.insert(code)) {
            broken.add(row);
        }
    }
    broken
}

/// The rows whose value does not stand in `known`; nulls refer to nothing.
pub(super) fn unknown(cells: &Cells<'_>, known: &Cells<'_>) -> Option<Broken> {
    match (cells, known) {
        (Cells::Text(cells), Cells::Text(known)) => Some(missing_in(cells.iter(), known.iter())),
        (Cells::Integer(cells), Cells::Integer(known)) | (Cells::Date(cells), Cells::Date(known)) => {
            Some(missing_in(cells.iter(), known.iter()))
        }
        _ => None,
    }
}

fn missing_in<T: Hash + Eq>(cells: impl Iterator<Item = Option<T>>, known: impl Iterator<Item = Option<T>>) -> Broken {
    let known: HashSet<T> = known.flatten().collect();
    Broken::rows_where(cells, |value| !known.contains(&value))
}

/// Equal cells get equal codes.
fn codes((cells, column_type): &KeyColumn<'_>) -> Vec<Option<u32>> {
    match cells {
        Cells::Text(cells) => number_distinct(cells.iter()),
        Cells::Date(cells) if *column_type == ColumnType::MonthStart => {
            number_distinct(cells.iter().map(|day| day.map(month_number)))
        }
        Cells::Integer(cells) | Cells::Date(cells) => number_distinct(cells.iter()),
        Cells::Number(cells) => number_distinct(cells.iter().map(|value| value.map(f64::to_bits))),
    }
}

fn pair_codes(left: &[Option<u32>], right: &[Option<u32>]) -> Vec<Option<u32>> {
    number_distinct(left.iter().zip(right).map(|(left, right)| left.zip(*right)))
}

fn number_distinct<T: Hash + Eq>(cells: impl Iterator<Item = Option<T>>) -> Vec<Option<u32>> {
    let mut numbers: HashMap<T, u32> = HashMap::new();
    cells
        .map(|cell| {
            cell.map(|value| {
                let next = numbers.len() as u32;
                *numbers.entry(value).or_insert(next)
            })
        })
        .collect()
}

/// Months since year 0; a day outside the calendar stands for itself.
fn month_number(day: i32) -> i32 {
    calendar_date(day).map_or(day, |date| date.year() * 12 + date.month0() as i32)
}
