//! Gas as a home burns it: m3, and not kWh, litres, cubic feet or what a meter shows.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::DataFrame;

use super::by_customer::by_customer;
use super::rules::{CheckRules, Limits};
use super::usual::{FEW, middle};
use super::{Evaluation, Finding, Severity};
use crate::columns::{integers, measures, texts};
use crate::error::Result;
use crate::month::{Month, months};

const TABLE: &str = "bronze_customer_month";
const UNIT: &str = "gas_unit";
const SOME: &str = "gas_unit_of_some";
const RISING: &str = "only_rising";
/// Of fewer months a year's average cannot be told: winter burns three times as much.
const MONTHS: usize = 6;
/// No season makes the gas of so many months rise, one after the other.
const MONTHS_OF_AN_INDEX: usize = 9;
/// An index does not fall; an hour more or less on the days when the clock changes is less than this.
const SLACK: f64 = 0.998;
/// An index that hardly moves may be an even estimate.
const MOVED: f64 = 1.005;
const TOO_FEW: &str = "fewer than 20 homes with gas in six months or more";
/// Of fewer homes some are told of, and stop nothing: a fifth of twenty are four flats that only cook with gas.
const ENOUGH_TO_BLOCK: u64 = 50;
/// A meter of a whole house shows less than this many times the most of a home.
const FAR: f64 = 30.0;
/// Gas of a home in an average month, m3, roughly: by how much more or less tells the unit.
const USUAL_M3: f64 = 70.0;

/// The gas of `bronze_customer_month`, of homes by `bronze_customer`.
pub fn of_gas(
    bronze_customer: &DataFrame,
    bronze_customer_month: &DataFrame,
    rules: &CheckRules,
) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let gas = Gas::of(bronze_customer, bronze_customer_month)?;
    let mut findings = Vec::new();
    let mut checks = Vec::new();
    if gas.months < MONTHS || (gas.homes.len() as u64) < FEW {
        checks.push(Evaluation::not_made(TABLE, UNIT, TOO_FEW));
    } else {
        findings.extend(of_another_unit(&gas, rules));
        checks.push(Evaluation::of(TABLE, UNIT, &findings));
    }
    if (gas.lived_in.len() as u64) < FEW {
        checks.push(Evaluation::not_made(TABLE, SOME, TOO_FEW));
    } else if findings.is_empty() {
        findings.extend(of_some(&gas, rules));
        checks.push(Evaluation::of(TABLE, SOME, &findings));
    } else {
        checks.push(Evaluation::not_made(TABLE, SOME, "the gas of most homes is of another unit"));
    }
    findings.extend(only_rising(&gas, rules));
    checks.push(Evaluation::of(TABLE, RISING, &findings));
    Ok((findings, checks))
}

fn of_another_unit(gas: &Gas, rules: &CheckRules) -> Option<Finding> {
    let m3 = middle(gas.homes.clone())?;
    if rules.gas_month_m3.holds(m3) {
        return None;
    }
    let looks_like = unit(m3 / USUAL_M3);
    let words = format!(
        "the home in the middle, of those with gas, burns {m3:.4} in an average month, which is not plausible in m3: it looks \
         like {looks_like} in place of m3"
    );
    let all = gas.homes.len() as u64;
    Some(Finding::new(Severity::Block, TABLE, UNIT, words).of_column("monthly_gas_m3").counting_of(all, all))
}

/// Homes beyond either limit, as far as they are more than honest ones are: a part of the delivery is of another unit. Much
/// gas is less strange than hardly any: one meter may be of a whole house. No house burns what is far beyond.
fn of_some(gas: &Gas, rules: &CheckRules) -> Vec<Finding> {
    let (least, most) = (rules.gas_month_m3.least, rules.gas_month_m3.most);
    let little = beyond_limit(gas, rules.gas_too_little, &format!("less than {least}"), |m3| m3 < least);
    let much = beyond_limit(gas, rules.gas_too_much, &format!("more than {most}"), |m3| m3 > most);
    let far = FAR * most;
    let far_too_much = beyond_limit(gas, rules.gas_far_too_much, &format!("more than {far}"), |m3| m3 > far);
    little.into_iter().chain(much).chain(far_too_much).collect()
}

fn beyond_limit(gas: &Gas, limits: Limits, amount: &str, is_beyond: impl Fn(f64) -> bool) -> Option<Finding> {
    let (beyond, within): (Vec<f64>, Vec<f64>) = gas.lived_in.iter().copied().partition(|m3| is_beyond(*m3));
    let (count, all) = (beyond.len() as u64, gas.lived_in.len() as u64);
    let most_severe = if all < ENOUGH_TO_BLOCK { Severity::Warn } else { Severity::Block };
    let severity = limits.severity(count as f64 / all as f64).min(most_severe);
    if severity == Severity::Info {
        return None;
    }
    let (odd, others) = (middle(beyond)?, middle(within).unwrap_or(USUAL_M3));
    let words = format!(
        "{count} of {all} homes with gas, second homes aside, burn {amount} m3 in an average month ({odd:.2} the one in the \
         middle, and {others:.2} of the others): it looks like {} in place of m3 for a part of the customers",
        unit(odd / others)
    );
    Some(Finding::new(severity, TABLE, SOME, words).of_column("monthly_gas_m3").counting_of(count, all))
}

