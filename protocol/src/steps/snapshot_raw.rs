//! `snapshot_raw`: the raw files as they are now, and the settings the run decides by.

use std::collections::BTreeMap;

use churn::SnapshotDate;
use churn::model::GateSettings;
use churn::quality::Finding;
use serde::{Deserialize, Serialize};

use crate::{Digest, Readings, Run, TableRef};

/// Asks for the snapshot of the raw files.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SnapshotRaw {
    /// The run.
    pub run: Run,
    /// The folder of the raw files in the lake, or `latest`.
    pub raw_prefix: String,
    /// The experiment that the run names, if any.
    pub experiment: Option<String>,
    /// The date that the run asks for.
    #[serde(flatten)]
    pub date: AskedDate,
    /// What the run was started for.
    #[serde(default)]
    pub expected: Expected,
    /// Whether the champion scores and nothing is trained: then there need be no file of labels.
    #[serde(default)]
    pub scores: bool,
    /// Whether every file is read and checked, also where it is noted that this very version was.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rehash: bool,
}

/// The date that a run asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedDate {
    /// The date that it names, if any.
    pub as_of: Option<SnapshotDate>,
    /// The date that it must not look beyond, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_later_than: Option<SnapshotDate>,
}

impl AskedDate {
    /// The date that a run looks from, with readings that end at `last_date`.
    pub fn with_readings_to(self, last_date: SnapshotDate) -> SnapshotDate {
        self.as_of.unwrap_or_else(|| self.no_later_than.map_or(last_date, |limit| limit.min(last_date)))
    }
}

/// What a run was started for, where its starter said so; a worker refuses what differs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// The lake's identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lake: Option<String>,
    /// The digest over all raw files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// The digest of the settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<String>,
}

/// The raw files as they are now, and the settings the run decides by.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RawSnapshot {
    /// The digest over all raw files.
    pub digest: Digest,
    /// The folder that they lie in; nothing in answers of before it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_prefix: Option<String>,
    /// The six small files by table name.
    pub tables: BTreeMap<String, TableRef>,
    /// The files of hourly readings.
    #[serde(flatten)]
    pub readings: Readings,
    /// The last date in the readings, as far as can be seen before they are summed; `settle_date` has the last word.
    pub last_date: SnapshotDate,
    /// The readings' rows.
    pub rows: u64,
    /// The labels by the dates that they arrived with, the first one first; none of labels without a date. Those of the run
    /// are among the tables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub label_snapshots: Vec<LabelSnapshot>,
    /// What was found in the raw files, the worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// What the run decides by.
    #[serde(flatten)]
    pub settings: RunSettings,
}

/// The labels of one date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelSnapshot {
    /// The date that they look from.
    pub date: SnapshotDate,
    /// `churn_label` of this date alone.
    pub labels: TableRef,
}

/// The table of the labels among the small raw files.
const LABELS: &str = "churn_label";

/// How the labels of one of several dates are called among the tables that a check is given; the date follows.
pub const DATED_LABELS: &str = "churn_label_of_";

impl RawSnapshot {
    /// The labels that the run works with; none of a delivery without any.
    pub fn labels(&self) -> Option<&TableRef> {
        self.tables.get(LABELS)
    }

    /// The labels of every date by names of their own, where they are of several: whom one of them has is a customer.
    pub fn dated_labels(&self) -> BTreeMap<String, TableRef> {
        let of_several = self.label_snapshots.iter().filter(|_| self.label_snapshots.len() > 1);
        of_several.map(|of| (format!("{DATED_LABELS}{}", of.date), of.labels.clone())).collect()
    }

    /// The date that they arrived with, if they did.
    pub fn label_date(&self) -> Option<SnapshotDate> {
        let labels = self.labels()?;
        self.label_snapshots.iter().find(|snapshot| snapshot.labels == *labels).map(|snapshot| snapshot.date)
    }
}

/// The settings that a run decides by, as they were when it began.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunSettings {
    /// The experiment to train, checked against the configuration.
    pub experiment: String,
    /// The gate's limits in force. The settings file refuses a key it does not know; a history may hold a newer worker's.
    #[serde(deserialize_with = "churn::model::known_limits")]
    pub gate: GateSettings,
    /// How long a promotion waits for a person.
    pub approval: ApprovalSettings,
    /// Whether another machine trains, so that the activity only waits for it.
    #[serde(default)]
    pub trains_elsewhere: bool,
    /// How long the run may be at work; for ever in histories from before this limit.
    #[serde(default)]
    pub run_limit_secs: Option<u64>,
}

/// How long a promotion that needs a person waits for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalSettings {
    /// After this time people are reminded.
    pub escalate_after_secs: u64,
    /// After this further time the challenger is rejected.
    pub reject_after_secs: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_date_is_taken_and_a_limit_never_reaches_beyond_the_readings() {
        let date = |text| SnapshotDate::parse(text).unwrap();
        let (early, late) = (date("2024-10-14"), date("2024-12-31"));
        let asked = |as_of, no_later_than| AskedDate { as_of, no_later_than }.with_readings_to(date("2024-11-30"));
        assert_eq!(asked(None, None), date("2024-11-30"));
        assert_eq!(asked(Some(late), None), late);
        assert_eq!(asked(None, Some(early)), early);
        assert_eq!(asked(None, Some(late)), date("2024-11-30"));
    }
}
