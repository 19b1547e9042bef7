//! One column looked at closely: how its values are spread, how many of whom leave, and how that is in the segments.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;

use super::profile::{Spread, bins, counted, distinct, quantile, sorted};
use super::values::Values;
use super::wilson;
use crate::chart::BoxRow;
use crate::data::{DataError, cells};
use crate::pages::category::UNKNOWN;

/// So many of the most frequent words are shown one by one.
pub const TOP: usize = 20;
/// A number with no more values than these is shown value by value.
const FEW: u64 = 12;
/// Numbers of many values are parted into so many groups of about the same size.
const GROUPS: usize = 10;
/// The column that tells who left.
const CHURN: &str = "churn";
/// The column of segments.
const SEGMENT: &str = "segment";
/// Boxes have whiskers to these shares, so that one odd customer does not stretch the axis.
pub const WHISKERS: (f64, f64) = (0.05, 0.95);

/// A group of rows by their value in a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Group {
    /// Numbers from the one to the other.
    Range(f64, f64),
    /// One number.
    Number(f64),
    /// One word.
    Word(String),
    /// All words that are not among the most frequent.
    Others,
    /// Rows without a value.
    Unknown,
}

/// Customers of a group, and how many of them left.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// Which of them.
    pub group: Group,
    /// How many, with a known outcome.
    pub customers: u64,
    /// How many of these left.
    pub churned: u64,
}

impl Rate {
    /// The share that left; none of nobody.
    pub fn share(&self) -> Option<f64> {
        (self.customers > 0).then(|| self.churned as f64 / self.customers as f64)
    }

    /// Its 95 % interval.
    pub fn interval(&self) -> Option<(f64, f64)> {
        wilson::interval(self.churned, self.customers)
    }
}

/// How the values are spread.
#[derive(Debug, Clone, PartialEq)]
pub enum Spreading {
    /// Numbers in equal bins.
    Histogram {
        /// The least and the greatest value.
        range: (f64, f64),
        /// The counts.
        counts: Vec<u64>,
    },
    /// Words: the most frequent ones, how many others there are, and their rows.
    Top {
        /// Word and rows.
        words: Vec<(String, u64)>,
        /// How many words are not among them, and their rows.
        others: (u64, u64),
    },
    /// Nothing to be drawn.
    Nothing,
}

/// The same by segment.
#[derive(Debug, Clone, PartialEq)]
pub enum BySegment {
    /// Numbers: a box for each segment; the label is the segment's name.
    Boxes(Vec<BoxRow>),
    /// Words: for each of the most frequent ones its rows in each segment.
    Counts {
        /// The segments.
        segments: Vec<String>,
        /// Word and rows by segment.
        rows: Vec<(String, Vec<u64>)>,
    },
}

/// One column looked at closely.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// How its values are spread.
    pub spreading: Spreading,
    /// Who leaves, by its values; none where the table does not tell.
    pub rates: Option<Vec<Rate>>,
    /// By segment; none where the table has none.
    pub by_segment: Option<BySegment>,
}

impl Detail {
    /// Of a column.
    pub fn of(frame: &DataFrame, column: &str) -> Result<Self, DataError> {
        let values = Values::of(frame, column)?;
        Ok(Self {
            spreading: Spreading::of(&values),
            rates: if column == CHURN { None } else { rates(frame, &values)? },
            by_segment: if column == SEGMENT { None } else { by_segment(frame, &values)? },
        })
    }
}

