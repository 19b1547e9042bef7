//! The rules of a table and its columns, as they are written in `column_registry.yaml`.

use serde::{Deserialize, Serialize};

use crate::quality::Limits;
use crate::violation::Severity;

/// A layer of the medallion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// The files as they arrive.
    Raw,
    /// Joined and enriched.
    Bronze,
    /// Cleaned and imputed.
    Silver,
    /// One row of features per customer.
    Gold,
}

impl Layer {
    /// The word used in file names and messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Bronze => "bronze",
            Self::Silver => "silver",
            Self::Gold => "gold",
        }
    }
}

/// What a column holds, and in which Polars type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Text: `String`.
    String,
    /// `C` and digits: `String`.
    CustomerId,
    /// A whole number: `Int32`.
    Integer,
    /// A measure: `Float64`.
    Number,
    /// 0 or 1: `Int32`.
    Flag,
    /// A calendar date: `Date`.
    Date,
    /// The first day of a month: `Date`. Keys compare it by month.
    MonthStart,
    /// `YYYY-MM`: `String`.
    Month,
}

impl ColumnType {
    /// The rule that the type adds to its Polars type, in words.
    pub(super) fn form(self) -> Option<&'static str> {
        match self {
            Self::CustomerId => Some("not C and digits"),
            Self::Flag => Some("not 0 or 1"),
            Self::Month => Some("not a month YYYY-MM"),
            Self::MonthStart => Some("not the first day of a month"),
            Self::String | Self::Integer | Self::Number | Self::Date => None,
        }
    }

    pub(super) fn holds_text(self) -> bool {
        matches!(self, Self::String | Self::CustomerId | Self::Month)
    }

    pub(super) fn holds_dates(self) -> bool {
        matches!(self, Self::Date | Self::MonthStart)
    }
}

/// The contract of one raw file or layer table.
#[derive(Debug, Clone)]
pub struct TableRules {
    /// Where the table belongs.
    pub layer: Layer,
    /// Fewer rows than this are a violation (no row at all blocks, unless the table may be empty).
    pub rows: Option<RowRule>,
    /// Whether there need not be any row.
    pub may_be_empty: bool,
    /// No two rows agree in all columns of such a key; the first one names rows in examples.
    pub unique: Vec<UniqueRule>,
    /// Keys that another table must have.
    pub references: Vec<ReferenceRule>,
    /// How recent the data must be, seen from the run's date.
    pub freshness: Option<FreshnessRule>,
    /// All columns, in order.
    pub columns: Vec<ColumnRules>,
}

impl TableRules {
    /// The rules of one column.
    pub fn column(&self, name: &str) -> Option<&ColumnRules> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// The least number of rows.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowRule {
    /// The least number of rows that is expected.
    pub min: usize,
    /// What fewer rows lead to.
    pub severity: Severity,
}

/// A key that no two rows share. Rows with a null in it are exempt: nullability is a rule of its own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UniqueRule {
    /// The columns of the key.
    pub columns: Vec<String>,
    /// What a repeated key leads to. In a raw file, a row that is the same as an earlier one is no more than told.
    pub severity: Severity,
    /// Above this share of the rows the run stops, whatever the severity.
    #[serde(default)]
    pub block_above: Option<f64>,
    /// What to do, for the message.
    #[serde(default)]
    pub hint: Option<String>,
}

/// Every value of `column` that is not null stands in `key` of `table`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceRule {
    /// The column of this table.
    pub column: String,
    /// The table referred to.
    pub table: String,
    /// Its column.
    pub key: String,
    /// What an unknown value leads to.
    pub severity: Severity,
    /// The share of the rows up to which unknown values are no more than told.
    #[serde(default)]
    pub told_up_to: Option<f64>,
    /// The share of the rows above which unknown values block, whatever the severity.
    #[serde(default)]
    pub block_above: Option<f64>,
}

impl ReferenceRule {
    /// What unknown values in this share of the rows lead to.
    pub(super) fn severity_of(&self, share: f64) -> Severity {
        if self.block_above.is_some_and(|limit| share > limit) {
            return Severity::Block;
        }
        if self.told_up_to.is_some_and(|limit| share <= limit) { Severity::Info } else { self.severity }
    }
}

/// The latest date (or month) of `column` is at most `max_age_days` before the run's date.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreshnessRule {
    /// A column of dates or months.
    pub column: String,
    /// The greatest age in days.
    pub max_age_days: i32,
    /// What stale data leads to.
    pub severity: Severity,
}

/// The contract of one column.
#[derive(Debug, Clone)]
pub struct ColumnRules {
    /// The column's name.
    pub name: String,
    /// What it holds.
    pub column_type: ColumnType,
    /// What a null leads to; `None` when nulls are allowed.
    pub nulls: Option<Severity>,
    /// The greatest share of nulls, 0 to 1.
    pub null_limit: f64,
    /// What more nulls lead to.
    pub null_rate: Severity,
    /// What a value that breaks the form of its type leads to.
    pub form: Severity,
    /// The allowed range of a number or date.
    pub range: Option<Range>,
    /// How many of the numbers may be below 0, where the range holds such.
    pub below_zero: Option<Limits>,
    /// The allowed texts.
    pub values: Option<Values>,
}

/// An inclusive range; dates count in days since 1970-01-01.
#[derive(Debug, Clone)]
pub struct Range {
    /// The least value.
    pub low: f64,
    /// The greatest value.
    pub high: f64,
    /// The range as people read it.
    pub text: String,
    /// What a value outside leads to.
    pub severity: Severity,
}

/// A closed list of texts.
#[derive(Debug, Clone)]
pub struct Values {
    /// The allowed texts.
    pub allowed: Vec<String>,
    /// What another text leads to.
    pub severity: Severity,
}
