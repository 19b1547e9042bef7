//! The tables of the report.

use crate::drift::column::ColumnDrift;
use crate::drift::report::{DriftReport, Skew};
use crate::html::table;
use crate::model::performance::{Figure, PerformanceReport};

/// A share of 1 as people read it.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

fn known(value: Option<f64>, show: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| "n/a".to_owned(), show)
}

/// Every column, in the order given.
pub fn columns(columns: &[&ColumnDrift]) -> String {
    let head = [
        "column",
        "state",
        "importance",
        "effect",
        "q-value",
        "p-value",
        "W1 / robust sd",
        "PSI",
        "JS",
        "KS",
        "nulls, change",
        "values then",
        "values now",
        "note",
    ];
    let digits = |value: f64| format!("{value:.3}");
    let small = |value: f64| if value < 0.001 { "<0.001".to_owned() } else { format!("{value:.3}") };
    let row = |column: &&ColumnDrift| {
        vec![
            column.column.clone(),
            state(column),
            known(column.importance, percent),
            known(column.effect, digits),
            known(column.q_value, small),
            known(column.p_value, small),
            known(column.wasserstein, digits),
            known(column.psi, digits),
            known(column.jensen_shannon, digits),
            known(column.ks.map(|ks| ks.statistic), digits),
            known(column.null_change, percent),
            column.n_ref.to_string(),
            column.n_cur.to_string(),
            note(column),
        ]
    };
    table(&head, &columns.iter().map(row).collect::<Vec<_>>())
}

fn state(column: &ColumnDrift) -> String {
    column.state.as_str().replace('_', " ")
}

/// What a reader should know: in place of what it was held against the training, and what was taken off.
fn note(column: &ColumnDrift) -> String {
    let held = column.held_against.map(|as_of| format!("held against the customers of {as_of}"));
    let older = column.months_taken_off.map(|months| format!("{months} months taken off"));
    [column.note.clone(), held, older].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// What was held against what, and what both rules say.
pub fn facts(report: &DriftReport) -> String {
    let verdict = &report.verdict;
    let unknown = || "not known".to_owned();
    let mut rows = vec![
        vec!["customers today".to_owned(), report.rows_cur.to_string()],
        vec!["of the date".to_owned(), report.as_of.map_or_else(unknown, |date| date.to_string())],
        vec!["customers of the training".to_owned(), report.rows_ref.to_string()],
        vec!["of the date".to_owned(), report.reference_as_of.map_or_else(unknown, |date| date.to_string())],
        vec!["rule".to_owned(), format!("{}, alpha {}", verdict.rule.as_str(), verdict.alpha)],
        vec!["moves with the calendar, not counted".to_owned(), verdict.features_not_counted.to_string()],
    ];
    if let Some(share) = verdict.importance_not_counted {
        rows.push(vec!["their share of what moves the model".to_owned(), percent(share)]);
    }
    if let Some(beside) = &report.beside {
        let said = format!("{}: {}", beside.level.as_str(), beside.reason);
        rows.push(vec![format!("rule {} would say", beside.rule.as_str()), said]);
    }
    table(&["fact", ""], &rows)
}

/// What changed since the last published run: its verdict, and the columns that drifted.
pub fn skew(skew: &Skew) -> String {
    let drifted: Vec<&ColumnDrift> =
        skew.columns.iter().filter(|column| skew.verdict.drifted.contains(&column.column)).collect();
    columns(&drifted)
}

/// Promises and what came to pass.
pub fn performance(report: &PerformanceReport) -> String {
    let show = |figure: Figure| format!("{:.3} ({:.3} to {:.3})", figure.value, figure.low, figure.high);
    let mut rows = Vec::new();
    if let Some(promised) = &report.estimated {
        rows.push(vec![
            format!("{}, estimated", report.as_of),
            promised.rows.to_string(),
            show(promised.churn_rate),
            show(promised.pr_auc),
            show(promised.roc_auc),
            promised.precision.map_or_else(|| "n/a".to_owned(), show),
            show(promised.recall),
            String::new(),
        ]);
    }
    for one in &report.realised {
        let came = &one.realised;
        let departed: Vec<String> = one
            .departures
            .iter()
            .map(|departure| format!("{} was to be {}", departure.figure.as_str(), show(departure.estimated)))
            .collect();
        rows.push(vec![
            format!("{}, realised", one.as_of),
            came.rows.to_string(),
            format!("{:.3}", came.churn_rate),
            format!("{:.3}", came.pr_auc),
            format!("{:.3}", came.roc_auc),
            came.precision.map_or_else(|| "n/a".to_owned(), |precision| format!("{precision:.3}")),
            format!("{:.3}", came.recall),
            departed.join("; "),
        ]);
    }
    let head = ["scores of", "customers", "churn rate", "PR-AUC", "ROC-AUC", "precision", "recall", "not as promised"];
    table(&head, &rows)
}
