//! Prices and costs that are not there yet: what was carried forward, what is missing, and whose margin is not known.
//!
//! Only months that features look at count: older readings may be there without prices.

use std::collections::{BTreeSet, HashMap, HashSet};

use polars::prelude::DataFrame;

use super::rules::{CheckRules, Plausible};
use super::usual::{FEW, middle};
use super::{Evaluation, Finding, Severity};
use crate::columns::{integers, measures, texts};
use crate::cores;
use crate::error::Result;
use crate::month::{Month, months};
use crate::silver::{FIXED_COST_AND_FEE, PRICE_AND_CONSUMPTION, PROVINCE_COSTS};
use crate::snapshot_date::SnapshotDate;

const TABLE: &str = "silver_customer_month";
const RULES: [&str; 6] =
    ["carried_forward", "missing_prices", "zero_costs", "price_and_cost", "below_cost", "unknown_margin"];

/// Costs of the province, and the consumption that they meet.
const COST_OF: [(&str, &str); 2] =
    [("elec_var_cost_eur_kwh", "monthly_elec_kwh"), ("gas_var_cost_eur_m3", "monthly_gas_m3")];
/// Costs that are not 0 of who consumes something, what is null where they are not known, and the file that has them.
const NEVER_FREE: [(&str, &str, &str, &str); 5] = [
    ("elec_var_cost_eur_kwh", "monthly_elec_kwh", "elec_cost_variable", "costs_by_province_month"),
    ("gas_var_cost_eur_m3", "monthly_gas_m3", "gas_cost_variable", "costs_by_province_month"),
    ("peaje_elec_eur_kwh", "monthly_elec_kwh", "elec_cost_variable", "costs_by_province_month"),
    ("elec_fixed_cost_eur_month", "monthly_elec_kwh", "elec_cost_fixed", "price_history"),
    ("gas_fixed_cost_eur_year", "monthly_gas_m3", "gas_cost_fixed", "price_history"),
];
/// What customers pay, and the costs whose sum it stands beside. (The fixed cost of gas may be less than 0, and such rows say
/// nothing.)
const PAID_AND_COSTS: [(&str, &[&str]); 4] = [
    ("variable_price_tier1_eur_kwh", &["elec_var_cost_eur_kwh", "peaje_elec_eur_kwh"]),
    ("gas_variable_price_eur_m3", &["gas_var_cost_eur_m3"]),
    ("elec_fixed_fee_eur_month", &["elec_fixed_cost_eur_month"]),
    (GAS_FIXED, &["gas_fixed_cost_eur_year"]),
];
const GAS_FIXED: &str = "gas_fixed_revenue_eur_year";

/// Compares `silver_customer_month` with the `bronze_customer_month` that it was made of, in the twelve months that end
/// with the last whole month by `as_of` (in all months where it is not known); `silver_customer` knows the provinces.
pub fn of_money(
    bronze_customer_month: &DataFrame,
    silver_customer_month: &DataFrame,
    silver_customer: &DataFrame,
    as_of: Option<SnapshotDate>,
    rules: &CheckRules,
) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let months = &Pairs::of(bronze_customer_month, silver_customer_month, as_of)?;
    let parts: [Part<'_>; 6] = [
        &|| carried_forward(months, rules),
        &|| missing_prices(months, rules),
        &|| zero_costs(months, rules),
        &|| price_and_cost(months, rules),
        &|| Ok(below_cost(months, rules)?.into_iter().collect()),
        &|| Ok(unknown_margins(months, silver_customer, rules)?.into_iter().collect()),
    ];
    let found = cores::map(&parts, |part| part()).into_iter().collect::<Result<Vec<_>>>()?;
    let findings = found.concat();
    let checks = RULES.map(|rule| Evaluation::of(TABLE, rule, &findings));
    Ok((findings, checks.into()))
}

/// Some of the findings. It looks at nothing that another one makes.
type Part<'a> = &'a (dyn Fn() -> Result<Vec<Finding>> + Sync);

/// Prices and costs that are not there, or 0, and were taken from elsewhere.
fn carried_forward(months: &Pairs<'_>, rules: &CheckRules) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (table, columns, from) in sources() {
        let mut filled = BTreeSet::new();
        for name in columns {
            let is_filled = |(raw, written): (Option<f64>, Option<f64>)| {
                raw.is_none_or(|raw| raw == 0.0) && written.is_some_and(|written| written != 0.0)
            };
            let rows = months.window.iter().copied().zip(months.cells(name)?);
            filled.extend(rows.filter(|(_, cells)| is_filled(*cells)).map(|(row, _)| row));
        }
        findings.extend(carried(table, from, &filled, months, rules));
    }
    Ok(findings)
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

