//! The rule `effect`: a column that moved far enough to matter, and not by chance, has drifted; how serious that is
//! depends on how much of what moves the model has drifted.
//!
//! With 20,000 customers a p-value is small for differences that nobody would call one, and among fifty columns some
//! are small by chance. So both must be: a p-value that is small among all columns (Benjamini and Hochberg), and an
//! effect. And a feature that the model hardly looks at changes no decision.

use super::{features, lost, not_counted, prediction_is, scarcity};
use crate::columns::PREDICTION;
use crate::drift::column::{ColumnDrift, ColumnState, Severity};
use crate::drift::settings::{DriftRule, DriftSettings};
use crate::drift::verdict::{DriftLevel, DriftVerdict};

/// Weighs what drifted; says nothing where no feature counts.
pub(super) fn judge(columns: &[ColumnDrift], settings: &DriftSettings) -> DriftVerdict {
    let drifted: Vec<&ColumnDrift> = in_order(columns, settings.alpha);
    let prediction = drifted.iter().find(|column| column.column == PREDICTION).map(|column| column.severity);
    let gone = || features(columns).filter(|column| column.is_lost());
    let of_features = || drifted.iter().copied().filter(|column| column.column != PREDICTION);
    let moved = share(of_features().chain(gone()));
    let moved_far = share(of_features().filter(|column| column.severity == Severity::Critical).chain(gone()));
    let lost = lost(columns);
    let features_compared = features(columns).filter(|column| column.state == ColumnState::Compared).count() as u64;
    let reaches = |share: f64, limit: f64| share > 0.0 && share >= limit;
    let is_critical = prediction == Some(Severity::Critical) || reaches(moved_far, settings.critical_importance);
    let is_warning = prediction.is_some() || !lost.is_empty() || reaches(moved, settings.warn_importance);
    let level = if is_critical {
        DriftLevel::Critical
    } else if is_warning {
        DriftLevel::Warn
    } else if features_compared == 0 {
        DriftLevel::NotEnoughData
    } else {
        DriftLevel::None
    };
    let not_counted_share = share(features(columns).filter(|column| column.state == ColumnState::Calendar));
    let mut verdict = DriftVerdict {
        level,
        rule: DriftRule::Effect,
        alpha: settings.alpha,
        features_compared,
        features_drifted: of_features().count() as u64,
        prediction_compared: prediction_is(columns, ColumnState::Compared),
        prediction_drifted: prediction.is_some(),
        drifted: drifted.iter().map(|column| column.column.clone()).collect(),
        lost,
        features_not_counted: not_counted(columns),
        importance_drifted: Some(moved),
        importance_not_counted: Some(not_counted_share),
        reason: String::new(),
    };
    verdict.reason = reason(&verdict, settings.min_rows);
    verdict
}

/// The drifted columns, those that matter most first: the prediction, then by importance × effect.
fn in_order(columns: &[ColumnDrift], alpha: f64) -> Vec<&ColumnDrift> {
    let weight = |column: &ColumnDrift| {
        let effect = column.effect.unwrap_or_default();
        if column.column == PREDICTION { f64::INFINITY } else { column.importance.unwrap_or_default() * effect }
    };
    let mut drifted: Vec<&ColumnDrift> = columns.iter().filter(|column| column.has_drifted(alpha)).collect();
    drifted.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then_with(|| a.column.cmp(&b.column)));
    drifted
}

/// The features' share of all that moves the model.
fn share<'a>(columns: impl Iterator<Item = &'a ColumnDrift>) -> f64 {
    columns.filter_map(|column| column.importance).sum::<f64>() + 0.0
}

