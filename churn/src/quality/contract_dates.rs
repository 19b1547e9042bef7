//! Whether the dates of the contracts can be of customers who came one after the other.

use std::collections::HashMap;

use chrono::NaiveDate;
use polars::prelude::DataFrame;

use super::rules::CheckRules;
use super::usual::{FEW, TOO_FEW};
use super::{Evaluation, Finding, Severity};
use crate::columns::dates;
use crate::error::Result;
use crate::snapshot_date::SnapshotDate;

const TABLE: &str = "bronze_customer";
const ACTIVATION: &str = "activation_date";
pub(super) const ONE_DATE: &str = "one_date";
const FUTURE: &str = "future_contracts";
const EXPIRED: &str = "expired_contracts";
const SINCE: &str = "customer_first_activation_date";
const START: &str = "contract_start_date";
const RENEWAL: &str = "next_renewal_date";
/// A first contract is signed some weeks before it supplies.
const DAYS_TO_SUPPLY: i64 = 31;
/// More customers than this share do not have one date in common.
const IN_COMMON: f64 = 0.5;

/// Whether contracts start before their customers, whether most customers of `bronze_customer` have the same date, and
/// whether their contracts are those in force on the day that the readings cover, where nobody asked for an earlier one.
pub fn of_contract_dates(
    bronze_customer: &DataFrame,
    covered_to: Option<SnapshotDate>,
    rules: &CheckRules,
) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let mut findings = Vec::new();
    findings.extend(activation(bronze_customer, rules)?);
    for column in [SINCE, START, RENEWAL] {
        findings.extend(one_date(TABLE, column, "customers", &dates(bronze_customer, column)?));
    }
    let of_one_date = match bronze_customer.height() as u64 {
        few if few < FEW => Evaluation::not_made(TABLE, ONE_DATE, TOO_FEW),
        _ => Evaluation::of(TABLE, ONE_DATE, &findings),
    };
    let mut checks = vec![Evaluation::of(TABLE, ACTIVATION, &findings), of_one_date];
    let (in_force, of_force) = of_another_time(bronze_customer, covered_to, rules)?;
    findings.extend(in_force);
    checks.extend(of_force);
    Ok((findings, checks))
}

/// Contracts of a file that is older than the readings, or newer.
fn of_another_time(
    bronze_customer: &DataFrame,
    covered_to: Option<SnapshotDate>,
    rules: &CheckRules,
) -> Result<(Vec<Finding>, [Evaluation; 2])> {
    let Some(as_of) = covered_to else {
        let reason = "the run's date was asked for: later contracts may be there";
        return Ok((Vec::new(), [FUTURE, EXPIRED].map(|rule| Evaluation::not_made(TABLE, rule, reason))));
    };
    let mut findings = Vec::new();
    let known: Vec<NaiveDate> = dates(bronze_customer, START)?.into_iter().flatten().collect();
    let (count, all) = (known.iter().filter(|start| **start > as_of.date()).count() as u64, known.len() as u64);
    let severity = rules.future_contracts.severity(count as f64 / all.max(1) as f64);
    if all >= FEW && severity > Severity::Info {
        let words = format!(
            "the contract of {count} of {all} customers starts after {as_of}, the date of the run: deliver the contract that is in \
             force then; of who has renewed since, the features would know it"
        );
        findings.push(Finding::new(severity, TABLE, FUTURE, words).of_column(START).counting_of(count, all));
    }
    let known: Vec<NaiveDate> = dates(bronze_customer, RENEWAL)?.into_iter().flatten().collect();
    let (count, all) = (known.iter().filter(|end| **end < as_of.date()).count() as u64, known.len() as u64);
    let severity = rules.expired_contracts.severity(count as f64 / all.max(1) as f64);
    if all >= FEW && severity > Severity::Info {
        let words = format!(
            "the contract of {count} of {all} customers ended before {as_of}, the date of the run: it looks like a file that is \
             older than the readings; deliver the contracts in force"
        );
        findings.push(Finding::new(severity, TABLE, EXPIRED, words).of_column(RENEWAL).counting_of(count, all));
    }
    let checks = [FUTURE, EXPIRED].map(|rule| Evaluation::of(TABLE, rule, &findings));
    Ok((findings, checks))
}