/// What is so many times what it should be.
fn unit(times: f64) -> &'static str {
    match times {
        little if little < 1.0 => "thousands of m3, or MWh",
        times if times < 20.0 => "kWh",
        times if times < 190.0 => "cubic feet",
        times if times < 20_000.0 => "litres",
        _ => "the index of a meter",
    }
}

fn only_rising(gas: &Gas, rules: &CheckRules) -> Option<Finding> {
    if gas.long < FEW {
        return None;
    }
    let severity = rules.only_rising.severity(gas.rising as f64 / gas.long as f64);
    let words = format!(
        "the gas of {} customers rises from every month to the next: it looks like the index of a meter; deliver what was \
         consumed in each hour",
        gas.rising
    );
    let found = Finding::new(severity, TABLE, RISING, words).of_column("monthly_gas_m3");
    (severity > Severity::Info).then(|| found.counting_of(gas.rising, gas.long))
}

/// What the customers with gas burn.
struct Gas {
    /// Months of the table.
    months: usize,
    /// Homes with gas: m3 in an average month.
    homes: Vec<f64>,
    /// The same of those that people live in all year, with six months or more.
    lived_in: Vec<f64>,
    /// Customers with gas in months enough to tell an index.
    long: u64,
    /// Those of them whose gas only rises.
    rising: u64,
}

impl Gas {
    fn of(bronze_customer: &DataFrame, bronze_customer_month: &DataFrame) -> Result<Self> {
        let homes = flagged(bronze_customer, "is_industrial", 0)?;
        let second_homes = flagged(bronze_customer, "is_second_residence", 1)?;
        let months = months(TABLE, bronze_customer_month, 1)?;
        let m3 = measures(bronze_customer_month, "monthly_gas_m3")?;
        let all_months: BTreeSet<Month> = months.iter().copied().collect();
        // The last month may have just begun.
        let last = all_months.last().copied();
        let rows = texts(bronze_customer_month, "customer_id")?.into_iter().zip(months).zip(m3);
        let months_of = by_customer(rows.filter_map(|((customer, month), m3)| Some((customer?, (month, m3?)))));
        let mut gas = Self { months: all_months.len(), homes: Vec::new(), lived_in: Vec::new(), long: 0, rising: 0 };
        for (customer, months) in months_of {
            let months: BTreeMap<Month, f64> = months.into_iter().collect();
            let sum: f64 = months.values().sum();
            if sum <= 0.0 {
                continue;
            }
            if homes.contains(customer) {
                let m3 = sum / months.len() as f64;
                gas.homes.push(m3);
                if months.len() >= MONTHS && !second_homes.contains(customer) {
                    gas.lived_in.push(m3);
                }
            }
            let whole = months.iter().filter(|(month, _)| Some(**month) != last);
            let of_an_hour: Vec<f64> = whole.map(|(month, m3)| m3 / month.hours()).collect();
            if of_an_hour.len() >= MONTHS_OF_AN_INDEX {
                gas.long += 1;
                gas.rising += u64::from(is_an_index(&of_an_hour));
            }
        }
        Ok(gas)
    }
}

/// The customers who have a flag of this value.
fn flagged<'a>(bronze_customer: &'a DataFrame, flag: &str, value: i32) -> Result<BTreeSet<&'a str>> {
    let flags = texts(bronze_customer, "customer_id")?.into_iter().zip(integers(bronze_customer, flag)?);
    Ok(flags.filter(|(_, flag)| *flag == Some(value)).filter_map(|(id, _)| id).collect())
}

