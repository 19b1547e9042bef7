use polars::df;
use proptest::prelude::*;

use super::*;
use crate::drift::{DriftLevel, DriftRule};
use crate::watch::Unwatched;

fn even(rows: i32, shift: f64) -> Vec<f64> {
    (0..rows).map(|i| f64::from(i) / f64::from(rows) + shift).collect()
}

fn by_ks() -> DriftSettings {
    DriftSettings { rule: DriftRule::Ks, ..DriftSettings::default() }
}

fn compared(reference: &DataFrame, current: &DataFrame) -> DriftReport {
    compare(&Comparison::of(reference, current), &by_ks(), &Unwatched).unwrap()
}

fn column<'a>(report: &'a DriftReport, name: &str) -> &'a ColumnDrift {
    report.columns.iter().find(|column| column.column == name).unwrap()
}

fn date(text: &str) -> Option<SnapshotDate> {
    SnapshotDate::parse(text).ok()
}

#[test]
fn a_shifted_feature_is_a_warning_and_an_unshifted_one_is_not() {
    let reference = df!("margin" => even(400, 0.0), "tenure" => even(400, 0.0), PREDICTION => even(400, 0.0)).unwrap();
    let current = df!("margin" => even(300, 0.5), "tenure" => even(300, 0.0), PREDICTION => even(300, 0.0)).unwrap();
    let report = compared(&reference, &current);
    let verdict = &report.verdict;
    assert_eq!(verdict.level, DriftLevel::Warn);
    assert_eq!(verdict.drifted, ["margin"]);
    assert_eq!((verdict.features_compared, verdict.features_drifted, verdict.prediction_drifted), (2, 1, false));
    let beside = report.beside.as_ref().unwrap();
    assert_eq!((beside.rule, beside.level), (DriftRule::Effect, DriftLevel::Critical), "half of it moved far");
}

