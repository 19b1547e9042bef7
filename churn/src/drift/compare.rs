//! Compares two tables column by column.

use std::collections::{BTreeMap, HashSet};

use polars::prelude::{Column, DataFrame, DataType};

use super::calendar::{Dates, Held, behaviour};
use super::category::{self, Texts};
use super::column::{ColumnDrift, ColumnKind, ColumnState};
use super::numeric::{self, Numbers};
use super::report::{DriftReport, SkippedColumn};
use super::rules::judge;
use super::settings::DriftSettings;
use super::statistics::adjust::benjamini_hochberg;
use crate::columns::PREDICTION;
use crate::error::{Error, Result};
use crate::features::Calendar;
use crate::snapshot_date::SnapshotDate;
use crate::watch::Watch;

/// A table of customers, one row each, with the features and `churn_proba`; the order of the rows does not matter.
#[derive(Debug, Clone, Copy)]
pub struct Customers<'a> {
    /// The table.
    pub table: &'a DataFrame,
    /// The date they were looked at from; nothing where nobody noted it.
    pub as_of: Option<SnapshotDate>,
}

/// What is held against what.
#[derive(Debug, Clone)]
pub struct Comparison<'a> {
    /// The champion's training values, or another table that today's customers are held against.
    pub reference: Customers<'a>,
    /// Today's customers.
    pub current: Customers<'a>,
    /// Customers of the same calendar month of an earlier year, for what depends on the season.
    pub same_month: Option<Customers<'a>>,
    /// How columns depend on the date; those that are not there do not.
    pub calendar: BTreeMap<String, Calendar>,
    /// Each feature's share of all that moves the model, 0 to 1; where there is none, every feature counts alike.
    pub importance: BTreeMap<String, f64>,
}

impl<'a> Comparison<'a> {
    /// Two tables, of which nothing more is known.
    pub fn of(reference: &'a DataFrame, current: &'a DataFrame) -> Self {
        let undated = |table| Customers { table, as_of: None };
        Self {
            reference: undated(reference),
            current: undated(current),
            same_month: None,
            calendar: BTreeMap::new(),
            importance: BTreeMap::new(),
        }
    }
}

/// Compares both tables. Nulls and NaN are no values, and their share is compared for itself. Every edge case has one
/// answer, see [`ColumnState`].
///
/// Fails when a table has no `churn_proba`, or when a column has become text or a number.
pub fn compare(comparison: &Comparison<'_>, settings: &DriftSettings, watch: &dyn Watch) -> Result<DriftReport> {
    settings.validate()?;
    let Comparison { reference, current, .. } = comparison;
    require_prediction("drift reference", reference.table)?;
    require_prediction("drift current", current.table)?;
    let (names, skipped) = sort_out(reference.table, current.table);
    let comparing = Comparing { comparison, settings, dates: dates(comparison, settings) };
    let mut columns = Vec::with_capacity(names.len());
    for (done, (name, content)) in names.iter().enumerate() {
        watch.report(done as u64, Some(names.len() as u64))?;
        columns.push(comparing.column(name, *content)?);
    }
    watch.report(names.len() as u64, Some(names.len() as u64))?;
    weigh(&mut columns, &comparison.importance);
    adjust(&mut columns);
    Ok(DriftReport {
        verdict: judge(settings.rule, &columns, settings),
        beside: Some(judge(settings.rule.other(), &columns, settings)),
        rows_ref: reference.table.height() as u64,
        rows_cur: current.table.height() as u64,
        as_of: current.as_of,
        reference_as_of: reference.as_of,
        same_month_as_of: comparison.same_month.and_then(|month| month.as_of),
        columns,
        skipped,
        skew: None,
    })
}

fn dates(comparison: &Comparison<'_>, settings: &DriftSettings) -> Dates {
    Dates {
        then: comparison.reference.as_of,
        now: comparison.current.as_of,
        has_same_month: comparison.same_month.is_some(),
        same_date_days: settings.same_date_days,
    }
}

fn require_prediction(table: &str, frame: &DataFrame) -> Result<()> {
    let numeric = frame.column(PREDICTION).is_ok_and(|column| column.dtype().is_primitive_numeric());
    if numeric { Ok(()) } else { Err(Error::data(table, Some(PREDICTION), None, "must be a column of numbers")) }
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Numbers,
    Texts,
}

