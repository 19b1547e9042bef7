//! `settle_date`: the date that a run looks from, once its readings are summed.

use churn::SnapshotDate;
use serde::{Deserialize, Serialize};

use super::snapshot_raw::AskedDate;
use crate::TableRef;

/// Asks for the date.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SettleDate {
    /// What the summed readings cover: the output `readings_report` of the months.
    pub readings_report: TableRef,
    /// The date that the run asks for.
    #[serde(flatten)]
    pub date: AskedDate,
}

/// The date of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettledDate {
    /// It looks from here.
    pub as_of: SnapshotDate,
    /// The first day that enough customers have readings of; nothing in answers of before it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covered_from: Option<SnapshotDate>,
    /// The last day that enough customers have readings of.
    pub covered_to: SnapshotDate,
}
