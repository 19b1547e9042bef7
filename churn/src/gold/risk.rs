//! Tier `risk`: how volatile the customer's months are and where they are heading (13 features),
//! and the two margins that the business reads.

use polars::prelude::Column;

use super::columns::{code, flag, measure};
use super::months::Months;
use super::statistics::{if_known, mean, mean_cost, price_trend, std, std_of_known, sum};

/// The margin trend compares this many months with as many before them.
const MARGIN_WINDOW_MONTHS: usize = 3;

/// The features of a customer with at least one month.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Risk {
    pub(super) std_monthly_elec_kwh: Option<f64>,
    pub(super) std_monthly_gas_m3: Option<f64>,
    pub(super) std_margin: Option<f64>,
    pub(super) active_months_count: i32,
    /// NaN when the margin of a month is not known, as are all of the margin below.
    pub(super) min_monthly_margin: f64,
    /// The number of months with a negative margin; none when the margin of a month is not known.
    pub(super) max_negative_margin: Option<i32>,
    pub(super) elec_price_trend: f64,
    pub(super) gas_price_trend: f64,
    pub(super) province_elec_cost_trend: f64,
    pub(super) elec_price_volatility: Option<f64>,
    /// NaN when no cost of the province is known.
    pub(super) elec_price_vs_province_cost_spread: f64,
    pub(super) rolling_margin_trend: f64,
    /// EUR; for the business, not a feature.
    pub(super) avg_monthly_margin: f64,
    /// EUR; for the business, not a feature.
    pub(super) total_margin: f64,
}

impl Risk {
    pub(super) fn of(months: &Months<'_>) -> Self {
        let margins = months.total_margin;
        Self {
            std_monthly_elec_kwh: std_of_known(months.elec_kwh),
            std_monthly_gas_m3: std_of_known(months.gas_m3),
            std_margin: std(margins),
            active_months_count: margins.len() as i32,
            min_monthly_margin: least(margins),
            max_negative_margin: negative(margins),
            elec_price_trend: price_trend(months.tier1_price),
            gas_price_trend: price_trend(months.gas_price),
            province_elec_cost_trend: price_trend(months.elec_var_cost),
            elec_price_volatility: std(months.tier1_price),
            elec_price_vs_province_cost_spread: months.tier1_price[margins.len() - 1] - mean_cost(months.elec_var_cost),
            rolling_margin_trend: rolling_trend(margins),
            avg_monthly_margin: mean(margins),
            total_margin: sum(margins),
        }
    }

    fn is_price_increase(&self) -> bool {
        self.elec_price_trend > 0.0
    }
}

/// The 13 feature columns, null for customers without a month (the flag is 0) and where a margin or the cost of the province is
/// not known.
pub(super) fn columns(rows: &[Option<Risk>]) -> Vec<Column> {
    let column = |name, value: fn(&Risk) -> Option<f64>| measure(name, rows, |row| row.as_ref().and_then(value));
    let count = |name, value: fn(&Risk) -> Option<i32>| code(name, rows, |row| row.as_ref().and_then(value));
    vec![
        column("std_monthly_elec_kwh", |r| r.std_monthly_elec_kwh),
        column("std_monthly_gas_m3", |r| r.std_monthly_gas_m3),
        column("std_margin", |r| r.std_margin),
        count("active_months_count", |r| Some(r.active_months_count)),
        column("min_monthly_margin", |r| if_known(r.min_monthly_margin)),
        count("max_negative_margin", |r| r.max_negative_margin),
        column("elec_price_trend_12m", |r| Some(r.elec_price_trend)),
        column("gas_price_trend_12m", |r| Some(r.gas_price_trend)),
        column("province_elec_cost_trend", |r| Some(r.province_elec_cost_trend)),
        column("elec_price_volatility_12m", |r| r.elec_price_volatility),
        column("elec_price_vs_province_cost_spread", |r| if_known(r.elec_price_vs_province_cost_spread)),
        flag("is_price_increase", rows, |row| row.as_ref().is_some_and(Risk::is_price_increase)),
        column("rolling_margin_trend", |r| if_known(r.rolling_margin_trend)),
    ]
}

