//! What can be said of each customer: how much of its time the readings cover, whether its label is known and plausible,
//! whether its flags and dates fit together, and whether its contacts are of before the run's date.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use polars::prelude::DataFrame;
use serde::{Deserialize, Serialize};

use super::contract_dates::{ONE_DATE, one_date};
use super::rules::CheckRules;
use super::usual::{FEW, TOO_FEW, middle};
use super::{Evaluation, Finding, Severity};
use crate::columns::{dates, integers, measures, texts};
use crate::error::Result;
use crate::snapshot_date::SnapshotDate;

const LABELS: &str = "churn_label";
const RULE: &str = "one_class";
const BASE_RATE: &str = "base_rate";
const CUSTOMERS: &str = "bronze_customer";
const CONTRACT_DATES: &str = "contract_dates";
const INDUSTRIAL: &str = "industrial_flags";
const SECOND_HOMES: &str = "second_homes";
const CONTACTS: &str = "customer_interactions";
const AFTER: &str = "contacts_after_as_of";
const OLD: &str = "old_contacts";
/// A retailer that many call is called in every quarter.
const DAYS: i64 = 92;

/// How much of its months each customer's readings cover.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CustomerCoverage {
    /// Customers with a reading.
    pub customers: u64,
    /// Those whose readings cover every hour of their months.
    pub complete: u64,
    /// The share of the hours that are covered, by `customer_id`, of all others.
    pub incomplete: BTreeMap<String, f64>,
}

/// How much of its months each customer's readings cover, from the table of coverage.
pub fn coverage_of_customers(coverage: &DataFrame) -> Result<CustomerCoverage> {
    let (readings, hours) = (integers(coverage, "readings")?, integers(coverage, "hours")?);
    let mut sums: BTreeMap<&str, [f64; 2]> = BTreeMap::new();
    for ((id, readings), hours) in texts(coverage, "customer_id")?.into_iter().zip(readings).zip(hours) {
        let of_customer = sums.entry(id.unwrap_or_default()).or_default();
        of_customer[0] += f64::from(readings.unwrap_or(0));
        of_customer[1] += f64::from(hours.unwrap_or(0));
    }
    let share = |[readings, hours]: [f64; 2]| if hours > 0.0 { (readings / hours * 1e4).round() / 1e4 } else { 0.0 };
    let customers = sums.len() as u64;
    let incomplete: BTreeMap<String, f64> = sums
        .into_iter()
        .filter(|(_, [readings, hours])| readings < hours)
        .map(|(id, sums)| (id.to_owned(), share(sums)))
        .collect();
    Ok(CustomerCoverage { customers, complete: customers - incomplete.len() as u64, incomplete })
}

/// Whether the labels of `gold_master` have both classes, which a training needs and a scoring does not, and whether as many
/// customers left as leave a retailer.
pub fn of_labels(gold_master: &DataFrame, trains: bool, rules: &CheckRules) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let labels = integers(gold_master, "churn")?;
    let (all, known) = (labels.len() as u64, labels.iter().flatten().count() as u64);
    let churned = labels.iter().flatten().filter(|label| **label == 1).count() as u64;
    let mut findings = Vec::new();
    if known < all {
        let words = format!("{} of {all} customers have no label: they are scored and not learned from", all - known);
        findings.push(
            Finding::new(Severity::Info, LABELS, "no_label", words).of_column("churn").counting_of(all - known, all),
        );
    }
    findings.extend(base_rate(churned, known, trains, rules));
    let of_rate = match known {
        few if few < FEW => Evaluation::not_made(LABELS, BASE_RATE, TOO_FEW),
        _ => Evaluation::of(LABELS, BASE_RATE, &findings),
    };
    if !trains {
        let reason = "nothing is trained: the champion scores, and labels are not needed";
        return Ok((findings, vec![Evaluation::not_made(LABELS, RULE, reason), of_rate]));
    }
    if churned == 0 || churned == known {
        let words = format!(
            "{churned} of them churned: the labels of {known} customers are of one class, and a model learns from both; look \
             whether churn_label.csv is of the right date, with 1 for those who left"
        );
        findings
            .push(Finding::new(Severity::Block, LABELS, RULE, words).of_column("churn").counting_of(churned, known));
    }
    let checks = vec![Evaluation::of(LABELS, RULE, &findings), of_rate];
    Ok((findings, checks))
}

