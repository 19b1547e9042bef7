//! The columns of the report in lines: what became of each, how much it matters, which ones are listed in which order.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use churn::drift::{ColumnDrift, ColumnState, DriftReport, DriftVerdict, PREDICTION};
use churn::model::Evaluation;

use super::state::State;
use crate::query::Sort;

/// What became of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It is spread in another way than it was in training.
    Drifted,
    /// It has no values any more, or is not there.
    Lost,
    /// The model never saw it.
    New,
    /// It moves with the calendar, and does not count.
    Calendar,
    /// There are not enough values to say. This is not "no drift".
    Scarce,
    /// Compared, and not drifted.
    Stable,
}

impl Status {
    /// All of them, the ones that people look for first.
    pub const ALL: [Self; 6] = [Self::Drifted, Self::Lost, Self::New, Self::Calendar, Self::Scarce, Self::Stable];

    /// The word of the URL and of files.
    pub fn value(self) -> &'static str {
        match self {
            Self::Drifted => "drifted",
            Self::Lost => "lost",
            Self::New => "new",
            Self::Calendar => "calendar",
            Self::Scarce => "scarce",
            Self::Stable => "stable",
        }
    }

    /// The status of a word in the URL.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.value() == word)
    }

    fn of(column: &ColumnDrift, verdict: &DriftVerdict) -> Self {
        match column.state {
            ColumnState::Compared if verdict.drifted.contains(&column.column) => Self::Drifted,
            ColumnState::Compared => Self::Stable,
            ColumnState::Calendar => Self::Calendar,
            ColumnState::NotEnoughData => Self::Scarce,
            ColumnState::AllNull | ColumnState::Missing => Self::Lost,
            ColumnState::New => Self::New,
        }
    }
}

/// A column in a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What the report says of it.
    pub found: ColumnDrift,
    /// What became of it.
    pub status: Status,
    /// Its share of what moves the model, 0 to 1; not known of what is no feature, and without an evaluation.
    pub importance: Option<f64>,
}

impl Line {
    /// Whether it is what the model says, and no feature.
    pub fn is_prediction(&self) -> bool {
        self.found.column == PREDICTION
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.found.column
    }

    /// Whether there are statistics of it.
    pub fn is_measured(&self) -> bool {
        self.found.ks.is_some() || self.found.effect.is_some()
    }

    /// How far it moved; in reports of before, its Kolmogorov-Smirnov statistic. A column that was lost went all the way.
    pub fn effect(&self) -> Option<f64> {
        if self.status == Status::Lost {
            return Some(1.0);
        }
        self.found.effect.or_else(|| self.found.ks.map(|ks| ks.statistic))
    }

    /// How likely such a move is by chance alone: of values and nulls together, or in reports of before of the values.
    pub fn p_value(&self) -> Option<f64> {
        self.found.p_value.or_else(|| self.found.ks.map(|ks| ks.p_value))
    }

    /// How much that matters: importance × effect.
    pub fn weight(&self) -> Option<f64> {
        Some(self.importance? * self.effect()?)
    }
}

/// The columns of the report, in its order.
pub fn lines(report: &DriftReport, evaluation: Option<&Evaluation>) -> Vec<Line> {
    let shares = evaluation.map(shares).unwrap_or_default();
    let line = |column: &ColumnDrift| Line {
        found: column.clone(),
        status: Status::of(column, &report.verdict),
        importance: column.importance.or_else(|| shares.get(column.column.as_str()).copied()),
    };
    report.columns.iter().map(line).collect()
}

/// The columns as they moved since the last published run, those that moved farthest first; none where there was none.
pub fn since_last_run(report: &DriftReport) -> Option<Vec<Line>> {
    let skew = report.skew.as_deref()?;
    let line = |column: &ColumnDrift| Line {
        found: column.clone(),
        status: Status::of(column, &skew.verdict),
        importance: column.importance,
    };
    let mut lines: Vec<Line> = skew.columns.iter().map(line).collect();
    lines.sort_by(|a, b| order(State::USUAL_ORDER, a, b));
    Some(lines)
}

/// Each feature's share of all contributions.
fn shares(evaluation: &Evaluation) -> BTreeMap<&str, f64> {
    let features = &evaluation.importance;
    let whole: f64 = features.iter().map(|feature| feature.mean_abs_shap).sum();
    let known = features.iter().filter(|_| whole > 0.0);
    known.map(|feature| (feature.feature.as_str(), feature.mean_abs_shap / whole)).collect()
}

