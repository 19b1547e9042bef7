//! Prices and costs that are not there yet: what was carried forward, and whose margin is not known.

use std::collections::BTreeSet;

use polars::prelude::DataFrame;

use super::rules::CheckRules;
use super::{Evaluation, Finding};
use crate::columns::{integers, measures, texts};
use crate::error::Result;
use crate::month::{Month, months};
use crate::silver::{FIXED_COST_AND_FEE, PRICE_AND_CONSUMPTION, PROVINCE_COSTS};

const TABLE: &str = "silver_customer_month";
const RULES: [&str; 2] = ["carried_forward", "unknown_margin"];

/// Compares `silver_customer_month` with the `bronze_customer_month` that it was made of; `silver_customer` knows the
/// provinces.
pub fn of_money(
    bronze_customer_month: &DataFrame,
    silver_customer_month: &DataFrame,
    silver_customer: &DataFrame,
    rules: &CheckRules,
) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let before = Rows::of(bronze_customer_month)?;
    let after = Rows::of(silver_customer_month)?;
    // Silver holds the rows of bronze up to the run's date, both sorted by customer and month.
    let in_silver: BTreeSet<_> = after.keys().collect();
    let kept: Vec<usize> = (0..before.len()).filter(|&row| in_silver.contains(&before.key(row))).collect();
    let mut findings = Vec::new();
    for (table, columns, who) in sources() {
        let mut filled = BTreeSet::new();
        for name in columns {
            let (raw, written) = (measures(bronze_customer_month, name)?, measures(silver_customer_month, name)?);
            let pairs = kept.iter().map(|&row| raw[row]).zip(written).enumerate();
            let is_filled = |raw: Option<f64>, written: Option<f64>| {
                raw.is_none_or(|raw| raw == 0.0) && written.is_some_and(|written| written != 0.0)
            };
            filled.extend(pairs.filter(|(_, (raw, written))| is_filled(*raw, *written)).map(|(row, _)| row));
        }
        findings.extend(carried(table, who, &filled, &after, rules));
    }
    findings.extend(unknown_margins(&after, silver_customer_month, silver_customer, rules)?);
    let checks = RULES.map(|rule| Evaluation::of(TABLE, rule, &findings));
    Ok((findings, checks.into()))
}

/// The raw file, its columns, and of whom what is missing was taken.
fn sources() -> [(&'static str, Vec<&'static str>, &'static str); 2] {
    let of_customer = PRICE_AND_CONSUMPTION.map(|(price, _)| price).into_iter();
    let of_customer = of_customer.chain(FIXED_COST_AND_FEE.map(|(cost, _)| cost)).collect();
    [
        ("price_history", of_customer, "the customer's other months, or customers of their kind"),
        ("costs_by_province_month", PROVINCE_COSTS.to_vec(), "the province's month before"),
    ]
}

fn carried(table: &str, from: &str, filled: &BTreeSet<usize>, after: &Rows<'_>, rules: &CheckRules) -> Option<Finding> {
    let latest = filled.iter().map(|&row| after.months[row]).max()?;
    let (count, all) = (filled.len() as u64, after.len() as u64);
    let what = if table == "price_history" { "prices or fixed costs" } else { "costs" };
    let words = format!(
        "{what} of {count} customer-months are not there (the latest in {latest}) and were taken from {from}: deliver {table}.csv \
         again when it is complete"
    );
    let severity = rules.carried_forward.severity(count as f64 / all.max(1) as f64);
    Some(Finding::new(severity, TABLE, "carried_forward", words).counting_of(count, all))
}

fn unknown_margins(
    after: &Rows<'_>,
    silver_customer_month: &DataFrame,
    silver_customer: &DataFrame,
    rules: &CheckRules,
) -> Result<Option<Finding>> {
    let margins = measures(silver_customer_month, "total_margin")?;
    let (ids, codes) = (texts(silver_customer, "customer_id")?, integers(silver_customer, "province_code")?);
    let ours: BTreeSet<Option<&str>> = ids.iter().copied().collect();
    let rows: Vec<usize> = (0..margins.len()).filter(|&row| ours.contains(&after.customers[row])).collect();
    let unknown: Vec<usize> = rows.iter().copied().filter(|&row| margins[row].is_none()).collect();
    let customers: BTreeSet<Option<&str>> = unknown.iter().map(|&row| after.customers[row]).collect();
    let Some(latest) = unknown.iter().map(|&row| after.months[row]).max() else { return Ok(None) };
    let all: BTreeSet<Option<&str>> = rows.iter().map(|&row| after.customers[row]).collect();
    let provinces: BTreeSet<i32> =
        ids.iter().zip(codes).filter(|(id, _)| customers.contains(*id)).filter_map(|(_, code)| code).collect();
    let (count, all) = (customers.len() as u64, all.len() as u64);
    let words = format!(
        "the margin of {count} of {all} customers is not known, since a price or a cost that it needs is missing in {} of their \
         months (the latest {latest}), for longer than it is carried forward; they live in {} provinces, and get no offer",
        unknown.len(),
        provinces.len()
    );
    let severity = rules.unknown_margin.severity(count as f64 / all.max(1) as f64);
    let finding = Finding::new(severity, TABLE, "unknown_margin", words).of_column("total_margin");
    Ok(Some(finding.counting_of(count, all)))
}

/// The keys of a table of months.
struct Rows<'a> {
    customers: Vec<Option<&'a str>>,
    months: Vec<Month>,
}