impl Content {
    fn of(dtype: &DataType) -> Option<Self> {
        match dtype {
            DataType::String => Some(Self::Texts),
            dtype if dtype.is_primitive_numeric() => Some(Self::Numbers),
            _ => None,
        }
    }
}

/// The columns that are compared, and the others with the reason why they are skipped.
fn sort_out(reference: &DataFrame, current: &DataFrame) -> (Vec<(String, Content)>, Vec<SkippedColumn>) {
    let mut seen = HashSet::new();
    let mut comparable = Vec::new();
    let mut skipped = Vec::new();
    for column in reference.columns().iter().chain(current.columns()) {
        let name = column.name().to_string();
        if !seen.insert(name.clone()) {
            continue;
        }
        if let Some(content) = content(&name, reference, current) {
            comparable.push((name, content));
        } else {
            let reason = format!("{}: only numbers and texts are compared", column.dtype());
            skipped.push(SkippedColumn { column: name, reason });
        }
    }
    (comparable, skipped)
}

/// What a column holds; one that is only null on a side holds what it holds on the other.
fn content(name: &str, reference: &DataFrame, current: &DataFrame) -> Option<Content> {
    let of = |table: &DataFrame| table.column(name).ok().and_then(|column| Content::of(column.dtype()));
    of(reference).or_else(|| of(current))
}

/// What all columns of a comparison have in common.
struct Comparing<'a> {
    comparison: &'a Comparison<'a>,
    settings: &'a DriftSettings,
    dates: Dates,
}

impl Comparing<'_> {
    fn column(&self, name: &str, content: Content) -> Result<ColumnDrift> {
        match content {
            Content::Numbers => self.numbers(name),
            Content::Texts => self.texts(name).map(|column| ColumnDrift { kind: ColumnKind::Category, ..column }),
        }
    }

    fn numbers(&self, name: &str) -> Result<ColumnDrift> {
        let Comparison { reference, current, same_month, .. } = self.comparison;
        let then = side("drift reference", reference.table, name, numbers)?;
        let now = side("drift current", current.table, name, numbers)?;
        let (Some(then), Some(now)) = (&then, &now) else {
            return Ok(one_side(name, then.map(|side| side.count()), now.map(|side| side.count())));
        };
        if name != PREDICTION && self.has_vanished(then.count(), now.count()) {
            return Ok(ColumnDrift::all_null(name, then.count()));
        }
        let compare = |then: &Numbers, months: Option<f64>| numeric::compare(name, then, now, months, self.settings);
        Ok(match self.held(name) {
            Held::AsIs => compare(then, None),
            Held::After(months) => compare(then, Some(months)),
            Held::NotCounted => uncounted(compare(then, None)),
            Held::OfSameMonth => match past(same_month.as_ref(), name, numbers)? {
                Some((month, as_of)) => held_against(compare(&month, None), as_of),
                None => uncounted(compare(then, None)),
            },
        })
    }

    fn texts(&self, name: &str) -> Result<ColumnDrift> {
        let Comparison { reference, current, same_month, .. } = self.comparison;
        let then = side("drift reference", reference.table, name, texts)?;
        let now = side("drift current", current.table, name, texts)?;
        let (Some(then), Some(now)) = (&then, &now) else {
            return Ok(one_side(name, then.map(|side| side.count()), now.map(|side| side.count())));
        };
        if self.has_vanished(then.count(), now.count()) {
            return Ok(ColumnDrift::all_null(name, then.count()));
        }
        let compare = |then: &Texts| category::compare(name, then, now, self.settings);
        Ok(match self.held(name) {
            Held::AsIs => compare(then),
            // Nothing can be taken off a text.
            Held::After(_) | Held::NotCounted => uncounted(compare(then)),
            Held::OfSameMonth => match past(same_month.as_ref(), name, texts)? {
                Some((month, as_of)) => held_against(compare(&month), as_of),
                None => uncounted(compare(then)),
            },
        })
    }

    fn held(&self, name: &str) -> Held {
        let calendar = &self.comparison.calendar;
        if name != PREDICTION {
            return self.dates.hold(behaviour(calendar, name));
        }
        let columns = self.comparison.reference.table.columns().iter();
        self.dates.hold_prediction(columns.map(|column| behaviour(calendar, column.name())))
    }

    /// Whether a column had enough values, and a table that is large enough has none.
    fn has_vanished(&self, then: u64, now: u64) -> bool {
        let table_is_large = self.comparison.current.table.height() as u64 >= self.settings.min_rows;
        now == 0 && then >= self.settings.min_rows && table_is_large
    }
}

