//! The rule `ks`: a column whose Kolmogorov-Smirnov p-value is below `alpha` has drifted.

use crate::columns::PREDICTION;
use crate::drift::column::{ColumnDrift, ColumnState};
use crate::drift::settings::DriftSettings;
use crate::drift::verdict::{DriftLevel, DriftVerdict};

/// Warns of any drifted or lost column; says nothing where nothing, or not the prediction, could be compared.
pub(super) fn judge(columns: &[ColumnDrift], settings: &DriftSettings) -> DriftVerdict {
    let drifted = drifted(columns, settings.alpha);
    let lost: Vec<String> = columns
        .iter()
        .filter(|column| matches!(column.state, ColumnState::Missing | ColumnState::AllNull))
        .map(|column| column.column.clone())
        .collect();
    let compared = |column: &&ColumnDrift| column.state == ColumnState::Compared;
    let features_compared = columns.iter().filter(compared).filter(|column| column.column != PREDICTION).count() as u64;
    let prediction_compared = columns.iter().filter(compared).any(|column| column.column == PREDICTION);
    let prediction_drifted = drifted.iter().any(|column| column == PREDICTION);
    let features_drifted = drifted.len() as u64 - u64::from(prediction_drifted);
    let features_are_scarce =
        features_compared == 0 && columns.iter().any(|column| column.state == ColumnState::NotEnoughData);
    let level = if !drifted.is_empty() || !lost.is_empty() {
        DriftLevel::Warn
    } else if features_are_scarce || !prediction_compared {
        DriftLevel::NotEnoughData
    } else {
        DriftLevel::None
    };
    let mut verdict = DriftVerdict {
        level,
        rule: settings.rule,
        alpha: settings.alpha,
        features_compared,
        features_drifted,
        prediction_drifted,
        drifted,
        lost,
        reason: String::new(),
    };
    verdict.reason = reason(&verdict, settings.min_rows);
    verdict
}

/// The columns below the limit, lowest p-value first; ties keep the order of the columns. A p-value that is
/// no number is below it: unknown is not "no drift".
fn drifted(columns: &[ColumnDrift], alpha: f64) -> Vec<String> {
    let mut found: Vec<(f64, &str)> = columns
        .iter()
        .filter_map(|column| column.ks.map(|ks| (ks.p_value, column.column.as_str())))
        .filter(|(p_value, _)| *p_value < alpha || p_value.is_nan())
        .collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.into_iter().map(|(_, column)| column.to_owned()).collect()
}

fn reason(verdict: &DriftVerdict, min_rows: u64) -> String {
    let DriftVerdict { features_compared, features_drifted, alpha, lost, .. } = verdict;
    match verdict.level {
        DriftLevel::NotEnoughData => {
            format!("the prediction, or every feature, has fewer than {min_rows} values on a side")
        }
        DriftLevel::None => {
            format!("none of {features_compared} features and not the prediction has p < {alpha}")
        }
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
    use crate::drift::settings::DriftRule;
    use crate::drift::statistics::ks::KsTest;

    const SETTINGS: DriftSettings = DriftSettings { rule: DriftRule::Ks, alpha: 0.01, min_rows: 200 };

    fn compared(column: &str, p_value: f64) -> ColumnDrift {
        let ks = Some(KsTest { statistic: 0.1, p_value });
        ColumnDrift { column: column.into(), state: ColumnState::Compared, n_ref: 200, n_cur: 200, ks, note: None }
    }

    fn scarce(column: &str) -> ColumnDrift {
        ColumnDrift { state: ColumnState::NotEnoughData, ks: None, ..compared(column, 1.0) }
    }

    #[test]
    fn a_p_value_at_alpha_is_no_drift_and_one_below_or_unknown_is() {
        for (p_value, drifted) in [(0.01, false), (0.01_f64.next_down(), true), (f64::NAN, true)] {
            let verdict = judge(&[compared("margin", p_value), compared(PREDICTION, 1.0)], &SETTINGS);
            assert_eq!((verdict.features_drifted, verdict.features_compared), (u64::from(drifted), 1), "{p_value}");
            assert_eq!(verdict.level, if drifted { DriftLevel::Warn } else { DriftLevel::None });
        }
    }

    #[test]
    fn a_drifted_prediction_warns_and_is_no_drifted_feature() {
        let verdict = judge(&[compared("margin", 0.5), compared(PREDICTION, 0.001)], &SETTINGS);
        assert_eq!((verdict.level, verdict.prediction_drifted), (DriftLevel::Warn, true));
        assert_eq!((verdict.features_drifted, verdict.drifted), (0, vec![PREDICTION.to_owned()]));
        assert!(verdict.reason.contains("0 of 1 features, and the prediction,"), "{}", verdict.reason);
    }

    #[test]
    fn the_drifted_columns_come_lowest_p_value_first_and_lost_ones_are_named() {
        let columns =
            [compared("b", 0.009), compared("a", 0.001), ColumnDrift::missing("c", 9), compared(PREDICTION, 0.5)];
        let verdict = judge(&columns, &SETTINGS);
        assert_eq!((verdict.drifted, verdict.lost), (vec!["a".to_owned(), "b".to_owned()], vec!["c".to_owned()]));
        assert!(verdict.reason.contains("2 of 2 features with p < 0.01; 1 column(s)"), "{}", verdict.reason);
    }

    #[test]
    fn without_a_compared_prediction_or_any_compared_feature_nothing_is_said() {
        let level = |columns: &[ColumnDrift]| judge(columns, &SETTINGS).level;
        assert_eq!(level(&[compared("margin", 1.0), scarce(PREDICTION)]), DriftLevel::NotEnoughData);
        assert_eq!(level(&[scarce("margin"), compared(PREDICTION, 1.0)]), DriftLevel::NotEnoughData);
        assert_eq!(level(&[scarce("tenure"), compared("margin", 1.0), compared(PREDICTION, 1.0)]), DriftLevel::None);
        // A lost column is news even where nothing can be compared.
        assert_eq!(level(&[ColumnDrift::all_null("margin", 200), scarce(PREDICTION)]), DriftLevel::Warn);
    }
}