impl Spreading {
    fn of(values: &Values<'_>) -> Self {
        match values {
            Values::Numbers(cells) => {
                let known = sorted(cells);
                let Some(spread) = Spread::of(&known) else { return Self::Nothing };
                Self::Histogram { range: (spread.min, spread.max), counts: bins(&known, spread.min, spread.max) }
            }
            Values::Texts(cells) => {
                let mut words: Vec<_> =
                    counted(cells).into_iter().map(|(word, count)| (word.to_owned(), count)).collect();
                let rest = words.split_off(words.len().min(TOP));
                Self::Top { words, others: (rest.len() as u64, rest.iter().map(|(_, count)| count).sum()) }
            }
            Values::Dates(cells) => {
                // Days are looked at month by month.
                let mut months: BTreeMap<String, u64> = BTreeMap::new();
                for day in cells.iter().flatten() {
                    *months.entry(day.format("%Y-%m").to_string()).or_default() += 1;
                }
                let skipped = months.len().saturating_sub(TOP);
                let others = (skipped as u64, months.values().take(skipped).sum());
                Self::Top { words: months.into_iter().skip(skipped).collect(), others }
            }
            Values::Other => Self::Nothing,
        }
    }
}

/// The churn rates by the values of a column, where the table tells who left.
pub fn rates_by(frame: &DataFrame, column: &str) -> Result<Option<Vec<Rate>>, DataError> {
    rates(frame, &Values::of(frame, column)?)
}

fn rates(frame: &DataFrame, values: &Values<'_>) -> Result<Option<Vec<Rate>>, DataError> {
    if frame.column(CHURN).is_err() {
        return Ok(None);
    }
    let left = cells::numbers(frame, CHURN)?;
    let (groups, places) = match values {
        Values::Numbers(cells) => by_number(cells),
        Values::Texts(cells) => by_word(cells),
        Values::Dates(_) | Values::Other => return Ok(None),
    };
    let mut rates: Vec<_> = groups.into_iter().map(|group| Rate { group, customers: 0, churned: 0 }).collect();
    for (place, left) in places.into_iter().zip(left) {
        let Some(left) = left else { continue };
        rates[place].customers += 1;
        rates[place].churned += u64::from(left == 1.0);
    }
    rates.retain(|rate| rate.customers > 0);
    Ok(Some(rates))
}

/// The groups of a column of numbers, and the group of every row; unknown ones are the last.
fn by_number(cells: &[Option<f64>]) -> (Vec<Group>, Vec<usize>) {
    let known = sorted(cells);
    let edges: Vec<f64> = if distinct(&known) <= FEW {
        deduplicated(known.iter().copied())
    } else {
        deduplicated((0..=GROUPS).filter_map(|group| quantile(&known, group as f64 / GROUPS as f64)))
    };
    let value_by_value = distinct(&known) <= FEW;
    let mut groups: Vec<Group> = if value_by_value {
        edges.iter().map(|value| Group::Number(*value)).collect()
    } else {
        edges.windows(2).map(|pair| Group::Range(pair[0], pair[1])).collect()
    };
    // Between two edges: from the lower one on, and the last group with the upper one.
    let inner = if value_by_value { edges.get(1..) } else { edges.get(1..edges.len().saturating_sub(1)) };
    let inner = inner.unwrap_or_default();
    let unknown = groups.len();
    let place = |cell: &Option<f64>| match cell {
        Some(value) if value.is_finite() => inner.partition_point(|edge| edge <= value),
        _ => unknown,
    };
    let places = cells.iter().map(place).collect();
    groups.push(Group::Unknown);
    (groups, places)
}

fn deduplicated(sorted: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = sorted.collect();
    values.dedup();
    values
}

/// The groups of a column of words: the most frequent ones, the others, the unknown.
fn by_word(cells: &[Option<&str>]) -> (Vec<Group>, Vec<usize>) {
    let top: Vec<&str> = counted(cells).into_iter().take(TOP).map(|(word, _)| word).collect();
    let places: BTreeMap<&str, usize> = top.iter().copied().zip(0..).collect();
    let (others, unknown) = (top.len(), top.len() + 1);
    let place = |cell: Option<&str>| cell.map_or(unknown, |word| places.get(word).copied().unwrap_or(others));
    let of_rows = cells.iter().copied().map(place).collect();
    let words = top.iter().map(|word| Group::Word((*word).to_owned()));
    (words.chain([Group::Others, Group::Unknown]).collect(), of_rows)
}

