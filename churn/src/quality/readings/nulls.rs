//! Readings without a value: null is not 0 kWh.

use super::{TABLE, finding};
use crate::hourly::{Coverage, ReadingsReport};
use crate::quality::rules::CheckRules;
use crate::quality::{Evaluation, Finding, Severity};

const NO_ELECTRICITY: &str = "no_electricity";
const WITHOUT_VALUE: &str = "null_readings";
const UNKNOWN: &str = "unknown_consumption";

/// What was found, and how each of these checks ended; where nobody has a value of electricity, this one cause is told.
pub(super) fn nulls(report: &ReadingsReport, rules: &CheckRules) -> (Vec<Finding>, Vec<Evaluation>) {
    let findings: Vec<Finding> = match no_electricity(&report.coverage) {
        Some(found) => vec![found],
        None => without_value(report, rules).into_iter().chain(unknown(report, rules)).collect(),
    };
    let is_told = findings.iter().any(|found| found.rule == NO_ELECTRICITY);
    let mut checks = vec![Evaluation::of(TABLE, NO_ELECTRICITY, &findings)];
    checks.extend([WITHOUT_VALUE, UNKNOWN].map(|rule| {
        if is_told {
            return Evaluation::not_made(TABLE, rule, "no reading has a value of electricity");
        }
        Evaluation::of(TABLE, rule, &findings)
    }));
    (findings, checks)
}

/// Electricity that nobody has a value of: lost, or of a retailer of gas alone, who says so by 0.
fn no_electricity(coverage: &Coverage) -> Option<Finding> {
    let all = coverage.readings();
    let nulls: u64 = coverage.months.iter().map(|month| month.nulls[0]).sum();
    if all == 0 || nulls < all {
        return None;
    }
    let words = "no reading of anybody has a value of electricity, and null is not 0 kWh: deliver what was consumed. A retailer \
                 of gas alone delivers 0 in every row of consumption_elec_kwh, and leaves the prices of electricity empty";
    let found = finding(Severity::Block, NO_ELECTRICITY, words.to_owned()).of_column("consumption_elec_kwh");
    Some(found.counting_of(nulls, all))
}

fn without_value(report: &ReadingsReport, rules: &CheckRules) -> Option<Finding> {
    let Coverage { nulls, scaled_months, .. } = report.coverage;
    if nulls == 0 {
        return None;
    }
    let words = format!(
        "{nulls} readings have no value; {scaled_months} customer-months with few of them are scaled to all their readings"
    );
    let severity = rules.null_readings.severity(nulls as f64 / report.rows.max(1) as f64);
    Some(finding(severity, WITHOUT_VALUE, words).counting_of(nulls, report.rows))
}

fn unknown(report: &ReadingsReport, rules: &CheckRules) -> Option<Finding> {
    let unknown = report.coverage.unknown_months;
    if unknown == 0 {
        return None;
    }
    let words = format!(
        "the consumption of {unknown} customer-months is not known, since too many of their readings have no value; null is \
         not 0 kWh"
    );
    let severity = rules.unknown_consumption.severity(unknown as f64 / report.customer_months.max(1) as f64);
    Some(finding(severity, UNKNOWN, words).counting_of(unknown, report.customer_months))
}
