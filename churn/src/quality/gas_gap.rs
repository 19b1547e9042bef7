//! A month in which nobody burns gas, between months in which many do: gas that was lost or written as 0.

use std::collections::{BTreeMap, HashSet};

use polars::prelude::DataFrame;

use super::usual::FEW;
use super::{Evaluation, Finding, Severity};
use crate::columns::{measures, texts};
use crate::error::Result;
use crate::month::{Month, months};

const TABLE: &str = "bronze_customer_month";
const RULE: &str = "gas_gap";
const GAS: &str = "monthly_gas_m3";
/// Less than this share of both neighbours is nothing: where summers burn no gas, several months of them do not.
const NOTHING: f64 = 0.01;

/// Compares the gas of all customers in each month of `bronze_customer_month` with the month before and the one after.
pub fn of_gas_gaps(bronze_customer_month: &DataFrame) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let rows = texts(bronze_customer_month, "customer_id")?.into_iter().zip(measures(bronze_customer_month, GAS)?);
    let (mut sums, mut customers): (BTreeMap<Month, f64>, HashSet<&str>) = (BTreeMap::new(), HashSet::new());
    for ((customer, m3), month) in rows.zip(months(TABLE, bronze_customer_month, 1)?) {
        *sums.entry(month).or_default() += m3.unwrap_or(0.0);
        customers.extend(customer.filter(|_| m3.is_some_and(|m3| m3 > 0.0)));
    }
    let burning = customers.len() as u64;
    if burning < FEW {
        let reason = "fewer than 20 customers burn gas";
        return Ok((Vec::new(), vec![Evaluation::not_made(TABLE, RULE, reason)]));
    }
    let findings: Vec<Finding> = gap(&sums).map(|month| told(month, burning)).into_iter().collect();
    let checks = vec![Evaluation::of(TABLE, RULE, &findings)];
    Ok((findings, checks))
}

fn gap(sums: &BTreeMap<Month, f64>) -> Option<Month> {
    let sums: Vec<(Month, f64)> = sums.iter().map(|(month, m3)| (*month, *m3)).collect();
    sums.windows(3).find_map(|months| match months {
        [(_, before), (month, m3), (_, after)] => (*m3 < NOTHING * before.min(*after)).then_some(*month),
        _ => None,
    })
}

fn told(month: Month, burning: u64) -> Finding {
    let words = format!(
        "nobody of {burning} customers with gas burns any in {month}, though they do in the month before and in the one after: it \
         looks like gas that was lost, or 0 in place of it; deliver that month again"
    );
    Finding::new(Severity::Warn, TABLE, RULE, words).of_column(GAS).counting_of(burning, burning)
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;

    use super::*;

    /// So many customers who burn this gas in the first months of the year.
    fn found(customers: usize, m3: &[f64]) -> Vec<(String, Severity, String)> {
        let rows = || (0..customers).flat_map(|customer| (0..m3.len()).map(move |month| (customer, month)));
        let table = df!(
            "customer_id" => rows().map(|(customer, _)| format!("C{customer}")).collect::<Vec<_>>(),
            "month" => rows().map(|(_, month)| format!("2024-{:02}", month + 1)).collect::<Vec<_>>(),
            GAS => rows().map(|(_, month)| m3[month]).collect::<Vec<f64>>(),
        );
        let (findings, checks) = of_gas_gaps(&table.unwrap()).unwrap();
        assert_eq!(checks.len(), 1);
        findings.into_iter().map(|finding| (finding.rule, finding.severity, finding.words)).collect()
    }

    #[test]
    fn a_month_without_gas_between_months_with_it_is_told_and_a_summer_is_not() {
        assert!(found(20, &[90.0, 40.0, 5.0, 0.0, 0.0, 3.0, 60.0]).is_empty(), "a summer");
        assert!(found(20, &[0.0, 40.0, 50.0, 0.0]).is_empty(), "the edges may be months that have just begun");
        assert!(found(19, &[90.0, 0.0, 80.0]).is_empty());
        let [(rule, severity, words)] = &found(20, &[90.0, 0.0, 80.0])[..] else { panic!("one finding") };
        assert_eq!((rule.as_str(), *severity), (RULE, Severity::Warn));
        assert!(words.contains("2024-02"), "{words}");
    }
}
