//! What all stages that make tables have in common: the request and the outcome.

use std::collections::BTreeMap;

use churn::SnapshotDate;
use serde::{Deserialize, Serialize};

use crate::{Digest, Reuse, Run, TableRef};

/// Asks for a stage made from stored tables.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BuildStage {
    /// The run.
    pub run: Run,
    /// The date the tables are made for.
    pub as_of: SnapshotDate,
    /// The input tables by name.
    pub inputs: BTreeMap<String, TableRef>,
    /// Whether stored outputs count.
    pub reuse: Reuse,
}

/// What a stage did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageOutcome {
    /// The stage's digest: code version, inputs and settings.
    pub digest: Digest,
    /// The outputs by table name.
    pub outputs: BTreeMap<String, TableRef>,
    /// The rows the stage made (or found).
    pub rows: u64,
    /// Why nothing was done, when nothing was done.
    pub skipped: Option<String>,
    /// The remote job that did it, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<JobUse>,
    /// What was damaged of the stage as it was stored before, when it was made again for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repaired: Option<String>,
}

impl StageOutcome {
    /// One of the outputs.
    pub fn output(&self, table: &str) -> Result<TableRef, MissingOutput> {
        named(&self.outputs, table)
    }
}

/// One of the outputs of a stage.
pub fn named(outputs: &BTreeMap<String, TableRef>, table: &str) -> Result<TableRef, MissingOutput> {
    outputs.get(table).cloned().ok_or_else(|| MissingOutput { table: table.to_owned() })
}

/// A stage and whoever goes on with it do not agree on its outputs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a stage did not name its output {table}; this is a bug, report it")]
pub struct MissingOutput {
    /// The output that was asked for.
    pub table: String,
}

/// What a remote job took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobUse {
    /// The job's name.
    pub job: String,
    /// Where it ran: `sagemaker`.
    pub service: String,
    /// Seconds at work.
    pub seconds: u64,
    /// Seconds that are charged; fewer than `seconds` on spare capacity.
    pub billable_seconds: u64,
    /// What they cost, when the settings tell the price.
    pub cost_usd: Option<f64>,
}
