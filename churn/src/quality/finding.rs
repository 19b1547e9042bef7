//! A finding: what a check of the deliveries or of the tables has to say, to people and to programs.

use serde::{Deserialize, Serialize};

use crate::violation::{Severity, Violation};

/// What one check found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What it leads to.
    pub severity: Severity,
    /// The raw file's or the layer's table: `price_history`, `consumption_hourly`, `silver_customer_month`.
    pub table: String,
    /// The column, when the finding is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The rule's name, in snake case and without figures: the same in every run, so that programs may look for it.
    pub rule: String,
    /// How many rows, customers, months or files; `words` says which.
    pub count: u64,
    /// Their share of all there are, 0 to 1; none where there is nothing to divide by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// One sentence for people: what was found, where, and what to do. It never holds a customer's ID.
    pub words: String,
}

impl Finding {
    /// A finding about a table; column, count and share are added by the methods below.
    pub fn new(severity: Severity, table: &str, rule: &str, words: impl Into<String>) -> Self {
        Self {
            severity,
            table: table.to_owned(),
            column: None,
            rule: rule.to_owned(),
            count: 0,
            share: None,
            words: words.into(),
        }
    }

    /// The same, about one column.
    #[must_use]
    pub fn of_column(self, column: &str) -> Self {
        Self { column: Some(column.to_owned()), ..self }
    }

    /// The same, with how many it is about.
    #[must_use]
    pub fn counting(self, count: u64) -> Self {
        Self { count, ..self }
    }

    /// The same, with how many of how many it is about.
    #[must_use]
    pub fn counting_of(self, count: u64, all: u64) -> Self {
        let share = (all > 0).then(|| count as f64 / all as f64);
        Self { count, share, ..self }
    }

    /// Whether the run ends with it.
    pub fn blocks(&self) -> bool {
        self.severity == Severity::Block
    }
}

impl From<&Violation> for Finding {
    fn from(violation: &Violation) -> Self {
        Self {
            severity: violation.severity,
            table: violation.table.clone(),
            column: violation.column.clone(),
            rule: violation.name.clone(),
            count: violation.count,
            share: violation.share,
            words: format!("{} ({} rows)", violation.rule, violation.count),
        }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.column {
            Some(column) => write!(f, "{}.{column}: {}", self.table, self.words),
            None => write!(f, "{}: {}", self.table, self.words),
        }
    }
}

/// The worst first; of one severity in the order they were found.
pub fn worst_first(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_comes_first_and_equals_keep_their_order() {
        let finding = |severity, rule: &str| Finding::new(severity, "t", rule, "words");
        let mut findings = vec![
            finding(Severity::Info, "a"),
            finding(Severity::Warn, "b"),
            finding(Severity::Block, "c"),
            finding(Severity::Warn, "d"),
        ];
        worst_first(&mut findings);
        let order: String = findings.iter().map(|finding| finding.rule.as_str()).collect();
        assert_eq!(order, "cbda");
    }

    #[test]
    fn a_share_of_nothing_is_unknown() {
        let finding = Finding::new(Severity::Warn, "t", "r", "words");
        assert_eq!(finding.clone().counting_of(0, 0).share, None);
        assert_eq!(finding.counting_of(1, 4).share, Some(0.25));
    }

    #[test]
    fn it_reads_as_place_and_sentence() {
        let finding = Finding::new(Severity::Warn, "price_history", "r", "252 rows have no customer");
        assert_eq!(
            finding.clone().of_column("customer_id").to_string(),
            "price_history.customer_id: 252 rows have no customer"
        );
        assert_eq!(finding.to_string(), "price_history: 252 rows have no customer");
    }
}
