//! From statistics to one verdict: one file per rule.

mod ks;

use super::column::ColumnDrift;
use super::settings::{DriftRule, DriftSettings};
use super::verdict::DriftVerdict;

/// Applies the rule that the settings name.
pub(super) fn judge(columns: &[ColumnDrift], settings: &DriftSettings) -> DriftVerdict {
    match settings.rule {
        DriftRule::Ks => ks::judge(columns, settings),
    }
}
