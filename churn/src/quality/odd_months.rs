//! A month that is unlike the others for nearly everybody: filled with zeros, or of another unit.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

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
const ENDING: &str = "zeros_to_the_end";
/// Of fewer months a customer has no usual one.
const MONTHS: usize = 3;
/// A month that is so many times more, or less, than a customer's others is odd: no season is.
const TIMES: f64 = 100.0;
/// What the month of the customer in the middle may be, as a multiple of a usual one: no season is beyond.
const SEASONS: RangeInclusive<f64> = 0.25..=4.0;
/// So many last months of 0 are no holiday.
const LAST_MONTHS: usize = 2;
/// Of fewer customers zeros to the end are those of who moved out.
const FEW_ENDING: u64 = 4;

/// Compares the electricity of every month with the usual month of each customer. (Gas is of the seasons: months of nothing
/// are usual.) At the edges only zeros count, since a month that has just begun is little.
pub fn of_odd_months(bronze_customer_month: &DataFrame, rules: &CheckRules) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let months_of = months_of(bronze_customer_month)?;
    let counted = count(&months_of);
    let most = counted.values().map(|month| month.customers).max().unwrap_or(0);
    if most < FEW {
        let reason = "fewer than 20 customers have months enough to tell what is usual";
        return Ok((Vec::new(), [RULE, ENDING].map(|rule| Evaluation::not_made(TABLE, rule, reason)).into()));
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
    let finding = finding.or_else(|| beyond_seasons(&counted, edges, most));
    let findings: Vec<Finding> = zeros_to_the_end(&months_of, rules).into_iter().chain(finding).collect();
    let checks = [RULE, ENDING].map(|rule| Evaluation::of(TABLE, rule, &findings));
    Ok((findings, checks.into()))
}

/// A month of another unit, less than a hundredfold, shows in the customer in the middle.
fn beyond_seasons(counted: &BTreeMap<Month, OfMonth>, edges: [Option<Month>; 2], most: u64) -> Option<Finding> {
    let inner = |(month, found): &(&Month, &OfMonth)| !edges.contains(&Some(**month)) && found.customers * 2 >= most;
    let (month, found, times) = counted.iter().filter(inner).find_map(|(month, found)| {
        let times = middle(found.times.clone())?;
        (!SEASONS.contains(&times)).then_some((month, found, times))
    })?;
    let words = format!(
        "the electricity of the customer in the middle in {month} is {times:.2} times a usual month of that customer, which no \
         season is: it looks like another unit, or a part of the readings; deliver that month again"
    );
    let finding = Finding::new(Severity::Warn, TABLE, RULE, words).of_column("monthly_elec_kwh");
    Some(finding.counting_of(found.customers, found.customers))
}

/// Customers who had electricity, and have 0 in all the last months of the table.
fn zeros_to_the_end(months_of: &MonthsOf<'_>, rules: &CheckRules) -> Option<Finding> {
    let last = months_of.values().flatten().map(|(month, _)| *month).max()?;
    let to_the_end = months_of.values().filter(|months| {
        let is_used = months.len() >= MONTHS && months.iter().any(|(_, kwh)| *kwh > 0.0);
        is_used && months.iter().any(|(month, _)| *month == last)
    });
    let (mut all, mut count) = (0_u64, 0_u64);
    for months in to_the_end {
        let mut latest_first = months.clone();
        latest_first.sort_unstable_by_key(|(month, _)| std::cmp::Reverse(*month));
        all += 1;
        count += u64::from(latest_first.iter().take(LAST_MONTHS).all(|(_, kwh)| *kwh <= 0.0));
    }
    let severity = rules.zeros_to_the_end.severity(count as f64 / all.max(1) as f64);
    if severity == Severity::Info || count < FEW_ENDING {
        return None;
    }
    let words = format!(
        "the electricity of {count} of {all} customers is 0 in the last two months or longer, up to {last}, after months that \
         were not: it looks like zeros in place of readings that are not there; leave out what was not read"
    );
    Some(Finding::new(severity, TABLE, ENDING, words).of_column("monthly_elec_kwh").counting_of(count, all))
}

