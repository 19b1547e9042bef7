//! Consumption against contracted power: nobody draws more than the contract allows, hour after hour.

use std::collections::HashMap;

use polars::prelude::DataFrame;

use super::rules::CheckRules;
use super::usual::{FEW, TOO_FEW, middle};
use super::{Evaluation, Finding, Severity};
use crate::columns::{measures, texts};
use crate::error::Result;
use crate::month::{Month, months};

const TABLE: &str = "bronze_customer_month";
const ABOVE: &str = "above_power";
const LOW: &str = "low_load";
const UNIT: &str = "power_unit";
/// Above the limit by this factor, kWh are Wh.
const WATT_HOURS: f64 = 30.0;

/// Compares `bronze_customer_month` with the `contracted_power_kw` of `bronze_customer`.
pub fn of_power(
    bronze_customer: &DataFrame,
    bronze_customer_month: &DataFrame,
    rules: &CheckRules,
) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let (ids, power) = (texts(bronze_customer, "customer_id")?, measures(bronze_customer, "contracted_power_kw")?);
    let known: HashMap<&str, f64> = ids.into_iter().zip(power).filter_map(|(id, power)| Some((id?, power?))).collect();
    if let Some(finding) = of_another_unit(known.values().copied().collect(), rules) {
        let mut checks = not_made(&[ABOVE, LOW], "contracted power is of another unit");
        checks.push(Evaluation::of(TABLE, UNIT, std::slice::from_ref(&finding)));
        return Ok((vec![finding], checks));
    }
    let power_of: HashMap<&str, f64> = known.into_iter().filter(|(_, kw)| *kw > 0.0).collect();
    if power_of.is_empty() {
        return Ok((Vec::new(), not_made(&[UNIT, ABOVE, LOW], "no customer has a contracted power")));
    }
    let loads = Loads::of(&power_of, bronze_customer_month, rules.power_margin)?;
    let findings: Vec<Finding> = above(&loads, rules).into_iter().chain(low(&loads, rules)).collect();
    let mut checks = vec![Evaluation::of(TABLE, ABOVE, &findings)];
    checks.extend(match loads.average.len() as u64 {
        few if few < FEW => not_made(&[UNIT, LOW], TOO_FEW),
        _ => [UNIT, LOW].map(|rule| Evaluation::of(TABLE, rule, &findings)).into(),
    });
    Ok((findings, checks))
}

fn not_made(rules: &[&str], reason: &str) -> Vec<Evaluation> {
    rules.iter().map(|rule| Evaluation::not_made(TABLE, rule, reason)).collect()
}

/// The customer in the middle has a contracted power that nobody has.
fn of_another_unit(power_kw: Vec<f64>, rules: &CheckRules) -> Option<Finding> {
    let all = power_kw.len() as u64;
    let middle = middle(power_kw).filter(|_| all >= FEW)?;
    if rules.power_kw.holds(middle) {
        return None;
    }
    let looks_like = match middle {
        0.0 => "0 in place of an unknown: leave the cell empty",
        much if much > rules.power_kw.most => "W in place of kW",
        _ => "MW in place of kW",
    };
    let words = format!(
        "the contracted power of the customer in the middle is {middle}, which is not plausible in kW: it looks like \
         {looks_like}"
    );
    let finding = Finding::new(Severity::Block, TABLE, UNIT, words).of_column("contracted_power_kw");
    Some(finding.counting_of(all, all))
}

/// How much of their contracted power customers draw.
struct Loads<'a> {
    /// The most that a month has of power x hours, of those above the margin.
    excess: HashMap<&'a str, f64>,
    /// The worst of them, and its month.
    worst: Option<(f64, Month)>,
    /// Customer-months above the margin.
    months_above: u64,
    /// Customers compared.
    compared: u64,
    /// Of customers who draw something: the share of their contracted power, on average over all months.
    average: Vec<f64>,
}

impl<'a> Loads<'a> {
    fn of(power_of: &HashMap<&str, f64>, bronze_customer_month: &'a DataFrame, margin: f64) -> Result<Self> {
        let months = months(TABLE, bronze_customer_month, 1)?;
        let customers = texts(bronze_customer_month, "customer_id")?;
        let kwh = measures(bronze_customer_month, "monthly_elec_kwh")?;
        let (mut excess, mut worst, mut months_above) = (HashMap::new(), None::<(f64, Month)>, 0);
        let mut sums: HashMap<&str, [f64; 2]> = HashMap::new();
        for ((customer, month), kwh) in customers.into_iter().zip(months).zip(kwh) {
            let (Some(customer), Some(kwh)) = (customer, kwh) else { continue };
            let Some(power) = power_of.get(customer) else { continue };
            let most_kwh = power * month.hours();
            let [drawn, possible] = sums.entry(customer).or_default();
            *drawn += kwh;
            *possible += most_kwh;
            let factor = kwh / most_kwh;
            if factor > margin {
                months_above += 1;
                let most = excess.entry(customer).or_insert(factor);
                *most = most.max(factor);
                if worst.is_none_or(|(known, _)| factor > known) {
                    worst = Some((factor, month));
                }
            }
        }
        let compared = sums.len() as u64;
        let drawing = sums.into_values().filter(|[drawn, _]| *drawn > 0.0);
        let average = drawing.map(|[drawn, possible]| drawn / possible).collect();
        Ok(Self { excess, worst, months_above, compared, average })
    }
}

