//! A column on both sides in figures: how many rows and values, how many without one, mean and quantiles.

use churn::drift::{ColumnKind, ColumnState, DriftReport};

use super::seen::Closer;
use super::sides::{QUANTILES, Side};

/// A figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum What {
    /// Rows of the table.
    Rows,
    /// Rows with a value.
    Values,
    /// The share of rows without one.
    NullShare,
    /// The mean of the values.
    Mean,
    /// The value below which this share of them lies.
    Quantile(f64),
}

impl What {
    /// The name in files.
    pub fn name(self) -> String {
        match self {
            Self::Rows => "rows".to_owned(),
            Self::Values => "values".to_owned(),
            Self::NullShare => "null_share".to_owned(),
            Self::Mean => "mean".to_owned(),
            Self::Quantile(share) => format!("p{}", (share * 100.0).round()),
        }
    }
}

/// A figure on both sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// Which one.
    pub what: What,
    /// In the training; none where it is not known.
    pub then: Option<f64>,
    /// Now.
    pub now: Option<f64>,
}

/// The figures of a column. Rows and values are those of the report, which is there when the tables are not.
pub fn measures(report: &DriftReport, closer: &Closer) -> Vec<Measure> {
    let line = &closer.line;
    let found = &line.found;
    let is_there = (found.state != ColumnState::New, found.state != ColumnState::Missing);
    let both = |what: What, then: f64, now: f64| Measure {
        what,
        then: is_there.0.then_some(then),
        now: is_there.1.then_some(now),
    };
    let (rows_ref, rows_cur) = (report.rows_ref as f64, report.rows_cur as f64);
    let (n_ref, n_cur) = (found.n_ref as f64, found.n_cur as f64);
    let nulls = |rows: f64, values: f64, is_there: bool| (is_there && rows > 0.0).then(|| 1.0 - values / rows);
    let of_sides = |what: What, of: &dyn Fn(&Side) -> Option<f64>| {
        let sides = closer.sides.as_deref();
        Measure { what, then: sides.and_then(|sides| of(&sides.then)), now: sides.and_then(|sides| of(&sides.now)) }
    };
    let of_rows = vec![
        both(What::Rows, rows_ref, rows_cur),
        both(What::Values, n_ref, n_cur),
        Measure {
            what: What::NullShare,
            then: nulls(rows_ref, n_ref, is_there.0),
            now: nulls(rows_cur, n_cur, is_there.1),
        },
    ];
    if found.kind == ColumnKind::Category {
        return of_rows;
    }
    let mean = of_sides(What::Mean, &|side| side.mean);
    let mut measures: Vec<Measure> = of_rows.into_iter().chain([mean]).collect();
    let quantiles = QUANTILES.iter().enumerate();
    measures.extend(
        quantiles.map(|(place, share)| of_sides(What::Quantile(*share), &|side| side.quantiles.get(place).copied())),
    );
    measures
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use churn::drift::ColumnDrift;
    use serde_json::json;

    use super::super::lines::{Line, Status};
    use super::super::sides::Sides;
    use super::*;

    fn report() -> DriftReport {
        let report = json!({
            "verdict": {
                "level": "none", "rule": "ks", "alpha": 0.01, "features_compared": 1, "features_drifted": 0,
                "prediction_drifted": false, "drifted": [], "lost": [], "reason": "",
            },
            "rows_ref": 4, "rows_cur": 2, "columns": [], "skipped": [],
        });
        serde_json::from_value(report).unwrap()
    }

    fn line(state: ColumnState, n_ref: u64, n_cur: u64) -> Line {
        let found = ColumnDrift { n_ref, n_cur, ..ColumnDrift::of("tenure", state) };
        Line { found, status: Status::Stable, importance: None }
    }

    fn of(measures: &[Measure], what: What) -> (Option<f64>, Option<f64>) {
        let found = measures.iter().find(|measure| measure.what == what).unwrap();
        (found.then, found.now)
    }

    #[test]
    fn both_sides_have_their_share_without_a_value_and_their_quantiles() {
        let sides = Sides::of(&[Some(1.0), Some(2.0), Some(3.0), None], &[Some(5.0), Some(7.0)]);
        let closer = Closer { line: line(ColumnState::Compared, 3, 2), sides: Some(Arc::new(sides)), shares: None };
        let measures = measures(&report(), &closer);
        assert_eq!(of(&measures, What::NullShare), (Some(0.25), Some(0.0)));
        assert_eq!(of(&measures, What::Quantile(0.5)), (Some(2.0), Some(6.0)));
        assert_eq!(of(&measures, What::Mean), (Some(2.0), Some(6.0)));
        let names: Vec<_> = measures.iter().map(|measure| measure.what.name()).collect();
        let expected = ["rows", "values", "null_share", "mean", "p0", "p5", "p25", "p50", "p75", "p95", "p100"];
        assert_eq!(names, expected);
    }

    #[test]
    fn of_texts_there_are_no_quantiles() {
        let mut line = line(ColumnState::Compared, 3, 2);
        line.found.kind = ColumnKind::Category;
        let found = measures(&report(), &Closer { line, sides: None, shares: None });
        let names: Vec<_> = found.iter().map(|measure| measure.what.name()).collect();
        assert_eq!(names, ["rows", "values", "null_share"]);
    }

    #[test]
    fn of_a_column_that_is_not_there_nothing_is_known_and_without_tables_the_report_tells() {
        let missing = Closer { line: line(ColumnState::Missing, 3, 0), sides: None, shares: None };
        let found = measures(&report(), &missing);
        assert_eq!(of(&found, What::NullShare), (Some(0.25), None));
        assert_eq!(of(&found, What::Rows), (Some(4.0), None));
        assert_eq!(of(&found, What::Quantile(0.5)), (None, None));
        let all_null = Closer { line: line(ColumnState::AllNull, 3, 0), sides: None, shares: None };
        assert_eq!(of(&measures(&report(), &all_null), What::NullShare), (Some(0.25), Some(1.0)));
    }
}