fn by_segment(frame: &DataFrame, values: &Values<'_>) -> Result<Option<BySegment>, DataError> {
    if frame.column(SEGMENT).is_err() {
        return Ok(None);
    }
    let segments = cells::texts(frame, SEGMENT)?;
    Ok(match values {
        Values::Numbers(cells) => Some(BySegment::Boxes(boxes(&segments, cells))),
        Values::Texts(cells) => Some(counts(&segments, cells)),
        Values::Dates(_) | Values::Other => None,
    })
}

/// The segments' boxes of a column of numbers; that of the customers without a segment is the last.
pub fn boxes_of(frame: &DataFrame, column: &str) -> Result<Vec<BoxRow>, DataError> {
    Ok(boxes(&cells::texts(frame, SEGMENT)?, &cells::numbers(frame, column)?))
}

fn boxes(segments: &[Option<&str>], cells: &[Option<f64>]) -> Vec<BoxRow> {
    let mut by_segment: BTreeMap<&str, Vec<Option<f64>>> = BTreeMap::new();
    let mut without = Vec::new();
    for (segment, cell) in segments.iter().copied().zip(cells) {
        match segment {
            Some(segment) => by_segment.entry(segment).or_default().push(*cell),
            None => without.push(*cell),
        }
    }
    let row = |(segment, cells): (&str, Vec<Option<f64>>)| {
        let known = sorted(&cells);
        let spread = Spread::of(&known)?;
        let whiskers = (quantile(&known, WHISKERS.0)?, quantile(&known, WHISKERS.1)?);
        Some(BoxRow {
            label: segment.to_owned(),
            rows: known.len() as u64,
            whiskers,
            quartiles: (spread.p25, spread.p75),
            median: spread.median,
        })
    };
    by_segment.into_iter().chain([(UNKNOWN, without)]).filter_map(row).collect()
}

