//! The report for people, as Markdown.

use std::fmt::Write as _;

use super::{ColumnDrift, ColumnState, DriftReport};

/// The most columns that the table of a summary lists.
const LISTED: usize = 10;

impl DriftReport {
    /// The verdict in one line, then the columns that moved farthest, then what was not compared.
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
        for column in self.columns.iter().filter(|column| column.effect.is_none()) {
            let note = column.note.as_deref().unwrap_or("not compared");
            // Writing to a String cannot fail.
            let _ = writeln!(text, "- {}: {note}", column.column);
        }
        text
    }

    fn table(&self) -> String {
        let mut compared: Vec<&ColumnDrift> =
            self.columns.iter().filter(|column| column.state == ColumnState::Compared).collect();
        if compared.is_empty() {
            return String::new();
        }
        let effect = |column: &ColumnDrift| column.effect.unwrap_or_default();
        compared.sort_by(|a, b| effect(b).total_cmp(&effect(a)));
        let mut table =
            "\n| column | effect | q-value | importance | values then | values now |\n|---|---:|---:|---:|---:|---:|\n"
                .to_owned();
        for column in compared.iter().take(LISTED) {
            let importance =
                column.importance.map_or_else(|| "-".to_owned(), |share| format!("{:.1} %", 100.0 * share));
            // Writing to a String cannot fail.
            let _ = writeln!(
                table,
                "| {} | {:.3} | {:.2e} | {importance} | {} | {} |",
                column.column,
                effect(column),
                column.q_value.unwrap_or(f64::NAN),
                column.n_ref,
                column.n_cur
            );
        }
        table.push('\n');
        table
    }
}
