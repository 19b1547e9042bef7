//! The tables of the page as files: raw names, all rows that pass the filter.

use churn::drift::{ColumnState, DriftReport, SkippedColumn};
use polars::df;
use polars::prelude::{DataFrame, PolarsResult};

use super::lines::{self, Line, Status};
use super::measures::measures;
use super::seen::{Closer, Seen};
use super::state::State;

/// A table of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableName {
    /// The columns of the report.
    Columns,
    /// The chosen column on both sides.
    Chosen,
    /// What the model says, on both sides.
    Prediction,
    /// What was not compared.
    Skipped,
}

impl TableName {
    /// All of them.
    const ALL: [Self; 4] = [Self::Columns, Self::Chosen, Self::Prediction, Self::Skipped];

    /// The name in the address; that of the table of columns is the one of every page's main table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Columns => "export",
            Self::Chosen => "quantiles",
            Self::Prediction => "prediction-quantiles",
            Self::Skipped => "skipped",
        }
    }

    /// The table of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.as_str() == name)
    }

    /// The name in names of files, after that of the page.
    pub fn title(self, page: &str) -> String {
        match self {
            Self::Columns => page.to_owned(),
            other => format!("{page}-{}", other.as_str()),
        }
    }
}

/// A table; none where what it is about is not in the report.
pub fn table(name: TableName, seen: &Seen, state: &State) -> PolarsResult<Option<DataFrame>> {
    let report = &seen.reported.report;
    match name {
        TableName::Columns => columns(&lines::listed(&seen.reported.lines, state)).map(Some),
        TableName::Chosen => seen.chosen.as_ref().map(|closer| figures(report, closer)).transpose(),
        TableName::Prediction => seen.prediction.as_ref().map(|closer| figures(report, closer)).transpose(),
        TableName::Skipped => skipped(&report.skipped).map(Some),
    }
}

fn columns(lines: &[&Line]) -> PolarsResult<DataFrame> {
    df!(
        "column" => lines.iter().map(|line| line.column.clone()).collect::<Vec<_>>(),
        "state" => lines.iter().map(|line| state_name(line.state)).collect::<Vec<_>>(),
        "drifted" => lines.iter().map(|line| has_drifted(line)).collect::<Vec<_>>(),
        "statistic" => lines.iter().map(|line| line.ks.map(|ks| ks.statistic)).collect::<Vec<_>>(),
        "p_value" => lines.iter().map(|line| line.ks.map(|ks| ks.p_value)).collect::<Vec<_>>(),
        "importance" => lines.iter().map(|line| line.importance).collect::<Vec<_>>(),
        "n_ref" => lines.iter().map(|line| line.n_ref).collect::<Vec<_>>(),
        "n_cur" => lines.iter().map(|line| line.n_cur).collect::<Vec<_>>(),
        "note" => lines.iter().map(|line| line.note.clone()).collect::<Vec<_>>(),
    )
}

/// Whether it has; not known of a column that was not compared.
fn has_drifted(line: &Line) -> Option<bool> {
    line.ks.map(|_| line.status == Status::Drifted)
}

/// The state as the report has it.
fn state_name(state: ColumnState) -> &'static str {
    match state {
        ColumnState::Compared => "compared",
        ColumnState::NotEnoughData => "not_enough_data",
        ColumnState::AllNull => "all_null",
        ColumnState::Missing => "missing",
        ColumnState::New => "new",
    }
}

fn figures(report: &DriftReport, closer: &Closer) -> PolarsResult<DataFrame> {
    let measures = measures(report, closer);
    df!(
        "column" => vec![closer.line.column.as_str(); measures.len()],
        "measure" => measures.iter().map(|measure| measure.what.name()).collect::<Vec<_>>(),
        "reference" => measures.iter().map(|measure| measure.then).collect::<Vec<_>>(),
        "current" => measures.iter().map(|measure| measure.now).collect::<Vec<_>>(),
    )
}

fn skipped(skipped: &[SkippedColumn]) -> PolarsResult<DataFrame> {
    df!(
        "column" => skipped.iter().map(|column| column.column.clone()).collect::<Vec<_>>(),
        "reason" => skipped.iter().map(|column| column.reason.clone()).collect::<Vec<_>>(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_named_as_the_report_names_them() {
        let states = [
            ColumnState::Compared,
            ColumnState::NotEnoughData,
            ColumnState::AllNull,
            ColumnState::Missing,
            ColumnState::New,
        ];
        for state in states {
            assert_eq!(serde_json::to_value(state).unwrap(), state_name(state));
        }
    }

    #[test]
    fn a_table_has_its_name_in_the_address_and_in_the_file() {
        for table in TableName::ALL {
            assert_eq!(TableName::parse(table.as_str()), Some(table));
        }
        let titles = [TableName::Columns, TableName::Skipped].map(|table| table.title("drift"));
        assert_eq!(titles, ["drift", "drift-skipped"]);
        assert_eq!(TableName::parse("columns"), None);
    }
}
