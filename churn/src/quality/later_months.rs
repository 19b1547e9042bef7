//! Months that end after the date of a run: it does not look at them, so what is odd in them is told and stops nothing.

use polars::prelude::DataFrame;

use super::{Evaluation, Finding, Severity};
use crate::SnapshotDate;
use crate::columns::rows_at;
use crate::contract::QualityReport;
use crate::error::Result;
use crate::month::{Month, months};
use crate::violation::Violation;

const TABLE: &str = "bronze_customer_month";
/// Rules of single values.
const OF_VALUES: [&str; 2] = ["range", "below_zero"];

/// The rows of `bronze_customer_month` whose months end on or before `as_of`; nothing where all do.
pub fn months_in_view(bronze_customer_month: &DataFrame, as_of: SnapshotDate) -> Result<Option<DataFrame>> {
    let last = Month::last_complete(as_of);
    let months = months(TABLE, bronze_customer_month, 1)?;
    let in_view: Vec<usize> = (0..months.len()).filter(|&row| months[row] <= last).collect();
    if in_view.len() == months.len() { Ok(None) } else { rows_at(bronze_customer_month, &in_view).map(Some) }
}

/// What a check finds in the months that are in view, and what it finds with the later ones besides, which warns at most.
pub fn sparing_later_months(
    bronze_customer_month: &DataFrame,
    in_view: Option<&DataFrame>,
    make: impl Fn(&DataFrame) -> Result<(Vec<Finding>, Vec<Evaluation>)>,
) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let Some(in_view) = in_view else { return make(bronze_customer_month) };
    let (mut findings, mut checks) = make(in_view)?;
    for found in make(bronze_customer_month)?.0 {
        let is_known = |known: &Finding| known.rule == found.rule && known.column == found.column;
        if findings.iter().any(is_known) {
            continue;
        }
        let severity = found.severity.min(Severity::Warn);
        let words = format!("{}; the months that this run looks at are not concerned", found.words);
        findings.push(Finding { severity, words, ..found });
    }
    for check in &mut checks {
        if findings.iter().any(|found| found.table == check.table && found.rule == check.rule) {
            *check = Evaluation::of(&check.table, &check.rule, &findings);
        }
    }
    Ok((findings, checks))
}

/// The report of a layer, where values out of their range lead to no more than those of the months `in_view`, and warn at most
/// where these have none.
pub fn sparing_later_ranges(report: QualityReport, in_view: &QualityReport) -> QualityReport {
    let mut report = report;
    let is_of_values = |broken: &&mut Violation| broken.table == TABLE && OF_VALUES.contains(&broken.name.as_str());
    for violation in report.violations.iter_mut().filter(is_of_values) {
        let of_view = in_view.violations.iter();
        let of_view = of_view.filter(|broken| broken.name == violation.name && broken.column == violation.column);
        let most = of_view.map(|broken| broken.severity).max().unwrap_or(Severity::Warn).max(Severity::Warn);
        violation.severity = violation.severity.min(most);
    }
    let blocks = report.violations.iter().any(|broken| broken.severity == Severity::Block);
    report.passed = !blocks && !report.findings.iter().any(Finding::blocks);
    report
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::super::{CheckRules, CheckState, of_odd_months};
    use super::*;
    use crate::contract::Layer;

    /// Twenty customers of five months; the last one is of zeros.
    fn with_zeros_in_may() -> DataFrame {
        let rows = || (0..20).flat_map(|customer| (1..=5).map(move |month| (customer, month)));
        df!(
            "customer_id" => rows().map(|(customer, _)| format!("C{customer}")).collect::<Vec<_>>(),
            "month" => rows().map(|(_, month)| format!("2024-0{month}")).collect::<Vec<_>>(),
            "monthly_elec_kwh" => rows().map(|(_, month)| if month == 5 { 0.0 } else { 100.0 }).collect::<Vec<_>>(),
        )
        .unwrap()
    }

    #[test]
    fn what_is_odd_after_the_date_warns_and_by_then_it_blocks() {
        let table = with_zeros_in_may();
        let found = |as_of: &str| {
            let in_view = months_in_view(&table, SnapshotDate::parse(as_of).unwrap()).unwrap();
            let check = |months: &DataFrame| of_odd_months(months, &CheckRules::default());
            let (findings, checks) = sparing_later_months(&table, in_view.as_ref(), check).unwrap();
            assert_eq!((findings.len(), checks[0].state), (1, CheckState::Failed));
            findings[0].severity
        };
        assert_eq!(found("2024-05-30"), Severity::Warn);
        assert_eq!(found("2024-05-31"), Severity::Block);
    }

    /// A report of columns that break a rule.
    fn report_of(name: &str, columns: &[&str], severity: Severity) -> QualityReport {
        let broken = columns.iter().map(|column| Violation {
            table: TABLE.to_owned(),
            column: Some((*column).to_owned()),
            name: name.to_owned(),
            rule: "outside of 0 to 10".to_owned(),
            count: 1,
            share: None,
            examples: Vec::new(),
            severity,
        });
        let violations: Vec<Violation> = broken.collect();
        QualityReport { passed: false, violations, ..QualityReport::of(Layer::Bronze, Vec::new()) }
    }

    #[test]
    fn prices_below_0_that_are_rare_in_the_months_in_view_stop_nothing() {
        let of = |severity| report_of("below_zero", &["price"], severity);
        let spared = sparing_later_ranges(of(Severity::Block), &of(Severity::Warn));
        assert_eq!((spared.passed, spared.violations[0].severity), (true, Severity::Warn));
        assert!(!sparing_later_ranges(of(Severity::Block), &of(Severity::Block)).passed);
    }

    #[test]
    fn a_range_that_later_months_alone_break_warns() {
        let report = |columns: &[&str]| report_of("range", columns, Severity::Block);
        let spared = sparing_later_ranges(report(&["price"]), &report(&[]));
        assert_eq!((spared.passed, spared.violations[0].severity), (true, Severity::Warn));
        let blocked = sparing_later_ranges(report(&["price", "cost"]), &report(&["cost"]));
        let severities: Vec<Severity> = blocked.violations.iter().map(|broken| broken.severity).collect();
        assert_eq!((blocked.passed, severities), (false, vec![Severity::Warn, Severity::Block]));
    }
}
