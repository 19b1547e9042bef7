//! Fuels that customers pay for and have no readings of: what is lost for all of them looks like what they do not have.

use polars::prelude::DataFrame;

use super::by_customer::by_customer;
use super::rules::CheckRules;
use super::usual::FEW;
use super::{Evaluation, Finding, Severity};
use crate::columns::{measures, texts};
use crate::error::Result;
use crate::month::months;

const TABLE: &str = "bronze_customer_month";
const GAS: &str = "gas_without_readings";
const ELECTRICITY: &str = "electricity_without_readings";
/// Of fewer months nothing can be said: in summer nobody heats.
const MONTHS: usize = 6;
/// Above this share of all customers, prices of gas are a list of prices, and not what people have a contract of.
const NEARLY_ALL: f64 = 0.9;
const TOO_FEW: &str = "fewer than 20 customers with a price of that fuel and six months of readings";

/// Compares the prices of `bronze_customer_month` with its readings, in the last twelve months of the table.
pub fn of_fuels(bronze_customer_month: &DataFrame, rules: &CheckRules) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let customers = customers(bronze_customer_month)?;
    let (gas, gas_check) = gas(&customers, rules);
    let (electricity, electricity_check) = electricity(&customers, rules);
    Ok((gas.into_iter().chain(electricity).collect(), vec![gas_check, electricity_check]))
}

/// Customers with a price of gas who burn none. Fixed revenues of gas say nothing: they may stand beside everybody.
fn gas(customers: &[OfCustomer], rules: &CheckRules) -> (Option<Finding>, Evaluation) {
    let priced: Vec<&OfCustomer> = customers.iter().filter(|customer| customer.has_gas_price).collect();
    let all = priced.len() as u64;
    if all < FEW {
        return (None, Evaluation::not_made(TABLE, GAS, TOO_FEW));
    }
    let count = priced.iter().filter(|customer| !customer.has_gas).count() as u64;
    let is_list = count < all && all as f64 > NEARLY_ALL * customers.len() as f64;
    let severity = match rules.gas_without_readings.severity(count as f64 / all as f64) {
        severity if is_list => severity.min(Severity::Warn),
        severity => severity,
    };
    let words = format!(
        "{count} of {all} customers have a price of gas and no gas in the last twelve months: it looks like gas that is missing \
         in the readings (consumption_gas_m3); leave the price of gas empty for who has none"
    );
    told(severity, GAS, "monthly_gas_m3", words, count, all)
}

/// Customers who burn gas, have a price of electricity and consume none.
fn electricity(customers: &[OfCustomer], rules: &CheckRules) -> (Option<Finding>, Evaluation) {
    let priced = customers.iter().filter(|customer| customer.has_gas && customer.has_electricity_price);
    let priced: Vec<&OfCustomer> = priced.collect();
    let all = priced.len() as u64;
    if all < FEW {
        return (None, Evaluation::not_made(TABLE, ELECTRICITY, TOO_FEW));
    }
    let count = priced.iter().filter(|customer| !customer.has_electricity).count() as u64;
    let severity = rules.electricity_without_readings.severity(count as f64 / all as f64);
    let words = format!(
        "{count} of {all} customers with gas have prices of electricity and no electricity in the last twelve months, as if they \
         had gas alone: it looks like electricity that is missing in the readings (consumption_elec_kwh); leave the prices of \
         electricity empty for who has none"
    );
    told(severity, ELECTRICITY, "monthly_elec_kwh", words, count, all)
}

fn told(
    severity: Severity,
    rule: &str,
    column: &str,
    words: String,
    count: u64,
    all: u64,
) -> (Option<Finding>, Evaluation) {
    let finding = Finding::new(severity, TABLE, rule, words).of_column(column).counting_of(count, all);
    let finding = (severity > Severity::Info).then_some(finding);
    let check = Evaluation::of(TABLE, rule, finding.as_slice());
    (finding, check)
}

/// What a customer with readings of six months or more has.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "two fuels, each with two independent facts")]
struct OfCustomer {
    has_gas_price: bool,
    has_electricity_price: bool,
    has_gas: bool,
    /// Electricity above 0, or of an amount that nobody knows, which is told otherwise.
    has_electricity: bool,
}

/// A month of a customer: price and consumption of gas, and of electricity.
type OfMonth = [Option<f64>; 4];

