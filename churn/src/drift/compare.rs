//! Compares two tables column by column.

use std::collections::HashSet;

use polars::prelude::{Column, DataFrame, DataType};
use serde::{Deserialize, Serialize};

use super::column::ColumnDrift;
use super::rules::judge;
use super::settings::DriftSettings;
use super::verdict::DriftVerdict;
use crate::columns::PREDICTION;
use crate::error::{Error, Result};
use crate::watch::Watch;

/// A column that no statistic was computed for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedColumn {
    /// The column's name.
    pub column: String,
    /// Why it is not compared.
    pub reason: String,
}

/// `monitoring/<run>/drift.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DriftReport {
    /// The answer.
    pub verdict: DriftVerdict,
    /// Rows of the reference.
    pub rows_ref: u64,
    /// Rows of the current table.
    pub rows_cur: u64,
    /// Every numeric column of either table: the reference's order, then the new ones.
    pub columns: Vec<ColumnDrift>,
    /// Every other column, in the same order.
    pub skipped: Vec<SkippedColumn>,
}

/// Compares `current` with the champion's `reference`.
///
/// Both hold one row per customer, with the features and `churn_proba`; the order of the rows does
/// not matter. Nulls and NaN are dropped. Every edge case has one answer, see
/// [`ColumnState`](super::ColumnState).
/// Fails when a table has no `churn_proba`, or when a numeric column has become text.
pub fn compare(
    reference: &DataFrame,
    current: &DataFrame,
    settings: &DriftSettings,
    watch: &dyn Watch,
) -> Result<DriftReport> {
    settings.validate()?;
    require_prediction("drift reference", reference)?;
    require_prediction("drift current", current)?;
    let (comparable, skipped) = sort_out(reference, current);
    let mut columns = Vec::with_capacity(comparable.len());
    for (done, name) in comparable.iter().enumerate() {
        watch.report(done as u64, Some(comparable.len() as u64))?;
        columns.push(compare_column(name, reference, current, settings)?);
    }
    watch.report(comparable.len() as u64, Some(comparable.len() as u64))?;
    Ok(DriftReport {
        verdict: judge(&columns, settings),
        rows_ref: reference.height() as u64,
        rows_cur: current.height() as u64,
        columns,
        skipped,
    })
}

fn require_prediction(table: &str, frame: &DataFrame) -> Result<()> {
    let numeric = frame.column(PREDICTION).is_ok_and(|column| is_numeric(column.dtype()));
    if numeric { Ok(()) } else { Err(Error::data(table, Some(PREDICTION), None, "must be a column of numbers")) }
}

/// The names of the numeric columns, and the other columns with the reason why they are skipped.
fn sort_out(reference: &DataFrame, current: &DataFrame) -> (Vec<String>, Vec<SkippedColumn>) {
    let mut seen = HashSet::new();
    let mut comparable = Vec::new();
    let mut skipped = Vec::new();
    for column in reference.columns().iter().chain(current.columns()) {
        let name = column.name().to_string();
        if !seen.insert(name.clone()) {
            continue;
        }
        if is_numeric(column.dtype()) {
            comparable.push(name);
        } else {
            let reason = format!("{}: the rule ks compares numeric columns only", column.dtype());
            skipped.push(SkippedColumn { column: name, reason });
        }
    }
    (comparable, skipped)
}

fn compare_column(
    name: &str,
    reference: &DataFrame,
    current: &DataFrame,
    settings: &DriftSettings,
) -> Result<ColumnDrift> {
    let before = reference.column(name).ok().map(|column| numbers("drift reference", column)).transpose()?;
    let now = current.column(name).ok().map(|column| numbers("drift current", column)).transpose()?;
    let (Some(before), Some(now)) = (&before, &now) else {
        let count = |values: Option<Vec<f64>>| values.map_or(0, |values| values.len() as u64);
        return Ok(if now.is_some() {
            ColumnDrift::new(name, count(now))
        } else {
            ColumnDrift::missing(name, count(before))
        });
    };
    let reference_speaks = before.len() as u64 >= settings.min_rows;
    let table_is_large = current.height() as u64 >= settings.min_rows;
    if now.is_empty() && reference_speaks && table_is_large {
        return Ok(ColumnDrift::all_null(name, before.len() as u64));
    }
    Ok(ColumnDrift::compared(name, before, now, settings))
}

