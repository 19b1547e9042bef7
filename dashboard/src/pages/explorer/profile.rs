//! What every column of a table holds in a few figures: computed once per content.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use polars::df;
use polars::prelude::{Column, DataFrame, PolarsResult};

use super::values::{Kind, Values};
use crate::data::DataError;

/// A spark has so many bins, or so many of the most frequent words.
pub const BINS: usize = 30;

/// The figures of a column of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The least value.
    pub min: f64,
    /// The first quartile.
    pub p25: f64,
    /// The middle value.
    pub median: f64,
    /// The third quartile.
    pub p75: f64,
    /// The greatest value.
    pub max: f64,
}

/// A column in a few figures.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnProfile {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Its type, as Polars says it.
    pub dtype: String,
    /// Rows without a value.
    pub nulls: u64,
    /// Different values.
    pub distinct: u64,
    /// Of numbers.
    pub spread: Option<Spread>,
    /// Of days: the first and the last.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// How the values are spread: counts of equal bins, or of the most frequent words.
    pub bins: Vec<u64>,
}

/// A table in a few figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Its rows.
    pub rows: u64,
    /// Its columns in order.
    pub columns: Vec<ColumnProfile>,
}

impl Profile {
    /// Of a table.
    pub fn of(frame: &DataFrame) -> Result<Self, DataError> {
        let columns = frame.columns().iter().map(|column| ColumnProfile::of_column(frame, column));
        Ok(Self { rows: frame.height() as u64, columns: columns.collect::<Result<_, DataError>>()? })
    }

    /// The column of a name.
    pub fn column(&self, name: &str) -> Option<&ColumnProfile> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The share of rows without a value; none of an empty table.
    pub fn null_share(&self, column: &ColumnProfile) -> Option<f64> {
        (self.rows > 0).then(|| column.nulls as f64 / self.rows as f64)
    }

    /// The figures as a table of their own, a row for every column.
    pub fn table(&self) -> PolarsResult<DataFrame> {
        let columns = &self.columns;
        let spread = |of: fn(&Spread) -> f64| -> Vec<Option<f64>> {
            columns.iter().map(|column| column.spread.as_ref().map(of)).collect()
        };
        let day = |of: fn((NaiveDate, NaiveDate)) -> NaiveDate| -> Vec<Option<String>> {
            columns.iter().map(|column| column.days.map(|days| of(days).to_string())).collect()
        };
        df!(
            "column" => columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>(),
            "type" => columns.iter().map(|column| column.dtype.clone()).collect::<Vec<_>>(),
            "rows" => vec![self.rows; columns.len()],
            "nulls" => columns.iter().map(|column| column.nulls).collect::<Vec<_>>(),
            "null_share" => columns.iter().map(|column| self.null_share(column)).collect::<Vec<_>>(),
            "distinct" => columns.iter().map(|column| column.distinct).collect::<Vec<_>>(),
            "min" => spread(|spread| spread.min),
            "p25" => spread(|spread| spread.p25),
            "median" => spread(|spread| spread.median),
            "p75" => spread(|spread| spread.p75),
            "max" => spread(|spread| spread.max),
            "first_day" => day(|(first, _)| first),
            "last_day" => day(|(_, last)| last),
        )
    }
}

impl ColumnProfile {
    fn of_column(frame: &DataFrame, column: &Column) -> Result<Self, DataError> {
        let values = Values::of(frame, column.name())?;
        let (kind, dtype) = (Kind::of(column.dtype()), column.dtype().to_string());
        let profile = Self::of(column.name().to_string(), kind, dtype, &values);
        let nulls = if kind == Kind::Other { column.null_count() as u64 } else { profile.nulls };
        Ok(Self { nulls, ..profile })
    }

    fn of(name: String, kind: Kind, dtype: String, values: &Values<'_>) -> Self {
        let nothing = Self { name, kind, dtype, nulls: 0, distinct: 0, spread: None, days: None, bins: Vec::new() };
        match values {
            Values::Numbers(cells) => {
                let sorted = sorted(cells);
                let spread = Spread::of(&sorted);
                Self {
                    nulls: unknown(cells),
                    distinct: distinct(&sorted),
                    bins: spread.map(|spread| bins(&sorted, spread.min, spread.max)).unwrap_or_default(),
                    spread,
                    ..nothing
                }
            }
            Values::Texts(cells) => {
                let counts = counted(cells);
                let bins = counts.iter().take(BINS).map(|(_, count)| *count).collect();
                Self { nulls: unknown(cells), distinct: counts.len() as u64, bins, ..nothing }
            }
            Values::Dates(cells) => {
                let days: Vec<Option<f64>> =
                    cells.iter().map(|cell| cell.map(|day| f64::from(day.num_days_from_ce()))).collect();
                let sorted = sorted(&days);
                let known = || cells.iter().copied().flatten();
                Self {
                    nulls: unknown(cells),
                    distinct: distinct(&sorted),
                    days: known().min().zip(known().max()),
                    bins: Spread::of(&sorted).map(|spread| bins(&sorted, spread.min, spread.max)).unwrap_or_default(),
                    ..nothing
                }
            }
            Values::Other => nothing,
        }
    }
}

