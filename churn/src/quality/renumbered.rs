//! Customers who are others than in the last published run, by what hardly ever changes of one: their IDs were given anew, or
//! a file was moved against its IDs, and what is known of an ID from before is of somebody else.

use std::collections::HashMap;

use polars::prelude::DataFrame;

use super::published::NOTHING;
use super::rules::CheckRules;
use super::usual::{FEW, TOO_FEW, middle};
use super::{Evaluation, Finding, Severity};
use crate::columns::{integers, measures, texts};
use crate::error::Result;

const TABLE: &str = "gold_master";
const RULE: &str = "published_attributes";
const TENURE: &str = "tenure_months";
/// The columns of `gold_master` that are looked at: the customer, and what hardly ever changes of one.
pub const COLUMNS_OF_CUSTOMERS: [&str; 4] = ["customer_id", "sales_channel", "is_second_residence", TENURE];
/// Why nothing was compared with a table that an earlier version of this program may have made.
const OTHER_COLUMNS: &str =
    "the published table lacks a column that is compared, or has it of another type: nothing was compared";
/// Tenures are whole months, and grow by the same for all, or by one more.
const MONTHS_OFF: f64 = 2.0;
/// Of those who differ, one in so many is hardly anybody.
const HARDLY: u64 = 100;

/// What is known of a customer.
#[derive(Debug, Clone, Copy)]
struct Known<'a> {
    channel: Option<&'a str>,
    is_second_home: Option<i32>,
    tenure: Option<f64>,
}

/// Customers of the same ID, and how many of them are otherwise than they were.
#[derive(Debug, Default)]
struct Compared {
    all: u64,
    others: u64,
    channels: u64,
    homes: u64,
    tenures: u64,
}

/// Compares the customers of `gold_master` with those of the same ID in the last published run's; nothing where there is none,
/// or where it has other columns.
pub fn of_published_customers(
    gold_master: &DataFrame,
    published: Option<&DataFrame>,
    rules: &CheckRules,
) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let not_made = |reason| Ok((Vec::new(), vec![Evaluation::not_made(TABLE, RULE, reason)]));
    let Some(published) = published else { return not_made(NOTHING) };
    let now = customers(gold_master)?;
    let Ok(before) = customers(published) else { return not_made(OTHER_COLUMNS) };
    // Who is in one of both alone says nothing.
    let both = now.into_iter().filter_map(|(customer, now)| Some((now, *before.get(customer)?)));
    let compared = Compared::of(&both.collect::<Vec<_>>());
    if compared.all < FEW {
        return not_made(TOO_FEW);
    }
    let findings: Vec<Finding> = told(&compared, rules).into_iter().collect();
    let checks = vec![Evaluation::of(TABLE, RULE, &findings)];
    Ok((findings, checks))
}

fn customers(gold_master: &DataFrame) -> Result<HashMap<&str, Known<'_>>> {
    let [customer, channel, second_home, tenure] = COLUMNS_OF_CUSTOMERS;
    let channels = texts(gold_master, channel)?;
    let (second_homes, tenures) = (integers(gold_master, second_home)?, measures(gold_master, tenure)?);
    let known = channels.into_iter().zip(second_homes).zip(tenures);
    let known = known.map(|((channel, is_second_home), tenure)| Known { channel, is_second_home, tenure });
    let rows = texts(gold_master, customer)?.into_iter().zip(known);
    Ok(rows.filter_map(|(customer, known)| Some((customer?, known))).collect())
}

/// By how many months customers are there for longer than before: by as many as lie between the two runs.
fn grown((now, before): &(Known<'_>, Known<'_>)) -> Option<f64> {
    now.tenure.zip(before.tenure).map(|(now, before)| now - before)
}

impl Compared {
    /// Of customers as they are now and as they were.
    fn of(both: &[(Known<'_>, Known<'_>)]) -> Self {
        let usual = middle(both.iter().filter_map(grown).collect());
        let mut compared = Self { all: both.len() as u64, ..Self::default() };
        // What is not known on one side says nothing.
        for customer in both {
            let (now, before) = customer;
            let channel = now.channel.zip(before.channel).is_some_and(|(now, before)| now != before);
            let home = now.is_second_home.zip(before.is_second_home).is_some_and(|(now, before)| now != before);
            let tenure = grown(customer).zip(usual).is_some_and(|(grown, usual)| (grown - usual).abs() >= MONTHS_OFF);
            compared.others += u64::from(channel || home || tenure);
            compared.channels += u64::from(channel);
            compared.homes += u64::from(home);
            compared.tenures += u64::from(tenure);
        }
        compared
    }

    /// What it looks like: each file has columns of its own among those that are compared.
    fn looks_like(&self) -> &'static str {
        let is_hardly = |part: u64| part * HARDLY <= self.others;
        match (is_hardly(self.homes), is_hardly(self.channels), is_hardly(self.tenures)) {
            (true, false, true) => {
                "it looks like sales channels that were named otherwise, or customers who were moved to another one; name them as \
                 before"
            }
            (true, true, _) => {
                "it looks like dates of customer_first_activation_date that were written otherwise (day and month that changed \
                 places); deliver the first activation as before"
            }
            (true, false, false) => {
                "it looks like rows of customer_contracts.csv that were moved against customer_id in this delivery or in the \
                 published run, and each contract is of somebody else, or like IDs that were given anew; look at a few customers \
                 in the system that they are of"
            }
            (false, _, _) => {
                "it looks like IDs that were given anew in this delivery or in the published run, so that offers, outcomes \
                 and scores of before are of others; look whether a customer has the same ID in every delivery"
            }
        }
    }
}

