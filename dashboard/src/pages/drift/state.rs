//! What the URL of the page says: which column is looked at, which ones are listed, in which order.

use super::lines::{Line, Status, usual};
use crate::query::{Paging, Reader, Sort};

/// The key of the column that is looked at closely.
pub const COLUMN: &str = "col";
/// The key of the filter.
pub const STATE: &str = "state";
/// By what the table can be sorted; more statistics have their names here.
pub const SORTED_BY: [&str; 11] = [
    "weight",
    "column",
    "effect",
    "q_value",
    "importance",
    "statistic",
    "p_value",
    "psi",
    "jensen_shannon",
    "n_ref",
    "n_cur",
];

/// The state of the page.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The column that is looked at closely; none where the report has no feature.
    pub column: Option<String>,
    /// Columns of any of these; all where there are none.
    pub statuses: Vec<Status>,
    /// The order.
    pub sort: Sort,
    /// The page.
    pub paging: Paging,
}

impl State {
    /// What matters and moved comes first.
    pub const USUAL_ORDER: Sort = Sort::descending("weight");

    /// Reads it; a column that is not in the report is named, and the one that matters most is shown.
    pub fn read(reader: &mut Reader<'_>, lines: &[Line]) -> Self {
        let usual = usual(lines).map(|line| line.name().to_owned());
        let used = usual.clone().unwrap_or_default();
        let known = |name: &str| lines.iter().find(|line| line.name() == name).map(|line| Some(line.name().to_owned()));
        Self {
            column: reader.one_or(COLUMN, known, usual, &used),
            statuses: reader.many(STATE, Status::of_word),
            sort: Sort::read(reader, &SORTED_BY, Self::USUAL_ORDER),
            paging: Paging::read(reader),
        }
    }
}

#[cfg(test)]
mod tests {
    use churn::drift::{ColumnDrift, ColumnState};

    use super::*;
    use crate::query::Query;

    #[test]
    fn a_column_that_is_not_in_the_report_is_named_and_another_is_shown() {
        let found = |column: &str| ColumnDrift::of(column, ColumnState::NotEnoughData);
        let line = |column: &str| Line { found: found(column), status: Status::Scarce, importance: None };
        let lines = [line("b"), line("a")];
        let read = |text: &str| {
            let query = Query::parse("/drift", Some(text));
            let mut reader = Reader::new(&query);
            let state = State::read(&mut reader, &lines);
            (state.column, state.statuses, reader.bad().len())
        };
        assert_eq!(read("col=b&state=lost"), (Some("b".to_owned()), vec![Status::Lost], 0));
        assert_eq!(read("col=moon&state=moon&sort=moon"), (Some("a".to_owned()), Vec::new(), 3));
    }
}
