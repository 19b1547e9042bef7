//! Data contracts: what each raw file and layer table must hold, and how violations are reported.
//!
//! The rules live in `configs/column_registry.yaml` ([`ColumnRegistry`]); [`check()`] applies those of
//! one layer to its tables and finds all violations at once. It never stops at the first, and it
//! changes nothing: the caller writes the [`QualityReport`] and then asks [`QualityReport::require`].

mod cells;
mod check;
mod column;
mod keys;
mod profile;
mod registry;
mod report;
mod rules;

pub use crate::violation::{Severity, Violation};
pub use check::{check, check_at};
pub use registry::ColumnRegistry;
pub use report::{ColumnProfile, QualityReport, TableProfile};
pub use rules::{ColumnRules, ColumnType, Layer, TableRules};
