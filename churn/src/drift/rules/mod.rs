//! From statistics to one verdict: one file per rule.

mod effect;
mod ks;

use super::column::{ColumnDrift, ColumnState};
use super::settings::{DriftRule, DriftSettings};
use super::verdict::DriftVerdict;
use crate::columns::PREDICTION;

/// Applies a rule; the columns have their adjusted p-values and their importance.
pub(super) fn judge(rule: DriftRule, columns: &[ColumnDrift], settings: &DriftSettings) -> DriftVerdict {
    match rule {
        DriftRule::Effect => effect::judge(columns, settings),
        DriftRule::Ks => ks::judge(columns, settings),
    }
}

/// The features, without the prediction.
fn features(columns: &[ColumnDrift]) -> impl Iterator<Item = &ColumnDrift> {
    columns.iter().filter(|column| column.column != PREDICTION)
}

/// Whether a column of this name is in this state.
fn prediction_is(columns: &[ColumnDrift], state: ColumnState) -> bool {
    columns.iter().any(|column| column.column == PREDICTION && column.state == state)
}

/// Columns of the reference that are gone.
fn lost(columns: &[ColumnDrift]) -> Vec<String> {
    columns.iter().filter(|column| column.is_lost()).map(|column| column.column.clone()).collect()
}

/// How many features were not counted.
fn not_counted(columns: &[ColumnDrift]) -> u64 {
    features(columns).filter(|column| column.state == ColumnState::Calendar).count() as u64
}

/// The sentence of a verdict that says nothing.
fn scarcity(verdict: &DriftVerdict, min_rows: u64) -> String {
    match verdict.features_not_counted {
        moving if moving > 0 && verdict.features_compared == 0 => {
            format!("nothing counts: {moving} features move with the calendar")
        }
        _ => format!("the prediction, or every feature, has fewer than {min_rows} values on a side"),
    }
}
