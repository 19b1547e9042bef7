//! A delivery against the one behind the last published run: what is lost without a word shows here.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::DataFrame;
use serde::{Deserialize, Serialize};

use super::rules::{CheckRules, Limits};
use super::usual::middle;
use super::{Evaluation, Finding, Severity};
use crate::bronze::customer_month::{COST_COLUMNS, PRICE_COLUMNS};
use crate::columns::{measures, texts};
use crate::contract::{ColumnProfile, QualityReport, TableProfile};
use crate::error::Result;
use crate::month::{Month, months};
use crate::silver::is_known_channel;
use crate::snapshot_date::SnapshotDate;

/// A table of few customers says little by its shares.
const FEW_ROWS: u64 = 20;
/// The months that features look at.
const YEAR: usize = 12;

/// What the months of a table sum up to, for comparisons; no customer is in it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MonthlyFacts {
    /// Customers in the table.
    pub customers: u64,
    /// By `YYYY-MM`: electricity in kWh and gas in m3.
    pub sums: BTreeMap<String, [f64; 2]>,
    /// By column: the price or the cost in the middle, EUR, of the twelve months that the run looks at.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub money: BTreeMap<String, f64>,
    /// The last month that the run looks at, `YYYY-MM`; nothing where its date was not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_view_to: Option<String>,
}

impl MonthlyFacts {
    /// Of `bronze_customer_month` in a run as of a date; months whose energy is not known add nothing.
    pub fn of(bronze_customer_month: &DataFrame, as_of: Option<SnapshotDate>) -> Result<Self> {
        let customers: BTreeSet<_> = texts(bronze_customer_month, "customer_id")?.into_iter().collect();
        let months = texts(bronze_customer_month, "month")?;
        let (elec, gas) =
            (measures(bronze_customer_month, "monthly_elec_kwh")?, measures(bronze_customer_month, "monthly_gas_m3")?);
        let mut sums: BTreeMap<&str, [f64; 2]> = BTreeMap::new();
        for ((month, elec), gas) in months.into_iter().zip(elec).zip(gas) {
            let of_month = sums.entry(month.unwrap_or_default()).or_default();
            of_month[0] += elec.unwrap_or(0.0);
            of_month[1] += gas.unwrap_or(0.0);
        }
        let sums = sums.into_iter().map(|(month, sums)| (month.to_owned(), sums)).collect();
        let in_view_to = as_of.map(|as_of| Month::last_complete(as_of).to_string());
        let money = middle_money(bronze_customer_month, as_of)?;
        Ok(Self { customers: customers.len() as u64, sums, money, in_view_to })
    }

    /// What is strange in a month that the run does not look at warns at most.
    fn severity_in(&self, month: &str, severity: Severity) -> Severity {
        let is_later = self.in_view_to.as_deref().is_some_and(|last| month > last);
        if is_later { severity.min(Severity::Warn) } else { severity }
    }
}

/// The middle of every column of money, of the months that features look at.
fn middle_money(bronze_customer_month: &DataFrame, as_of: Option<SnapshotDate>) -> Result<BTreeMap<String, f64>> {
    let window = as_of.map(|as_of| Month::first_in_window(as_of)..=Month::last_complete(as_of));
    let months = months(MONTHS_TABLE, bronze_customer_month, 1)?;
    let mut money = BTreeMap::new();
    for name in PRICE_COLUMNS.into_iter().chain(COST_COLUMNS) {
        let rows = measures(bronze_customer_month, name)?.into_iter().zip(&months);
        let in_window = rows.filter(|(_, month)| window.as_ref().is_none_or(|window| window.contains(*month)));
        if let Some(middle) = middle(in_window.filter_map(|(cell, _)| cell).collect()) {
            money.insert(name.to_owned(), middle);
        }
    }
    Ok(money)
}

/// Tables that depend on the date of a run: an earlier one knows of fewer contacts.
const NOT_COMPARED: [&str; 1] = ["bronze_customer"];

