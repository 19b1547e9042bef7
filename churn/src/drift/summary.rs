//! The report for people, as Markdown.

use std::fmt::Write as _;

use super::{ColumnDrift, DriftReport};

/// The most columns that the table of a summary lists.
const LISTED: usize = 10;

impl DriftReport {
    /// The verdict in one line, then the columns with the lowest p-values, then what was not compared.
    pub fn summary(&self) -> String {
        let verdict = &self.verdict;
        let mut text = format!(
            "**Drift: {}** (rule {}): {}. {} current rows against {} of the reference.\n",
            verdict.level.as_str(),
            verdict.rule.as_str(),
            verdict.reason,
            self.rows_cur,
            self.rows_ref,
        );
        text.push_str(&self.table());
        for column in self.columns.iter().filter(|column| column.ks.is_none()) {
            let note = column.note.as_deref().unwrap_or("not compared");
            // Writing to a String cannot fail.
            let _ = writeln!(text, "- {}: {note}", column.column);
        }
        text
    }

    fn table(&self) -> String {
        let mut compared: Vec<(&ColumnDrift, super::KsTest)> =
            self.columns.iter().filter_map(|column| column.ks.map(|ks| (column, ks))).collect();
        if compared.is_empty() {
            return String::new();
        }
        compared.sort_by(|a, b| a.1.p_value.total_cmp(&b.1.p_value));
        let mut table =
            "\n| column | KS distance | p-value | values then | values now |\n|---|---:|---:|---:|---:|\n".to_owned();
        for (column, ks) in compared.iter().take(LISTED) {
            // Writing to a String cannot fail.
            let _ = writeln!(
                table,
                "| {} | {:.4} | {:.2e} | {} | {} |",
                column.column, ks.statistic, ks.p_value, column.n_ref, column.n_cur
            );
        }
        table.push('\n');
        table
    }
}
