//! What a check found, as it is written to `monitoring/<run>/quality_<layer>.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rules::Layer;
use crate::error::{Error, Result};
use crate::hourly::ReadingsReport;
use crate::quality::{CustomerCoverage, Evaluation, Finding, MonthlyFacts};
use crate::violation::{Severity, Violation};

/// The result of checking the tables of one layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QualityReport {
    /// The layer.
    pub layer: Layer,
    /// Nothing blocks.
    pub passed: bool,
    /// The run that made the check, where it was made before of the same tables by the same rules; only the comparison with
    /// what is published is of this run then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_in: Option<String>,
    /// All violations, in the order of the tables and their columns.
    pub violations: Vec<Violation>,
    /// What else was found: in the delivery, in the coverage of the readings, against the last published run.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// Every check with how it ended; those that could not be made say why.
    #[serde(default)]
    pub checks: Vec<Evaluation>,
    /// What the tables hold.
    pub tables: Vec<TableProfile>,
    /// What the months sum up to, in the report of bronze.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly: Option<MonthlyFacts>,
    /// How much of its months each customer's readings cover, in the report of gold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<CustomerCoverage>,
    /// What the hourly readings held, in the report of bronze.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readings: Option<ReadingsReport>,
}

/// What one table holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableProfile {
    /// The table.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// Its columns.
    pub columns: u64,
    /// Rows whose key (any that the contract calls unique) an earlier row has too.
    pub duplicate_keys: u64,
    /// Its columns in order.
    pub schema: Vec<ColumnProfile>,
}

/// What one column holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnProfile {
    /// The column.
    pub name: String,
    /// Its Polars type.
    pub dtype: String,
    /// Rows without a value.
    pub nulls: u64,
    /// Their share, 0 to 1.
    pub null_rate: f64,
    /// The least finite number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The greatest finite number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// The earliest date, `YYYY-MM-DD`; of a column of months `YYYY-MM`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_date: Option<String>,
    /// The latest date, in the same form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_date: Option<String>,
    /// The rows of each text, where there are few different ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub categories: Option<BTreeMap<String, u64>>,
}

impl QualityReport {
    /// A report of tables in which nothing was found yet.
    pub fn of(layer: Layer, tables: Vec<TableProfile>) -> Self {
        Self {
            layer,
            passed: true,
            checked_in: None,
            violations: Vec::new(),
            findings: Vec::new(),
            checks: Vec::new(),
            tables,
            monthly: None,
            coverage: None,
            readings: None,
        }
    }

    /// Adds what the readings held.
    pub fn with_readings(self, readings: ReadingsReport) -> Self {
        let report = self.with_findings(readings.findings());
        Self { readings: Some(readings), ..report }
    }

    /// Adds what was found besides the contract.
    #[must_use]
    pub fn with_findings(mut self, findings: Vec<Finding>) -> Self {
        self.passed &= !findings.iter().any(Finding::blocks);
        self.findings.extend(findings);
        self
    }

    /// Adds checks with how they ended.
    #[must_use]
    pub fn with_checks(mut self, checks: Vec<Evaluation>) -> Self {
        self.checks.extend(checks);
        self
    }

    /// All that was found, broken rules of the contract first; no examples, which hold keys of customers.
    pub fn all_findings(&self) -> Vec<Finding> {
        self.violations.iter().map(Finding::from).chain(self.findings.iter().cloned()).collect()
    }

    /// The report's file name under `monitoring/<run>/`.
    pub fn file_name(&self) -> String {
        format!("quality_{}.json", self.layer.as_str())
    }

    /// How many findings warn and do not block.
    pub fn warnings(&self) -> usize {
        self.all_findings().iter().filter(|finding| finding.severity == Severity::Warn).count()
    }

    /// Fails with all that blocks; examples stay in the report, out of messages and histories.
    pub fn require(&self) -> Result<()> {
        let blocking: Vec<Finding> = self.all_findings().into_iter().filter(Finding::blocks).collect();
        if blocking.is_empty() {
            return Ok(());
        }
        Err(Error::Contract { table: self.layer.as_str().to_owned(), findings: blocking })
    }
}
