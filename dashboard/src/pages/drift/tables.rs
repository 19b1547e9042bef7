//! The tables of the page as files: raw names, all rows that pass the filter.

use churn::drift::{DriftReport, SkippedColumn};
use polars::df;
use polars::prelude::{DataFrame, PolarsResult};

use super::kept::{self, Promise};
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
    /// The columns as they moved since the last published run.
    Skew,
    /// What the model promised run by run, and what came to pass.
    Performance,
}

impl TableName {
    /// All of them.
    const ALL: [Self; 6] =
        [Self::Columns, Self::Chosen, Self::Prediction, Self::Skipped, Self::Skew, Self::Performance];

    /// The name in the address; that of the table of columns is the one of every page's main table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Columns => "export",
            Self::Chosen => "quantiles",
            Self::Prediction => "prediction-quantiles",
            Self::Skipped => "skipped",
            Self::Skew => "skew",
            Self::Performance => "performance",
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
        TableName::Columns => columns(&state.listed(&seen.reported.lines)).map(Some),
        TableName::Chosen => seen.chosen.as_ref().map(|closer| figures(report, closer)).transpose(),
        TableName::Prediction => seen.prediction.as_ref().map(|closer| figures(report, closer)).transpose(),
        TableName::Skipped => skipped(&report.skipped).map(Some),
        TableName::Skew => match lines::since_last_run(report) {
            Some(lines) => columns(&lines.iter().collect::<Vec<_>>()).map(Some),
            None => Ok(None),
        },
        TableName::Performance => promises(&kept::promises(&seen.runs)).map(Some),
    }
}

fn promises(promises: &[Promise]) -> PolarsResult<DataFrame> {
    let all = || promises.iter();
    df!(
        "as_of" => all().map(|one| one.as_of.to_string()).collect::<Vec<_>>(),
        "model_version" => all().map(|one| one.model_version.clone()).collect::<Vec<_>>(),
        "estimated" => all().map(|one| one.estimated.map(|figure| figure.value)).collect::<Vec<_>>(),
        "estimated_low" => all().map(|one| one.estimated.map(|figure| figure.low)).collect::<Vec<_>>(),
        "estimated_high" => all().map(|one| one.estimated.map(|figure| figure.high)).collect::<Vec<_>>(),
        "realised" => all().map(|one| one.realised).collect::<Vec<_>>(),
        "realised_low" => all().map(|one| one.interval.map(|interval| interval.low)).collect::<Vec<_>>(),
        "realised_high" => all().map(|one| one.interval.map(|interval| interval.high)).collect::<Vec<_>>(),
        "customers" => all().map(|one| one.rows).collect::<Vec<_>>(),
        "as_promised" => all().map(|one| one.is_kept).collect::<Vec<_>>(),
    )
}

fn columns(lines: &[&Line]) -> PolarsResult<DataFrame> {
    let number = |of: fn(&Line) -> Option<f64>| lines.iter().map(|line| of(line)).collect::<Vec<_>>();
    let count = |of: fn(&Line) -> u64| lines.iter().map(|line| of(line)).collect::<Vec<_>>();
    df!(
        "column" => lines.iter().map(|line| line.name()).collect::<Vec<_>>(),
        "state" => lines.iter().map(|line| line.found.state.as_str()).collect::<Vec<_>>(),
        "drifted" => lines.iter().map(|line| has_drifted(line)).collect::<Vec<_>>(),
        "effect" => number(Line::effect),
        "q_value" => number(|line| line.found.q_value),
        "importance" => number(|line| line.importance),
        "statistic" => number(|line| line.found.ks.map(|ks| ks.statistic)),
        "p_value" => number(Line::p_value),
        "wasserstein" => number(|line| line.found.wasserstein),
        "psi" => number(|line| line.found.psi),
        "jensen_shannon" => number(|line| line.found.jensen_shannon),
        "null_change" => number(|line| line.found.null_change),
        "n_ref" => count(|line| line.found.n_ref),
        "n_cur" => count(|line| line.found.n_cur),
        "note" => lines.iter().map(|line| line.found.note.clone()).collect::<Vec<_>>(),
    )
}

/// Whether it has; not known of a column that was not compared, or does not count.
fn has_drifted(line: &Line) -> Option<bool> {
    let is_known = line.is_measured() && line.status != Status::Calendar;
    is_known.then_some(line.status == Status::Drifted)
}

fn figures(report: &DriftReport, closer: &Closer) -> PolarsResult<DataFrame> {
    let measures = measures(report, closer);
    df!(
        "column" => vec![closer.line.name(); measures.len()],
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
    fn a_table_has_its_name_in_the_address_and_in_the_file() {
        for table in TableName::ALL {
            assert_eq!(TableName::parse(table.as_str()), Some(table));
        }
        let titles = [TableName::Columns, TableName::Skipped].map(|table| table.title("drift"));
        assert_eq!(titles, ["drift", "drift-skipped"]);
        assert_eq!(TableName::parse("columns"), None);
    }
}
