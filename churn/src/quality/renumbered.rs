//! Customers who are others than in the last published run, by what hardly ever changes of one: their IDs were given anew, and
//! what is known of an ID from before is of somebody else.

use std::collections::HashMap;

use polars::prelude::DataFrame;

use super::published::NOTHING;
use super::rules::CheckRules;
use super::usual::{FEW, TOO_FEW};
use super::{Evaluation, Finding, Severity};
use crate::columns::{integers, texts};
use crate::error::Result;

const TABLE: &str = "gold_master";
const RULE: &str = "published_attributes";
/// The columns of `gold_master` that are looked at: the customer, and what hardly ever changes of one.
pub const COLUMNS_OF_CUSTOMERS: [&str; 3] = ["customer_id", "sales_channel", "is_second_residence"];

/// The channel, and whether the home is a second one.
type Known<'a> = (Option<&'a str>, Option<i32>);

/// Compares the customers of `gold_master` with those of the same ID in the last published run's; nothing where there is none.
pub fn of_published_customers(
    gold_master: &DataFrame,
    published: Option<&DataFrame>,
    rules: &CheckRules,
) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let Some(published) = published else {
        return Ok((Vec::new(), vec![Evaluation::not_made(TABLE, RULE, NOTHING)]));
    };
    let (now, before) = (customers(gold_master)?, customers(published)?);
    let shared = now.into_iter().filter_map(|(customer, now)| Some((now, *before.get(customer)?)));
    let differ: Vec<bool> = shared.map(|(now, before)| is_another(now, before)).collect();
    let (count, all) = (differ.iter().filter(|differs| **differs).count() as u64, differ.len() as u64);
    if all < FEW {
        return Ok((Vec::new(), vec![Evaluation::not_made(TABLE, RULE, TOO_FEW)]));
    }
    let findings: Vec<Finding> = told(count, all, rules).into_iter().collect();
    let checks = vec![Evaluation::of(TABLE, RULE, &findings)];
    Ok((findings, checks))
}

fn customers(gold_master: &DataFrame) -> Result<HashMap<&str, Known<'_>>> {
    let [customer, channel, second_home] = COLUMNS_OF_CUSTOMERS;
    let known = texts(gold_master, channel)?.into_iter().zip(integers(gold_master, second_home)?);
    let rows = texts(gold_master, customer)?.into_iter().zip(known);
    Ok(rows.filter_map(|(customer, known)| Some((customer?, known))).collect())
}

/// What is not known on one side says nothing.
fn is_another(now: Known<'_>, before: Known<'_>) -> bool {
    now.0.zip(before.0).is_some_and(|(now, before)| now != before)
        || now.1.zip(before.1).is_some_and(|(now, before)| now != before)
}

fn told(count: u64, all: u64, rules: &CheckRules) -> Option<Finding> {
    let severity = rules.published_attributes.severity(count as f64 / all as f64);
    let words = format!(
        "of {all} customers whom the last published run had too, {count} have another sales channel or another kind of home: it \
         looks like IDs that were given anew, so that offers, outcomes and scores of before are of others; look whether a \
         customer has the same ID in every delivery"
    );
    let finding = Finding::new(severity, TABLE, RULE, words).of_column("customer_id").counting_of(count, all);
    (severity > Severity::Info).then_some(finding)
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;

    use super::*;

    /// Twenty customers of four channels; the IDs are given anew by so many places.
    fn customers_from(shift: usize) -> DataFrame {
        let channels = ["Office", "Telemarketing", "Own Website", "Unknown"];
        let ids: Vec<String> = (0..20).map(|place| format!("C{}", (place + shift) % 20)).collect();
        df!(
            "customer_id" => ids,
            "sales_channel" => (0..20).map(|place| channels[place % 4]).collect::<Vec<_>>(),
            "is_second_residence" => vec![None::<i32>; 20],
        )
        .unwrap()
    }

    fn found(now: &DataFrame, published: Option<&DataFrame>) -> (Vec<(u64, Severity)>, Evaluation) {
        let (findings, mut checks) = of_published_customers(now, published, &CheckRules::default()).unwrap();
        let findings = findings.into_iter().map(|found| (found.count, found.severity)).collect();
        (findings, checks.remove(0))
    }

    #[test]
    fn ids_that_were_given_anew_are_told_and_the_same_customers_are_not() {
        let now = customers_from(0);
        assert_eq!(found(&now, Some(&customers_from(0))), (Vec::new(), Evaluation::of(TABLE, RULE, &[])));
        assert!(found(&now, Some(&customers_from(4))).0.is_empty(), "of the same channels nothing shows");
        assert_eq!(found(&now, Some(&customers_from(1))).0, [(20, Severity::Warn)]);
    }

    #[test]
    fn where_nothing_is_published_nothing_is_compared() {
        let now = customers_from(0);
        assert_eq!(found(&now, None).1, Evaluation::not_made(TABLE, RULE, NOTHING));
        assert_eq!(found(&now, Some(&now.head(Some(19)))).1, Evaluation::not_made(TABLE, RULE, TOO_FEW));
    }
}
