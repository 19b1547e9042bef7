//! Revenues, costs and margins of a customer's month, in EUR. What is not known counts as 0.

use polars::prelude::*;

/// What the margins of one table are computed from: one slice per column, one cell per row.
pub(super) struct Operands<'a> {
    /// `elec_kwh_tier_1_peak`, `..2_standard`, `..3_offpeak`.
    pub(super) tier_kwh: [&'a [f64]; 3],
    /// `variable_price_tier1_eur_kwh`, `..2..`, `..3..`.
    pub(super) tier_price: [&'a [f64]; 3],
    pub(super) elec_kwh: &'a [f64],
    pub(super) elec_fixed_fee_eur_month: &'a [f64],
    pub(super) elec_fixed_cost_eur_month: &'a [f64],
    pub(super) elec_var_cost_eur_kwh: &'a [f64],
    pub(super) peaje_elec_eur_kwh: &'a [f64],
    pub(super) gas_m3: &'a [f64],
    pub(super) gas_variable_price_eur_m3: &'a [f64],
    pub(super) gas_fixed_revenue_eur_year: &'a [f64],
    pub(super) gas_fixed_cost_eur_year: &'a [f64],
    pub(super) gas_var_cost_eur_m3: &'a [f64],
}

/// The margins of one row.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Margins {
    elec_revenue_variable: f64,
    elec_revenue_fixed: f64,
    elec_cost_variable: f64,
    elec_cost_fixed: f64,
    elec_margin: f64,
    gas_revenue_variable: f64,
    gas_revenue_fixed: f64,
    gas_cost_variable: f64,
    gas_cost_fixed: f64,
    gas_margin: f64,
    total_revenue: f64,
    total_cost: f64,
    total_margin: f64,
}

/// The 13 margin columns of `silver_customer_month`.
pub(super) fn columns(operands: &Operands<'_>) -> Vec<Column> {
    let rows: Vec<Margins> = (0..operands.elec_kwh.len()).map(|row| operands.margins(row)).collect();
    let column = |name: &'static str, value: fn(&Margins) -> f64| {
        Column::new(name.into(), rows.iter().map(value).collect::<Vec<f64>>())
    };
    vec![
        column("elec_revenue_variable", |m| m.elec_revenue_variable),
        column("elec_revenue_fixed", |m| m.elec_revenue_fixed),
        column("elec_cost_variable", |m| m.elec_cost_variable),
        column("elec_cost_fixed", |m| m.elec_cost_fixed),
        column("elec_margin", |m| m.elec_margin),
        column("gas_revenue_variable", |m| m.gas_revenue_variable),
        column("gas_revenue_fixed", |m| m.gas_revenue_fixed),
        column("gas_cost_variable", |m| m.gas_cost_variable),
        column("gas_cost_fixed", |m| m.gas_cost_fixed),
        column("gas_margin", |m| m.gas_margin),
        column("total_revenue", |m| m.total_revenue),
        column("total_cost", |m| m.total_cost),
        column("total_margin", |m| m.total_margin),
    ]
}

impl Operands<'_> {
    fn margins(&self, row: usize) -> Margins {
        let tier_revenue = |tier: usize| self.tier_kwh[tier][row] * self.tier_price[tier][row];
        let elec_revenue_variable = tier_revenue(0) + tier_revenue(1) + tier_revenue(2);
        let elec_revenue_fixed = self.elec_fixed_fee_eur_month[row];
        let elec_cost_variable = self.elec_kwh[row] * (self.elec_var_cost_eur_kwh[row] + self.peaje_elec_eur_kwh[row]);
        let elec_cost_fixed = self.elec_fixed_cost_eur_month[row];
        let gas_revenue_variable = self.gas_m3[row] * self.gas_variable_price_eur_m3[row];
        // With or without gas consumption: so the business books it.
        let gas_revenue_fixed = self.gas_fixed_revenue_eur_year[row] / 12.0;
        let gas_cost_variable = self.gas_m3[row] * self.gas_var_cost_eur_m3[row];
        let gas_cost_fixed = self.gas_fixed_cost_eur_year[row] / 12.0;

        let elec_revenue = elec_revenue_variable + elec_revenue_fixed;
        let elec_cost = elec_cost_variable + elec_cost_fixed;
        let gas_revenue = gas_revenue_variable + gas_revenue_fixed;
        let gas_cost = gas_cost_variable + gas_cost_fixed;
        let (elec_margin, gas_margin) = (elec_revenue - elec_cost, gas_revenue - gas_cost);
        Margins {
            elec_revenue_variable,
            elec_revenue_fixed,
            elec_cost_variable,
            elec_cost_fixed,
            elec_margin,
            gas_revenue_variable,
            gas_revenue_fixed,
            gas_cost_variable,
            gas_cost_fixed,
            gas_margin,
            total_revenue: elec_revenue + gas_revenue,
            total_cost: elec_cost + gas_cost,
            total_margin: elec_margin + gas_margin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revenues_less_costs_of_both_fuels_make_the_margin() {
        let operands = Operands {
            tier_kwh: [&[10.0], &[20.0], &[30.0]],
            tier_price: [&[0.5], &[0.25], &[0.125]],
            elec_kwh: &[60.0],
            elec_fixed_fee_eur_month: &[12.0],
            elec_fixed_cost_eur_month: &[7.0],
            elec_var_cost_eur_kwh: &[0.0625],
            peaje_elec_eur_kwh: &[0.0625],
            gas_m3: &[8.0],
            gas_variable_price_eur_m3: &[0.75],
            gas_fixed_revenue_eur_year: &[60.0],
            gas_fixed_cost_eur_year: &[36.0],
            gas_var_cost_eur_m3: &[0.5],
        };
        // 5 + 5 + 3.75 = 13.75 and 12 in; 60 x 0.125 = 7.5 and 7 out. Gas: 6 and 5 in, 4 and 3 out.
        let expected = Margins {
            elec_revenue_variable: 13.75,
            elec_revenue_fixed: 12.0,
            elec_cost_variable: 7.5,
            elec_cost_fixed: 7.0,
            elec_margin: 11.25,
            gas_revenue_variable: 6.0,
            gas_revenue_fixed: 5.0,
            gas_cost_variable: 4.0,
            gas_cost_fixed: 3.0,
            gas_margin: 4.0,
            total_revenue: 36.75,
            total_cost: 21.5,
            total_margin: 15.25,
        };
        assert_eq!(operands.margins(0), expected);
    }
}
