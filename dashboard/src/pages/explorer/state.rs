//! What the URL of the page says: which table, which column, which rows.

use std::cmp::Ordering;

use chrono::NaiveDate;

use super::profile::Profile;
use super::values::Kind;
use crate::query::{Direction, Paging, Query, Reader, Sort};

/// The key of the layer.
pub const LAYER: &str = "layer";
/// The key of the table.
pub const TABLE: &str = "table";
/// The key of the chosen column.
pub const COLUMN: &str = "col";
/// The key of the order of the table of columns.
pub const BY: &str = "by";
/// The order of the table of columns by what is not known.
pub const NULLS: &str = "nulls";
/// The key of the order of the rows.
pub const SORT: &str = "sort";
/// The column whose values stand in no address.
pub const CUSTOMER: &str = "customer_id";
/// So many filters.
pub const FILTERS: usize = 5;

/// The keys of a filter: its column, its operator, its value.
pub const KEYS: [[&str; 3]; FILTERS] =
    [["c1", "o1", "v1"], ["c2", "o2", "v2"], ["c3", "o3", "v3"], ["c4", "o4", "v4"], ["c5", "o5", "v5"]];

/// How a cell is held against a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// The same.
    Is,
    /// Another, or none.
    IsNot,
    /// At least as large.
    AtLeast,
    /// At most as large.
    AtMost,
    /// Larger.
    Above,
    /// Smaller.
    Below,
    /// A text that holds another, whatever the case of its letters.
    Contains,
    /// There is no value.
    Unknown,
    /// There is one.
    Known,
}

impl Op {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 9] = [
        Self::Is,
        Self::IsNot,
        Self::AtLeast,
        Self::AtMost,
        Self::Above,
        Self::Below,
        Self::Contains,
        Self::Unknown,
        Self::Known,
    ];

    /// The word of the URL.
    pub fn value(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::IsNot => "not",
            Self::AtLeast => "ge",
            Self::AtMost => "le",
            Self::Above => "gt",
            Self::Below => "lt",
            Self::Contains => "has",
            Self::Unknown => "null",
            Self::Known => "known",
        }
    }

    /// Whether it needs a value to hold a cell against.
    pub fn needs_value(self) -> bool {
        !matches!(self, Self::Unknown | Self::Known)
    }

    /// Whether a cell with this order to the value passes.
    pub fn passes(self, order: Ordering) -> bool {
        match self {
            Self::Is => order == Ordering::Equal,
            Self::IsNot => order != Ordering::Equal,
            Self::AtLeast => order != Ordering::Less,
            Self::AtMost => order != Ordering::Greater,
            Self::Above => order == Ordering::Greater,
            Self::Below => order == Ordering::Less,
            Self::Contains | Self::Unknown | Self::Known => false,
        }
    }
}

/// What a cell is held against.
#[derive(Debug, Clone, PartialEq)]
pub enum Against {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// A day.
    Day(NaiveDate),
    /// Nothing: only whether there is a value.
    Nothing,
}

/// A filter of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// The column.
    pub column: String,
    /// How.
    pub op: Op,
    /// Against what.
    pub against: Against,
}

/// The order of the rows.
#[derive(Debug, Clone, PartialEq)]
pub struct RowOrder {
    /// By this column.
    pub column: String,
    /// Which end first.
    pub direction: Direction,
}

impl RowOrder {
    /// What a click on a column's head asks for.
    pub fn clicked(order: Option<&Self>, column: &str) -> String {
        let descends = order.is_some_and(|order| order.column == column && order.direction == Direction::Descending);
        if descends { column.to_owned() } else { format!("-{column}") }
    }

    /// The order of two cells; what is unknown comes last, whichever end is first.
    pub fn compare<T>(&self, a: Option<&T>, b: Option<&T>, by: impl Fn(&T, &T) -> Ordering) -> Ordering {
        // The name of the column is not looked at.
        Sort { column: "", direction: self.direction }.compare(a, b, by)
    }
}

/// The order of the table of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnOrder {
    /// As the table has them.
    Table,
    /// Those with the most rows without a value first.
    Nulls,
}

/// The state of a table that is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The column that is looked at closely.
    pub column: Option<String>,
    /// The order of the table of columns.
    pub columns: ColumnOrder,
    /// Rows pass all of them.
    pub filters: Vec<Filter>,
    /// The order of the rows; as they are stored where there is none.
    pub order: Option<RowOrder>,
    /// The page of rows.
    pub paging: Paging,
}

impl State {
    /// What the rows and their order depend on.
    pub fn of_rows(&self) -> String {
        format!("explorer {:?} {:?}", self.filters, self.order)
    }

    /// Reads it, with the columns that the table has.
    pub fn read(reader: &mut Reader<'_>, query: &Query, profile: &Profile) -> Self {
        let known = |name: &str| profile.column(name).map(|column| column.name.clone());
        let nulls = |value: &str| (value == NULLS).then_some(ColumnOrder::Nulls);
        Self {
            column: reader.one(COLUMN, |name| known(name).filter(|name| name != CUSTOMER)),
            columns: reader.one_or(BY, nulls, ColumnOrder::Table, "table"),
            filters: KEYS.iter().filter_map(|keys| filter(reader, query, profile, *keys)).collect(),
            order: reader.one(SORT, |value| {
                let (direction, name) = match value.strip_prefix('-') {
                    Some(name) => (Direction::Descending, name),
                    None => (Direction::Ascending, value),
                };
                Some(RowOrder { column: known(name)?, direction })
            }),
            paging: Paging::read(reader),
        }
    }
}

fn filter(
    reader: &mut Reader<'_>,
    query: &Query,
    profile: &Profile,
    [column, op, value]: [&'static str; 3],
) -> Option<Filter> {
    let found =
        |name: &str| profile.column(name).filter(|column| column.name != CUSTOMER && column.kind != Kind::Other);
    let chosen = reader.one(column, found)?;
    let of_word = |word: &str| Op::ALL.into_iter().find(|op| op.value() == word);
    let op = reader.one_or(op, of_word, Op::Is, Op::Is.value());
    if !op.needs_value() {
        return Some(Filter { column: chosen.name.clone(), op, against: Against::Nothing });
    }
    // A line of the form that is not filled in filters nothing.
    query.first(value)?;
    let against = reader.one(value, |text| against(chosen.kind, op, text))?;
    Some(Filter { column: chosen.name.clone(), op, against })
}

fn against(kind: Kind, op: Op, text: &str) -> Option<Against> {
    match (kind, op) {
        (Kind::Text, _) => Some(Against::Text(text.to_owned())),
        (_, Op::Contains) | (Kind::Other, _) => None,
        (Kind::Number, _) => {
            let number: f64 = text.trim().replace(',', ".").parse().ok()?;
            number.is_finite().then_some(Against::Number(number))
        }
        (Kind::Date, _) => NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok().map(Against::Day),
    }
}
