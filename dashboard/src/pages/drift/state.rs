//! What the URL of the page says: which column is looked at, which ones are listed, in which order.

use super::lines::{Line, Status, USUAL_ORDER, order, usual};
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
    /// Reads it; a column that is not in the report is named, and the one that matters most is shown.
    pub fn read(reader: &mut Reader<'_>, lines: &[Line]) -> Self {
        let usual = usual(lines).map(|line| line.name().to_owned());
        let used = usual.clone().unwrap_or_default();
        let known = |name: &str| lines.iter().find(|line| line.name() == name).map(|line| Some(line.name().to_owned()));
        Self {
            column: reader.one_or(COLUMN, known, usual, &used),
            statuses: reader.many(STATE, Status::of_word),
            sort: Sort::read(reader, &SORTED_BY, USUAL_ORDER),
            paging: Paging::read(reader),
        }
    }

    /// The columns that pass the filter, in the order of the table.
    pub fn listed<'a>(&self, lines: &'a [Line]) -> Vec<&'a Line> {
        let passes = |line: &&Line| self.statuses.is_empty() || self.statuses.contains(&line.status);
        let mut listed: Vec<&Line> = lines.iter().filter(passes).collect();
        listed.sort_by(|a, b| order(self.sort, a, b));
        listed
    }
}

#[cfg(test)]
mod tests {
    use churn::drift::PREDICTION;

    use super::super::lines::tests::line;
    use super::*;
    use crate::query::Query;

    fn names(query: &str) -> Vec<String> {
        let lines = [
            line("often", Status::Stable, Some(0.1), Some(0.5)),
            line("far", Status::Drifted, Some(0.6), Some(0.1)),
            line("gone", Status::Lost, None, Some(0.2)),
            line("fresh", Status::New, None, None),
            line(PREDICTION, Status::Drifted, Some(0.9), None),
        ];
        let query = Query::parse("/drift", Some(query));
        let state = State::read(&mut Reader::new(&query), &lines);
        state.listed(&lines).into_iter().map(|line| line.name().to_owned()).collect()
    }

    #[test]
    fn what_matters_and_moved_comes_first_and_what_is_not_known_last() {
        assert_eq!(names(""), ["gone", "far", "often", PREDICTION, "fresh"]);
        assert_eq!(names("sort=-statistic"), [PREDICTION, "far", "often", "gone", "fresh"]);
        assert_eq!(names("sort=p_value")[0], PREDICTION);
        assert_eq!(names("sort=column")[0], PREDICTION);
    }

    #[test]
    fn any_of_the_chosen_states_passes() {
        assert_eq!(names("state=lost&state=new"), ["gone", "fresh"]);
        assert_eq!(names("state=scarce"), [""; 0]);
    }

    #[test]
    fn a_column_that_is_not_in_the_report_is_named_and_another_is_shown() {
        let lines = ["b", "a"].map(|column| line(column, Status::Scarce, None, None));
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
