//! What one comparison found: `monitoring/<run>/drift.json`.

use serde::{Deserialize, Serialize};

use super::column::ColumnDrift;
use super::verdict::DriftVerdict;
use crate::snapshot_date::SnapshotDate;

/// A column that no statistic was computed for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedColumn {
    /// The column's name.
    pub column: String,
    /// Why it is not compared.
    pub reason: String,
}

/// `monitoring/<run>/drift.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DriftReport {
    /// The answer, by the rule that the settings name.
    pub verdict: DriftVerdict,
    /// The answer of the other rule, which decides nothing; none in reports of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<DriftVerdict>,
    /// Rows of the reference.
    pub rows_ref: u64,
    /// Rows of the current table.
    pub rows_cur: u64,
    /// The date of the current table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<SnapshotDate>,
    /// The date of the reference, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference_as_of: Option<SnapshotDate>,
    /// The date of the published run of the same calendar month, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_month_as_of: Option<SnapshotDate>,
    /// Every column of either table that holds numbers or texts: the reference's order, then the new ones.
    pub columns: Vec<ColumnDrift>,
    /// Every other column, in the same order.
    pub skipped: Vec<SkippedColumn>,
    /// The same customers held against those of the last published run; none where there is no such run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skew: Option<Box<Skew>>,
}

/// What changed since the last published run: a mistake of a night is seen here first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Skew {
    /// Against what.
    pub against: LastRun,
    /// Rows of that run.
    pub rows: u64,
    /// The answer; it is told to nobody by itself.
    pub verdict: DriftVerdict,
    /// The columns, as in the report.
    pub columns: Vec<ColumnDrift>,
}

/// The last published run before this one. It has no name here: the same customers are held against the same, whichever
/// run looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRun {
    /// Its date.
    pub as_of: SnapshotDate,
}

impl DriftReport {
    /// With what changed since the last published run, as another comparison found it.
    pub fn with_skew(self, against: LastRun, found: Self) -> Self {
        let skew = Skew { against, rows: found.rows_ref, verdict: found.verdict, columns: found.columns };
        Self { skew: Some(Box::new(skew)), ..self }
    }
}