/// The smallest margin, when all are known.
fn least(margins: &[f64]) -> f64 {
    if sum(margins).is_nan() { f64::NAN } else { margins.iter().copied().fold(f64::INFINITY, f64::min) }
}

fn negative(margins: &[f64]) -> Option<i32> {
    if_known(sum(margins)).map(|_| margins.iter().filter(|&&margin| margin < 0.0).count() as i32)
}

/// The mean of the last three months less that of the three before; 0 when there are none before.
fn rolling_trend(margins: &[f64]) -> f64 {
    let (earlier, recent) = margins.split_at(margins.len().saturating_sub(MARGIN_WINDOW_MONTHS));
    if earlier.is_empty() {
        return 0.0;
    }
    let before = &earlier[earlier.len().saturating_sub(MARGIN_WINDOW_MONTHS)..];
    mean(recent) - mean(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_month_has_no_deviation_and_no_trend() {
        let risk = Risk::of(&Months { total_margin: &[-2.0], tier1_price: &[0.5], ..Months::all(&[0.25]) });
        assert_eq!([risk.std_margin, risk.std_monthly_elec_kwh, risk.std_monthly_gas_m3], [None; 3]);
        assert_eq!(risk.elec_price_volatility, None);
        assert_eq!([risk.elec_price_trend, risk.gas_price_trend, risk.rolling_margin_trend], [0.0; 3]);
        assert_eq!((risk.active_months_count, risk.max_negative_margin, risk.min_monthly_margin), (1, Some(1), -2.0));
        assert_eq!(risk.elec_price_vs_province_cost_spread, 0.25);
        assert_eq!((risk.avg_monthly_margin, risk.total_margin), (-2.0, -2.0));
    }

    #[test]
    fn trends_compare_the_last_month_with_the_first() {
        let months = Months {
            tier1_price: &[0.25, 0.75, 0.5],
            gas_price: &[0.0, 0.5, 0.5],
            elec_var_cost: &[0.5, 0.25, 0.25],
            ..Months::all(&[1.0, 2.0, 3.0])
        };
        let risk = Risk::of(&months);
        assert_eq!([risk.elec_price_trend, risk.gas_price_trend, risk.province_elec_cost_trend], [1.0, 0.0, -0.5]);
        assert!(risk.is_price_increase());
        assert_eq!(risk.elec_price_volatility, Some(0.25));
        assert_eq!(risk.std_margin, Some(1.0));
    }

    #[test]
    fn an_unchanged_price_is_no_increase() {
        assert!(!Risk::of(&Months::all(&[1.0, 2.0, 1.0])).is_price_increase());
    }

    #[test]
    fn a_month_without_margin_is_not_negative() {
        let risk = Risk::of(&Months::all(&[0.0, -0.5, 3.0, -4.0]));
        assert_eq!((risk.max_negative_margin, risk.min_monthly_margin), (Some(2), -4.0));
    }

    #[test]
    fn a_margin_that_is_not_known_makes_all_of_the_margins_unknown_and_nothing_else() {
        let margins = [1.0, -3.0, f64::NAN, 2.0];
        let risk = Risk::of(&Months { total_margin: &margins, ..Months::all(&[0.5; 4]) });
        assert_eq!((risk.std_margin, risk.max_negative_margin, risk.active_months_count), (None, None, 4));
        for unknown in [risk.min_monthly_margin, risk.rolling_margin_trend, risk.avg_monthly_margin, risk.total_margin]
        {
            assert!(unknown.is_nan());
        }
        assert_eq!(risk.std_monthly_elec_kwh, Some(0.0));
        let frame = columns(&[Some(risk)]);
        let nulls: Vec<&str> =
            frame.iter().filter(|column| column.null_count() == 1).map(|column| column.name().as_str()).collect();
        assert_eq!(nulls, ["std_margin", "min_monthly_margin", "max_negative_margin", "rolling_margin_trend"]);
    }

    #[test]
    fn the_margin_trend_uses_the_months_that_there_are() {
        assert_eq!(rolling_trend(&[1.0, 2.0, 3.0]), 0.0);
        assert_eq!(rolling_trend(&[1.0, 2.0, 3.0, 4.0]), 2.0);
        assert_eq!(rolling_trend(&[9.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), 3.0);
    }
}