impl Spread {
    /// Of sorted values; none where there are none.
    pub fn of(sorted: &[f64]) -> Option<Self> {
        let at = |share: f64| quantile(sorted, share);
        Some(Self { min: at(0.0)?, p25: at(0.25)?, median: at(0.5)?, p75: at(0.75)?, max: at(1.0)? })
    }
}

fn unknown<T>(cells: &[Option<T>]) -> u64 {
    cells.iter().filter(|cell| cell.is_none()).count() as u64
}

/// The finite numbers, the smallest first.
pub fn sorted(cells: &[Option<f64>]) -> Vec<f64> {
    let mut known: Vec<f64> = cells.iter().flatten().copied().filter(|value| value.is_finite()).collect();
    known.sort_unstable_by(f64::total_cmp);
    known
}

/// How many different numbers there are among sorted ones.
pub fn distinct(sorted: &[f64]) -> u64 {
    let changes = sorted.windows(2).filter(|pair| pair[0] != pair[1]).count();
    if sorted.is_empty() { 0 } else { changes as u64 + 1 }
}

/// The value below which this share of sorted ones lies, between two of them by their distance (Hyndman and Fan, type 7).
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * sorted.len().checked_sub(1)? as f64;
    let (below, above) = (sorted.get(place.floor() as usize)?, sorted.get(place.ceil() as usize)?);
    Some(below + (above - below) * place.fract())
}

/// Counts in [`BINS`] equal bins from `low` to `high`; the last one holds `high`.
pub fn bins(values: &[f64], low: f64, high: f64) -> Vec<u64> {
    let mut counts = vec![0; BINS];
    for value in values {
        let place = if high > low { (value - low) / (high - low) * BINS as f64 } else { 0.0 };
        counts[(place as usize).min(BINS - 1)] += 1;
    }
    counts
}

/// How often each word is there, the most frequent first, then by the word.
pub fn counted<'a>(cells: &[Option<&'a str>]) -> Vec<(&'a str, u64)> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for word in cells.iter().copied().flatten() {
        *counts.entry(word).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, rows)| Reverse(*rows));
    counts
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use super::*;
    use crate::test_site::scores;

    #[test]
    fn the_figures_are_those_of_polars() {
        let frame = scores();
        let profile = Profile::of(&frame).unwrap();
        assert_eq!((profile.rows, profile.columns.len()), (frame.height() as u64, frame.width()));
        for column in &profile.columns {
            let theirs = frame.column(&column.name).unwrap();
            assert_eq!(column.nulls, theirs.null_count() as u64, "{}", column.name);
            let known = theirs.drop_nulls().n_unique().unwrap() as u64;
            assert_eq!(column.distinct, known, "{}", column.name);
            let in_bins: u64 = column.bins.iter().sum();
            let values = profile.rows - column.nulls;
            assert!(
                in_bins == values || (column.kind == Kind::Text && column.distinct > BINS as u64),
                "{}",
                column.name
            );
        }
        for name in ["churn_proba", "expected_monthly_loss", "tenure_months"] {
            let spread = profile.column(name).unwrap().spread.unwrap();
            let theirs = |share: f64| {
                let asked = col(name).cast(DataType::Float64).quantile(lit(share), QuantileMethod::Linear);
                let found = frame.clone().lazy().select([asked]).collect().unwrap();
                found.column(name).and_then(Column::f64).unwrap().get(0).unwrap()
            };
            for (ours, share) in
                [(spread.min, 0.0), (spread.p25, 0.25), (spread.median, 0.5), (spread.p75, 0.75), (spread.max, 1.0)]
            {
                assert!((ours - theirs(share)).abs() < 1e-9, "{name} {share}");
            }
        }
        let as_of = profile.column("as_of").unwrap();
        assert_eq!((as_of.kind, as_of.distinct), (Kind::Date, 1));
        assert_eq!(as_of.days.unwrap().0.to_string(), "2024-12-31");
    }

    #[test]
    fn a_column_of_nothing_or_of_one_value_has_no_trouble() {
        let frame = df!("none" => [None::<f64>, None], "one" => [7.0, 7.0], "word" => [None::<&str>, None]).unwrap();
        let profile = Profile::of(&frame).unwrap();
        assert_eq!((profile.columns[0].spread, profile.columns[0].distinct, profile.columns[0].nulls), (None, 0, 2));
        assert_eq!((profile.columns[1].bins[0], profile.columns[1].distinct), (2, 1));
        assert_eq!(profile.null_share(&profile.columns[2]), Some(1.0));
    }
}
