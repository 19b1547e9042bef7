//! A broken rule of a data contract, and what it leads to.

use serde::{Deserialize, Serialize};

/// What happens when a rule is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Reported; nothing is wrong with it.
    Info,
    /// Reported; the run goes on.
    Warn,
    /// Reported; the run stops before anything downstream is written.
    Block,
}

impl Severity {
    /// The word in reports and summaries.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }
}

/// One broken rule of one table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Violation {
    /// The raw file or layer table.
    pub table: String,
    /// The column, when the rule belongs to one.
    pub column: Option<String>,
    /// The rule's name, in snake case: the same in every run.
    #[serde(default)]
    pub name: String,
    /// The rule, in words.
    pub rule: String,
    /// How many rows (or keys) break it.
    pub count: u64,
    /// Their share of the table's rows, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// Up to three keys, for the report in the lake. Never part of a message.
    pub examples: Vec<String>,
    /// What it leads to.
    pub severity: Severity,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.column {
            Some(column) => write!(f, "{}.{column}: {} ({} rows)", self.table, self.rule, self.count),
            None => write!(f, "{}: {} ({} rows)", self.table, self.rule, self.count),
        }
    }
}