fn reason(verdict: &DriftVerdict, min_rows: u64) -> String {
    if verdict.level == DriftLevel::NotEnoughData {
        return scarcity(verdict, min_rows);
    }
    let DriftVerdict { features_compared, features_drifted, lost, features_not_counted, .. } = verdict;
    let percent = 100.0 * verdict.importance_drifted.unwrap_or_default();
    let prediction = match (verdict.prediction_compared, verdict.prediction_drifted) {
        (_, true) => "; the prediction drifted",
        (true, false) => "; the prediction did not",
        (false, false) => "",
    };
    let lost = if lost.is_empty() { String::new() } else { format!("; {} column(s) have no values", lost.len()) };
    let calendar = if *features_not_counted == 0 {
        String::new()
    } else {
        format!("; {features_not_counted} move with the calendar and do not count")
    };
    format!(
        "{features_drifted} of {features_compared} features drifted, {percent:.1} % of what moves the \
         model{prediction}{lost}{calendar}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A feature of a share of the model that moved this far, with this adjusted p-value.
    fn moved(column: &str, importance: f64, effect: f64, q_value: f64) -> ColumnDrift {
        ColumnDrift {
            n_ref: 900,
            n_cur: 900,
            q_value: Some(q_value),
            effect: Some(effect),
            severity: Severity::of(effect, &DriftSettings::default()),
            importance: Some(importance),
            ..ColumnDrift::of(column, ColumnState::Compared)
        }
    }

    fn prediction(effect: f64) -> ColumnDrift {
        ColumnDrift { importance: None, ..moved(PREDICTION, 0.0, effect, 1e-9) }
    }

    fn level(columns: &[ColumnDrift]) -> DriftLevel {
        judge(columns, &DriftSettings::default()).level
    }

    #[test]
    fn a_small_p_value_alone_is_no_drift_and_neither_is_a_large_effect_alone() {
        assert_eq!(level(&[moved("a", 0.5, 0.05, 1e-30), prediction(0.0)]), DriftLevel::None);
        assert_eq!(level(&[moved("a", 0.5, 0.5, 0.01), prediction(0.0)]), DriftLevel::None, "q at the limit");
        assert_eq!(level(&[moved("a", 0.5, 0.1, 0.009), prediction(0.0)]), DriftLevel::Warn);
        assert_eq!(level(&[moved("a", 0.5, 0.25, 0.009), prediction(0.0)]), DriftLevel::Critical);
    }

    #[test]
    fn what_the_model_hardly_looks_at_is_listed_and_told_to_nobody() {
        let columns = [moved("a", 0.01, 2.0, 1e-9), moved("b", 0.99, 0.0, 1.0), prediction(0.0)];
        let verdict = judge(&columns, &DriftSettings::default());
        assert_eq!((verdict.level, verdict.features_drifted), (DriftLevel::None, 1));
        assert_eq!(verdict.drifted, ["a"]);
        assert_eq!(verdict.reason, "1 of 2 features drifted, 1.0 % of what moves the model; the prediction did not");
        assert_eq!(level(&[moved("a", 0.02, 0.2, 1e-9), prediction(0.0)]), DriftLevel::Warn, "at the limit");
        assert_eq!(level(&[moved("a", 0.05, 2.0, 1e-9), prediction(0.0)]), DriftLevel::Warn, "far, and little of it");
        let many: Vec<ColumnDrift> = ["a", "b", "c"].map(|name| moved(name, 0.04, 2.0, 1e-9)).into();
        assert_eq!(level(&many), DriftLevel::Critical, "12 % together");
    }

    #[test]
    fn the_prediction_counts_by_itself() {
        assert_eq!(level(&[moved("a", 1.0, 0.0, 1.0), prediction(0.1)]), DriftLevel::Warn);
        let verdict = judge(&[moved("a", 1.0, 0.0, 1.0), prediction(0.25)], &DriftSettings::default());
        assert_eq!((verdict.level, verdict.features_drifted), (DriftLevel::Critical, 0));
        assert!(
            verdict.prediction_drifted && verdict.reason.contains("; the prediction drifted"),
            "{}",
            verdict.reason
        );
    }

    #[test]
    fn a_lost_column_is_a_warning_and_an_important_one_is_critical() {
        let gone = |importance: f64| ColumnDrift { importance: Some(importance), ..ColumnDrift::all_null("gone", 900) };
        let still = || moved("a", 0.5, 0.0, 1.0);
        assert_eq!(level(&[still(), gone(0.0), prediction(0.0)]), DriftLevel::Warn);
        let verdict = judge(&[still(), gone(0.5), prediction(0.0)], &DriftSettings::default());
        assert_eq!((verdict.level, verdict.importance_drifted), (DriftLevel::Critical, Some(0.5)));
        assert!(verdict.reason.contains("; 1 column(s) have no values"), "{}", verdict.reason);
    }

    #[test]
    fn the_calendar_is_reported_and_not_counted() {
        let moves = |name: &str| ColumnDrift { state: ColumnState::Calendar, ..moved(name, 0.3, 9.0, 0.0) };
        let verdict = judge(&[moves("tenure"), moved("a", 0.7, 0.0, 1.0)], &DriftSettings::default());
        assert_eq!((verdict.level, verdict.features_compared), (DriftLevel::None, 1));
        assert_eq!((verdict.features_not_counted, verdict.importance_not_counted), (1, Some(0.3)));
        assert!(verdict.reason.ends_with("; 1 move with the calendar and do not count"), "{}", verdict.reason);
        assert_eq!(level(&[moves("tenure"), moves("renewal")]), DriftLevel::NotEnoughData);
    }

    #[test]
    fn what_matters_most_is_named_first() {
        let columns =
            [moved("far", 0.1, 1.0, 0.0), moved("near", 0.9, 0.2, 0.0), moved("tiny", 0.0, 9.0, 0.0), prediction(0.3)];
        let verdict = judge(&columns, &DriftSettings::default());
        assert_eq!(verdict.drifted, [PREDICTION, "near", "far", "tiny"]);
        assert_eq!((verdict.features_drifted, verdict.features_compared), (3, 3));
    }
}