/// How a month is, beside the usual one of each customer who has one.
#[derive(Debug, Default)]
struct OfMonth {
    customers: u64,
    zero: u64,
    little: u64,
    much: u64,
    /// As multiples of the customers' usual months.
    times: Vec<f64>,
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

/// The electricity of each customer by month, where it is known.
type MonthsOf<'a> = BTreeMap<&'a str, Vec<(Month, f64)>>;

fn months_of(bronze_customer_month: &DataFrame) -> Result<MonthsOf<'_>> {
    let months = months(TABLE, bronze_customer_month, 1)?;
    let kwh = measures(bronze_customer_month, "monthly_elec_kwh")?;
    let rows = texts(bronze_customer_month, "customer_id")?.into_iter().zip(months).zip(kwh);
    Ok(by_customer(rows.filter_map(|((customer, month), kwh)| Some((customer?, (month, kwh?))))))
}

fn count(months_of: &MonthsOf<'_>) -> BTreeMap<Month, OfMonth> {
    let mut counted: BTreeMap<Month, OfMonth> = BTreeMap::new();
    for months in months_of.values().filter(|months| months.len() >= MONTHS) {
        let Some(usual) = middle(months.iter().map(|(_, kwh)| *kwh).collect()).filter(|usual| *usual > 0.0) else {
            continue;
        };
        for &(month, kwh) in months {
            let found = counted.entry(month).or_default();
            found.customers += 1;
            found.times.push(kwh / usual);
            found.zero += u64::from(kwh <= 0.0);
            found.little += u64::from(kwh > 0.0 && kwh * TIMES < usual);
            found.much += u64::from(kwh > usual * TIMES);
        }
    }
    counted
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
        assert_eq!([30.0, 350.0].map(|kwh| found(2, kwh)), [None, None]);
        for (kwh, times) in [(10.0, "0.10 times"), (1_000.0, "10.00 times")] {
            let finding = found(2, kwh).unwrap();
            assert_eq!((finding.severity, finding.count), (Severity::Warn, 20));
            assert!(finding.words.contains(times) && finding.words.contains("2024-03"), "{}", finding.words);
        }
        for (kwh, looks_like) in [(0.0, "zeros in place"), (0.1, "MWh in place of kWh"), (1e5, "Wh in place of kWh")] {
            let finding = found(2, kwh).unwrap();
            assert_eq!((finding.severity, finding.count), (Severity::Block, 20));
            assert!(finding.words.contains(looks_like) && finding.words.contains("2024-03"), "{}", finding.words);
        }
    }

    #[test]
    fn zeros_from_a_month_to_the_end_are_told_of_some_customers() {
        let found = |ending: usize| {
            let months = ["2024-01", "2024-02", "2024-03", "2024-04", "2024-05"];
            let rows = || (0..60).flat_map(|customer| (0..5).map(move |month| (customer, month)));
            let kwh = |(customer, month): (usize, usize)| if customer < ending && month > 2 { 0.0 } else { 100.0 };
            let table = df!(
                "customer_id" => rows().map(|(customer, _)| format!("C{customer}")).collect::<Vec<_>>(),
                "month" => rows().map(|(_, month)| months[month]).collect::<Vec<_>>(),
                "monthly_elec_kwh" => rows().map(kwh).collect::<Vec<f64>>(),
            );
            let (findings, _) = of_odd_months(&table.unwrap(), &CheckRules::default()).unwrap();
            findings.into_iter().map(|found| (found.rule, found.severity, found.count)).collect::<Vec<_>>()
        };
        assert!(found(3).is_empty(), "some move out");
        assert_eq!(found(4), [(ENDING.to_owned(), Severity::Warn, 4)]);
        let both = [(ENDING.to_owned(), Severity::Warn, 12), (RULE.to_owned(), Severity::Warn, 12)];
        assert_eq!(found(12), both, "a fifth");
    }

    #[test]
    fn a_month_that_has_just_begun_is_little_and_one_of_zeros_is_odd() {
        assert_eq!(found(4, 0.1), None);
        assert_eq!(found(4, 0.0).unwrap().severity, Severity::Block);
    }
}