fn carried(
    table: &str,
    from: &str,
    filled: &BTreeSet<usize>,
    months: &Pairs<'_>,
    rules: &CheckRules,
) -> Option<Finding> {
    let latest = filled.iter().map(|&row| months.after.months[row]).max()?;
    let (count, all) = (filled.len() as u64, months.window.len() as u64);
    let what = if table == "price_history" { "prices or fixed costs" } else { "costs" };
    let words = format!(
        "{what} of {count} customer-months are not there, or 0 (the latest in {latest}), and were taken from {from}: deliver \
         {table}.csv again when it is complete"
    );
    let severity = rules.carried_forward.severity(count as f64 / all.max(1) as f64);
    Some(Finding::new(severity, TABLE, "carried_forward", words).counting_of(count, all))
}

/// Prices and costs that consumption needs and that the files do not have, column by column.
fn missing_prices(months: &Pairs<'_>, rules: &CheckRules) -> Result<Vec<Finding>> {
    let of_prices = PRICE_AND_CONSUMPTION.map(|(price, consumption)| ("price_history", price, consumption));
    let of_costs = COST_OF.map(|(cost, consumption)| ("costs_by_province_month", cost, consumption));
    let mut findings = Vec::new();
    for (file, name, consumption) in of_prices.into_iter().chain(of_costs) {
        let rows = months.cells(name)?.into_iter().zip(months.consumes(consumption)?);
        let needed: Vec<bool> = rows.filter(|(_, consumes)| *consumes).map(|((raw, _), _)| raw.is_none()).collect();
        let (count, all) = (needed.iter().filter(|is_missing| **is_missing).count() as u64, needed.len() as u64);
        let severity = rules.missing_prices.severity(count as f64 / all.max(1) as f64);
        if severity > Severity::Info {
            let words = format!(
                "{file}.csv has no value for {count} of the {all} customer-months of the last twelve that consumed something: \
                 look whether its months, customers and provinces are those of the readings"
            );
            let finding = Finding::new(severity, TABLE, "missing_prices", words);
            findings.push(finding.of_column(name).counting_of(count, all));
        }
    }
    Ok(findings)
}

/// Energy that costs nothing where it is consumed. (Where only a month has 0, the cost is not there yet.)
fn zero_costs(months: &Pairs<'_>, rules: &CheckRules) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (name, consumption, amount, file) in NEVER_FREE {
        let amounts = months.cells_of_silver(amount)?;
        let rows = months.cells(name)?.into_iter().zip(amounts).zip(months.consumes(consumption)?);
        let rows = rows.filter(|(_, consumes)| *consumes);
        // Where the amount is not known, 0 stands for what is not there yet.
        let free: Vec<bool> =
            rows.map(|((cells, amount), _)| cells == (Some(0.0), Some(0.0)) && amount.is_some()).collect();
        let (count, all) = (free.iter().filter(|is_free| **is_free).count() as u64, free.len() as u64);
        let severity = rules.zero_costs.severity(count as f64 / all.max(1) as f64);
        if severity > Severity::Info {
            let words = format!(
                "{count} of {all} customer-months consume energy that costs nothing by {file}.csv, which makes their \
                 margins too good: leave a cell empty whose cost is not known yet"
            );
            let finding = Finding::new(severity, TABLE, "zero_costs", words);
            findings.push(finding.of_column(name).counting_of(count, all));
        }
    }
    Ok(findings)
}

/// What customers pay is near what it costs, or one of them is of another unit. Rows where either is 0 say nothing here.
fn price_and_cost(months: &Pairs<'_>, rules: &CheckRules) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (paid, costs) in PAID_AND_COSTS {
        let mut sums = vec![Some(0.0); months.window.len()];
        for name in costs {
            for (sum, (cost, _)) in sums.iter_mut().zip(months.cells(name)?) {
                *sum = sum.zip(cost).map(|(sum, cost)| sum + cost);
            }
        }
        let rows = months.cells(paid)?.into_iter().zip(sums);
        let rows = rows.filter_map(|((paid, _), cost)| Some((paid.filter(|eur| *eur > 0.0)?, cost?)));
        let times: Vec<f64> = rows.filter(|(_, cost)| *cost > 0.0).map(|(paid, cost)| paid / cost).collect();
        findings.extend(far_from_cost(paid, costs, times, rules));
    }
    Ok(findings)
}

