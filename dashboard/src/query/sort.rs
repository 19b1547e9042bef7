//! The order of a table: `sort=-expected_monthly_loss` is descending.

use std::cmp::Ordering;

use super::Reader;

/// The key of the order.
pub const SORT: &str = "sort";

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The smallest first.
    Ascending,
    /// The largest first.
    Descending,
}

/// By which column, and which end first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// The column.
    pub column: &'static str,
    /// Which end first.
    pub direction: Direction,
}

impl Sort {
    /// The largest first.
    pub const fn descending(column: &'static str) -> Self {
        Self { column, direction: Direction::Descending }
    }

    /// The smallest first.
    pub const fn ascending(column: &'static str) -> Self {
        Self { column, direction: Direction::Ascending }
    }

    /// Reads the order; only the named columns can be sorted by.
    pub fn read(reader: &mut Reader<'_>, columns: &[&'static str], or: Self) -> Self {
        let parse = |value: &str| {
            let (direction, name) = match value.strip_prefix('-') {
                Some(name) => (Direction::Descending, name),
                None => (Direction::Ascending, value),
            };
            let column = columns.iter().copied().find(|column| *column == name)?;
            Some(Self { column, direction })
        };
        reader.one_or(SORT, parse, or, &or.value())
    }

    /// As the URL has it.
    pub fn value(&self) -> String {
        match self.direction {
            Direction::Ascending => self.column.to_owned(),
            Direction::Descending => format!("-{}", self.column),
        }
    }

    /// What a click on a column's head asks for: the other end where it is sorted by already, else the largest first.
    pub fn clicked(&self, column: &'static str) -> Self {
        match self.direction {
            Direction::Descending if self.column == column => Self::ascending(column),
            _ => Self::descending(column),
        }
    }

    /// The order of two cells; what is unknown comes last, whichever end is first.
    pub fn compare<T>(&self, a: Option<&T>, b: Option<&T>, by: impl Fn(&T, &T) -> Ordering) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) if self.direction == Direction::Descending => by(b, a),
            (Some(a), Some(b)) => by(a, b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        }
    }
}
