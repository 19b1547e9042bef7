//! How electricity is spread over the hours of the tariff: a total of the day or the month among the hours shows here.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;

use super::rules::CheckRules;
use super::usual::{FEW, TOO_FEW, middle};
use super::{Evaluation, Finding, Severity};
use crate::columns::{measures, texts};
use crate::error::Result;

const TABLE: &str = "bronze_customer_month";
const RULE: &str = "odd_hours";
const OFF_PEAK: &str = "elec_kwh_tier_3_offpeak";

/// Compares the electricity of the third tier (nights, weekends and holidays) in `bronze_customer_month` with all of it.
pub fn of_odd_hours(bronze_customer_month: &DataFrame, rules: &CheckRules) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let all = measures(bronze_customer_month, "monthly_elec_kwh")?;
    let both = measures(bronze_customer_month, OFF_PEAK)?.into_iter().zip(all);
    let mut sums: BTreeMap<&str, [f64; 2]> = BTreeMap::new();
    for (customer, both) in texts(bronze_customer_month, "customer_id")?.into_iter().zip(both) {
        let (Some(customer), (Some(off_peak), Some(all))) = (customer, both) else { continue };
        let of_customer = sums.entry(customer).or_default();
        of_customer[0] += off_peak;
        of_customer[1] += all;
    }
    let shares: Vec<f64> =
        sums.into_values().filter(|[_, all]| *all > 0.0).map(|[off_peak, all]| off_peak / all).collect();
    let customers = shares.len() as u64;
    let Some(middle) = middle(shares).filter(|_| customers >= FEW) else {
        return Ok((Vec::new(), vec![Evaluation::not_made(TABLE, RULE, TOO_FEW)]));
    };
    let findings: Vec<Finding> = odd(middle, customers, rules).into_iter().collect();
    let checks = vec![Evaluation::of(TABLE, RULE, &findings)];
    Ok((findings, checks))
}

fn odd(middle: f64, customers: u64, rules: &CheckRules) -> Option<Finding> {
    if rules.off_peak_share.holds(middle) {
        return None;
    }
    let looks_like = if middle > rules.off_peak_share.most {
        "totals of the day or the month in the place of their first hour, beside all other hours"
    } else {
        "hours that were lost at night, or another clock"
    };
    let words = format!(
        "the customer in the middle consumes {:.1} % of its electricity at night, on weekends and on holidays, which is not \
         usual: it looks like {looks_like}",
        middle * 100.0
    );
    let finding = Finding::new(Severity::Warn, TABLE, RULE, words).of_column(OFF_PEAK);
    Some(finding.counting_of(customers, customers))
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;

    use super::*;

    /// So many customers with two months of 100 kWh, of which this is of the third tier.
    fn found(customers: usize, off_peak: f64) -> Vec<(String, Severity, String)> {
        let ids: Vec<String> = (0..customers * 2).map(|row| format!("C{}", row / 2)).collect();
        let table = df!(
            "customer_id" => ids,
            "monthly_elec_kwh" => vec![100.0; customers * 2],
            OFF_PEAK => vec![off_peak; customers * 2],
        );
        let (findings, checks) = of_odd_hours(&table.unwrap(), &CheckRules::default()).unwrap();
        assert_eq!(checks.len(), 1);
        findings.into_iter().map(|finding| (finding.rule, finding.severity, finding.words)).collect()
    }

    #[test]
    fn totals_among_the_hours_of_midnight_are_told() {
        assert!(found(20, 50.0).is_empty() && found(19, 75.0).is_empty());
        let [(rule, severity, words)] = &found(20, 75.0)[..] else { panic!("one finding") };
        assert_eq!((rule.as_str(), *severity), (RULE, Severity::Warn));
        assert!(words.contains("75.0 %") && words.contains("totals of the day"), "{words}");
        assert!(found(20, 10.0)[0].2.contains("lost at night"));
    }
}