/// The customer-month in the middle is far from its cost, or some are: a part of the customers, or a month, of another unit.
fn far_from_cost(paid: &str, costs: &[&str], times: Vec<f64>, rules: &CheckRules) -> Option<Finding> {
    let all = times.len() as u64;
    if all < FEW {
        return None;
    }
    let plausible = beside_cost(paid, rules);
    let far = times.iter().filter(|times| !plausible.holds(**times)).count() as u64;
    let middle = middle(times)?;
    let (severity, count, found) = if plausible.holds(middle) {
        let Plausible { least, most } = plausible;
        let found = format!(
            "in {far} of {all} customer-months it is less than {least} or more than {most} times what it costs"
        );
        (rules.price_and_cost_of_some.severity(far as f64 / all as f64), far, found)
    } else {
        let found = format!("in the customer-month in the middle it is {middle:.3} times what it costs");
        (Severity::Block, all, found)
    };
    let words = format!(
        "{found} ({}), which is not plausible: look whether both are in EUR of the same unit and of the same time (cents, a \
         year in place of a month or a month in place of a year, kWh in place of m3)",
        costs.join(" + ")
    );
    let finding = Finding::new(severity, TABLE, "price_and_cost", words).of_column(paid);
    (severity > Severity::Info).then(|| finding.counting_of(count, all))
}

/// The fixed amount of gas is two and a half times its cost, of which a twelfth would seem plausible by the wider limits.
fn beside_cost(paid: &str, rules: &CheckRules) -> Plausible {
    if paid == GAS_FIXED { rules.gas_fixed_and_cost } else { rules.price_and_cost }
}

/// A retailer that loses money with most of its customers, as where costs hold something twice.
fn below_cost(months: &Pairs<'_>, rules: &CheckRules) -> Result<Option<Finding>> {
    let mut margins: HashMap<&str, f64> = HashMap::new();
    for (&row, margin) in months.window.iter().zip(months.cells_of_silver("total_margin")?) {
        if let Some((customer, eur)) = months.after.customers[row].zip(margin) {
            *margins.entry(customer).or_default() += eur;
        }
    }
    let (count, all) = (margins.values().filter(|eur| **eur < 0.0).count() as u64, margins.len() as u64);
    let severity = rules.below_cost.severity(count as f64 / all.max(1) as f64);
    if all < FEW || severity == Severity::Info {
        return Ok(None);
    }
    let words = format!(
        "{count} of {all} customers pay less than they cost in the last twelve months: look whether prices and costs are of the \
         same time and unit, and whether the cost of energy holds the access tariff (peaje), which is added to it"
    );
    let finding = Finding::new(severity, TABLE, "below_cost", words).of_column("total_margin");
    Ok(Some(finding.counting_of(count, all)))
}

fn unknown_margins(months: &Pairs<'_>, silver_customer: &DataFrame, rules: &CheckRules) -> Result<Option<Finding>> {
    let after = &months.after;
    let (ids, codes) = (texts(silver_customer, "customer_id")?, integers(silver_customer, "province_code")?);
    let ours: HashSet<Option<&str>> = ids.iter().copied().collect();
    let margins = months.window.iter().copied().zip(months.cells_of_silver("total_margin")?);
    let rows: Vec<(usize, Option<f64>)> = margins.filter(|(row, _)| ours.contains(&after.customers[*row])).collect();
    let unknown: Vec<usize> = rows.iter().filter(|(_, margin)| margin.is_none()).map(|(row, _)| *row).collect();
    let customers: HashSet<Option<&str>> = unknown.iter().map(|&row| after.customers[row]).collect();
    let mut when: Vec<Month> = unknown.iter().map(|&row| after.months[row]).collect();
    when.sort_unstable();
    let (Some(earliest), Some(latest)) = (when.first(), when.last()) else { return Ok(None) };
    let all: HashSet<Option<&str>> = rows.iter().map(|(row, _)| after.customers[*row]).collect();
    let provinces: BTreeSet<i32> =
        ids.iter().zip(codes).filter(|(id, _)| customers.contains(*id)).filter_map(|(_, code)| code).collect();
    let (count, all) = (customers.len() as u64, all.len() as u64);
    let cause = most_often_missing(months, &unknown)?
        .map(|(file, name, rows)| format!(" ({name} of {file}.csv in {rows} of them)"))
        .unwrap_or_default();
    let words = format!(
        "the margin of {count} of {all} customers is not known, since a price or a cost that it needs is missing in {} of their \
         months ({earliest} to {latest}){cause}, for longer than it is carried forward; they live in {} provinces, and get no offer",
        unknown.len(),
        provinces.len()
    );
    let severity = rules.unknown_margin.severity(count as f64 / all.max(1) as f64);
    let finding = Finding::new(severity, TABLE, "unknown_margin", words).of_column("total_margin");
    Ok(Some(finding.counting_of(count, all)))
}