fn counts(segments: &[Option<&str>], cells: &[Option<&str>]) -> BySegment {
    let mut names: Vec<&str> = counted(segments).into_iter().map(|(name, _)| name).collect();
    if segments.contains(&None) {
        names.push(UNKNOWN);
    }
    let top: Vec<&str> = counted(cells).into_iter().take(TOP).map(|(word, _)| word).collect();
    let mut rows: Vec<Vec<u64>> = vec![vec![0; names.len()]; top.len()];
    let place_of_word: BTreeMap<&str, usize> = top.iter().copied().zip(0..).collect();
    let place_of_name: BTreeMap<&str, usize> = names.iter().copied().zip(0..).collect();
    for (segment, cell) in segments.iter().zip(cells) {
        let name = place_of_name.get(segment.unwrap_or(UNKNOWN));
        let places = name.zip(cell.and_then(|word| place_of_word.get(word)));
        if let Some((name, word)) = places {
            rows[*word][*name] += 1;
        }
    }
    BySegment::Counts {
        segments: names.into_iter().map(str::to_owned).collect(),
        rows: top.into_iter().map(str::to_owned).zip(rows).collect(),
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use super::*;
    use crate::test_site::scores;

    /// Scores in which every third customer left.
    fn gold() -> DataFrame {
        let mut frame = scores();
        let left: Vec<i32> = (0..frame.height() as i32).map(|row| i32::from(row % 3 == 0)).collect();
        frame.with_column(Column::new("churn".into(), left)).unwrap();
        frame
    }

    /// How many rows pass, and how many of them left, by Polars.
    fn by_polars(filter: Expr) -> (u64, u64) {
        let passed = gold().lazy().filter(filter).collect().unwrap();
        let left = cells::numbers(&passed, "churn").unwrap().into_iter().flatten().sum::<f64>();
        (passed.height() as u64, left as u64)
    }

    #[test]
    fn the_rates_by_word_and_by_number_are_those_of_polars() {
        let words = Detail::of(&gold(), "sentiment_label").unwrap().rates.unwrap();
        assert_eq!(words.len(), 3, "two words and the unknown");
        for rate in &words {
            let filter = match &rate.group {
                Group::Word(word) => col("sentiment_label").eq(lit(word.clone())),
                Group::Unknown => col("sentiment_label").is_null(),
                other => panic!("{other:?}"),
            };
            assert_eq!((rate.customers, rate.churned), by_polars(filter), "{:?}", rate.group);
        }
        let numbers = Detail::of(&gold(), "tenure_months").unwrap().rates.unwrap();
        assert_eq!(numbers.iter().map(|rate| rate.customers).sum::<u64>(), gold().height() as u64);
        let upper = |rate: &Rate| if let Group::Range(_, high) = rate.group { Some(high) } else { None };
        let last = numbers.iter().filter_map(upper).next_back();
        for rate in &numbers {
            let column = || col("tenure_months");
            let filter = match rate.group {
                Group::Range(low, high) if Some(high) == last => {
                    column().gt_eq(lit(low)).and(column().lt_eq(lit(high)))
                }
                Group::Range(low, high) => column().gt_eq(lit(low)).and(column().lt(lit(high))),
                Group::Unknown => column().is_null(),
                ref other => panic!("{other:?}"),
            };
            assert_eq!((rate.customers, rate.churned), by_polars(filter), "{:?}", rate.group);
        }
    }

    #[test]
    fn a_flag_is_looked_at_value_by_value_and_the_label_itself_has_no_rates() {
        let rates = Detail::of(&gold(), "has_interaction").unwrap().rates.unwrap();
        let groups: Vec<_> = rates.iter().map(|rate| rate.group.clone()).collect();
        assert_eq!(groups, [Group::Number(0.0), Group::Number(1.0)]);
        assert!(rates.iter().all(|rate| rate.interval().is_some_and(|(low, high)| low < high)));
        assert_eq!(Detail::of(&gold(), "churn").unwrap().rates, None);
        assert_eq!(Detail::of(&scores(), "has_interaction").unwrap().rates, None, "scores do not tell who left");
    }

    #[test]
    fn a_column_is_split_by_the_segments() {
        let Some(BySegment::Boxes(boxes)) = Detail::of(&gold(), "tenure_months").unwrap().by_segment else { panic!() };
        let labels: Vec<_> = boxes.iter().map(|row| row.label.as_str()).collect();
        assert_eq!(labels, ["Corporate", "Residential", "SME", UNKNOWN]);
        let known = gold()
            .lazy()
            .filter(col("segment").eq(lit("SME")).and(col("tenure_months").is_not_null()))
            .collect()
            .unwrap();
        assert_eq!(boxes[2].rows, known.height() as u64);
        let Some(BySegment::Counts { segments, rows }) = Detail::of(&gold(), "renewal_bucket").unwrap().by_segment
        else {
            panic!()
        };
        assert_eq!(segments.last().map(String::as_str), Some(UNKNOWN));
        let (word, counts) = &rows[0];
        let without = col("renewal_bucket").eq(lit(word.clone())).and(col("segment").is_null());
        assert_eq!(counts.last(), Some(&by_polars(without).0));
        let filter = col("renewal_bucket").eq(lit(word.clone())).and(col("segment").eq(lit(segments[0].clone())));
        assert_eq!(counts[0], by_polars(filter).0);
    }

    #[test]
    fn of_many_words_the_most_frequent_are_shown_and_the_others_counted() {
        let ids = Detail::of(&gold(), "customer_id").unwrap();
        let Spreading::Top { words, others } = ids.spreading else { panic!() };
        assert_eq!(
            (words.len(), others),
            (TOP, (gold().height() as u64 - TOP as u64, gold().height() as u64 - TOP as u64))
        );
        let Spreading::Histogram { counts, range } = Detail::of(&gold(), "churn_proba").unwrap().spreading else {
            panic!()
        };
        assert_eq!(counts.iter().sum::<u64>(), gold().height() as u64);
        assert!(range.0 < range.1);
    }
}