fn customers(bronze_customer_month: &DataFrame) -> Result<Vec<OfCustomer>> {
    let months = months(TABLE, bronze_customer_month, 1)?;
    let Some(first) = months.iter().max().map(|last| last.plus(-11)) else { return Ok(Vec::new()) };
    let columns = ["gas_variable_price_eur_m3", "monthly_gas_m3", "variable_price_tier1_eur_kwh", "monthly_elec_kwh"];
    let [gas_price, m3, electricity_price, kwh] = columns.map(|name| measures(bronze_customer_month, name));
    let (gas_price, m3, electricity_price, kwh) = (gas_price?, m3?, electricity_price?, kwh?);
    let ids = texts(bronze_customer_month, "customer_id")?.into_iter().zip(&months).enumerate();
    let in_window = ids.filter(|(_, (_, month))| **month >= first);
    let rows =
        in_window.filter_map(|(row, (id, _))| Some((id?, [gas_price[row], m3[row], electricity_price[row], kwh[row]])));
    let of_customer = |months: Vec<OfMonth>| (months.len() >= MONTHS).then(|| of_months(&months));
    Ok(by_customer(rows).into_values().filter_map(of_customer).collect())
}

fn of_months(months: &[OfMonth]) -> OfCustomer {
    let is_above_0 = |place: usize| months.iter().any(|month| month[place].is_some_and(|cell| cell > 0.0));
    OfCustomer {
        has_gas_price: is_above_0(0),
        has_gas: is_above_0(1),
        has_electricity_price: is_above_0(2),
        has_electricity: is_above_0(3) || months.iter().any(|month| month[3].is_none()),
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use super::*;

    /// Forty customers of six months with prices of both fuels but for `without_price` who have none of gas; the first
    /// `without_gas` burn none, and the first `without_electricity` consume none.
    fn found(without_price: usize, without_gas: usize, without_electricity: usize) -> Vec<(String, Severity, u64)> {
        let rows = || (0..40).flat_map(|customer| (1..=6).map(move |month| (customer, month)));
        let of = |from: usize, cell: f64| {
            rows().map(|(customer, _)| if customer < from { 0.0 } else { cell }).collect::<Vec<f64>>()
        };
        let price = |(customer, _): (usize, usize)| (customer < 40 - without_price).then_some(0.8);
        let table = df!(
            "customer_id" => rows().map(|(customer, _)| format!("C{customer:02}")).collect::<Vec<_>>(),
            "month" => rows().map(|(_, month)| format!("2024-{month:02}")).collect::<Vec<_>>(),
            "gas_variable_price_eur_m3" => rows().map(price).collect::<Vec<Option<f64>>>(),
            "variable_price_tier1_eur_kwh" => of(0, 0.15),
            "monthly_gas_m3" => of(without_gas, 70.0),
            "monthly_elec_kwh" => of(without_electricity, 90.0),
        );
        let (findings, _) = of_fuels(&table.unwrap(), &CheckRules::default()).unwrap();
        findings.into_iter().map(|found| (found.rule, found.severity, found.count)).collect()
    }

    #[test]
    fn gas_that_is_gone_while_its_prices_are_there_is_told() {
        assert!(found(0, 0, 0).is_empty() && found(10, 1, 0).is_empty());
        assert_eq!(found(10, 30, 0), [(GAS.to_owned(), Severity::Block, 30)]);
        assert_eq!(found(10, 3, 0), [(GAS.to_owned(), Severity::Warn, 3)]);
        assert_eq!(found(0, 30, 0), [(GAS.to_owned(), Severity::Warn, 30)], "prices of everybody are a list");
        assert_eq!(found(0, 40, 0), [(GAS.to_owned(), Severity::Block, 40)], "of which somebody burns gas");
        assert!(found(30, 10, 0).is_empty(), "of ten nobody can say");
    }

    #[test]
    fn electricity_that_is_gone_for_who_burns_gas_is_told() {
        assert!(found(0, 0, 4).is_empty(), "some have gas alone");
        assert_eq!(found(0, 0, 5), [(ELECTRICITY.to_owned(), Severity::Warn, 5)]);
        assert_eq!(found(0, 0, 40), [(ELECTRICITY.to_owned(), Severity::Block, 40)]);
    }
}