fn activation(bronze_customer: &DataFrame, rules: &CheckRules) -> Result<Option<Finding>> {
    let (since, starts) = (dates(bronze_customer, SINCE)?, dates(bronze_customer, START)?);
    let both: Vec<_> = since.into_iter().zip(starts).filter_map(|(since, start)| since.zip(start)).collect();
    let is_before = |(since, start): &&(NaiveDate, NaiveDate)| (*since - *start).num_days() > DAYS_TO_SUPPLY;
    let (count, all) = (both.iter().filter(is_before).count() as u64, both.len() as u64);
    let severity = rules.contract_dates.severity(count as f64 / all.max(1) as f64);
    if severity == Severity::Info {
        return Ok(None);
    }
    let words = format!(
        "the contract of {count} of {all} customers starts more than a month before {SINCE}, which is the first day of the \
         customer: look at both columns"
    );
    Ok(Some(Finding::new(severity, TABLE, ACTIVATION, words).of_column(SINCE).counting_of(count, all)))
}

/// A date that stands for one that nobody knows, or for all.
pub(super) fn one_date(table: &str, column: &str, of_what: &str, dates: &[Option<NaiveDate>]) -> Option<Finding> {
    let mut with: HashMap<NaiveDate, u64> = HashMap::new();
    for date in dates.iter().flatten() {
        *with.entry(*date).or_default() += 1;
    }
    let all: u64 = with.values().sum();
    let (date, count) = with.into_iter().max_by_key(|(_, count)| *count)?;
    if all < FEW || count as f64 <= IN_COMMON * all as f64 {
        return None;
    }
    let words = format!(
        "{column} is {date} for {count} of {all} {of_what}: it looks like a date in place of one that is not known; leave \
         the field empty then"
    );
    Some(Finding::new(Severity::Warn, table, ONE_DATE, words).of_column(column).counting_of(count, all))
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use polars::prelude::df;

    use super::*;

    /// Forty customers of other dates; contracts start so many days after the first activation, of the first `few` of them
    /// two months before it, and renewals of as many are of one day.
    fn found(few: usize, days: u64) -> Vec<(String, Severity, u64)> {
        let day = |days: u64| NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + Days::new(days);
        let column = |of: &dyn Fn(u64) -> u64| (0..40).map(|customer| Some(day(of(customer)))).collect::<Vec<_>>();
        let few = few as u64;
        let customers = df!(
            SINCE => column(&|customer| 100 + customer),
            START => column(&|customer| if customer < few { 40 + customer } else { 100 + customer + days }),
            "next_renewal_date" => column(&|customer| if customer < few { 9_999 } else { 500 + customer }),
        );
        let (findings, checks) = of_contract_dates(&customers.unwrap(), None, &CheckRules::default()).unwrap();
        assert_eq!(checks.len(), 4);
        findings.into_iter().map(|finding| (finding.rule, finding.severity, finding.count)).collect()
    }

    #[test]
    fn contracts_before_their_customer_and_dates_for_all_are_told() {
        assert!(found(0, 0).is_empty() && found(0, 400).is_empty());
        assert_eq!(found(1, 0), [(ACTIVATION.to_owned(), Severity::Warn, 1)]);
        let many = [(ACTIVATION.to_owned(), Severity::Block, 21), (ONE_DATE.to_owned(), Severity::Warn, 21)];
        assert_eq!(found(21, 0), many);
    }

    #[test]
    fn contracts_of_another_time_than_the_readings_are_told() {
        let day = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        let found = |future: usize, expired: usize, as_of: Option<&str>| {
            let of = |customer: usize, first: &str| day(first).map(|first| first + Days::new(customer as u64));
            let column = |odd: usize, usual: &str, otherwise: &str| {
                (0..100).map(|row| of(row, if row < odd { otherwise } else { usual })).collect::<Vec<_>>()
            };
            let customers = df!(
                SINCE => column(0, "2020-03-01", ""),
                START => column(future, "2024-03-01", "2025-03-01"),
                RENEWAL => column(expired, "2025-09-01", "2024-07-01"),
            );
            let as_of = as_of.and_then(|date| SnapshotDate::parse(date).ok());
            let (findings, _) = of_contract_dates(&customers.unwrap(), as_of, &CheckRules::default()).unwrap();
            findings.into_iter().map(|finding| (finding.rule, finding.severity, finding.count)).collect::<Vec<_>>()
        };
        let as_of = Some("2024-12-31");
        assert!(found(5, 15, as_of).is_empty());
        assert_eq!(found(6, 0, as_of), [(FUTURE.to_owned(), Severity::Warn, 6)]);
        assert_eq!(found(0, 16, as_of), [(EXPIRED.to_owned(), Severity::Warn, 16)]);
        assert!(found(50, 50, None).is_empty(), "an earlier date was asked for");
    }
}