/// Compares a report with the same layer's of the last published run; `None` where there is none.
pub fn against_published(
    now: &QualityReport,
    published: Option<&QualityReport>,
    rules: &CheckRules,
) -> (Vec<Finding>, Vec<Evaluation>) {
    let mut findings = Vec::new();
    let mut checks = Vec::new();
    for table in now.tables.iter().filter(|table| !NOT_COMPARED.contains(&table.table.as_str())) {
        let before = published.and_then(|report| report.tables.iter().find(|before| before.table == table.table));
        let Some(before) = before else {
            checks.extend(not_made(&table.table, published));
            continue;
        };
        findings.extend(fewer_rows(table, before, rules.published));
        findings.extend(more_nulls(table, before, rules.published));
        findings.extend(unseen_categories(table, before, rules.unseen_categories));
        checks.extend(RULES.map(|rule| Evaluation::of(&table.table, rule, &findings)));
    }
    if let Some(now) = &now.monthly {
        match published.and_then(|report| report.monthly.as_ref()) {
            Some(before) => {
                findings.extend(of_months(now, before, rules));
                checks.extend(OF_MONTHS.map(|rule| Evaluation::of(MONTHS_TABLE, rule, &findings)));
            }
            None => checks.extend(OF_MONTHS.map(|rule| Evaluation::not_made(MONTHS_TABLE, rule, NOTHING))),
        }
    }
    (findings, checks)
}

const RULES: [&str; 3] = ["published_rows", "published_nulls", "unseen_categories"];
const OF_MONTHS: [&str; 4] = ["published_customers", "published_months", "published_sums", "published_money"];
const MONTHS_TABLE: &str = "bronze_customer_month";
const CONTACTS: &str = "customer_interactions";
/// Tables with rows of every month, and the column that has it.
const OF_MONTH: [(&str, &str); 3] =
    [("price_history", "pricing_date"), ("costs_by_province_month", "month"), (MONTHS_TABLE, "month")];
/// So many times the months of now are more than what was there and has moved on.
const MOST_ROLLED: i32 = 3;
pub(super) const NOTHING: &str = "nothing is published yet that it could be compared with";
const NEW_TABLE: &str = "the last published run has no such table on record";

fn not_made(table: &str, published: Option<&QualityReport>) -> Vec<Evaluation> {
    let reason = if published.is_some() { NEW_TABLE } else { NOTHING };
    RULES.map(|rule| Evaluation::not_made(table, rule, reason)).into()
}

fn fewer_rows(now: &TableProfile, before: &TableProfile, limits: Limits) -> Option<Finding> {
    let (expected, of) = match rolled(now, before) {
        Some(share) => ((before.rows as f64 * share).round() as u64, "as many months of the last published run"),
        None => (before.rows, "the last published run"),
    };
    let lost = expected.saturating_sub(now.rows);
    let severity = match limits.severity(share(lost, expected)) {
        // One month people call, and the next they do not.
        severity if now.table == CONTACTS => severity.min(Severity::Warn),
        severity => severity,
    };
    let words = format!(
        "{} rows, {lost} fewer than in {of}; where that is right, raise checks.published.block of column_registry.yaml for one \
         run",
        now.rows
    );
    told(severity, &now.table, "published_rows", words).map(|found| found.counting_of(lost, expected))
}

/// The share of the months of then that a table of months has, where it has fewer, and a whole year: what is delivered moves
/// on freely.
fn rolled(now: &TableProfile, before: &TableProfile) -> Option<f64> {
    let (_, column) = OF_MONTH.iter().find(|(table, _)| *table == now.table)?;
    let (now, before) = (span(now, column)?, span(before, column)?);
    // Many times more are stray months, far from all others.
    let has_rolled = now >= YEAR as i32 && now < before && before <= MOST_ROLLED * now;
    has_rolled.then(|| f64::from(now) / f64::from(before))
}

