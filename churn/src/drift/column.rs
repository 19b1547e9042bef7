//! What is known about one compared column.

use serde::{Deserialize, Serialize};

use super::settings::DriftSettings;
use super::statistics::ks::{KsTest, ks_two_sample};

/// Whether, and why not, a column could be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnState {
    /// Enough values on both sides: the statistics are there.
    Compared,
    /// Fewer values than `min_rows` on a side. This is not "no drift".
    NotEnoughData,
    /// The reference has values, the current table has rows but not one value.
    AllNull,
    /// In the reference, but not in the current table.
    Missing,
    /// In the current table, but not in the reference: the champion never saw it.
    New,
}

/// One numeric feature, or the prediction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnDrift {
    /// The column's name.
    pub column: String,
    /// Whether it could be compared.
    pub state: ColumnState,
    /// Values (not null) in the reference.
    pub n_ref: u64,
    /// Values (not null) in the current table.
    pub n_cur: u64,
    /// The Kolmogorov-Smirnov test; there exactly when the state is `compared`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ks: Option<KsTest>,
    /// What a reader should know, for example that a side is constant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl ColumnDrift {
    /// Compares the values (nulls and NaN already dropped) of a column that both tables have.
    pub(super) fn compared(column: &str, reference: &[f64], current: &[f64], settings: &DriftSettings) -> Self {
        let (n_ref, n_cur) = (reference.len() as u64, current.len() as u64);
        let ks = if n_ref.min(n_cur) < settings.min_rows { None } else { ks_two_sample(reference, current) };
        let (state, note) = match ks {
            Some(_) => (ColumnState::Compared, constant_note(reference, current)),
            None => (ColumnState::NotEnoughData, Some(scarcity_note(n_ref, n_cur, settings.min_rows))),
        };
        Self { column: column.to_owned(), state, n_ref, n_cur, ks, note }
    }

    /// A column whose values all vanished from a current table that is large enough.
    pub(super) fn all_null(column: &str, n_ref: u64) -> Self {
        let note = "has values in the reference and only nulls now".to_owned();
        Self { column: column.to_owned(), state: ColumnState::AllNull, n_ref, n_cur: 0, ks: None, note: Some(note) }
    }

    /// A column that the current table lacks.
    pub(super) fn missing(column: &str, n_ref: u64) -> Self {
        let note = "is in the reference, but not in the current table".to_owned();
        Self { column: column.to_owned(), state: ColumnState::Missing, n_ref, n_cur: 0, ks: None, note: Some(note) }
    }

    /// A column that the reference lacks.
    pub(super) fn new(column: &str, n_cur: u64) -> Self {
        let note = "is not in the reference: the champion never saw it".to_owned();
        Self { column: column.to_owned(), state: ColumnState::New, n_ref: 0, n_cur, ks: None, note: Some(note) }
    }
}

fn scarcity_note(n_ref: u64, n_cur: u64, min_rows: u64) -> String {
    match (n_ref, n_cur) {
        (0, 0) => "only nulls on both sides".to_owned(),
        (0, _) => "only nulls in the reference".to_owned(),
        _ => format!("fewer than {min_rows} values on a side"),
    }
}

fn constant_note(reference: &[f64], current: &[f64]) -> Option<String> {
    let note = match (constant(reference), constant(current)) {
        (Some(before), Some(now)) if before == now => "the same constant on both sides",
        (Some(_), Some(_)) => "constant on both sides, with different values",
        (Some(_), None) => "constant in the reference",
        (None, Some(_)) => "constant now",
        (None, None) => return None,
    };
    Some(note.to_owned())
}

fn constant(values: &[f64]) -> Option<f64> {
    let first = *values.first()?;
    values.iter().all(|&value| value == first).then_some(first)
}
