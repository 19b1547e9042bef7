//! The columns of the report in lines: what became of each, how much it matters, which of two comes first.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use churn::drift::{ColumnDrift, ColumnState, DriftReport, DriftVerdict, PREDICTION};
use churn::model::Evaluation;

use crate::query::Sort;

/// What matters and moved comes first.
pub const USUAL_ORDER: Sort = Sort::descending("weight");

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
    lines.sort_by(|a, b| order(USUAL_ORDER, a, b));
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
    lines.iter().filter(|line| !line.is_prediction()).min_by(|a, b| order(USUAL_ORDER, a, b))
}

/// By the column of the order; of the same value, the one that moved farther comes first, then by name.
pub fn order(sort: Sort, a: &Line, b: &Line) -> Ordering {
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
pub(super) mod tests {
    use churn::drift::KsTest;

    use super::*;

    pub fn line(column: &str, status: Status, statistic: Option<f64>, importance: Option<f64>) -> Line {
        let ks = statistic.map(|statistic| KsTest { statistic, p_value: 1.0 - statistic });
        let state = if ks.is_some() { ColumnState::Compared } else { ColumnState::Missing };
        let found = ColumnDrift { ks, n_ref: 10, n_cur: 20, ..ColumnDrift::of(column, state) };
        Line { found, status, importance }
    }

    #[test]
    fn the_effect_of_a_report_counts_before_the_statistic_that_stood_for_it() {
        let mut moved = line("a", Status::Drifted, Some(0.6), Some(0.5));
        assert_eq!((moved.effect(), moved.weight(), moved.p_value()), (Some(0.6), Some(0.3), Some(0.4)));
        (moved.found.effect, moved.found.p_value) = (Some(2.0), Some(0.001));
        assert_eq!((moved.effect(), moved.weight(), moved.p_value()), (Some(2.0), Some(1.0), Some(0.001)));
    }

    #[test]
    fn the_column_that_matters_most_is_looked_at_and_never_the_prediction() {
        let lines = [
            line("often", Status::Stable, Some(0.1), Some(0.5)),
            line(PREDICTION, Status::Drifted, Some(0.9), None),
            line("gone", Status::Lost, None, Some(0.2)),
        ];
        assert_eq!(usual(&lines).map(Line::name), Some("gone"));
        assert_eq!(usual(&lines[1..2]), None);
    }

    #[test]
    fn every_status_has_its_word() {
        assert!(Status::ALL.into_iter().all(|status| Status::of_word(status.value()) == Some(status)));
    }
}
