//! `check_layer`: the quality gate of a layer.

use std::collections::BTreeMap;

use churn::SnapshotDate;
use churn::contract::Layer;
use churn::quality::{Finding, worst_first};
use serde::{Deserialize, Serialize};

use crate::{Run, TableRef};

/// Asks for the contract check of one layer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckLayer {
    /// The run.
    pub run: Run,
    /// `bronze`, `silver` or `gold`; the raw files are checked by their snapshot.
    pub layer: Layer,
    /// The layer's tables.
    pub tables: BTreeMap<String, TableRef>,
    /// Tables that foreign keys point into, and that the layer was made of.
    pub related: BTreeMap<String, TableRef>,
    /// The date of the run, where its readings gave it and nobody asked for another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covered_to: Option<SnapshotDate>,
    /// The date of the run; nothing in requests of before it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<SnapshotDate>,
    /// Whether a model is trained on the layer.
    #[serde(default)]
    pub trains: bool,
    /// Whether the tables are checked, also where it is noted that a check of the same tables by the same rules has passed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub anew: bool,
}

/// What the contract check of a layer found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerChecked {
    /// The report's key.
    pub report: String,
    /// Findings that warn.
    pub warnings: u64,
    /// What was found, the worst first, as far as a history has room for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

/// A report may hold more; a history is limited.
const MOST_FINDINGS: usize = 60;

/// The worst of the findings, as many as a history has room for.
pub fn worst(mut findings: Vec<Finding>) -> Vec<Finding> {
    worst_first(&mut findings);
    findings.truncate(MOST_FINDINGS);
    findings
}