/// The file and the column that most of these rows of silver need and lack, and how many do.
fn most_often_missing(months: &Pairs<'_>, rows: &[usize]) -> Result<Option<(&'static str, &'static str, usize)>> {
    let rows: HashSet<usize> = rows.iter().copied().collect();
    let of_prices = PRICE_AND_CONSUMPTION.into_iter().chain(FIXED_COST_AND_FEE).map(|needed| ("price_history", needed));
    let of_grid = [("peaje_elec_eur_kwh", "monthly_elec_kwh")];
    let of_costs = COST_OF.into_iter().chain(of_grid).map(|needed| ("costs_by_province_month", needed));
    let mut most = None;
    for (file, (name, needed_by)) in of_prices.chain(of_costs) {
        let cells = months.window.iter().zip(months.cells_of_silver(name)?).zip(months.consumes(needed_by)?);
        let needed = cells.filter(|((row, _), needs)| *needs && rows.contains(*row));
        // What is not known is 0 in silver.
        let count = needed.filter(|((_, eur), _)| eur.is_none_or(|eur| eur == 0.0)).count();
        if count > most.map_or(0, |(_, _, known)| known) {
            most = Some((file, name, count));
        }
    }
    Ok(most)
}

/// The months of silver beside those of bronze that they were made of.
struct Pairs<'a> {
    bronze: &'a DataFrame,
    silver: &'a DataFrame,
    after: Rows<'a>,
    /// The row of bronze of each row of silver.
    made_of: Vec<usize>,
    /// The rows of silver that features look at.
    window: Vec<usize>,
}

impl<'a> Pairs<'a> {
    fn of(bronze: &'a DataFrame, silver: &'a DataFrame, as_of: Option<SnapshotDate>) -> Result<Self> {
        let (before, after) = (Rows::of(bronze)?, Rows::of(silver)?);
        let made_of = in_both(&before, &after);
        let first = as_of.map(Month::first_in_window);
        let window = (0..after.len()).filter(|&row| first.is_none_or(|first| after.months[row] >= first)).collect();
        Ok(Self { bronze, silver, after, made_of, window })
    }

    /// A column of both tables: the cell as delivered and as written, of the rows in the window.
    fn cells(&self, name: &str) -> Result<Vec<(Option<f64>, Option<f64>)>> {
        let (raw, written) = (measures(self.bronze, name)?, measures(self.silver, name)?);
        let cell = |row: &usize| (self.made_of.get(*row).and_then(|&row| raw[row]), written[*row]);
        Ok(self.window.iter().map(cell).collect())
    }

    /// Whether something was consumed, of the rows in the window.
    fn consumes(&self, consumption: &str) -> Result<Vec<bool>> {
        let quantities = self.cells_of_silver(consumption)?;
        Ok(quantities.into_iter().map(|quantity| quantity.is_some_and(|quantity| quantity > 0.0)).collect())
    }

    /// A column of silver, of the rows in the window.
    fn cells_of_silver(&self, name: &str) -> Result<Vec<Option<f64>>> {
        let written = measures(self.silver, name)?;
        Ok(self.window.iter().map(|&row| written[row]).collect())
    }
}

/// The rows of bronze that silver has too: it holds those up to the run's date.
fn in_both<'a>(bronze: &Rows<'a>, silver: &Rows<'a>) -> Vec<usize> {
    // Tables of ours are sorted by customer and month: they are walked side by side.
    if bronze.keys().is_sorted() && silver.keys().is_sorted() {
        let mut of_silver = silver.keys().peekable();
        let is_in_silver = |row: &usize| {
            let key = bronze.key(*row);
            while of_silver.next_if(|other| *other < key).is_some() {}
            of_silver.peek() == Some(&key)
        };
        return (0..bronze.len()).filter(is_in_silver).collect();
    }
    let of_silver: HashSet<_> = silver.keys().collect();
    (0..bronze.len()).filter(|&row| of_silver.contains(&bronze.key(row))).collect()
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
mod tests;
