//! Whether the files of a delivery mean the same customers: ids that differ in spelling only, told for all files at once,
//! and customers that a file has no row of.

use std::collections::{BTreeSet, HashSet};

use super::rules::DeliveryRules;
use super::spelling::{bare, usual_shape};
use super::{Delivered, column};
use crate::error::Result;
use crate::quality::{Finding, Severity};
use crate::raw::RawTable;

const CUSTOMER: &str = "customer_id";
/// The files that must have a row of every customer.
const OF_EVERYBODY: [RawTable; 3] = [RawTable::CustomerAttributes, RawTable::CustomerContracts, RawTable::PriceHistory];
/// The files that name customers, besides `churn_label`.
const NAMING: [RawTable; 4] =
    [RawTable::CustomerAttributes, RawTable::CustomerContracts, RawTable::PriceHistory, RawTable::CustomerInteractions];

/// Compares the ids of all files with those of `churn_label`; `in_readings` are some of those that the readings name.
pub fn of_ids(rules: &DeliveryRules, tables: &Delivered, in_readings: &[String]) -> Result<Vec<Finding>> {
    let customers = distinct(column(tables, RawTable::ChurnLabel, CUSTOMER)?);
    let known = Known::of(&customers);
    let mut findings = Vec::new();
    for table in NAMING {
        let ids = distinct(column(tables, table, CUSTOMER)?);
        findings.extend(known.spelled_otherwise(rules, table.as_str(), table.file_name(), &ids));
        if OF_EVERYBODY.contains(&table) {
            findings.extend(lost(rules, table, &customers, &ids));
        }
    }
    let ids: BTreeSet<&str> = in_readings.iter().map(String::as_str).collect();
    findings.extend(known.spelled_otherwise(rules, "consumption_hourly", "the readings", &ids));
    Ok(findings)
}

fn distinct(ids: Vec<Option<&str>>) -> BTreeSet<&str> {
    ids.into_iter().flatten().collect()
}

/// The customers of `churn_label`.
struct Known<'a> {
    ids: &'a BTreeSet<&'a str>,
    bare: HashSet<String>,
}

impl<'a> Known<'a> {
    fn of(ids: &'a BTreeSet<&'a str>) -> Self {
        Self { ids, bare: ids.iter().map(|id| bare(id)).collect() }
    }

    /// The ids of a file that are known but for their spelling.
    fn spelled_otherwise(
        &self,
        rules: &DeliveryRules,
        table: &str,
        file: &str,
        ids: &BTreeSet<&str>,
    ) -> Option<Finding> {
        let unknown: Vec<&str> = ids.iter().filter(|id| !self.ids.contains(*id)).copied().collect();
        let alike: Vec<&str> = unknown.iter().filter(|id| self.bare.contains(&bare(id))).copied().collect();
        if alike.is_empty() {
            return None;
        }
        let (all, as_written) = (ids.len(), ids.len() - unknown.len());
        let share = alike.len() as f64 / all as f64;
        let words = format!(
            "ids are spelled otherwise than in churn_label.csv: `{}` in {file}, `{}` there. {} of its {all} ids match as \
             they are written, and {} would without leading letters and zeros, `.0`, case, width and characters that \
             cannot be seen; deliver one spelling in all files",
            usual_shape(alike.iter().copied()),
            usual_shape(self.ids.iter().copied()),
            percent(as_written, all),
            percent(as_written + alike.len(), all),
        );
        let finding = Finding::new(severity(rules, share), table, "id_spelling", words);
        Some(finding.of_column(CUSTOMER).counting_of(alike.len() as u64, all as u64))
    }
}

/// The customers that a file has no row of, where they are many.
fn lost(rules: &DeliveryRules, table: RawTable, customers: &BTreeSet<&str>, ids: &BTreeSet<&str>) -> Option<Finding> {
    let (missing, all) = (customers.difference(ids).count(), customers.len());
    let share = missing as f64 / all.max(1) as f64;
    if share <= rules.lost_customers_warn {
        return None;
    }
    let words = format!(
        "{} of the customers of churn_label.csv ({missing} of {all}) have no row in {}; deliver it whole",
        percent(missing, all),
        table.file_name()
    );
    let finding = Finding::new(severity(rules, share), table.as_str(), "lost_customers", words);
    Some(finding.of_column(CUSTOMER).counting_of(missing as u64, all as u64))
}

fn severity(rules: &DeliveryRules, share: f64) -> Severity {
    match share {
        share if share > rules.lost_customers_block => Severity::Block,
        share if share > rules.lost_customers_warn => Severity::Warn,
        _ => Severity::Info,
    }
}

fn percent(part: usize, all: usize) -> String {
    format!("{:.1} %", 100.0 * part as f64 / all.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use polars::prelude::{DataFrame, df};

    use super::*;

    fn table(name: RawTable, ids: &[String]) -> (&'static str, DataFrame) {
        (name.as_str(), df!(CUSTOMER => ids).unwrap())
    }

    fn ids(form: impl Fn(u32) -> String) -> Vec<String> {
        (1..=200).map(form).collect()
    }

    fn usual(number: u32) -> String {
        format!("C{number:05}")
    }

    fn told(tables: &Delivered, in_readings: &[String]) -> Vec<Finding> {
        of_ids(&DeliveryRules::default(), tables, in_readings).unwrap()
    }

    fn delivery(contracts: &[String]) -> Vec<(&'static str, DataFrame)> {
        let all = ids(usual);
        vec![
            table(RawTable::ChurnLabel, &all),
            table(RawTable::CustomerAttributes, &all),
            table(RawTable::CustomerContracts, contracts),
            table(RawTable::PriceHistory, &all),
            table(RawTable::CustomerInteractions, &all[..9]),
        ]
    }

    #[test]
    fn files_that_mean_the_same_customers_are_told_of_nothing() {
        let all = ids(usual);
        assert_eq!(told(&delivery(&all), &all[..5]), []);
        // Somebody whom the labels do not know is no other spelling.
        let mut more = all;
        more.push("C99999".to_owned());
        assert_eq!(told(&delivery(&more), &[]), []);
    }

    #[test]
    fn all_files_with_another_spelling_are_told_at_once_and_nobody_is_named() {
        let other = ids(|number| format!("{number}.0"));
        let findings = told(&delivery(&other), &ids(|number| format!("{number}"))[..7]);
        let rules: Vec<_> = findings.iter().map(|finding| (finding.table.as_str(), finding.rule.as_str())).collect();
        let expected = [
            ("customer_contracts", "id_spelling"),
            ("customer_contracts", "lost_customers"),
            ("consumption_hourly", "id_spelling"),
        ];
        assert_eq!(rules, expected);
        assert!(findings.iter().all(|finding| finding.severity == Severity::Block));
        let words = &findings[0].words;
        assert!(words.contains("`###.#` in customer_contracts.csv, `C#####` there"), "{words}");
        assert!(words.contains("0.0 % of its 200 ids match") && words.contains("100.0 % would"), "{words}");
        assert!(!words.contains("C00"), "{words}");
    }

    #[test]
    fn a_few_lost_customers_warn_and_many_block() {
        let severity = |rows: usize| {
            let findings = told(&delivery(&ids(usual)[..rows]), &[]);
            findings.first().map(|finding| finding.severity)
        };
        assert_eq!([200, 199, 190, 170].map(severity), [None, None, Some(Severity::Warn), Some(Severity::Block)]);
    }
}