/// Labels the other way round, or of something else than churn. A delivery to be scored may be of people of whom nobody has
/// left yet.
fn base_rate(churned: u64, known: u64, trains: bool, rules: &CheckRules) -> Option<Finding> {
    let rate = churned as f64 / known.max(1) as f64;
    let is_plausible = rules.base_rate.holds(rate) || (!trains && rate < rules.base_rate.least);
    let is_one_class = churned == 0 || churned == known;
    if known < FEW || is_plausible || (trains && is_one_class) {
        return None;
    }
    let is_high = rate > rules.base_rate.most;
    let looks_like = if is_high { "labels the other way round: 1 is who left" } else { "labels of something else" };
    let words = format!(
        "{churned} of {known} customers with a label churned ({:.1} %), which is not plausible: it looks like {looks_like}",
        rate * 100.0
    );
    // Who scores needs no labels.
    let severity = if trains { Severity::Block } else { Severity::Warn };
    Some(Finding::new(severity, LABELS, BASE_RATE, words).of_column("churn").counting_of(churned, known))
}

/// Whether the flags and the dates of `bronze_customer` fit together.
pub fn of_customers(bronze_customer: &DataFrame, rules: &CheckRules) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let mut findings = Vec::new();
    findings.extend(contract_dates(bronze_customer, rules)?);
    findings.extend(industrial_flags(bronze_customer, rules)?);
    findings.extend(second_homes(bronze_customer, rules)?);
    let checks = [CONTRACT_DATES, INDUSTRIAL, SECOND_HOMES].map(|rule| Evaluation::of(CUSTOMERS, rule, &findings));
    Ok((findings, checks.into()))
}

fn contract_dates(bronze_customer: &DataFrame, rules: &CheckRules) -> Result<Option<Finding>> {
    let (starts, ends) = (dates(bronze_customer, "contract_start_date")?, dates(bronze_customer, "next_renewal_date")?);
    let both: Vec<_> = starts.into_iter().zip(ends).filter_map(|(start, end)| start.zip(end)).collect();
    let (count, all) = (both.iter().filter(|(start, end)| end < start).count() as u64, both.len() as u64);
    let severity = rules.contract_dates.severity(count as f64 / all.max(1) as f64);
    let words = format!(
        "the contract of {count} of {all} customers ends before it starts: it looks like contract_start_date and \
         next_renewal_date changed places"
    );
    let finding = Finding::new(severity, CUSTOMERS, CONTRACT_DATES, words).of_column("contract_start_date");
    Ok((severity > Severity::Info).then(|| finding.counting_of(count, all)))
}

/// Companies have more contracted power than homes.
fn industrial_flags(bronze_customer: &DataFrame, rules: &CheckRules) -> Result<Option<Finding>> {
    let flags = integers(bronze_customer, "is_industrial")?;
    let power = measures(bronze_customer, "contracted_power_kw")?;
    let of = |flag: i32| -> Vec<f64> {
        flags.iter().zip(&power).filter(|(is, _)| **is == Some(flag)).filter_map(|(_, power)| *power).collect()
    };
    let (industrial, homes) = (of(1), of(0));
    let (count, all) = (industrial.len() as u64, (industrial.len() + homes.len()) as u64);
    if count < FEW || all - count < FEW {
        return Ok(None);
    }
    let Some((companies_kw, homes_kw)) = middle(industrial).zip(middle(homes)) else { return Ok(None) };
    if companies_kw >= rules.industrial_power * homes_kw {
        return Ok(None);
    }
    let words = format!(
        "the industrial customer in the middle has {companies_kw} kW of contracted power, and the home in the middle \
         {homes_kw} kW: it looks like is_industrial the other way round; 1 is a company"
    );
    let finding = Finding::new(Severity::Block, CUSTOMERS, INDUSTRIAL, words).of_column("is_industrial");
    Ok(Some(finding.counting_of(count, all)))
}

