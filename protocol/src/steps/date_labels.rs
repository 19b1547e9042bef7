//! `date_labels`: the date of the labels that a run works with, and whether a training fits it.

use churn::SnapshotDate;
use serde::{Deserialize, Serialize};

use crate::{Digest, Run};

/// What a run does with labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelUse {
    /// It trains on them, and must look from their date.
    Training,
    /// It needs none: they are only noted, so that it is known later with which readings they came first.
    Scoring,
    /// It looks from dates that their date gives.
    Measuring,
}

/// Asks for the date of labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateLabels {
    /// The run.
    pub run: Run,
    /// The content of the labels, by which they are known again in a later delivery.
    pub labels: Digest,
    /// The date that they arrived with, if they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<SnapshotDate>,
    /// The last day of the readings beside them.
    pub delivered_to: SnapshotDate,
    /// The date that the run looks from, if it looks from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<SnapshotDate>,
    /// What the run does with them.
    #[serde(rename = "use")]
    pub purpose: LabelUse,
}
