//! `check_layer`: the quality gate of a layer.

use std::collections::BTreeMap;

use churn::contract::Layer;
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
    /// Tables that foreign keys point into.
    pub related: BTreeMap<String, TableRef>,
}

/// What the contract check of a layer found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerChecked {
    /// The report's key.
    pub report: String,
    /// Violations that do not stop the run.
    pub warnings: u64,
}
