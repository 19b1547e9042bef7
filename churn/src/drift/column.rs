//! What is known about one compared column.

use serde::{Deserialize, Serialize};

use super::settings::DriftSettings;
use super::statistics::categories::ChiSquaredTest;
use super::statistics::ks::KsTest;
use crate::snapshot_date::SnapshotDate;

/// Whether, and why not, a column could be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnState {
    /// Enough values on both sides: the statistics are there.
    Compared,
    /// The statistics are there and count for nothing: the column moves with the calendar, and time has passed.
    Calendar,
    /// Fewer values than `min_rows` on a side. This is not "no drift".
    NotEnoughData,
    /// The reference has values, the current table has rows but not one value.
    AllNull,
    /// In the reference, but not in the current table.
    Missing,
    /// In the current table, but not in the reference: the champion never saw it.
    New,
}

impl ColumnState {
    /// The name in reports and files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compared => "compared",
            Self::Calendar => "calendar",
            Self::NotEnoughData => "not_enough_data",
            Self::AllNull => "all_null",
            Self::Missing => "missing",
            Self::New => "new",
        }
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Numbers; in reports of before there was nothing else.
    #[default]
    Numeric,
    /// Texts.
    Category,
}

/// How far a column moved, whatever chance says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Less than `warn_effect`.
    #[default]
    None,
    /// At least `warn_effect`.
    Warn,
    /// At least `critical_effect`.
    Critical,
}

impl Severity {
    /// Of an effect against both limits.
    pub(super) fn of(effect: f64, settings: &DriftSettings) -> Self {
        // What is no number is unknown, and unknown is not "no drift".
        if effect >= settings.critical_effect || effect.is_nan() {
            return Self::Critical;
        }
        if effect >= settings.warn_effect { Self::Warn } else { Self::None }
    }
}

/// One feature, or the prediction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnDrift {
    /// The column's name.
    pub column: String,
    /// Whether it could be compared.
    pub state: ColumnState,
    /// What it holds.
    #[serde(default)]
    pub kind: ColumnKind,
    /// Values (not null) in the reference.
    pub n_ref: u64,
    /// Values (not null) in the current table.
    pub n_cur: u64,
    /// The Kolmogorov-Smirnov test of a numeric column that was compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ks: Option<KsTest>,
    /// The chi-squared test of a category that was compared, nulls and unseen values as categories of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chi_squared: Option<ChiSquaredTest>,
    /// The p-value of the column: of its values and, of a numeric one, of its nulls together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_value: Option<f64>,
    /// The p-value adjusted for the number of columns that count (Benjamini and Hochberg).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q_value: Option<f64>,
    /// How far it moved: of a numeric column `wasserstein` or, if that is larger, the change of its share of nulls; of
    /// a category the larger of `psi` and `jensen_shannon`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<f64>,
    /// How serious that is by its size alone.
    #[serde(default)]
    pub severity: Severity,
    /// The first Wasserstein distance of winsorised values in robust standard deviations of the reference; that of the
    /// prediction is one of log odds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wasserstein: Option<f64>,
    /// The population stability index: by tenths of the reference, or by categories; nulls have a bin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub psi: Option<f64>,
    /// The Jensen-Shannon distance of the same bins of a category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jensen_shannon: Option<f64>,
    /// The share of rows without a value, now less then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub null_change: Option<f64>,
    /// The feature's share of all that moves the model, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importance: Option<f64>,
    /// Months that were taken off before the comparison, since everybody is older by them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months_taken_off: Option<f64>,
    /// The date of the published run of the same calendar month that it was held against, in place of the training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_against: Option<SnapshotDate>,
    /// What a reader should know, for example that a side is constant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl ColumnDrift {
    /// A column of which no more is known than its state.
    pub fn of(column: impl Into<String>, state: ColumnState) -> Self {
        Self {
            column: column.into(),
            state,
            kind: ColumnKind::Numeric,
            n_ref: 0,
            n_cur: 0,
            ks: None,
            chi_squared: None,
            p_value: None,
            q_value: None,
            effect: None,
            severity: Severity::None,
            wasserstein: None,
            psi: None,
            jensen_shannon: None,
            null_change: None,
            importance: None,
            months_taken_off: None,
            held_against: None,
            note: None,
        }
    }

    /// A column whose values all vanished from a current table that is large enough.
    pub(super) fn all_null(column: &str, n_ref: u64) -> Self {
        let note = Some("has values in the reference and only nulls now".to_owned());
        Self { n_ref, note, ..Self::of(column, ColumnState::AllNull) }
    }

    /// A column that the current table lacks.
    pub(super) fn missing(column: &str, n_ref: u64) -> Self {
        let note = Some("is in the reference, but not in the current table".to_owned());
        Self { n_ref, note, ..Self::of(column, ColumnState::Missing) }
    }

    /// A column that the reference lacks.
    pub(super) fn new(column: &str, n_cur: u64) -> Self {
        let note = Some("is not in the reference: the champion never saw it".to_owned());
        Self { n_cur, note, ..Self::of(column, ColumnState::New) }
    }

    /// A column with too few values on a side.
    pub(super) fn scarce(column: &str, n_ref: u64, n_cur: u64, min_rows: u64) -> Self {
        let note = match (n_ref, n_cur) {
            (0, 0) => "only nulls on both sides".to_owned(),
            (0, _) => "only nulls in the reference".to_owned(),
            _ => format!("fewer than {min_rows} values on a side"),
        };
        Self { n_ref, n_cur, note: Some(note), ..Self::of(column, ColumnState::NotEnoughData) }
    }

    /// Whether it counts, moved far enough and not by chance.
    pub fn has_drifted(&self, alpha: f64) -> bool {
        let by_chance = self.q_value.is_none_or(|q_value| q_value >= alpha);
        self.state == ColumnState::Compared && self.severity > Severity::None && !by_chance
    }

    /// Whether its values are gone.
    pub fn is_lost(&self) -> bool {
        matches!(self.state, ColumnState::Missing | ColumnState::AllNull)
    }
}