/// How many months lie from the first to the last.
fn span(table: &TableProfile, column: &str) -> Option<i32> {
    let column = table.schema.iter().find(|other| other.name == column)?;
    let month = |date: Option<&str>| Month::parse(date?.get(..7)?);
    Some(month(column.first_date.as_deref())?.months_to(month(column.last_date.as_deref())?) + 1)
}

/// Columns whose nulls say nothing: a score needs no labels, and months may be older than their prices and costs, whose files
/// are compared themselves.
fn may_be_null(table: &str, column: &str) -> bool {
    (table, column) == ("churn_label", "churn") || (table == MONTHS_TABLE && column.contains("_eur_"))
}

fn more_nulls(now: &TableProfile, before: &TableProfile, limits: Limits) -> Vec<Finding> {
    let compare = |column: &ColumnProfile| {
        if may_be_null(&now.table, &column.name) {
            return None;
        }
        let before = before.schema.iter().find(|other| other.name == column.name)?;
        let more = column.null_rate - before.null_rate;
        let words = format!(
            "{:.1} % null, and {:.1} % in the last published run",
            column.null_rate * 100.0,
            before.null_rate * 100.0
        );
        let found = told(limits.severity(more), &now.table, "published_nulls", words)?;
        Some(found.of_column(&column.name).counting_of(column.nulls, now.rows))
    };
    now.schema.iter().filter_map(compare).collect()
}

fn unseen_categories(now: &TableProfile, before: &TableProfile, limits: Limits) -> Vec<Finding> {
    let compare = |column: &ColumnProfile| {
        let before = before.schema.iter().find(|other| other.name == column.name)?;
        let (here, known) = (column.categories.as_ref()?, before.categories.as_ref()?);
        let is_known = |category: &String| known.contains_key(category) || has_a_name(&column.name, category);
        let unseen: Vec<_> = here.iter().filter(|&(category, _)| !is_known(category)).collect();
        let rows: u64 = unseen.iter().map(|(_, rows)| **rows).sum();
        let named: Vec<&str> = unseen.iter().take(3).map(|(category, _)| category.as_str()).collect();
        let words = format!(
            "{rows} rows have a category that the last published run did not have: {}; where it is right (and that of then was \
             not), raise checks.unseen_categories.block of column_registry.yaml for one run",
            named.join(", ")
        );
        let found = told(limits.severity(share(rows, now.rows)), &now.table, "unseen_categories", words)?;
        Some(found.of_column(&column.name).counting_of(rows, now.rows))
    };
    now.schema.iter().filter_map(compare).collect()
}

/// Whether the business has a name for a category, whoever delivered it before.
fn has_a_name(column: &str, category: &str) -> bool {
    column == "sales_channel" && is_known_channel(category)
}

fn of_months(now: &MonthlyFacts, before: &MonthlyFacts, rules: &CheckRules) -> Vec<Finding> {
    let limits = rules.published;
    let mut findings = Vec::new();
    let lost = before.customers.saturating_sub(now.customers);
    let words = format!("{} customers have readings, {lost} fewer than in the last published run", now.customers);
    let severity = limits.severity(share(lost, before.customers));
    let found = told(severity, MONTHS_TABLE, "published_customers", words);
    findings.extend(found.map(|found| found.of_column("customer_id").counting_of(lost, before.customers)));

    let gone: Vec<&str> =
        before.sums.keys().filter(|month| !now.sums.contains_key(*month)).map(String::as_str).collect();
    // A delivery of the last months begins later every month, and has all that a run looks at.
    let first = now.sums.keys().next();
    let has_moved_on =
        now.sums.len() >= YEAR && gone.iter().all(|month| first.is_some_and(|first| *month < first.as_str()));
    let severity = match gone.len() as f64 / before.sums.len().max(1) as f64 {
        share if share > 0.0 && !has_moved_on => limits.severity(share).max(Severity::Warn),
        _ => Severity::Info,
    };
    let severity = gone.first().map_or(severity, |first| now.severity_in(first, severity));
    let words = format!("the last published run had these months, and this one has not: {}", gone.join(", "));
    let found = told(severity, MONTHS_TABLE, "published_months", words);
    findings
        .extend(found.map(|found| found.of_column("month").counting_of(gone.len() as u64, before.sums.len() as u64)));

    for (fuel, column) in [(0, "monthly_elec_kwh"), (1, "monthly_gas_m3")] {
        findings.extend(moved_sums(now, before, fuel, column, rules));
    }
    findings.extend(moved_money(now, before, rules));
    findings
}

