//! Whether a province lies in one region: codes that were shifted against the rows show here, and nowhere else.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;

use super::rules::CheckRules;
use super::usual::{FEW, TOO_FEW};
use super::{Evaluation, Finding, Severity};
use crate::columns::{integers, texts};
use crate::error::Result;

const TABLE: &str = "bronze_customer";
const RULE: &str = "province_regions";
const CODE: &str = "province_code";

/// Whether the customers of `bronze_customer` with one province code have one region.
pub fn of_provinces(bronze_customer: &DataFrame, rules: &CheckRules) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let codes = integers(bronze_customer, CODE)?.into_iter().zip(texts(bronze_customer, "region")?);
    let mut customers: BTreeMap<i32, BTreeMap<String, u64>> = BTreeMap::new();
    for (code, region) in codes.filter_map(|(code, region)| code.zip(region)) {
        *customers.entry(code).or_default().entry(region.to_lowercase()).or_default() += 1;
    }
    let all: u64 = customers.values().flat_map(BTreeMap::values).sum();
    if all < FEW {
        return Ok((Vec::new(), vec![Evaluation::not_made(TABLE, RULE, TOO_FEW)]));
    }
    let usual: u64 = customers.values().filter_map(|regions| regions.values().max()).sum();
    let findings: Vec<Finding> = elsewhere(all - usual, all, rules).into_iter().collect();
    let checks = vec![Evaluation::of(TABLE, RULE, &findings)];
    Ok((findings, checks))
}

fn elsewhere(count: u64, all: u64, rules: &CheckRules) -> Option<Finding> {
    let severity = rules.province_regions.severity(count as f64 / all as f64);
    let words = format!(
        "{count} of {all} customers have another region than most with their {CODE}: it looks like a column that was moved \
         against the rows, or regions in several spellings; look at both columns of customer_attributes.csv, since costs are \
         those of the province"
    );
    let finding = Finding::new(severity, TABLE, RULE, words).of_column(CODE);
    (severity > Severity::Info).then(|| finding.counting_of(count, all))
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;

    use super::*;

    const REGIONS: [&str; 4] = ["Aragón", "Cataluña", "Galicia", "aragón"];

    /// A hundred customers of four provinces; the code of the first `moved` is that of the next row.
    fn found(customers: usize, moved: usize) -> Vec<(String, Severity, u64)> {
        let code = |customer: usize| ((if customer < moved { customer + 1 } else { customer }) % 4) as i32;
        let region = |customer: usize| REGIONS[customer % 4];
        let table = df!(
            CODE => (0..customers).map(code).map(Some).chain([None, Some(1)]).collect::<Vec<_>>(),
            "region" => (0..customers).map(region).map(Some).chain([Some("Galicia"), None]).collect::<Vec<_>>(),
        );
        let (findings, checks) = of_provinces(&table.unwrap(), &CheckRules::default()).unwrap();
        assert_eq!(checks.len(), 1);
        findings.into_iter().map(|finding| (finding.rule, finding.severity, finding.count)).collect()
    }

    #[test]
    fn codes_that_were_moved_against_the_regions_are_told() {
        assert!(found(100, 0).is_empty() && found(19, 19).is_empty());
        assert!(found(100, 4).is_empty(), "a few may be mistaken");
        let of = |count| [(RULE.to_owned(), Severity::Warn, count)];
        // Three in four of the moved ones have another region: the first and the last spell one region in two ways.
        assert_eq!(found(100, 16), of(12));
        assert_eq!(found(100, 40), of(30));
    }
}
