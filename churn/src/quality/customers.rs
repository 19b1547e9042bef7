//! What can be said of each customer: how much of its time the readings cover, and whether its label is known.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;
use serde::{Deserialize, Serialize};

use super::{Evaluation, Finding, Severity};
use crate::columns::{integers, texts};
use crate::error::Result;

const LABELS: &str = "churn_label";
const RULE: &str = "one_class";

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

/// Whether the labels of `gold_master` have both classes, which a training needs and a scoring does not.
pub fn of_labels(gold_master: &DataFrame, trains: bool) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
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
    if !trains {
        let reason = "nothing is trained: the champion scores, and labels are not needed";
        return Ok((findings, vec![Evaluation::not_made(LABELS, RULE, reason)]));
    }
    if churned == 0 || churned == known {
        let words = format!(
            "{churned} of them churned: the labels of {known} customers are of one class, and a model learns from both; look \
             whether churn_label.csv is of the right date, with 1 for those who left"
        );
        findings
            .push(Finding::new(Severity::Block, LABELS, RULE, words).of_column("churn").counting_of(churned, known));
    }
    let checks = vec![Evaluation::of(LABELS, RULE, &findings)];
    Ok((findings, checks))
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
        let (findings, _) = of_labels(&df!("churn" => labels).unwrap(), trains).unwrap();
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
}