/// Prices and costs whose middle is another: few of them move by a quarter between two runs, and none threefold.
fn moved_money(now: &MonthlyFacts, before: &MonthlyFacts, rules: &CheckRules) -> Vec<Finding> {
    if now.customers.min(before.customers) < FEW_ROWS {
        return Vec::new();
    }
    let compare = |(name, now): (&String, &f64)| {
        let before = before.money.get(name).filter(|before| **before > 0.0)?;
        let times = now / before;
        let severity = match times {
            times if !rules.published_money_block.holds(times) => Severity::Block,
            times if !rules.published_money.holds(times) => Severity::Warn,
            _ => return None,
        };
        let words = format!(
            "{now} in the middle, and {before} in the last published run ({times:.2} times as much): look at its unit; where it \
             is right, raise checks.published_money_block of column_registry.yaml for one run"
        );
        told(severity, MONTHS_TABLE, "published_money", words).map(|found| found.of_column(name))
    };
    now.money.iter().filter_map(compare).collect()
}

/// Months that both have, and whose sums are others.
fn moved_sums(
    now: &MonthlyFacts,
    before: &MonthlyFacts,
    fuel: usize,
    column: &str,
    rules: &CheckRules,
) -> Option<Finding> {
    let both = before.sums.iter().filter_map(|(month, before)| Some((month, now.sums.get(month)?[fuel], before[fuel])));
    let moves =
        both.filter(|(_, _, before)| *before > 0.0).map(|(month, now, before)| (month, (now - before) / before));
    let last = before.sums.keys().next_back();
    let growth = (now.customers as f64 / before.customers.max(1) as f64).max(1.0);
    let severity = |month: &String, by: f64| {
        if by < 0.0 {
            return rules.published.severity(-by);
        }
        // New customers bring energy of their own, and a month that had not ended by then has more now.
        let beyond = if last == Some(month) { 0.0 } else { (1.0 + by) / growth - 1.0 };
        rules.published_more.severity(by).min(Severity::Warn).max(rules.published_more.severity(beyond))
    };
    let judged = moves.map(|(month, by)| (month, by, now.severity_in(month, severity(month, by))));
    let moved: Vec<_> = judged.filter(|(_, _, severity)| *severity > Severity::Info).collect();
    let (month, by, worst) = moved.iter().max_by(|a, b| a.2.cmp(&b.2).then(a.1.abs().total_cmp(&b.1.abs())))?;
    let customers = if now.customers > before.customers {
        format!(", of {} customers where there were {}", now.customers, before.customers)
    } else {
        String::new()
    };
    let words = format!(
        "the sum of {} months is another than in the last published run, most of {month}: {:+.1} %{customers}",
        moved.len(),
        by * 100.0
    );
    let found = told(*worst, MONTHS_TABLE, "published_sums", words)?;
    Some(found.of_column(column).counting_of(moved.len() as u64, now.sums.len() as u64))
}

fn told(severity: Severity, table: &str, rule: &str, words: String) -> Option<Finding> {
    (severity > Severity::Info).then(|| Finding::new(severity, table, rule, words))
}

/// The share that some have of all; of few it is nothing to go by.
fn share(some: u64, all: u64) -> f64 {
    let of_few = all < FEW_ROWS && some < all;
    if all == 0 || of_few { 0.0 } else { some as f64 / all as f64 }
}

#[cfg(test)]
mod tests;
