//! The fixed cost of electricity beside contracted power, which it is paid for: all customers pay about the same per kW.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;

use super::by_customer::by_customer;
use super::rules::CheckRules;
use super::usual::{FEW, TOO_FEW, middle};
use super::{Evaluation, Finding, Severity};
use crate::columns::{measures, texts};
use crate::error::Result;

const TABLE: &str = "bronze_customer_month";
const RULE: &str = "fixed_cost_and_power";
const COST: &str = "elec_fixed_cost_eur_month";
/// So many times more, or less, than what others pay per kW is no tariff.
const TIMES: f64 = 3.0;

/// Compares the fixed cost in `bronze_customer_month` with the `contracted_power_kw` of `bronze_customer`.
pub fn of_fixed_costs(
    bronze_customer: &DataFrame,
    bronze_customer_month: &DataFrame,
    rules: &CheckRules,
) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let per_kw = per_kw(bronze_customer, bronze_customer_month)?;
    let Some(usual) = middle(per_kw.clone()).filter(|_| per_kw.len() as u64 >= FEW) else {
        return Ok((Vec::new(), vec![Evaluation::not_made(TABLE, RULE, TOO_FEW)]));
    };
    let findings: Vec<Finding> =
        of_middle(usual, &per_kw, rules).or_else(|| of_some(usual, &per_kw, rules)).into_iter().collect();
    let checks = vec![Evaluation::of(TABLE, RULE, &findings)];
    Ok((findings, checks))
}

/// EUR a month per kW, of each customer who has both: that of the month in the middle.
fn per_kw(bronze_customer: &DataFrame, bronze_customer_month: &DataFrame) -> Result<Vec<f64>> {
    let power = measures(bronze_customer, "contracted_power_kw")?;
    let powers = texts(bronze_customer, "customer_id")?.into_iter().zip(power);
    let powers: BTreeMap<&str, f64> =
        powers.filter_map(|(customer, kw)| Some((customer?, kw.filter(|kw| *kw > 0.0)?))).collect();
    let costs = texts(bronze_customer_month, "customer_id")?.into_iter().zip(measures(bronze_customer_month, COST)?);
    let costs = by_customer(costs.filter_map(|(customer, eur)| Some((customer?, eur.filter(|eur| *eur > 0.0)?))));
    let of_customer = |(customer, eur): (&str, Vec<f64>)| Some(middle(eur)? / powers.get(customer)?);
    Ok(costs.into_iter().filter_map(of_customer).collect())
}

/// Fixed costs of a year, of a day or of a kW, or contracted power of another unit.
fn of_middle(usual: f64, per_kw: &[f64], rules: &CheckRules) -> Option<Finding> {
    if rules.fixed_cost_per_kw.holds(usual) {
        return None;
    }
    let all = per_kw.len() as u64;
    let words = format!(
        "the customer in the middle has a fixed cost of {usual:.3} EUR a month per kW of contracted power, which is not usual: \
         look whether it and the fee are of a month and of all of the contracted power (not of a year, a day or a kW), and \
         whether contracted power is in kW"
    );
    Some(Finding::new(Severity::Warn, TABLE, RULE, words).of_column(COST).counting_of(all, all))
}

/// A part of the customers with another unit, or powers that were moved against the rows.
fn of_some(usual: f64, per_kw: &[f64], rules: &CheckRules) -> Option<Finding> {
    let is_far = |eur: &&f64| **eur > usual * TIMES || **eur * TIMES < usual;
    let (count, all) = (per_kw.iter().filter(is_far).count() as u64, per_kw.len() as u64);
    let severity = rules.fixed_cost_and_power.severity(count as f64 / all.max(1) as f64);
    let words = format!(
        "the fixed cost per kW of contracted power of {count} of {all} customers is more than three times, or less than a third, \
         of the usual {usual:.3} EUR a month: look at their contracted power (W in place of kW, a column of \
         customer_attributes.csv that was moved against the rows) and at their fixed cost (a year's in place of a month's)"
    );
    let finding = Finding::new(severity, TABLE, RULE, words).of_column(COST);
    (severity > Severity::Info).then(|| finding.counting_of(count, all))
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;

    use super::*;

    /// A hundred customers of 4.6 kW, of whom the first `odd` have `odd_kw`, and two months of `eur` per 4.6 kW.
    fn found(eur: f64, odd: usize, odd_kw: f64) -> Vec<(Severity, u64, String)> {
        let ids: Vec<String> = (0..100).map(|number| format!("C{number:03}")).collect();
        let power: Vec<f64> = (0..100).map(|row| if row < odd { odd_kw } else { 4.6 }).collect();
        let customers = df!("customer_id" => &ids, "contracted_power_kw" => power).unwrap();
        let months = df!("customer_id" => [ids.clone(), ids].concat(), COST => vec![eur; 200]).unwrap();
        let (findings, checks) = of_fixed_costs(&customers, &months, &CheckRules::default()).unwrap();
        assert_eq!(checks.len(), 1);
        findings.into_iter().map(|found| (found.severity, found.count, found.words)).collect()
    }

    #[test]
    fn fixed_costs_of_another_time_are_told_by_what_a_kw_costs() {
        assert!(found(15.0, 0, 0.0).is_empty());
        for eur in [15.0 * 12.0, 15.0 / 30.0, 15.0 / 4.6] {
            let [(severity, count, words)] = &found(eur, 0, 0.0)[..] else { panic!("one finding for {eur}") };
            assert_eq!((*severity, *count), (Severity::Warn, 100));
            assert!(words.contains("not of a year, a day or a kW"), "{words}");
        }
    }

    #[test]
    fn powers_of_a_part_of_the_customers_are_told_where_they_do_not_fit_their_cost() {
        assert!(found(15.0, 2, 4_600.0).is_empty(), "a few may be mistaken");
        assert!(found(15.0, 50, 2.3).is_empty(), "tariffs differ");
        let [(severity, count, words)] = &found(15.0, 3, 4_600.0)[..] else { panic!("one finding") };
        assert_eq!((*severity, *count), (Severity::Warn, 3));
        assert!(words.contains("3 of 100 customers") && words.contains("W in place of kW"), "{words}");
        assert_eq!(found(15.0, 10, 0.46)[0].1, 10);
    }

    #[test]
    fn customers_without_a_power_or_a_cost_say_nothing() {
        assert!(found(0.0, 0, 0.0).is_empty() && found(15.0, 90, 0.0).is_empty());
    }
}