/// The column that is looked at without a word: the one that matters most; the prediction has a place of its own.
pub fn usual(lines: &[Line]) -> Option<&Line> {
    lines.iter().filter(|line| !line.is_prediction()).min_by(|a, b| order(State::USUAL_ORDER, a, b))
}

/// The columns that pass the filter, in the order of the table.
pub fn listed<'a>(lines: &'a [Line], state: &State) -> Vec<&'a Line> {
    let passes = |line: &&Line| state.statuses.is_empty() || state.statuses.contains(&line.status);
    let mut listed: Vec<&Line> = lines.iter().filter(passes).collect();
    listed.sort_by(|a, b| order(state.sort, a, b));
    listed
}

/// By the column of the order; of the same value, the one that moved farther comes first, then by name.
fn order(sort: Sort, a: &Line, b: &Line) -> Ordering {
    let number = |of: fn(&Line) -> Option<f64>| sort.compare(of(a).as_ref(), of(b).as_ref(), f64::total_cmp);
    let first = match sort.column {
        "column" => sort.compare(Some(&a.found.column), Some(&b.found.column), Ord::cmp),
        "effect" => number(Line::effect),
        "q_value" => number(|line| line.found.q_value),
        "statistic" => number(|line| line.found.ks.map(|ks| ks.statistic)),
        "p_value" => number(Line::p_value),
        "psi" => number(|line| line.found.psi),
        "jensen_shannon" => number(|line| line.found.jensen_shannon),
        "importance" => number(|line| line.importance),
        "n_ref" => number(|line| Some(line.found.n_ref as f64)),
        "n_cur" => number(|line| Some(line.found.n_cur as f64)),
        _ => number(Line::weight),
    };
    let farther = || {
        let (a, b) = (a.effect(), b.effect());
        Sort::descending("effect").compare(a.as_ref(), b.as_ref(), f64::total_cmp)
    };
    first.then_with(farther).then_with(|| a.name().cmp(b.name()))
}

#[cfg(test)]
mod tests {
    use churn::drift::KsTest;

    use super::*;
    use crate::query::{Query, Reader};

    fn line(column: &str, status: Status, statistic: Option<f64>, importance: Option<f64>) -> Line {
        let ks = statistic.map(|statistic| KsTest { statistic, p_value: 1.0 - statistic });
        let state = if ks.is_some() { ColumnState::Compared } else { ColumnState::Missing };
        let found = ColumnDrift { ks, n_ref: 10, n_cur: 20, ..ColumnDrift::of(column, state) };
        Line { found, status, importance }
    }

    fn some() -> Vec<Line> {
        vec![
            line("often", Status::Stable, Some(0.1), Some(0.5)),
            line("far", Status::Drifted, Some(0.6), Some(0.1)),
            line("gone", Status::Lost, None, Some(0.2)),
            line("fresh", Status::New, None, None),
            line(PREDICTION, Status::Drifted, Some(0.9), None),
        ]
    }

    fn names(query: &str) -> Vec<String> {
        let lines = some();
        let query = Query::parse("/drift", Some(query));
        let state = State::read(&mut Reader::new(&query), &lines);
        listed(&lines, &state).into_iter().map(|line| line.name().to_owned()).collect()
    }

    #[test]
    fn what_matters_and_moved_comes_first_and_what_is_not_known_last() {
        assert_eq!(names(""), ["gone", "far", "often", PREDICTION, "fresh"]);
        assert_eq!(usual(&some()).unwrap().name(), "gone");
        assert_eq!(names("sort=-statistic"), [PREDICTION, "far", "often", "gone", "fresh"]);
        assert_eq!(names("sort=p_value")[0], PREDICTION);
        assert_eq!(names("sort=column")[0], PREDICTION);
    }

    #[test]
    fn the_effect_of_a_report_counts_before_the_statistic_that_stood_for_it() {
        let mut moved = line("a", Status::Drifted, Some(0.6), Some(0.5));
        assert_eq!((moved.effect(), moved.weight(), moved.p_value()), (Some(0.6), Some(0.3), Some(0.4)));
        (moved.found.effect, moved.found.p_value) = (Some(2.0), Some(0.001));
        assert_eq!((moved.effect(), moved.weight(), moved.p_value()), (Some(2.0), Some(1.0), Some(0.001)));
    }

    #[test]
    fn any_of_the_chosen_states_passes() {
        assert_eq!(names("state=lost&state=new"), ["gone", "fresh"]);
        assert_eq!(names("state=scarce"), [""; 0]);
        assert!(Status::ALL.into_iter().all(|status| Status::of_word(status.value()) == Some(status)));
    }
}