fn above(loads: &Loads<'_>, rules: &CheckRules) -> Option<Finding> {
    let (factor, month) = loads.worst?;
    let (above, all) = (loads.excess.len() as u64, loads.compared);
    let far = loads.excess.values().filter(|factor| **factor > WATT_HOURS).count() as u64;
    let share = |some: u64| some as f64 / all.max(1) as f64;
    let severity = rules.above_power.severity(share(above)).max(Severity::Warn);
    let severity = if share(far) >= rules.far_above_power { Severity::Block } else { severity };
    let looks_like = if far * 2 > above {
        "it looks like Wh in place of kWh, or the index of a meter in place of what was consumed"
    } else {
        "look at the unit of the readings (kWh in each hour) and at the contracted power (kW)"
    };
    let words = format!(
        "{above} of {all} customers consume more than their contracted power allows in {} customer-months, which is not \
         plausible (up to {factor:.1} times power x hours, in {month}): {looks_like}",
        loads.months_above
    );
    Some(Finding::new(severity, TABLE, ABOVE, words).of_column("monthly_elec_kwh").counting_of(above, all))
}

/// Most customers draw hardly anything of what they pay for.
fn low(loads: &Loads<'_>, rules: &CheckRules) -> Option<Finding> {
    let all = loads.average.len() as u64;
    let low = loads.average.iter().filter(|load| **load < rules.least_load).count() as u64;
    let severity = rules.low_load.severity(low as f64 / all.max(1) as f64);
    if all < FEW || severity == Severity::Info {
        return None;
    }
    let middle = middle(loads.average.clone())?;
    let words = format!(
        "{low} of {all} customers draw less than {:.2} % of their contracted power on average ({:.4} % the one in the \
         middle), which is not plausible: it looks like MWh in place of kWh; deliver kWh in each hour",
        rules.least_load * 100.0,
        middle * 100.0
    );
    Some(Finding::new(severity, TABLE, LOW, words).of_column("monthly_elec_kwh").counting_of(low, all))
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
        let rules = CheckRules {
            above_power: super::super::Limits { warn: 0.5, block: 0.9 },
            far_above_power: 0.9,
            ..CheckRules::default()
        };
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

    fn of_twenty(power_kw: f64, kwh: f64) -> Vec<(String, Severity, String)> {
        let ids: Vec<String> = (0..20).map(|number| format!("C{number}")).collect();
        let customers = df!("customer_id" => &ids, "contracted_power_kw" => vec![power_kw; 20]).unwrap();
        let months = df!("customer_id" => &ids, "month" => vec!["2024-02"; 20], "monthly_elec_kwh" => vec![kwh; 20]);
        let (findings, _) = of_power(&customers, &months.unwrap(), &CheckRules::default()).unwrap();
        findings.into_iter().map(|found| (found.rule, found.severity, found.words)).collect()
    }

    #[test]
    fn a_thousandth_of_what_is_usual_is_told_as_the_unit_that_it_looks_like() {
        assert!(of_twenty(4.6, 90.0).is_empty());
        let [(rule, severity, words)] = &of_twenty(4.6, 0.09)[..] else { panic!("one finding") };
        assert_eq!((rule.as_str(), *severity), ("low_load", Severity::Block));
        assert!(words.contains("MWh in place of kWh"), "{words}");
    }

    #[test]
    fn a_sixth_of_the_customers_with_megawatt_hours_is_told() {
        let found = |few: usize| {
            let ids: Vec<String> = (0..100).map(|number| format!("C{number}")).collect();
            let kwh: Vec<f64> = (0..100).map(|row| if row < few { 0.09 } else { 90.0 }).collect();
            let customers = df!("customer_id" => &ids, "contracted_power_kw" => vec![4.6; 100]).unwrap();
            let months = df!("customer_id" => &ids, "month" => vec!["2024-02"; 100], "monthly_elec_kwh" => kwh);
            let (findings, _) = of_power(&customers, &months.unwrap(), &CheckRules::default()).unwrap();
            findings.first().map(|found| (found.rule.clone(), found.severity))
        };
        assert_eq!(found(15), None);
        assert_eq!(found(16), Some((LOW.to_owned(), Severity::Warn)));
    }

    #[test]
    fn contracted_power_in_watts_is_told_and_nothing_is_compared_with_it() {
        let [(rule, severity, words)] = &of_twenty(4_600.0, 90.0)[..] else { panic!("one finding") };
        assert_eq!((rule.as_str(), *severity), ("power_unit", Severity::Block));
        assert!(words.contains("W in place of kW"), "{words}");
        assert_eq!(of_twenty(0.0046, 90.0)[0].0, "power_unit");
    }

    #[test]
    fn a_twentieth_of_the_customers_with_watt_hours_blocks() {
        let found = |far: usize| {
            let ids: Vec<String> = (0..100).map(|number| format!("C{number}")).collect();
            let kwh: Vec<f64> = (0..100).map(|row| if row < far { 300_000.0 } else { 90.0 }).collect();
            let customers = df!("customer_id" => &ids, "contracted_power_kw" => vec![4.6; 100]).unwrap();
            let months = df!("customer_id" => &ids, "month" => vec!["2024-02"; 100], "monthly_elec_kwh" => kwh);
            of_power(&customers, &months.unwrap(), &CheckRules::default()).unwrap().0[0].severity
        };
        assert_eq!([4, 5].map(found), [Severity::Warn, Severity::Block]);
    }

    #[test]
    fn contracted_power_of_0_for_everybody_blocks_as_an_unknown_that_was_written_as_0() {
        let [(rule, severity, words)] = &of_twenty(0.0, 90_000.0)[..] else { panic!("one finding") };
        assert_eq!((rule.as_str(), *severity), ("power_unit", Severity::Block));
        assert!(words.contains("0 in place of an unknown"), "{words}");
    }
}
