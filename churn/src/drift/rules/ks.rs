//! The rule `ks`: a numeric column whose Kolmogorov-Smirnov p-value is below `alpha` has drifted.

use super::{features, lost, not_counted, prediction_is, scarcity};
use crate::columns::PREDICTION;
use crate::drift::column::{ColumnDrift, ColumnKind, ColumnState};
use crate::drift::settings::{DriftRule, DriftSettings};
use crate::drift::statistics::ks::KsTest;
use crate::drift::verdict::{DriftLevel, DriftVerdict};

/// Warns of any drifted or lost column; says nothing where nothing, or not the prediction, could be compared.
pub(super) fn judge(columns: &[ColumnDrift], settings: &DriftSettings) -> DriftVerdict {
    let drifted = drifted(columns, settings.alpha);
    let lost = lost(columns);
    let features_compared = features(columns).filter(|column| counted(column).is_some()).count() as u64;
    let prediction_compared = prediction_is(columns, ColumnState::Compared);
    let prediction_drifted = drifted.iter().any(|column| column == PREDICTION);
    let features_drifted = drifted.len() as u64 - u64::from(prediction_drifted);
    let is_silent = |state: ColumnState| matches!(state, ColumnState::NotEnoughData | ColumnState::Calendar);
    let nothing_compared = features_compared == 0 && features(columns).any(|column| is_silent(column.state));
    let prediction_is_unknown = !prediction_compared && !prediction_is(columns, ColumnState::Calendar);
    let level = if !drifted.is_empty() || !lost.is_empty() {
        DriftLevel::Warn
    } else if nothing_compared || prediction_is_unknown {
        DriftLevel::NotEnoughData
    } else {
        DriftLevel::None
    };
    let mut verdict = DriftVerdict {
        level,
        rule: DriftRule::Ks,
        alpha: settings.alpha,
        features_compared,
        features_drifted,
        prediction_compared,
        prediction_drifted,
        drifted,
        lost,
        features_not_counted: not_counted(columns),
        importance_drifted: None,
        importance_not_counted: None,
        reason: String::new(),
    };
    verdict.reason = reason(&verdict, settings.min_rows);
    verdict
}

/// The test of a column that counts.
fn counted(column: &ColumnDrift) -> Option<KsTest> {
    column.ks.filter(|_| column.state == ColumnState::Compared && column.kind == ColumnKind::Numeric)
}

/// The columns below the limit, lowest p-value first; ties keep the order of the columns. A p-value that is
/// no number is below it: unknown is not "no drift".
fn drifted(columns: &[ColumnDrift], alpha: f64) -> Vec<String> {
    let mut found: Vec<(f64, &str)> = columns
        .iter()
        .filter_map(|column| Some((counted(column)?.p_value, column.column.as_str())))
        .filter(|(p_value, _)| *p_value < alpha || p_value.is_nan())
        .collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.into_iter().map(|(_, column)| column.to_owned()).collect()
}

fn reason(verdict: &DriftVerdict, min_rows: u64) -> String {
    let DriftVerdict { features_compared, features_drifted, alpha, lost, .. } = verdict;
    match verdict.level {
        DriftLevel::NotEnoughData => scarcity(verdict, min_rows),
        DriftLevel::None if verdict.prediction_compared => {
            format!("none of {features_compared} features and not the prediction has p < {alpha}")
        }
        DriftLevel::None => format!("none of {features_compared} features has p < {alpha}"),
        DriftLevel::Warn | DriftLevel::Critical => {
            let prediction = if verdict.prediction_drifted { ", and the prediction," } else { "" };
            let lost =
                if lost.is_empty() { String::new() } else { format!("; {} column(s) have no values", lost.len()) };
            format!("{features_drifted} of {features_compared} features{prediction} with p < {alpha}{lost}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> DriftSettings {
        DriftSettings { rule: DriftRule::Ks, ..DriftSettings::default() }
    }

    fn compared(column: &str, p_value: f64) -> ColumnDrift {
        let ks = Some(KsTest { statistic: 0.1, p_value });
        ColumnDrift { n_ref: 200, n_cur: 200, ks, ..ColumnDrift::of(column, ColumnState::Compared) }
    }

    fn scarce(column: &str) -> ColumnDrift {
        ColumnDrift::scarce(column, 9, 9, 200)
    }

    #[test]
    fn a_p_value_at_alpha_is_no_drift_and_one_below_or_unknown_is() {
        for (p_value, drifted) in [(0.01, false), (0.01_f64.next_down(), true), (f64::NAN, true)] {
            let verdict = judge(&[compared("margin", p_value), compared(PREDICTION, 1.0)], &settings());
            assert_eq!((verdict.features_drifted, verdict.features_compared), (u64::from(drifted), 1), "{p_value}");
            assert_eq!(verdict.level, if drifted { DriftLevel::Warn } else { DriftLevel::None });
        }
    }

    #[test]
    fn a_drifted_prediction_warns_and_is_no_drifted_feature() {
        let verdict = judge(&[compared("margin", 0.5), compared(PREDICTION, 0.001)], &settings());
        assert_eq!((verdict.level, verdict.prediction_drifted), (DriftLevel::Warn, true));
        assert_eq!((verdict.features_drifted, verdict.drifted), (0, vec![PREDICTION.to_owned()]));
        assert!(verdict.reason.contains("0 of 1 features, and the prediction,"), "{}", verdict.reason);
    }

    #[test]
    fn the_drifted_columns_come_lowest_p_value_first_and_lost_ones_are_named() {
        let columns =
            [compared("b", 0.009), compared("a", 0.001), ColumnDrift::missing("c", 9), compared(PREDICTION, 0.5)];
        let verdict = judge(&columns, &settings());
        assert_eq!((verdict.drifted, verdict.lost), (vec!["a".to_owned(), "b".to_owned()], vec!["c".to_owned()]));
        assert!(verdict.reason.contains("2 of 2 features with p < 0.01; 1 column(s)"), "{}", verdict.reason);
    }

    #[test]
    fn without_a_compared_prediction_or_any_compared_feature_nothing_is_said() {
        let level = |columns: &[ColumnDrift]| judge(columns, &settings()).level;
        assert_eq!(level(&[compared("margin", 1.0), scarce(PREDICTION)]), DriftLevel::NotEnoughData);
        assert_eq!(level(&[scarce("margin"), compared(PREDICTION, 1.0)]), DriftLevel::NotEnoughData);
        assert_eq!(level(&[scarce("tenure"), compared("margin", 1.0), compared(PREDICTION, 1.0)]), DriftLevel::None);
        // A lost column is news even where nothing can be compared.
        assert_eq!(level(&[ColumnDrift::all_null("margin", 200), scarce(PREDICTION)]), DriftLevel::Warn);
    }

    #[test]
    fn what_moves_with_the_calendar_and_texts_do_not_count() {
        let moves = |column: &str| ColumnDrift { state: ColumnState::Calendar, ..compared(column, 0.0) };
        let text = ColumnDrift { kind: ColumnKind::Category, ks: None, ..compared("segment", 0.0) };
        let verdict = judge(&[moves("tenure"), text, compared("margin", 0.5), moves(PREDICTION)], &settings());
        assert_eq!((verdict.level, verdict.features_compared), (DriftLevel::None, 1));
        assert_eq!((verdict.features_not_counted, verdict.prediction_compared), (1, false));
        let nothing = judge(&[moves("tenure"), moves(PREDICTION)], &settings());
        assert_eq!(nothing.level, DriftLevel::NotEnoughData);
        assert_eq!(nothing.reason, "nothing counts: 1 features move with the calendar");
    }
}
