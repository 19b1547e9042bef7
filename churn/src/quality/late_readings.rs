//! Customers whose readings begin long after they became customers: a part of the window that was not delivered.

use std::collections::{BTreeMap, HashMap, HashSet};

use polars::prelude::DataFrame;

use super::rules::CheckRules;
use super::{Evaluation, Finding, Severity};
use crate::SnapshotDate;
use crate::columns::{dates, texts};
use crate::error::Result;
use crate::month::{Month, months};

const TABLE: &str = "bronze_customer_month";
const RULE: &str = "late_readings";
/// A month that fewer of the customers have is strayed, and no beginning of the readings.
const HARDLY_ANYBODY: f64 = 0.05;

/// Whether the readings of each customer of `bronze_customer` begin with the window, or with the customer, up to a month
/// later; `as_of` is the date of the run.
pub fn of_late_readings(
    bronze_customer: &DataFrame,
    bronze_customer_month: &DataFrame,
    as_of: Option<SnapshotDate>,
    rules: &CheckRules,
) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let Some(as_of) = as_of else {
        let reason = "the run began before its date was told to this check";
        return Ok((Vec::new(), vec![Evaluation::not_made(TABLE, RULE, reason)]));
    };
    let first_of = first_months(bronze_customer_month)?;
    let begin = first_month_of_all(bronze_customer_month)?.max(Some(Month::first_in_window(as_of)));
    let customers = texts(bronze_customer, "customer_id")?;
    let since = dates(bronze_customer, "customer_first_activation_date")?;
    let delays: Vec<i32> = customers
        .into_iter()
        .zip(since)
        .filter_map(|(id, since)| {
            let expected = begin?.max(Month::of(since?));
            Some(expected.months_to(*first_of.get(id?)?))
        })
        .collect();
    let late = delays.iter().filter(|delay| **delay > 1).count();
    let findings: Vec<Finding> = told(late as u64, delays.len() as u64, rules).into_iter().collect();
    let checks = vec![Evaluation::of(TABLE, RULE, &findings)];
    Ok((findings, checks))
}

fn told(late: u64, all: u64, rules: &CheckRules) -> Option<Finding> {
    let severity = rules.late_readings.severity(late as f64 / all.max(1) as f64);
    if severity == Severity::Info {
        return None;
    }
    let words = format!(
        "the readings of {late} of {all} customers begin more than a month after the window of the run, or after \
         customer_first_activation_date where that is later: deliver the months before, or what is called yearly is of less"
    );
    Some(Finding::new(severity, TABLE, RULE, words).of_column("month").counting_of(late, all))
}

/// The first month of each customer.
fn first_months(bronze_customer_month: &DataFrame) -> Result<HashMap<&str, Month>> {
    let mut first = HashMap::new();
    let rows = texts(bronze_customer_month, "customer_id")?.into_iter().zip(months(TABLE, bronze_customer_month, 1)?);
    for (id, month) in rows {
        let Some(id) = id else { continue };
        let of_customer = first.entry(id).or_insert(month);
        *of_customer = month.min(*of_customer);
    }
    Ok(first)
}

/// The first month that more than hardly anybody has.
fn first_month_of_all(bronze_customer_month: &DataFrame) -> Result<Option<Month>> {
    let mut customers = BTreeMap::new();
    for month in months(TABLE, bronze_customer_month, 1)? {
        *customers.entry(month).or_insert(0_u64) += 1;
    }
    let all = texts(bronze_customer_month, "customer_id")?.into_iter().flatten().collect::<HashSet<_>>().len();
    let enough = HARDLY_ANYBODY * all as f64;
    Ok(customers.into_iter().find(|(_, customers)| *customers as f64 >= enough).map(|(month, _)| month))
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;

    use super::super::CheckState;
    use super::*;

    /// Forty customers of 2024, the first of whom have no months before September; all are customers since then.
    fn found(late: u32, since: &str) -> Option<Severity> {
        let since = chrono::NaiveDate::parse_from_str(since, "%Y-%m-%d").unwrap();
        let ids: Vec<String> = (0..40).map(|customer| format!("C{customer}")).collect();
        let customers = df!("customer_id" => ids, "customer_first_activation_date" => vec![Some(since); 40]).unwrap();
        let (mut ids, mut names) = (Vec::new(), Vec::new());
        for customer in 0..40 {
            for month in (1..=12).filter(|month| customer >= late || *month >= 9) {
                ids.push(format!("C{customer}"));
                names.push(format!("2024-{month:02}"));
            }
        }
        let months = df!("customer_id" => ids, "month" => names).unwrap();
        let as_of = SnapshotDate::parse("2024-12-31").ok();
        let (findings, checks) = of_late_readings(&customers, &months, as_of, &CheckRules::default()).unwrap();
        assert_eq!(checks.len(), 1);
        findings.first().map(|finding| finding.severity)
    }

    #[test]
    fn readings_that_begin_long_after_the_customer_are_told_and_many_block() {
        let of_old_customers = [0, 2, 3, 27, 40].map(|late| found(late, "2019-03-01"));
        let expected = [None, None, Some(Severity::Warn), Some(Severity::Block), None];
        assert_eq!(of_old_customers, expected, "where all begin together, that is the delivery's beginning");
        assert_eq!([found(27, "2024-08-20"), found(27, "2024-07-20")], [None, Some(Severity::Block)]);
    }

    #[test]
    fn without_the_date_of_the_run_nothing_is_said() {
        let none = DataFrame::empty();
        let (findings, checks) = of_late_readings(&none, &none, None, &CheckRules::default()).unwrap();
        assert!(findings.is_empty() && checks[0].state == CheckState::NotEvaluated);
    }
}