impl<'a> Rows<'a> {
    fn of(table: &'a DataFrame) -> Result<Self> {
        Ok(Self { customers: texts(table, "customer_id")?, months: months(TABLE, table, 1)? })
    }

    fn len(&self) -> usize {
        self.months.len()
    }

    fn key(&self, row: usize) -> (Option<&'a str>, Month) {
        (self.customers[row], self.months[row])
    }

    fn keys(&self) -> impl Iterator<Item = (Option<&'a str>, Month)> {
        (0..self.len()).map(|row| self.key(row))
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use super::*;
    use crate::quality::Severity;

    /// A table of two customers and one month; `cost` and `margin` by customer, all else known.
    fn table(cost: [Option<f64>; 2], margin: [Option<f64>; 2]) -> DataFrame {
        let mut columns = vec![
            Column::new("customer_id".into(), ["C1", "C2"]),
            Column::new("month".into(), ["2024-12"; 2]),
            Column::new("total_margin".into(), margin),
        ];
        let (_, prices, _) = &sources()[0];
        columns.extend(prices.iter().map(|name| Column::new((*name).into(), [Some(0.5); 2])));
        columns.extend(PROVINCE_COSTS.map(|name| Column::new(name.into(), cost)));
        DataFrame::new(2, columns).unwrap()
    }

    fn found(before: [Option<f64>; 2], after: [Option<f64>; 2], margin: [Option<f64>; 2]) -> Vec<Finding> {
        let customers = df!("customer_id" => ["C1", "C2"], "province_code" => [8, 28]).unwrap();
        let (before, after) = (table(before, [None; 2]), table(after, margin));
        of_money(&before, &after, &customers, &CheckRules::default()).unwrap().0
    }

    #[test]
    fn costs_that_were_carried_forward_are_counted_and_named_with_their_month() {
        let known = [Some(0.1), Some(0.1)];
        assert!(found(known, known, known).is_empty());
        let findings = found([Some(0.1), None], known, known);
        let [finding] = findings.as_slice() else { panic!("{findings:?}") };
        assert_eq!((finding.severity, finding.count), (Severity::Warn, 1));
        assert!(finding.words.contains("costs of 1 customer-months") && finding.words.contains("2024-12"));
    }

    #[test]
    fn customers_whose_margin_is_not_known_are_told_and_many_block() {
        let findings = found([Some(0.1), None], [Some(0.1), Some(0.0)], [Some(1.0), None]);
        let [finding] = findings.as_slice() else { panic!("{findings:?}") };
        assert_eq!((finding.rule.as_str(), finding.severity, finding.count), ("unknown_margin", Severity::Block, 1));
        assert!(finding.words.contains("1 provinces") && !finding.words.contains("C2"), "{}", finding.words);
    }
}