/// The values of a column that are there.
fn numbers(table: &str, column: &Column) -> Result<Vec<f64>> {
    if !is_numeric(column.dtype()) {
        let rule = format!("is {} here and a number in the other table", column.dtype());
        return Err(Error::data(table, Some(column.name().as_str()), None, rule));
    }
    let column = column.cast(&DataType::Float64).map_err(Error::table("compare a drift column"))?;
    let values = column.f64().map_err(Error::table("compare a drift column"))?;
    Ok(values.iter().flatten().filter(|value| !value.is_nan()).collect())
}

fn is_numeric(dtype: &DataType) -> bool {
    dtype.is_primitive_numeric()
}

#[cfg(test)]
mod tests {
    use polars::df;
    use proptest::prelude::*;

    use super::*;
    use crate::drift::{ColumnState, DriftLevel};
    use crate::watch::Unwatched;

    fn even(rows: i32, shift: f64) -> Vec<f64> {
        (0..rows).map(|i| f64::from(i) / f64::from(rows) + shift).collect()
    }

    fn compared(reference: &DataFrame, current: &DataFrame) -> DriftReport {
        compare(reference, current, &DriftSettings::default(), &Unwatched).unwrap()
    }

    fn column<'a>(report: &'a DriftReport, name: &str) -> &'a ColumnDrift {
        report.columns.iter().find(|column| column.column == name).unwrap()
    }

    #[test]
    fn a_shifted_feature_is_a_warning_and_an_unshifted_one_is_not() {
        let reference =
            df!("margin" => even(400, 0.0), "tenure" => even(400, 0.0), PREDICTION => even(400, 0.0)).unwrap();
        let current =
            df!("margin" => even(300, 0.5), "tenure" => even(300, 0.0), PREDICTION => even(300, 0.0)).unwrap();
        let verdict = compared(&reference, &current).verdict;
        assert_eq!(verdict.level, DriftLevel::Warn);
        assert_eq!(verdict.drifted, ["margin"]);
        assert_eq!((verdict.features_compared, verdict.features_drifted, verdict.prediction_drifted), (2, 1, false));
    }

    #[test]
    fn fewer_than_200_rows_is_not_the_same_as_no_drift() {
        let reference = df!("margin" => even(400, 0.0), PREDICTION => even(400, 0.0)).unwrap();
        let current = df!("margin" => even(199, 9.0), PREDICTION => even(199, 9.0)).unwrap();
        let report = compared(&reference, &current);
        assert_eq!(report.verdict.level, DriftLevel::NotEnoughData);
        assert_eq!(column(&report, "margin").state, ColumnState::NotEnoughData);
    }

    #[test]
    fn as_many_values_as_the_minimum_are_enough_on_either_side() {
        let table = |rows: i32| df!("margin" => even(rows, 0.0), PREDICTION => even(rows, 0.0)).unwrap();
        for (before, now, state) in [
            (200, 200, ColumnState::Compared),
            (199, 400, ColumnState::NotEnoughData),
            (400, 199, ColumnState::NotEnoughData),
        ] {
            assert_eq!(column(&compared(&table(before), &table(now)), "margin").state, state, "{before} and {now}");
        }
    }

    #[test]
    fn values_that_are_no_number_do_not_count_towards_the_minimum() {
        let mut values = even(200, 0.0);
        values[7] = f64::NAN;
        let current = df!("margin" => values, PREDICTION => even(200, 0.0)).unwrap();
        let reference = df!("margin" => even(200, 0.0), PREDICTION => even(200, 0.0)).unwrap();
        let report = compared(&reference, &current);
        assert_eq!(column(&report, "margin").state, ColumnState::NotEnoughData);
        assert_eq!((column(&report, "margin").n_ref, column(&report, "margin").n_cur), (200, 199));
    }

    #[test]
    fn an_all_null_column_says_something_only_in_a_table_that_is_large_enough() {
        let filled = |rows: i32| df!("x" => even(rows, 0.0), PREDICTION => even(rows, 0.0)).unwrap();
        let empty = |rows: i32| df!("x" => vec![None::<f64>; rows as usize], PREDICTION => even(rows, 0.0)).unwrap();
        for (before, now, state) in [
            (filled(200), empty(200), ColumnState::AllNull),
            (filled(200), empty(199), ColumnState::NotEnoughData),
            (filled(199), empty(200), ColumnState::NotEnoughData),
            (empty(200), filled(200), ColumnState::NotEnoughData),
        ] {
            let report = compared(&before, &now);
            assert_eq!(column(&report, "x").state, state, "{} and {}", before.height(), now.height());
            assert_eq!(report.verdict.lost.is_empty(), state != ColumnState::AllNull);
        }
    }

    #[test]
    fn a_column_that_is_constant_on_both_sides_has_p_1() {
        let table = df!("flag" => vec![1_i32; 200], PREDICTION => even(200, 0.0)).unwrap();
        let report = compared(&table, &table);
        assert_eq!(column(&report, "flag").ks.unwrap().p_value, 1.0);
        assert_eq!(column(&report, "flag").note.as_deref(), Some("the same constant on both sides"));
        assert_eq!(report.verdict.level, DriftLevel::None);
    }

    #[test]
    fn a_feature_that_became_null_or_vanished_is_a_warning() {
        let reference = df!("gone" => even(200, 0.0), "empty" => even(200, 0.0), PREDICTION => even(200, 0.0)).unwrap();
        let current = df!("empty" => vec![None::<f64>; 200], PREDICTION => even(200, 0.0)).unwrap();
        let report = compared(&reference, &current);
        assert_eq!(column(&report, "gone").state, ColumnState::Missing);
        assert_eq!(column(&report, "empty").state, ColumnState::AllNull);
        assert_eq!(report.verdict.level, DriftLevel::Warn);
        assert_eq!(report.verdict.lost, ["gone", "empty"]);
    }

    #[test]
    fn a_new_column_and_a_text_column_are_listed_and_judge_nothing() {
        let reference = df!("segment" => vec!["SME"; 200], PREDICTION => even(200, 0.0)).unwrap();
        let current =
            df!("fresh" => even(200, 0.0), "segment" => vec!["SME"; 200], PREDICTION => even(200, 0.0)).unwrap();
        let report = compared(&reference, &current);
        assert_eq!(column(&report, "fresh").state, ColumnState::New);
        assert_eq!(report.skipped[0].column, "segment");
        assert_eq!(report.verdict.level, DriftLevel::None);
    }

    #[test]
    fn a_table_whose_only_feature_is_null_on_both_sides_is_not_enough_data() {
        let table = df!("empty" => vec![None::<f64>; 200], PREDICTION => even(200, 0.0)).unwrap();
        let report = compared(&table, &table);
        assert_eq!(column(&report, "empty").state, ColumnState::NotEnoughData);
        assert_eq!(column(&report, "empty").note.as_deref(), Some("only nulls on both sides"));
        assert_eq!(report.verdict.level, DriftLevel::NotEnoughData);
    }

    #[test]
    fn a_table_without_prediction_or_with_text_for_numbers_is_an_error() {
        let good = df!("margin" => even(200, 0.0), PREDICTION => even(200, 0.0)).unwrap();
        let unscored = df!("margin" => even(200, 0.0)).unwrap();
        let textual = df!("margin" => vec!["a"; 200], PREDICTION => even(200, 0.0)).unwrap();
        for current in [unscored, textual] {
            assert!(compare(&good, &current, &DriftSettings::default(), &Unwatched).is_err());
        }
    }

    #[test]
    fn the_report_survives_json_and_its_summary_names_the_drifted_column() {
        let reference = df!("margin" => even(400, 0.0), PREDICTION => even(400, 0.0)).unwrap();
        let current = df!("margin" => even(300, 0.5), PREDICTION => even(300, 0.0)).unwrap();
        let report = compared(&reference, &current);
        let json = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<DriftReport>(&json).unwrap(), report);
        assert!(report.summary().starts_with("**Drift: warn** (rule ks): 1 of 1 features with p < 0.01"));
        assert!(report.summary().contains("| margin | 0.5"));
    }

    proptest! {
        #[test]
        fn a_table_does_not_drift_from_itself(values in prop::collection::vec(prop::option::of(-1e6..1e6), 200..400)) {
            let table = df!("x" => &values, PREDICTION => even(values.len() as i32, 0.0)).unwrap();
            prop_assert_eq!(compared(&table, &table).verdict.features_drifted, 0);
        }

        #[test]
        fn the_order_of_the_rows_changes_nothing(values in prop::collection::vec(-1e6..1e6, 200..400), turn in 0_usize..200) {
            let reference = df!("x" => even(300, 0.0), PREDICTION => even(300, 0.0)).unwrap();
            let mut turned = values.clone();
            turned.rotate_left(turn);
            turned.reverse();
            let table = |values: &[f64]| df!("x" => values, PREDICTION => values).unwrap();
            prop_assert_eq!(compared(&reference, &table(&values)), compared(&reference, &table(&turned)));
        }
    }
}
