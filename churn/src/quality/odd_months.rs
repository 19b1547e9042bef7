//! A month that is unlike the others for nearly everybody: filled with zeros, or of another unit.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;

use super::by_customer::by_customer;
use super::rules::CheckRules;
use super::usual::{FEW, middle};
use super::{Evaluation, Finding, Severity};
use crate::columns::{measures, texts};
use crate::error::Result;
use crate::month::{Month, months};

const TABLE: &str = "bronze_customer_month";
const RULE: &str = "odd_month";
/// Of fewer months a customer has no usual one.
const MONTHS: usize = 3;
/// A month that is so many times more, or less, than a customer's others is odd: no season is.
const TIMES: f64 = 100.0;

/// Compares the electricity of every month with the usual month of each customer. (Gas is of the seasons: months of nothing
/// are usual.) At the edges only zeros count, since a month that has just begun is little.
pub fn of_odd_months(bronze_customer_month: &DataFrame, rules: &CheckRules) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let counted = count(bronze_customer_month)?;
    let most = counted.values().map(|month| month.customers).max().unwrap_or(0);
    if most < FEW {
        let reason = "fewer than 20 customers have months enough to tell what is usual";
        return Ok((Vec::new(), vec![Evaluation::not_made(TABLE, RULE, reason)]));
    }
    let edges = [counted.keys().next().copied(), counted.keys().next_back().copied()];
    let odd = counted.iter().filter(|(_, found)| found.customers * 2 >= most).filter_map(|(month, found)| {
        let (count, looks_like) = if edges.contains(&Some(*month)) { found.zeros() } else { found.worst() };
        let severity = rules.odd_months.severity(count as f64 / found.customers as f64);
        (severity > Severity::Info).then_some((severity, *month, count, found.customers, looks_like))
    });
    let odd: Vec<_> = odd.collect();
    let finding = odd.iter().max_by_key(|(severity, _, count, ..)| (*severity, *count)).map(
        |(severity, month, count, customers, looks_like)| {
            let others = match odd.len() {
                1 => String::new(),
                all => format!(" (and {} more months are odd)", all - 1),
            };
            let words = format!(
                "the electricity of {count} of {customers} customers is {looks_like} in {month}, unlike in their other \
                 months{others}: deliver that month again"
            );
            Finding::new(*severity, TABLE, RULE, words).of_column("monthly_elec_kwh").counting_of(*count, *customers)
        },
    );
    let findings: Vec<Finding> = finding.into_iter().collect();
    let checks = vec![Evaluation::of(TABLE, RULE, &findings)];
    Ok((findings, checks))
}

/// How a month is, beside the usual one of each customer who has one.
#[derive(Debug, Default)]
struct OfMonth {
    customers: u64,
    zero: u64,
    little: u64,
    much: u64,
}

impl OfMonth {
    fn zeros(&self) -> (u64, &'static str) {
        (self.zero, "0, which looks like zeros in place of readings that are not there")
    }

    fn worst(&self) -> (u64, &'static str) {
        let little = (self.zero + self.little, "hardly anything, which looks like MWh in place of kWh");
        let much = (self.much, "a hundred times more, which looks like Wh in place of kWh, or the index of a meter");
        let low = if self.zero >= self.little { (little.0, self.zeros().1) } else { little };
        if low.0 >= much.0 { low } else { much }
    }
}

fn count(bronze_customer_month: &DataFrame) -> Result<BTreeMap<Month, OfMonth>> {
    let months = months(TABLE, bronze_customer_month, 1)?;
    let kwh = measures(bronze_customer_month, "monthly_elec_kwh")?;
    let rows = texts(bronze_customer_month, "customer_id")?.into_iter().zip(months).zip(kwh);
    let months_of = by_customer(rows.filter_map(|((customer, month), kwh)| Some((customer?, (month, kwh?)))));
    let mut counted: BTreeMap<Month, OfMonth> = BTreeMap::new();
    for months in months_of.into_values().filter(|months| months.len() >= MONTHS) {
        let Some(usual) = middle(months.iter().map(|(_, kwh)| *kwh).collect()).filter(|usual| *usual > 0.0) else {
            continue;
        };
        for (month, kwh) in months {
            let found = counted.entry(month).or_default();
            found.customers += 1;
            found.zero += u64::from(kwh <= 0.0);
            found.little += u64::from(kwh > 0.0 && kwh * TIMES < usual);
            found.much += u64::from(kwh > usual * TIMES);
        }
    }
    Ok(counted)
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use super::*;

    /// Twenty customers of five months with 100 kWh each, but for the month at `odd`, which has `kwh`.
    fn found(odd: usize, kwh: f64) -> Option<Finding> {
        let months = ["2024-01", "2024-02", "2024-03", "2024-04", "2024-05"];
        let rows = || (0..20).flat_map(|customer| (0..5).map(move |month| (customer, month)));
        let table = df!(
            "customer_id" => rows().map(|(customer, _)| format!("C{customer}")).collect::<Vec<_>>(),
            "month" => rows().map(|(_, month)| months[month]).collect::<Vec<_>>(),
            "monthly_elec_kwh" => rows().map(|(_, month)| if month == odd { kwh } else { 100.0 }).collect::<Vec<_>>(),
        );
        of_odd_months(&table.unwrap(), &CheckRules::default()).unwrap().0.pop()
    }

    #[test]
    fn seasons_are_usual_and_a_month_of_zeros_or_of_another_unit_is_told() {
        assert_eq!(found(2, 5.0), None);
        for (kwh, looks_like) in [(0.0, "zeros in place"), (0.1, "MWh in place of kWh"), (1e5, "Wh in place of kWh")] {
            let finding = found(2, kwh).unwrap();
            assert_eq!((finding.severity, finding.count), (Severity::Block, 20));
            assert!(finding.words.contains(looks_like) && finding.words.contains("2024-03"), "{}", finding.words);
        }
    }

    #[test]
    fn a_month_that_has_just_begun_is_little_and_one_of_zeros_is_odd() {
        assert_eq!(found(4, 0.1), None);
        assert_eq!(found(4, 0.0).unwrap().severity, Severity::Block);
    }
}
