//! The rules of one column, applied to its cells.

use chrono::Datelike;

use super::cells::{Broken, Cells, calendar_date};
use super::report::ColumnProfile;
use super::rules::{ColumnRules, ColumnType};
use crate::violation::Severity;

/// One broken rule of a column.
pub(super) struct Finding {
    /// The rule's name, in snake case.
    pub(super) name: &'static str,
    pub(super) rule: String,
    pub(super) broken: Broken,
    pub(super) severity: Severity,
}

/// All rules that the cells break.
pub(super) fn findings(rules: &ColumnRules, cells: &Cells<'_>, profile: &ColumnProfile) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut tell = |name, rule: String, broken: Broken, severity: Severity| {
        if broken.count > 0 {
            findings.push(Finding { name, rule, broken, severity });
        }
    };
    if profile.nulls > 0 {
        if let Some(severity) = rules.nulls {
            tell("nulls", "null where a value is required".into(), nulls(cells), severity);
        }
        if profile.null_rate > rules.null_limit {
            let rule = format!("{} null, at most {} allowed", percent(profile.null_rate), percent(rules.null_limit));
            tell("null_rate", rule, nulls(cells), rules.null_rate);
        }
    }
    tell("finite", "not a finite number".into(), not_finite(cells), Severity::Block);
    if let Some(rule) = rules.column_type.form() {
        tell("form", rule.into(), malformed(cells, rules.column_type), rules.form);
    }
    if let Some(range) = &rules.range {
        let outside = |value: f64| value.is_finite() && !(range.low..=range.high).contains(&value);
        let rule = format!("outside the range {}", range.text);
        tell("range", rule, numbers_where(cells, outside), range.severity);
    }
    if let Some(limits) = rules.below_zero {
        let below = numbers_where(cells, |value| value < 0.0);
        let severity = limits.severity(below.count as f64 / known(cells).max(1) as f64);
        let most = percent(limits.block);
        let rule = format!("below 0, which rare months alone may be (at most {most}): look at the sign");
        tell("below_zero", rule, below, severity);
    }
    if let Some(values) = &rules.values {
        let unknown = match cells {
            Cells::Text(cells) => {
                Broken::rows_where(cells.iter(), |text| !values.allowed.iter().any(|allowed| allowed == text))
            }
            _ => Broken::default(),
        };
        tell("values", "not one of the allowed values".into(), unknown, values.severity);
    }
    findings
}

fn nulls(cells: &Cells<'_>) -> Broken {
    match cells {
        Cells::Text(cells) => Broken::nulls(cells.iter()),
        Cells::Integer(cells) | Cells::Date(cells) => Broken::nulls(cells.iter()),
        Cells::Number(cells) => Broken::nulls(cells.iter()),
    }
}

/// How many cells have a value.
fn known(cells: &Cells<'_>) -> usize {
    match cells {
        Cells::Text(cells) => cells.iter().flatten().count(),
        Cells::Integer(cells) | Cells::Date(cells) => cells.iter().flatten().count(),
        Cells::Number(cells) => cells.iter().flatten().count(),
    }
}

fn not_finite(cells: &Cells<'_>) -> Broken {
    match cells {
        Cells::Number(cells) => Broken::rows_where(cells.iter(), |value| !value.is_finite()),
        _ => Broken::default(),
    }
}

fn numbers_where(cells: &Cells<'_>, breaks: impl Fn(f64) -> bool) -> Broken {
    match cells {
        Cells::Text(_) => Broken::default(),
        Cells::Integer(cells) | Cells::Date(cells) => {
            Broken::rows_where(cells.iter(), |value| breaks(f64::from(value)))
        }
        Cells::Number(cells) => Broken::rows_where(cells.iter(), breaks),
    }
}

fn malformed(cells: &Cells<'_>, column_type: ColumnType) -> Broken {
    match (cells, column_type) {
        (Cells::Text(cells), ColumnType::CustomerId) => Broken::rows_where(cells.iter(), |text| !is_customer_id(text)),
        (Cells::Text(cells), ColumnType::Month) => Broken::rows_where(cells.iter(), |text| !is_month(text)),
        (Cells::Integer(cells), ColumnType::Flag) => Broken::rows_where(cells.iter(), |value| !matches!(value, 0 | 1)),
        (Cells::Date(cells), ColumnType::MonthStart) => {
            Broken::rows_where(cells.iter(), |day| calendar_date(day).is_none_or(|date| date.day() != 1))
        }
        _ => Broken::default(),
    }
}

fn is_customer_id(text: &str) -> bool {
    text.strip_prefix('C').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_month(text: &str) -> bool {
    match text.as_bytes() {
        [year @ .., b'-', tens, ones] if year.len() == 4 && year.iter().all(u8::is_ascii_digit) => {
            matches!((tens, ones), (b'0', b'1'..=b'9') | (b'1', b'0'..=b'2'))
        }
        _ => false,
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_id_is_c_and_digits() {
        assert!(is_customer_id("C00017"));
        for text in ["C", "c1", "17", "C1 ", "C1a", ""] {
            assert!(!is_customer_id(text), "{text}");
        }
    }

    #[test]
    fn a_month_is_four_and_two_digits() {
        assert!(is_month("2024-01") && is_month("2024-10") && is_month("1999-12"));
        for text in ["2024-00", "2024-13", "2024-1", "24-01", "2024-20", "2024/01", "2024-01-01"] {
            assert!(!is_month(text), "{text}");
        }
    }
}