/// A column that one table lacks.
fn one_side(name: &str, then: Option<u64>, now: Option<u64>) -> ColumnDrift {
    match now {
        Some(values) => ColumnDrift::new(name, values),
        None => ColumnDrift::missing(name, then.unwrap_or_default()),
    }
}

fn uncounted(column: ColumnDrift) -> ColumnDrift {
    match column.state {
        ColumnState::Compared => ColumnDrift { state: ColumnState::Calendar, ..column },
        _ => column,
    }
}

fn held_against(column: ColumnDrift, as_of: Option<SnapshotDate>) -> ColumnDrift {
    ColumnDrift { held_against: as_of, ..column }
}

/// A column of the table of the same month, with its date.
fn past<T>(
    month: Option<&Customers<'_>>,
    name: &str,
    read: impl Fn(&str, &Column) -> Result<T>,
) -> Result<Option<(T, Option<SnapshotDate>)>> {
    let Some(month) = month else { return Ok(None) };
    Ok(side("drift of the same month", month.table, name, read)?.map(|side| (side, month.as_of)))
}

/// A side of a column; nothing where the table lacks it.
fn side<T>(table: &str, frame: &DataFrame, name: &str, read: impl Fn(&str, &Column) -> Result<T>) -> Result<Option<T>> {
    frame.column(name).ok().map(|column| read(table, column)).transpose()
}

fn numbers(table: &str, column: &Column) -> Result<Numbers> {
    if column.dtype() != &DataType::Null && !column.dtype().is_primitive_numeric() {
        return Err(other_type(table, column, "a number"));
    }
    let column = column.cast(&DataType::Float64).map_err(Error::table("compare a drift column"))?;
    let values = column.f64().map_err(Error::table("compare a drift column"))?;
    let numbers = Numbers::of(values.iter());
    // Customers that the model may have seen have no prediction here, and that says nothing of them.
    let nulls = if column.name().as_str() == PREDICTION { 0 } else { numbers.nulls };
    Ok(Numbers { nulls, ..numbers })
}

fn texts(table: &str, column: &Column) -> Result<Texts> {
    if column.dtype() == &DataType::Null {
        return Ok(Texts::of(std::iter::repeat_n(None, column.len())));
    }
    let values = column.str().map_err(|_| other_type(table, column, "a text"))?;
    Ok(Texts::of(values.iter()))
}

fn other_type(table: &str, column: &Column, wanted: &str) -> Error {
    let rule = format!("is {} here and {wanted} in the other table", column.dtype());
    Error::data(table, Some(column.name().as_str()), None, rule)
}

/// Notes how much each feature matters; where nothing is known of it, all matter alike.
fn weigh(columns: &mut [ColumnDrift], importance: &BTreeMap<String, f64>) {
    let of_model = |column: &ColumnDrift| column.column != PREDICTION && column.state != ColumnState::New;
    let features = columns.iter().filter(|column| of_model(column)).count().max(1) as f64;
    for column in columns.iter_mut().filter(|column| of_model(column)) {
        let known = importance.get(&column.column).copied().unwrap_or_default();
        column.importance = Some(if importance.is_empty() { 1.0 / features } else { known });
    }
}

/// Adjusts the p-values of the columns that count for their number.
fn adjust(columns: &mut [ColumnDrift]) {
    let counts = |column: &&mut ColumnDrift| column.state == ColumnState::Compared;
    let mut counted: Vec<&mut ColumnDrift> = columns.iter_mut().filter(counts).collect();
    let p_values: Vec<f64> = counted.iter().map(|column| column.p_value.unwrap_or(f64::NAN)).collect();
    for (column, q_value) in counted.iter_mut().zip(benjamini_hochberg(&p_values)) {
        column.q_value = Some(q_value);
    }
}

#[cfg(test)]
mod tests;
