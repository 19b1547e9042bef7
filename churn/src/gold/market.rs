//! Tier `market`: what the customer consumed, and what the market around it cost (8 features).

use polars::prelude::Column;

use super::columns::{code, measure};
use super::months::Months;
use super::statistics::{if_known, mean_cost, mean_of_known, sum};

/// A price that moves by more than this, in EUR, was updated.
const PRICE_UPDATE_EUR: f64 = 0.001;

/// The features of a customer with at least one month.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Market {
    pub(super) avg_monthly_elec_kwh: f64,
    pub(super) total_elec_kwh: f64,
    pub(super) avg_monthly_gas_m3: f64,
    pub(super) total_gas_m3: f64,
    pub(super) gas_share_of_revenue: f64,
    pub(super) price_update_count: i32,
    pub(super) province_avg_elec_cost: f64,
    pub(super) province_avg_gas_cost: f64,
}

impl Market {
    pub(super) fn of(months: &Months<'_>) -> Self {
        Self {
            avg_monthly_elec_kwh: mean_of_known(months.elec_kwh),
            total_elec_kwh: sum(months.elec_kwh),
            avg_monthly_gas_m3: mean_of_known(months.gas_m3),
            total_gas_m3: sum(months.gas_m3),
            gas_share_of_revenue: gas_share(sum(months.gas_revenue_variable), sum(months.total_revenue)),
            price_update_count: price_updates(months.tier1_price),
            province_avg_elec_cost: mean_cost(months.elec_var_cost),
            province_avg_gas_cost: mean_cost(months.gas_var_cost),
        }
    }
}

/// The eight columns, null for customers without a month, and where what they need is not known; see [`super`] for those that end in `_2024`.
pub(super) fn columns(rows: &[Option<Market>]) -> Vec<Column> {
    let column =
        |name, value: fn(&Market) -> f64| measure(name, rows, |row| row.as_ref().map(value).and_then(if_known));
    vec![
        column("avg_monthly_elec_kwh", |m| m.avg_monthly_elec_kwh),
        column("total_elec_kwh_2024", |m| m.total_elec_kwh),
        column("avg_monthly_gas_m3", |m| m.avg_monthly_gas_m3),
        column("total_gas_m3_2024", |m| m.total_gas_m3),
        column("gas_share_of_revenue", |m| m.gas_share_of_revenue),
        code("price_update_count", rows, |row| row.as_ref().map(|m| m.price_update_count)),
        column("province_avg_elec_cost_2024", |m| m.province_avg_elec_cost),
        column("province_avg_gas_cost_2024", |m| m.province_avg_gas_cost),
    ]
}

fn gas_share(gas_revenue: f64, total_revenue: f64) -> f64 {
    match total_revenue {
        unknown if unknown.is_nan() => unknown,
        positive if positive > 0.0 => gas_revenue / positive,
        _ => 0.0,
    }
}

/// Months whose price differs from the month before; the first month has none before it.
fn price_updates(prices: &[f64]) -> i32 {
    prices.windows(2).filter(|pair| (pair[1] - pair[0]).abs() > PRICE_UPDATE_EUR).count() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_and_sums_are_over_the_months_in_view() {
        let months = Months {
            gas_m3: &[0.0, 6.0],
            elec_var_cost: &[0.375, 0.125],
            gas_var_cost: &[0.25, 0.75],
            gas_revenue_variable: &[0.0, 5.0],
            total_revenue: &[10.0, 10.0],
            tier1_price: &[0.1, 0.2],
            ..Months::all(&[30.0, 50.0])
        };
        let expected = Market {
            avg_monthly_elec_kwh: 40.0,
            total_elec_kwh: 80.0,
            avg_monthly_gas_m3: 3.0,
            total_gas_m3: 6.0,
            gas_share_of_revenue: 0.25,
            price_update_count: 1,
            province_avg_elec_cost: 0.25,
            province_avg_gas_cost: 0.5,
        };
        assert_eq!(Market::of(&months), expected);
    }

    #[test]
    fn a_province_that_the_costs_do_not_have_is_unknown_and_not_free() {
        let months = Months { elec_var_cost: &[0.0], gas_var_cost: &[0.0], ..Months::all(&[2.0]) };
        let frame = columns(&[Some(Market::of(&months))]);
        let nulls: Vec<&str> =
            frame.iter().filter(|column| column.null_count() == 1).map(|column| column.name().as_str()).collect();
        assert_eq!(nulls, ["province_avg_elec_cost_2024", "province_avg_gas_cost_2024"]);
    }

    #[test]
    fn the_gas_share_of_no_or_negative_revenue_is_zero() {
        assert_eq!(gas_share(5.0, 0.0), 0.0);
        assert_eq!(gas_share(5.0, -1.0), 0.0);
        assert_eq!(gas_share(5.0, 20.0), 0.25);
        assert!(gas_share(5.0, f64::NAN).is_nan());
    }

    #[test]
    fn a_price_update_is_more_than_a_tenth_of_a_cent_in_either_direction() {
        assert_eq!(price_updates(&[0.1]), 0);
        assert_eq!(price_updates(&[0.1, 0.1005, 0.102, 0.1]), 2);
        // As f64, 1.001 - 1.0 is just below 0.001 and 0.101 - 0.1 just above it.
        assert_eq!(price_updates(&[1.0, 1.001]), 0);
        assert_eq!(price_updates(&[0.1, 0.101]), 1);
    }
}