/// Most homes are where people live.
fn second_homes(bronze_customer: &DataFrame, rules: &CheckRules) -> Result<Option<Finding>> {
    let (flags, companies) =
        (integers(bronze_customer, "is_second_residence")?, integers(bronze_customer, "is_industrial")?);
    let homes = flags.into_iter().zip(companies).filter(|(_, is_industrial)| *is_industrial == Some(0));
    let homes: Vec<i32> = homes.filter_map(|(flag, _)| flag).collect();
    let (count, all) = (homes.iter().filter(|flag| **flag == 1).count() as u64, homes.len() as u64);
    let severity = rules.second_homes.severity(count as f64 / all.max(1) as f64);
    if all < FEW || severity == Severity::Info {
        return Ok(None);
    }
    let words = format!(
        "{count} of {all} homes are second homes: it looks like is_second_residence the other way round; 1 is a second home"
    );
    let finding = Finding::new(severity, CUSTOMERS, SECOND_HOMES, words).of_column("is_second_residence");
    Ok(Some(finding.counting_of(count, all)))
}

/// Contacts after the day that the readings cover, which a run leaves out; `covered_to` is that day, where nobody asked for
/// an earlier one. Where `bronze_customer_month` has no price, the readings end before the prices begin.
pub fn of_contacts(
    customer_interactions: &DataFrame,
    bronze_customer_month: Option<&DataFrame>,
    covered_to: Option<SnapshotDate>,
    rules: &CheckRules,
) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let dates = dates(customer_interactions, "date")?;
    let mut findings: Vec<Finding> = one_date(CONTACTS, "date", "contacts", &dates).into_iter().collect();
    let Some(as_of) = covered_to else {
        let reason = "the run's date was asked for: later contacts may be there";
        let mut checks = [AFTER, OLD].map(|rule| Evaluation::not_made(CONTACTS, rule, reason)).to_vec();
        checks.push(Evaluation::of(CONTACTS, ONE_DATE, &findings));
        return Ok((findings, checks));
    };
    let later: Vec<_> = dates.iter().flatten().filter(|date| **date > as_of.date()).collect();
    let (count, all) = (later.len() as u64, dates.len() as u64);
    if let Some(latest) = later.iter().max() {
        let severity = rules.contacts_after_as_of.severity(count as f64 / all.max(1) as f64);
        let why = match bronze_customer_month.map(lacks_prices).transpose()? {
            Some(true) => "the readings end before all prices begin, and are of another time than the other files",
            _ if severity == Severity::Block => {
                "look whether the last readings were delivered, and at the dates of contacts that lie in the future"
            }
            _ => "look at their dates where they lie in the future",
        };
        let words = format!(
            "{count} of {all} contacts lie after {as_of}, the date of the run (the latest on {latest}): they are left out; {why}"
        );
        findings.push(Finding::new(severity, CONTACTS, AFTER, words).of_column("date").counting_of(count, all));
    }
    findings.extend(old_contacts(dates.iter().flatten(), as_of));
    let checks = [AFTER, OLD, ONE_DATE].map(|rule| Evaluation::of(CONTACTS, rule, &findings));
    Ok((findings, checks.into()))
}

/// Contacts of another time: the latest of many is long before the date of the run.
fn old_contacts<'a>(dates: impl Iterator<Item = &'a NaiveDate> + Clone, as_of: SnapshotDate) -> Option<Finding> {
    let all = dates.clone().count() as u64;
    let latest = dates.max()?;
    let days = as_of.date().signed_duration_since(*latest).num_days();
    if all < FEW || days <= DAYS {
        return None;
    }
    let words = format!(
        "the latest of {all} contacts is of {latest}, {days} days before {as_of}, the date of the run: look whether the contacts \
         of the last months were delivered, and whether their year is right"
    );
    Some(Finding::new(Severity::Warn, CONTACTS, OLD, words).of_column("date").counting_of(all, all))
}