/// What a meter shows is never 0 for long, and never falls.
fn is_an_index(of_an_hour: &[f64]) -> bool {
    let moved = of_an_hour.first().zip(of_an_hour.last()).is_some_and(|(first, last)| *last > first * MOVED);
    moved && of_an_hour[0] > 0.0 && of_an_hour.windows(2).all(|pair| pair[1] >= pair[0] * SLACK)
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use super::*;

    /// A year of gas as the seasons have it, 1 on average.
    const SEASONS: [f64; 12] = [3.0, 2.4, 1.5, 0.7, 0.3, 0.0, 0.0, 0.0, 0.1, 0.4, 1.2, 2.4];

    /// Twenty homes whose months have `m3`.
    fn found(m3: impl Fn(usize) -> f64) -> Vec<(String, Severity, String)> {
        found_of(&[(0, 0); 20], |_, month| m3(month))
    }

    /// Customers with these flags, industrial and second home, whose months have `m3`.
    fn found_of(flags: &[(i32, i32)], m3: impl Fn(usize, usize) -> f64) -> Vec<(String, Severity, String)> {
        let id = |number: usize| format!("C{number}");
        let customers = df!(
            "customer_id" => (0..flags.len()).map(id).collect::<Vec<_>>(),
            "is_industrial" => flags.iter().map(|flags| flags.0).collect::<Vec<_>>(),
            "is_second_residence" => flags.iter().map(|flags| flags.1).collect::<Vec<_>>(),
        );
        let rows = || (0..flags.len()).flat_map(|number| (0..12).map(move |month| (number, month)));
        let months = df!(
            "customer_id" => rows().map(|(number, _)| id(number)).collect::<Vec<_>>(),
            "month" => rows().map(|(_, month)| format!("2024-{:02}", month + 1)).collect::<Vec<_>>(),
            "monthly_gas_m3" => rows().map(|(number, month)| m3(number, month)).collect::<Vec<_>>(),
        );
        let (findings, _) = of_gas(&customers.unwrap(), &months.unwrap(), &CheckRules::default()).unwrap();
        findings.into_iter().map(|found| (found.rule, found.severity, found.words)).collect()
    }

    #[test]
    fn a_home_burns_some_m3_and_other_units_are_named() {
        for m3 in [10.0, 70.0, 150.0] {
            assert!(found(|month| SEASONS[month] * m3).is_empty(), "{m3}");
        }
        let units = [(0.07, "MWh"), (11.0, "kWh"), (35.3, "cubic feet"), (1_000.0, "litres")];
        for (factor, unit) in units {
            let findings = found(|month| SEASONS[month] * if factor < 1.0 { factor } else { 70.0 * factor });
            let [(rule, severity, words)] = &findings[..] else { panic!("{findings:?}") };
            assert_eq!((rule.as_str(), *severity), ("gas_unit", Severity::Block));
            assert!(words.contains(unit), "{words}");
        }
    }

    /// A hundred homes of 20 to 167 m3, the first `odd` of which have so many times of that.
    fn found_of_some(odd: usize, times: f64) -> Vec<(String, Severity, String)> {
        let usual = |home: usize| 20.0 + 3.0 * (home % 50) as f64;
        let factor = |home: usize| if home < odd { times } else { 1.0 };
        found_of(&[(0, 0); 100], |home, month| SEASONS[month] * usual(home) * factor(home))
    }

    #[test]
    fn another_unit_for_some_of_the_homes_is_told_while_the_one_in_the_middle_looks_right() {
        let cases = [
            (32, 11.0, Severity::Warn, "kWh in place of m3"),
            (50, 11.0, Severity::Block, "kWh in place of m3"),
            (50, 10.0, Severity::Block, "kWh in place of m3"),
            (6, 0.01, Severity::Warn, "thousands of m3"),
            (49, 0.01, Severity::Block, "thousands of m3"),
            (1, 1_000.0, Severity::Warn, "litres"),
            (5, 1_000.0, Severity::Warn, "litres"),
            (6, 1_000.0, Severity::Block, "litres"),
        ];
        for (odd, times, severity, unit) in cases {
            let findings = found_of_some(odd, times);
            let [(rule, found, words)] = &findings[..] else { panic!("{findings:?}") };
            assert_eq!((rule.as_str(), *found), ("gas_unit_of_some", severity), "{odd} homes, {times}");
            assert!(words.contains(unit), "{words}");
        }
        assert!(found_of_some(5, 0.01).is_empty() && found_of_some(20, 11.0).is_empty());
    }

    #[test]
    fn of_few_homes_some_that_only_cook_with_gas_stop_nothing() {
        let found = |homes: usize| {
            let flags = vec![(0, 0); homes];
            found_of(&flags, |home, month| SEASONS[month] * if home.is_multiple_of(4) { 1.5 } else { 70.0 })
        };
        let severities = [20, 48, 52].map(|homes| found(homes)[0].1);
        assert_eq!(severities, [Severity::Warn, Severity::Warn, Severity::Block]);
    }

    #[test]
    fn second_homes_industry_and_a_fifth_of_homes_with_much_gas_are_honest() {
        let mut flags = vec![(0, 0); 60];
        flags.extend([(0, 1); 20]);
        flags.extend([(1, 0); 20]);
        let m3 = |customer: usize| match customer {
            0..3 => 0.9,
            3..48 => 70.0,
            48..60 => 1_500.0,
            60..80 => 0.4,
            _ => 5_000.0,
        };
        let findings = found_of(&flags, |customer, month| SEASONS[month] * m3(customer));
        assert!(findings.is_empty(), "{findings:?}");
    }

    #[test]
    fn the_index_of_a_meter_rises_though_february_is_short() {
        let months: Vec<f64> =
            (1..=12).map(|month| crate::month::Month::parse(&format!("2024-{month:02}")).unwrap().hours()).collect();
        let burnt = |month: usize| SEASONS[..month].iter().sum::<f64>() * 70.0;
        let rules: Vec<String> =
            found(|month| (9_000.0 + burnt(month)) * months[month]).into_iter().map(|found| found.0).collect();
        assert_eq!(rules, ["gas_unit", "only_rising"]);
        assert!(found(|month| 70.0 * months[month] / 732.0).is_empty(), "an even estimate is no index");
    }
}
