//! Customers whom the readings do not have, in words that their sender understands.

use std::collections::BTreeSet;

use polars::prelude::DataFrame;

use crate::columns::texts;
use crate::contract::QualityReport;
use crate::delivery::ends_early;
use crate::error::Result;

const CUSTOMERS: &str = "bronze_customer";
const MONTHS: &str = "bronze_customer_month";

/// The report of bronze, where customers of the one table without a row in the other are said to have no readings, and
/// whether all of them come after the last one who has some.
pub fn naming_without_readings(
    report: QualityReport,
    bronze_customer: &DataFrame,
    bronze_customer_month: &DataFrame,
) -> Result<QualityReport> {
    let mut report = report;
    let is_of_readings = |rule: &str| rule.starts_with(&format!("not in {MONTHS}."));
    for violation in &mut report.violations {
        if violation.table == CUSTOMERS && violation.name == "reference" && is_of_readings(&violation.rule) {
            let end = cut_words(bronze_customer, bronze_customer_month)?;
            violation.rule = format!("{} customers have no readings{end}", violation.count);
        }
    }
    Ok(report)
}

fn cut_words(bronze_customer: &DataFrame, bronze_customer_month: &DataFrame) -> Result<&'static str> {
    let customers: BTreeSet<&str> = texts(bronze_customer, "customer_id")?.into_iter().flatten().collect();
    let in_order: Vec<&str> = customers.into_iter().collect();
    let has: BTreeSet<&str> = texts(bronze_customer_month, "customer_id")?.into_iter().flatten().collect();
    let words = "; all of them come after the last one who has, as if the readings were cut off there";
    Ok(if ends_early(&in_order, &has) { words } else { "" })
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;

    use super::*;
    use crate::contract::{ColumnRegistry, Layer, check};

    const REGISTRY: &str = "
null_limits: { raw: 1, bronze: 1, silver: 1, gold: 1 }
severity: { null_rate: warn, range: warn, values: warn, form: warn, undeclared_column: warn }
tables:
  bronze_customer:
    layer: bronze
    references: [{ column: customer_id, table: bronze_customer_month, key: customer_id, severity: warn }]
    columns: [{ name: customer_id, type: customer_id }]
  bronze_customer_month: { layer: bronze, columns: [{ name: customer_id, type: customer_id }] }
";

    fn words(with_readings: &[&str]) -> Vec<String> {
        let table = |ids: &[&str]| df!("customer_id" => ids).unwrap();
        let (customers, months) = (table(&["C1", "C2", "C3", "C4"]), table(with_readings));
        let registry = ColumnRegistry::parse(REGISTRY).unwrap();
        let tables = [(CUSTOMERS, &customers), (MONTHS, &months)];
        let report = check(&registry, Layer::Bronze, &tables, &[]);
        let report = naming_without_readings(report, &customers, &months).unwrap();
        report.violations.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn customers_after_the_last_one_with_readings_look_cut_off() {
        assert!(words(&["C1", "C2", "C3", "C4"]).is_empty());
        assert_eq!(words(&["C1", "C2", "C4"]), ["bronze_customer.customer_id: 1 customers have no readings (1 rows)"]);
        let cut = words(&["C1", "C2"]);
        assert!(cut[0].contains("2 customers have no readings; all of them come after the last one"), "{}", cut[0]);
    }
}
