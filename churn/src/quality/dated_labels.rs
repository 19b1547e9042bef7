//! Labels of several dates: a run works with those of one, and who left before it, or came after it, is a customer of the
//! readings all the same.

use std::collections::BTreeSet;

use polars::prelude::{Column, DataFrame};

use super::{Finding, Severity};
use crate::columns::texts;
use crate::error::{Error, Result};

const CUSTOMER: &str = "customer_id";
const MONTHS: &str = "bronze_customer_month";

/// The ids of `bronze_customer` and of the labels of every date, as a table to compare with, and the months of readings of
/// those who are in labels of another date alone.
pub fn customers_of_all_dates(
    bronze_customer: &DataFrame,
    bronze_customer_month: &DataFrame,
    labels: &[DataFrame],
) -> Result<(DataFrame, Option<Finding>)> {
    let of_the_run: BTreeSet<&str> = texts(bronze_customer, CUSTOMER)?.into_iter().flatten().collect();
    let mut all = of_the_run.clone();
    for of_a_date in labels {
        all.extend(texts(of_a_date, CUSTOMER)?.into_iter().flatten());
    }
    let months = texts(bronze_customer_month, CUSTOMER)?;
    let is_of_another_date = |id: &&str| all.contains(id) && !of_the_run.contains(id);
    let of_another_date: Vec<&str> = months.iter().flatten().copied().filter(is_of_another_date).collect();
    let finding = told(&of_another_date, months.len() as u64);
    let ids: Vec<&str> = all.into_iter().collect();
    let table = DataFrame::new(ids.len(), vec![Column::new(CUSTOMER.into(), ids)]);
    Ok((table.map_err(Error::table("build the table of the customers of all dates"))?, finding))
}

fn told(of_another_date: &[&str], months: u64) -> Option<Finding> {
    if of_another_date.is_empty() {
        return None;
    }
    let (rows, customers) = (of_another_date.len(), of_another_date.iter().collect::<BTreeSet<_>>().len());
    let words = format!(
        "{rows} months of readings are of {customers} customers whom churn_label.csv has at another date than that of the \
         run: they are left out"
    );
    let finding = Finding::new(Severity::Info, MONTHS, "reference", words).of_column(CUSTOMER);
    Some(finding.counting_of(rows as u64, months))
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;

    use super::*;

    #[test]
    fn who_is_in_labels_of_another_date_is_known_and_counted() {
        let table = |ids: &[&str]| df!(CUSTOMER => ids).unwrap();
        let (run, months) = (table(&["C1", "C2"]), table(&["C1", "C2", "C3", "C3", "C9"]));
        let (known, finding) = customers_of_all_dates(&run, &months, &[table(&["C1", "C3"])]).unwrap();
        let ids: Vec<_> = texts(&known, CUSTOMER).unwrap().into_iter().flatten().collect();
        assert_eq!(ids, ["C1", "C2", "C3"], "nobody knows C9");
        let finding = finding.unwrap();
        assert_eq!((finding.severity, finding.count, finding.share), (Severity::Info, 2, Some(0.4)));
        assert!(finding.words.starts_with("2 months of readings are of 1 customers"), "{}", finding.words);
        let (_, finding) = customers_of_all_dates(&run, &run, &[table(&["C1"])]).unwrap();
        assert_eq!(finding, None);
    }
}
