//! Repeated keys and unknown references, on dense codes instead of joined text.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use chrono::Datelike;

use super::cells::{Broken, Cells, calendar_date};
use super::rules::ColumnType;

/// A column of a key with the type that says how it compares.
pub(super) type KeyColumn<'a> = (Cells<'a>, ColumnType);

/// Numbers in place of cells: equal cells have equal numbers, all of them below `bound`.
struct Codes {
    of_row: Vec<Option<u32>>,
    bound: u32,
}

/// Pairs of numbers below this are numbered by multiplication, all others are looked up.
const MOST_MULTIPLIED: u64 = 1 << 24;

/// The rows whose key an earlier row has too. A key with a null in it is no key.
pub(super) fn repeated(key: &[KeyColumn<'_>]) -> Broken {
    let Some((first, others)) = key.split_first() else {
        return Broken::default();
    };
    let codes = others.iter().fold(codes(first), |left, right| pair_codes(&left, &codes(right)));
    let mut seen = vec![false; codes.bound as usize];
    let mut broken = Broken::default();
    for (row, code) in codes.of_row.into_iter().enumerate() {
        if code.is_some_and(|code| std::mem::replace(&mut seen[code as usize], true)) {
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

fn missing_in<T: Hash + Eq + Copy>(
    cells: impl Iterator<Item = Option<T>>,
    known: impl Iterator<Item = Option<T>>,
) -> Broken {
    let known: HashSet<T> = known.flatten().collect();
    // Most columns say the same in many rows one after the other.
    let mut last = None;
    Broken::rows_where(cells, |value| match last {
        Some((before, is_missing)) if before == value => is_missing,
        _ => {
            let is_missing = !known.contains(&value);
            last = Some((value, is_missing));
            is_missing
        }
    })
}

/// Equal cells get equal codes.
fn codes((cells, column_type): &KeyColumn<'_>) -> Codes {
    match cells {
        Cells::Text(cells) => number_distinct(cells.iter()),
        Cells::Date(cells) if *column_type == ColumnType::MonthStart => {
            number_distinct(cells.iter().map(|day| day.map(month_number)))
        }
        Cells::Integer(cells) | Cells::Date(cells) => number_distinct(cells.iter()),
        Cells::Number(cells) => number_distinct(cells.iter().map(|value| value.map(f64::to_bits))),
    }
}

fn pair_codes(left: &Codes, right: &Codes) -> Codes {
    let pairs = left.of_row.iter().zip(&right.of_row).map(|(left, right)| left.zip(*right));
    let bound = u64::from(left.bound) * u64::from(right.bound);
    if bound > MOST_MULTIPLIED {
        return number_distinct(pairs);
    }
    let of_row = pairs.map(|pair| pair.map(|(left, code)| left * right.bound + code)).collect();
    Codes { of_row, bound: bound as u32 }
}

fn number_distinct<T: Hash + Eq + Copy>(cells: impl Iterator<Item = Option<T>>) -> Codes {
    let mut numbers: HashMap<T, u32> = HashMap::new();
    // A sorted column says the same many times one after the other: it is looked up once.
    let mut last: Option<(T, u32)> = None;
    let mut number = |value: T| match last {
        Some((before, number)) if before == value => number,
        _ => {
            let next = numbers.len() as u32;
            let number = *numbers.entry(value).or_insert(next);
            last = Some((value, number));
            number
        }
    };
    let of_row = cells.map(|cell| cell.map(&mut number)).collect();
    Codes { of_row, bound: numbers.len() as u32 }
}

/// Months since year 0; a day outside the calendar stands for itself.
fn month_number(day: i32) -> i32 {
    calendar_date(day).map_or(day, |date| date.year() * 12 + date.month0() as i32)
}

#[cfg(test)]
mod tests {
    use polars::prelude::{Int32Chunked, NewChunkedArray, StringChunked};

    use super::*;

    /// The rows of a text and a number whose pair an earlier row has, by the plain rule.
    fn expected(texts: &[Option<&str>], numbers: &[Option<i32>]) -> u64 {
        let mut seen = HashSet::new();
        let pairs = texts.iter().zip(numbers).filter_map(|(text, number)| text.zip(*number));
        pairs.filter(|pair| !seen.insert(*pair)).count() as u64
    }

    #[test]
    fn keys_are_the_same_by_multiplication_and_by_looking_up() {
        // Of so many different ones the pairs are looked up.
        for (customers, months) in [(7_u32, 3_u32), (5_000, 4_999)] {
            let different = customers.max(months);
            let rows: Vec<u32> = (0..different).chain(0..different / 2).collect();
            let names: Vec<String> = rows.iter().map(|row| format!("C{}", row * 3 % customers)).collect();
            let named = rows.iter().zip(&names);
            let texts: Vec<Option<&str>> = named.map(|(row, name)| (row % 11 != 0).then_some(name.as_str())).collect();
            let numbers: Vec<Option<i32>> =
                rows.iter().map(|row| (row % 13 != 0).then_some((row * 5 % months) as i32)).collect();
            let text_column = StringChunked::from_iter_options("id".into(), texts.iter().copied());
            let number_column = Int32Chunked::from_iter_options("month".into(), numbers.iter().copied());
            let key = [
                (Cells::Text(&text_column), ColumnType::String),
                (Cells::Integer(&number_column), ColumnType::Integer),
            ];
            let found = repeated(&key);
            assert!(found.count > 0);
            assert_eq!(found.count, expected(&texts, &numbers), "{customers} customers");
        }
    }

    #[test]
    fn what_is_not_known_is_told_in_whatever_order_it_comes() {
        let cells = [Some(1), Some(1), Some(2), Some(2), None, Some(1), Some(3)];
        let unknown = missing_in(cells.into_iter(), [Some(1), None].into_iter());
        assert_eq!(unknown, Broken::of(&[2, 3, 6]));
    }
}