#[test]
fn fewer_than_200_rows_is_not_the_same_as_no_drift() {
    let reference = df!("margin" => even(400, 0.0), PREDICTION => even(400, 0.0)).unwrap();
    let current = df!("margin" => even(199, 9.0), PREDICTION => even(199, 9.0)).unwrap();
    let report = compared(&reference, &current);
    assert_eq!(report.verdict.level, DriftLevel::NotEnoughData);
    assert_eq!(report.beside.as_ref().unwrap().level, DriftLevel::NotEnoughData);
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
fn customers_without_a_prediction_say_nothing_of_it() {
    let reference = df!("x" => even(2000, 0.0), PREDICTION => even(2000, 0.0)).unwrap();
    let every_fifth = |row: i32| (row % 5 == 0).then(|| f64::from(row) / 2000.0);
    let some = df!("x" => even(2000, 0.0), PREDICTION => (0..2000).map(every_fifth).collect::<Vec<_>>()).unwrap();
    let report = compare(&Comparison::of(&reference, &some), &DriftSettings::default(), &Unwatched).unwrap();
    let prediction = column(&report, PREDICTION);
    assert_eq!((prediction.state, prediction.n_cur), (ColumnState::Compared, 400));
    assert!(prediction.effect.unwrap() < 0.01, "{prediction:?}");
    assert_eq!(report.verdict.level, DriftLevel::None, "{}", report.verdict.reason);
    let nobody = df!("x" => even(2000, 0.0), PREDICTION => vec![None::<f64>; 2000]).unwrap();
    let report = compare(&Comparison::of(&reference, &nobody), &DriftSettings::default(), &Unwatched).unwrap();
    assert_eq!(column(&report, PREDICTION).state, ColumnState::NotEnoughData);
    assert!(report.verdict.lost.is_empty());
}

#[test]
fn a_text_that_is_gone_is_still_a_category() {
    let reference = df!("intent" => vec!["Pricing"; 300], PREDICTION => even(300, 0.0)).unwrap();
    let current = df!(PREDICTION => even(300, 0.0)).unwrap();
    let report = compared(&reference, &current);
    assert_eq!(
        (column(&report, "intent").state, column(&report, "intent").kind),
        (ColumnState::Missing, ColumnKind::Category)
    );
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
fn a_new_column_and_what_is_neither_number_nor_text_are_listed_and_judge_nothing() {
    let reference = df!("odd" => vec![true; 200], PREDICTION => even(200, 0.0)).unwrap();
    let current = df!("fresh" => even(200, 0.0), "odd" => vec![false; 200], PREDICTION => even(200, 0.0)).unwrap();
    let report = compared(&reference, &current);
    assert_eq!(column(&report, "fresh").state, ColumnState::New);
    assert_eq!(report.skipped[0].column, "odd");
    assert_eq!(report.verdict.level, DriftLevel::None);
}

#[test]
fn a_category_is_compared_with_its_nulls_and_one_that_vanished_is_lost() {
    let words = |word: Option<&'static str>| -> Vec<Option<&'static str>> {
        (0..400).map(|i| if i % 2 == 0 { word } else { Some("SME") }).collect()
    };
    let table = |words: Vec<Option<&'static str>>| df!("segment" => words, PREDICTION => even(400, 0.0)).unwrap();
    let reference = table(words(Some("Residential")));
    let effect = DriftSettings::default();
    let judged = |current: &DataFrame| compare(&Comparison::of(&reference, current), &effect, &Unwatched).unwrap();
    assert_eq!(judged(&reference).verdict.level, DriftLevel::None);
    let nulls = judged(&table(words(None)));
    assert_eq!((nulls.verdict.level, column(&nulls, "segment").n_cur), (DriftLevel::Critical, 200));
    let vanished = df!("segment" => vec![None::<&str>; 400], PREDICTION => even(400, 0.0)).unwrap();
    assert_eq!(judged(&vanished).verdict.lost, ["segment"]);
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
    for current in [&unscored, &textual] {
        assert!(compare(&Comparison::of(&good, current), &by_ks(), &Unwatched).is_err());
    }
    assert!(compare(&Comparison::of(&textual, &good), &by_ks(), &Unwatched).is_err());
}

#[test]
fn the_season_is_held_against_the_same_month_and_what_moves_is_not_counted() {
    let table = |consumption: f64, renewal: f64| {
        df!(
            "consumption" => even(300, consumption), "renewal" => even(300, renewal),
            "channel" => vec!["Office"; 300], PREDICTION => even(300, 0.0),
        )
        .unwrap()
    };
    let (winter, summer, last_summer) = (table(5.0, 5.0), table(0.0, 0.0), table(0.0, 3.0));
    let seasons =
        BTreeMap::from([("consumption".to_owned(), Calendar::Seasonal), ("renewal".to_owned(), Calendar::Moves)]);
    let mut comparison = Comparison { calendar: seasons, ..Comparison::of(&winter, &summer) };
    (comparison.reference.as_of, comparison.current.as_of) = (date("2024-12-31"), date("2025-07-31"));
    let judged = |comparison: &Comparison<'_>| compare(comparison, &DriftSettings::default(), &Unwatched).unwrap();
    let alone = judged(&comparison);
    for name in ["consumption", "renewal", PREDICTION] {
        assert_eq!(column(&alone, name).state, ColumnState::Calendar, "{name}");
        assert!(column(&alone, name).effect.is_some() && column(&alone, name).q_value.is_none(), "{name}");
    }
    assert_eq!((alone.verdict.level, alone.verdict.features_compared), (DriftLevel::None, 1));

    comparison.same_month = Some(Customers { table: &last_summer, as_of: date("2024-07-31") });
    let with_history = judged(&comparison);
    let consumption = column(&with_history, "consumption");
    assert_eq!((consumption.state, consumption.effect), (ColumnState::Compared, Some(0.0)));
    assert_eq!(consumption.held_against, date("2024-07-31"));
    assert_eq!(column(&with_history, "renewal").state, ColumnState::Calendar, "it is not in season");
    assert_eq!(column(&with_history, PREDICTION).state, ColumnState::Compared);
}

#[test]
fn the_importance_that_is_known_weighs_and_without_any_all_weigh_alike() {
    let table = df!("a" => even(200, 0.0), "b" => even(200, 0.0), PREDICTION => even(200, 0.0)).unwrap();
    let alike = compared(&table, &table);
    assert_eq!((column(&alike, "a").importance, column(&alike, PREDICTION).importance), (Some(0.5), None));
    let importance = BTreeMap::from([("a".to_owned(), 0.9)]);
    let comparison = Comparison { importance, ..Comparison::of(&table, &table) };
    let weighed = compare(&comparison, &by_ks(), &Unwatched).unwrap();
    assert_eq!((column(&weighed, "a").importance, column(&weighed, "b").importance), (Some(0.9), Some(0.0)));
}

#[test]
fn the_report_survives_json_and_its_summary_names_the_drifted_column() {
    let reference = df!("margin" => even(400, 0.0), PREDICTION => even(400, 0.0)).unwrap();
    let current = df!("margin" => even(300, 0.5), PREDICTION => even(300, 0.0)).unwrap();
    let report = compared(&reference, &current);
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<DriftReport>(&json).unwrap(), report);
    assert!(report.summary().starts_with("**Drift: warn** (rule ks): 1 of 1 features with p < 0.01"));
    assert!(report.summary().contains("| margin | "));
}

proptest! {
    #[test]
    fn a_table_does_not_drift_from_itself(values in prop::collection::vec(prop::option::of(-1e6..1e6), 200..400)) {
        let table = df!("x" => &values, PREDICTION => even(values.len() as i32, 0.0)).unwrap();
        let report = compared(&table, &table);
        prop_assert_eq!(report.verdict.features_drifted, 0);
        prop_assert_eq!(report.beside.unwrap().features_drifted, 0);
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
