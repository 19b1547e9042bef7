//! The settings of the label: `label` of `configs/model.yaml`.

use serde::{Deserialize, Serialize};

use crate::snapshot_date::SnapshotDate;

/// Which date the labels are of, and how far they look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LabelSettings {
    /// The date of labels that arrive without a column `label_date`, `YYYY-MM-DD`; without either it is assumed to be the last
    /// day of the readings that came with these labels first.
    pub date: Option<SnapshotDate>,
    /// Whoever left within so many days after the label's date is a churner; default 180, an assumption: nothing is published.
    pub horizon_days: u32,
    /// How many days a training may look from before or after the label's date; default 31.
    pub tolerance_days: u32,
}

impl Default for LabelSettings {
    fn default() -> Self {
        Self { date: None, horizon_days: 180, tolerance_days: 31 }
    }
}

impl LabelSettings {
    /// What must hold, each with the words that refuse it.
    pub fn rules(&self) -> [(bool, &'static str); 2] {
        [
            ((1..=3660).contains(&self.horizon_days), "horizon_days must be 1 to 3660"),
            (self.tolerance_days <= 366, "tolerance_days must be 0 to 366"),
        ]
    }
}
