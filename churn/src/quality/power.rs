//! Consumption against contracted power: nobody draws more than the contract allows, hour after hour.

use std::collections::HashMap;

use polars::prelude::DataFrame;

use super::rules::CheckRules;
use super::{Evaluation, Finding, Severity};
use crate::columns::{measures, texts};
use crate::error::Result;
use crate::month::{Month, months};

const TABLE: &str = "bronze_customer_month";
const RULE: &str = "above_power";
/// Above the limit by this factor, kWh are Wh.
const WATT_HOURS: f64 = 30.0;

/// Compares `bronze_customer_month` with the `contracted_power_kw` of `bronze_customer`.
pub fn of_power(
    bronze_customer: &DataFrame,
    bronze_customer_month: &DataFrame,
    rules: &CheckRules,
) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let (ids, power) = (texts(bronze_customer, "customer_id")?, measures(bronze_customer, "contracted_power_kw")?);
    let known = ids.into_iter().zip(power).filter_map(|(id, power)| Some((id?, power.filter(|kw| *kw > 0.0)?)));
    let power_of: HashMap<&str, f64> = known.collect();
    if power_of.is_empty() {
        let reason = "no customer has a contracted power";
        return Ok((Vec::new(), vec![Evaluation::not_made(TABLE, RULE, reason)]));
    }
    let months = months(TABLE, bronze_customer_month, 1)?;
    let customers = texts(bronze_customer_month, "customer_id")?;
    let kwh = measures(bronze_customer_month, "monthly_elec_kwh")?;

    let mut excess: HashMap<&str, f64> = HashMap::new();
    let mut worst: Option<(f64, Month)> = None;
    let (mut compared, mut months_above) = (std::collections::HashSet::new(), 0_u64);
    for ((customer, month), kwh) in customers.into_iter().zip(months).zip(kwh) {
        let (Some(customer), Some(kwh)) = (customer, kwh) else { continue };
        let Some(power) = power_of.get(customer) else { continue };
        compared.insert(customer);
        let factor = kwh / (power * month.hours());
        if factor > rules.power_margin {
            months_above += 1;
            let most = excess.entry(customer).or_insert(factor);
            *most = most.max(factor);
            if worst.is_none_or(|(known, _)| factor > known) {
                worst = Some((factor, month));
            }
        }
    }
    let (above, all) = (excess.len() as u64, compared.len() as u64);
    let Some((factor, month)) = worst else {
        return Ok((Vec::new(), vec![Evaluation::of(TABLE, RULE, &[])]));
    };
    let severity = rules.above_power.severity(above as f64 / all.max(1) as f64).max(Severity::Warn);
    let far = excess.values().filter(|factor| **factor > WATT_HOURS).count() as u64;
    let looks_like = if far * 2 > above {
        "it looks like Wh in place of kWh, or the index of a meter in place of what was consumed"
    } else {
        "look at the unit of the readings (kWh in each hour) and at the contracted power (kW)"
    };
    let words = format!(
        "{above} of {all} customers consume more than their contracted power allows in {months_above} customer-months, which is \
         not plausible (up to {factor:.1} times power x hours, in {month}): {looks_like}"
    );
    let finding = Finding::new(severity, TABLE, RULE, words).of_column("monthly_elec_kwh").counting_of(above, all);
    let checks = vec![Evaluation::of(TABLE, RULE, std::slice::from_ref(&finding))];
    Ok((vec![finding], checks))
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use super::*;

    fn customers() -> DataFrame {
        let power = [Some(10.0), Some(10.0), Some(10.0), Some(10.0), None];
        df!("customer_id" => ["C1", "C2", "C3", "C4", "C5"], "contracted_power_kw" => power).unwrap()
    }

    fn found(kwh: [f64; 5]) -> Option<Finding> {
        let months = df!(
            "customer_id" => ["C1", "C2", "C3", "C4", "C5"], "month" => ["2024-02"; 5], "monthly_elec_kwh" => kwh,
        );
        of_power(&customers(), &months.unwrap(), &CheckRules::default()).unwrap().0.pop()
    }

    #[test]
    fn a_month_of_full_power_is_plausible_and_more_is_told() {
        // 10 kW in 696 hours.
        assert_eq!(found([6_960.0, 7_600.0, 0.0, 1.0, 1e9]), None);
        let finding = found([7_700.0, 1.0, 1.0, 1.0, 1.0]).unwrap();
        assert_eq!((finding.severity, finding.count, finding.share), (Severity::Block, 1, Some(0.25)));
        assert!(finding.words.contains("2024-02") && finding.words.contains("unit"), "{}", finding.words);
    }

    #[test]
    fn a_few_customers_warn_and_a_thousandfold_is_another_unit() {
        let rules = CheckRules { above_power: super::super::Limits { warn: 0.5, block: 0.9 }, ..CheckRules::default() };
        let months =
            df!("customer_id" => ["C1", "C2"], "month" => ["2024-02"; 2], "monthly_elec_kwh" => [300_000.0, 1.0]);
        let finding = of_power(&customers(), &months.unwrap(), &rules).unwrap().0.pop().unwrap();
        assert_eq!(finding.severity, Severity::Warn);
        assert!(finding.words.contains("Wh in place of kWh"), "{}", finding.words);
    }

    #[test]
    fn without_any_power_the_check_is_not_made() {
        let customers = df!("customer_id" => ["C1"], "contracted_power_kw" => [None::<f64>]).unwrap();
        let months = df!("customer_id" => ["C1"], "month" => ["2024-02"], "monthly_elec_kwh" => [1.0]).unwrap();
        let (findings, checks) = of_power(&customers, &months, &CheckRules::default()).unwrap();
        assert!(findings.is_empty() && checks[0].state == crate::quality::CheckState::NotEvaluated);
    }
}
