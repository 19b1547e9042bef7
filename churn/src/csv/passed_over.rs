//! Rows of a CSV file that hold no data, and what is told of them.

use std::ops::AddAssign;

use crate::quality::{Finding, Severity};

/// How many rows hold no data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PassedOver {
    pub(super) blank_rows: u64,
    pub(super) repeated_headers: u64,
}

impl AddAssign for PassedOver {
    fn add_assign(&mut self, other: Self) {
        self.blank_rows += other.blank_rows;
        self.repeated_headers += other.repeated_headers;
    }
}

impl PassedOver {
    /// What is told of them, of the file of this name.
    pub(super) fn findings(self, name: &str, table: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        let Self { blank_rows, repeated_headers } = self;
        if blank_rows > 0 {
            let words = format!("{blank_rows} blank rows of {name} are passed over");
            findings.push(Finding::new(Severity::Info, table, "blank_rows", words).counting(blank_rows));
        }
        if repeated_headers > 0 {
            let words = format!(
                "the header of {name} stands in {repeated_headers} further rows, which are passed over: were files put together? look whether \
                 rows are there twice"
            );
            let finding = Finding::new(Severity::Warn, table, "repeated_header", words);
            findings.push(finding.counting(repeated_headers));
        }
        findings
    }
}