/// Whether no month has a price of electricity or gas.
fn lacks_prices(bronze_customer_month: &DataFrame) -> Result<bool> {
    for price in ["variable_price_tier1_eur_kwh", "gas_variable_price_eur_m3"] {
        if measures(bronze_customer_month, price)?.iter().any(Option::is_some) {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use super::*;

    #[test]
    fn coverage_is_the_share_of_the_hours_of_a_customers_months() {
        let ids = ["C1", "C1", "C2", "C3"];
        let table = df!("customer_id" => ids, "readings" => [744, 348, 1, 744], "hours" => [744, 696, 744, 744]);
        let coverage = coverage_of_customers(&table.unwrap()).unwrap();
        assert_eq!((coverage.customers, coverage.complete), (3, 1));
        assert_eq!(coverage.incomplete, BTreeMap::from([("C1".to_owned(), 0.7583), ("C2".to_owned(), 0.0013)]));
    }

    fn found(labels: &[Option<i32>], trains: bool) -> Vec<(String, Severity)> {
        let (findings, _) = of_labels(&df!("churn" => labels).unwrap(), trains, &CheckRules::default()).unwrap();
        findings.into_iter().map(|finding| (finding.rule, finding.severity)).collect()
    }

    #[test]
    fn a_training_needs_both_classes_and_a_scoring_none() {
        let block = [(RULE.to_owned(), Severity::Block)];
        assert_eq!(found(&[Some(0), Some(0)], true), block);
        assert_eq!(found(&[Some(1)], true), block);
        assert!(found(&[Some(0), Some(0)], false).is_empty() && found(&[Some(0), Some(1)], true).is_empty());
        assert_eq!(found(&[Some(0), Some(1), None], true), [("no_label".to_owned(), Severity::Info)]);
        assert_eq!(found(&[None, None], false), [("no_label".to_owned(), Severity::Info)]);
    }

    fn labels(churned: usize) -> Vec<Option<i32>> {
        (0..100).map(|customer| Some(i32::from(customer < churned))).collect()
    }

    #[test]
    fn labels_the_other_way_round_block_a_training_and_warn_a_scoring() {
        let of = |severity| [(BASE_RATE.to_owned(), severity)];
        assert!(found(&labels(10), true).is_empty() && found(&labels(50), true).is_empty());
        assert_eq!(found(&labels(90), true), of(Severity::Block));
        assert_eq!(found(&labels(90), false), of(Severity::Warn));
        assert!(found(&labels(0), false).is_empty(), "nobody has left yet");
    }

    fn day(text: &str) -> chrono::NaiveDate {
        chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap()
    }

    /// Twenty homes of 4.6 kW and twenty companies of 10 kW; the first `swapped` contracts end before they start.
    fn customers(companies_are: i32, swapped: usize) -> DataFrame {
        let (early, late) = (Some(day("2024-03-01")), Some(day("2025-03-01")));
        let flags = [vec![1 - companies_are; 20], vec![companies_are; 20]].concat();
        let power = [vec![4.6_f64; 20], vec![10.0; 20]].concat();
        let starts: Vec<_> = (0..40).map(|customer| if customer < swapped { late } else { early }).collect();
        let ends: Vec<_> = (0..40).map(|customer| if customer < swapped { early } else { late }).collect();
        df!(
            "is_second_residence" => vec![0_i32; 40],
            "is_industrial" => flags,
            "contracted_power_kw" => power,
            "contract_start_date" => starts,
            "next_renewal_date" => ends,
        )
        .unwrap()
    }

    #[test]
    fn swapped_dates_and_flags_the_other_way_round_are_told() {
        let rules = |table: DataFrame| -> Vec<(String, Severity)> {
            let (findings, _) = of_customers(&table, &CheckRules::default()).unwrap();
            findings.into_iter().map(|finding| (finding.rule, finding.severity)).collect()
        };
        assert!(rules(customers(1, 0)).is_empty());
        assert_eq!(rules(customers(1, 1)), [(CONTRACT_DATES.to_owned(), Severity::Warn)]);
        assert_eq!(rules(customers(1, 40)), [(CONTRACT_DATES.to_owned(), Severity::Block)]);
        assert_eq!(rules(customers(0, 0)), [(INDUSTRIAL.to_owned(), Severity::Block)]);
    }

    #[test]
    fn more_second_homes_than_others_warn() {
        let found = |second: i32| {
            let mut table = customers(1, 0);
            let flags = (0..40).map(|customer| i32::from(customer < second)).collect::<Vec<i32>>();
            table.with_column(Column::new("is_second_residence".into(), flags)).unwrap();
            of_customers(&table, &CheckRules::default()).unwrap().0.pop().map(|found| (found.rule, found.count))
        };
        assert_eq!([10, 20].map(found), [None, Some((SECOND_HOMES.to_owned(), 20))]);
    }

    #[test]
    fn contacts_after_the_date_of_the_run_are_counted_and_many_are_told() {
        let table = |later: usize| {
            let date = |row: usize| {
                let latest = if row < later { day("2025-02-03") } else { day("2024-10-31") };
                Some(latest - chrono::Days::new(row as u64))
            };
            df!("date" => (0..20).map(date).collect::<Vec<_>>()).unwrap()
        };
        let covered_to = SnapshotDate::parse("2024-12-31").ok();
        let found = |later| of_contacts(&table(later), None, covered_to, &CheckRules::default()).unwrap().0.pop();
        assert_eq!(found(0), None);
        let finding = found(1).unwrap();
        assert_eq!((finding.severity, finding.count), (Severity::Info, 1));
        assert!(finding.words.contains("2025-02-03"), "{}", finding.words);
        assert_eq!([3, 11].map(|later| found(later).unwrap().severity), [Severity::Warn, Severity::Block]);
        let priced = |price: Option<f64>| {
            let prices = ["variable_price_tier1_eur_kwh", "gas_variable_price_eur_m3"];
            let months = df!(prices[0] => [price, None], prices[1] => [None::<f64>, None]).unwrap();
            let rules = CheckRules::default();
            of_contacts(&table(20), Some(&months), covered_to, &rules).unwrap().0.pop().unwrap().words
        };
        assert!(priced(Some(0.2)).contains("the last readings") && priced(None).contains("before all prices begin"));
        let old = |date: &str, contacts: usize| {
            let dates = (0..contacts).map(|row| Some(day(date) - chrono::Days::new(row as u64)));
            let table = df!("date" => dates.collect::<Vec<_>>()).unwrap();
            let (findings, _) = of_contacts(&table, None, covered_to, &CheckRules::default()).unwrap();
            findings.into_iter().map(|finding| (finding.rule, finding.severity)).collect::<Vec<_>>()
        };
        assert!(old("2024-09-30", 20).is_empty() && old("2022-10-01", 19).is_empty());
        assert_eq!(old("2024-09-29", 20), [(OLD.to_owned(), Severity::Warn)]);
        let of_export = df!("date" => vec![Some(day("2024-12-31")); 20]).unwrap();
        let (findings, _) = of_contacts(&of_export, None, None, &CheckRules::default()).unwrap();
        assert_eq!((findings[0].rule.as_str(), findings[0].severity), (ONE_DATE, Severity::Warn));
        let (findings, checks) = of_contacts(&table(20), None, None, &CheckRules::default()).unwrap();
        assert!(findings.is_empty() && checks[0].state == crate::quality::CheckState::NotEvaluated);
    }
}