fn told(compared: &Compared, rules: &CheckRules) -> Option<Finding> {
    let Compared { all, others, channels, homes, tenures } = *compared;
    let severity = rules.published_attributes.severity(others as f64 / all as f64);
    let words = format!(
        "of {all} customers whom the last published run had too, {others} are otherwise than they were (sales channel {channels}, \
         first activation {tenures}, kind of home {homes}): {}",
        compared.looks_like()
    );
    let finding = Finding::new(severity, TABLE, RULE, words).of_column("customer_id").counting_of(others, all);
    (severity > Severity::Info).then_some(finding)
}

#[cfg(test)]
mod tests {
    use polars::prelude::{Column, df};

    use super::*;

    /// Twenty customers of four channels, of whom every fifth home is a second one; the contracts are those of so many places
    /// further down, and so are the homes.
    fn customers_from(contracts: usize, homes: usize) -> DataFrame {
        let channels = ["Office", "Telemarketing", "Own Website", "Unknown"];
        let moved = |shift: usize| (0..20).map(move |place| (place + shift) % 20);
        df!(
            "customer_id" => (0..20).map(|place| format!("C{place}")).collect::<Vec<_>>(),
            "sales_channel" => moved(contracts).map(|place| channels[place % 4]).collect::<Vec<_>>(),
            "is_second_residence" => moved(homes).map(|place| i32::from(place % 5 == 0)).collect::<Vec<_>>(),
            TENURE => moved(contracts).map(|place| (place * 7 % 20) as f64 * 6.0).collect::<Vec<_>>(),
        )
        .unwrap()
    }

    fn compared(now: &DataFrame, published: Option<&DataFrame>) -> (Option<Finding>, Evaluation) {
        let (mut findings, mut checks) = of_published_customers(now, published, &CheckRules::default()).unwrap();
        assert!(findings.len() <= 1 && checks.len() == 1);
        (findings.pop(), checks.remove(0))
    }

    /// How many are told beside these published ones, and in which words.
    fn found(published: &DataFrame) -> Option<(u64, String)> {
        let finding = compared(&customers_from(0, 0), Some(published)).0?;
        assert_eq!(finding.severity, Severity::Warn);
        Some((finding.count, finding.words))
    }

    #[test]
    fn ids_that_were_given_anew_are_told_and_the_same_customers_are_not() {
        let now = customers_from(0, 0);
        assert_eq!(compared(&now, Some(&now)), (None, Evaluation::of(TABLE, RULE, &[])));
        let (count, words) = found(&customers_from(1, 1)).unwrap();
        assert_eq!(count, 20);
        assert!(
            words.contains("IDs that were given anew in this delivery or in the published run, so that")
                && words.contains("kind of home 8"),
            "{words}"
        );
    }

    #[test]
    fn contracts_that_were_moved_by_a_row_are_told_by_their_file() {
        let (count, words) = found(&customers_from(1, 0)).unwrap();
        assert_eq!(count, 20);
        assert!(words.contains("rows of customer_contracts.csv that were moved against customer_id"), "{words}");
        let (_, words) = found(&customers_from(4, 0)).unwrap();
        assert!(words.contains("sales channel 0") && words.contains("customer_first_activation_date"), "{words}");
        let mut renamed = customers_from(0, 0);
        renamed.with_column(Column::new("sales_channel".into(), vec!["Shop"; 20])).unwrap();
        let (_, words) = found(&renamed).unwrap();
        assert!(words.contains("first activation 0") && words.contains("were named otherwise"), "{words}");
    }

    #[test]
    fn who_is_there_for_longer_by_the_time_between_is_the_same() {
        let (now, mut before) = (customers_from(0, 0), customers_from(0, 0));
        let tenures: Vec<f64> = measures(&now, TENURE).unwrap().into_iter().flatten().collect();
        let mut tenures_before = |grown: &dyn Fn(usize) -> f64| {
            let earlier = tenures.iter().enumerate().map(|(place, months)| months - grown(place));
            before.with_column(Column::new(TENURE.into(), earlier.collect::<Vec<f64>>())).unwrap();
            found(&before).map(|(count, _)| count)
        };
        assert_eq!(tenures_before(&|place| if place % 2 == 0 { 6.0 } else { 7.0 }), None);
        assert_eq!(tenures_before(&|place| if place < 4 { 9.0 } else { 6.0 }), None, "a few came anew");
        assert_eq!(tenures_before(&|place| if place < 5 { 9.0 } else { 6.0 }), Some(5));
    }

    #[test]
    fn where_nothing_is_published_nothing_is_compared() {
        let now = customers_from(0, 0);
        assert_eq!(compared(&now, None), (None, Evaluation::not_made(TABLE, RULE, NOTHING)));
        let few = now.head(Some(19));
        assert_eq!(compared(&now, Some(&few)), (None, Evaluation::not_made(TABLE, RULE, TOO_FEW)));
    }

    #[test]
    fn a_published_table_of_other_columns_fails_no_run() {
        let now = customers_from(0, 0);
        let mut of_other_types = now.clone();
        of_other_types.with_column(Column::new("is_second_residence".into(), vec!["no"; 20])).unwrap();
        let mut published: Vec<DataFrame> =
            COLUMNS_OF_CUSTOMERS.into_iter().map(|name| now.drop(name).unwrap()).collect();
        published.push(of_other_types);
        for published in &published {
            assert_eq!(compared(&now, Some(published)), (None, Evaluation::not_made(TABLE, RULE, OTHER_COLUMNS)));
        }
    }
}
