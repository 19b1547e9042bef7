//! Revenues, costs and margins of a customer's month, in EUR. Unknown is not 0: where a price or a cost that is needed
//! is not known, neither is the margin.

use polars::prelude::*;

/// Cells of a column, one per row.
type Cells<'a> = &'a [Option<f64>];

/// What the margins of one table are computed from: one slice per column, one cell per row.
pub(super) struct Operands<'a> {
    /// `elec_kwh_tier_1_peak`, `..2_standard`, `..3_offpeak`.
    pub(super) tier_kwh: [Cells<'a>; 3],
    /// `variable_price_tier1_eur_kwh`, `..2..`, `..3..`.
    pub(super) tier_price: [Cells<'a>; 3],
    pub(super) elec_kwh: Cells<'a>,
    pub(super) elec_fixed_fee_eur_month: Cells<'a>,
    pub(super) elec_fixed_cost_eur_month: Cells<'a>,
    pub(super) elec_var_cost_eur_kwh: Cells<'a>,
    pub(super) peaje_elec_eur_kwh: Cells<'a>,
    pub(super) gas_m3: Cells<'a>,
    pub(super) gas_variable_price_eur_m3: Cells<'a>,
    pub(super) gas_fixed_revenue_eur_year: Cells<'a>,
    pub(super) gas_fixed_cost_eur_year: Cells<'a>,
    pub(super) gas_var_cost_eur_m3: Cells<'a>,
}

/// The margins of one row; none where it is not known.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Margins {
    elec_revenue_variable: Option<f64>,
    elec_revenue_fixed: Option<f64>,
    elec_cost_variable: Option<f64>,
    elec_cost_fixed: Option<f64>,
    elec_margin: Option<f64>,
    gas_revenue_variable: Option<f64>,
    gas_revenue_fixed: Option<f64>,
    gas_cost_variable: Option<f64>,
    gas_cost_fixed: Option<f64>,
    gas_margin: Option<f64>,
    total_revenue: Option<f64>,
    total_cost: Option<f64>,
    total_margin: Option<f64>,
}

/// The 13 margin columns of `silver_customer_month`.
pub(super) fn columns(operands: &Operands<'_>) -> Vec<Column> {
    let rows: Vec<Margins> = (0..operands.elec_kwh.len()).map(|row| operands.margins(row)).collect();
    let column = |name: &'static str, value: fn(&Margins) -> Option<f64>| {
        Column::new(name.into(), rows.iter().map(value).collect::<Vec<Option<f64>>>())
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
        let (elec_kwh, gas_m3) = (self.elec_kwh[row], self.gas_m3[row]);
        let tier_revenue = |tier: usize| amount(self.tier_kwh[tier][row], self.tier_price[tier][row]);
        let elec_revenue_variable = plus(plus(tier_revenue(0), tier_revenue(1)), tier_revenue(2));
        let elec_revenue_fixed = charged(self.elec_fixed_fee_eur_month[row], elec_kwh);
        let cost_per_kwh = plus(self.elec_var_cost_eur_kwh[row], self.peaje_elec_eur_kwh[row]);
        let elec_cost_variable = amount(elec_kwh, cost_per_kwh);
        let elec_cost_fixed = cost_of(self.elec_fixed_cost_eur_month[row], elec_revenue_fixed);
        let gas_revenue_variable = amount(gas_m3, self.gas_variable_price_eur_m3[row]);
        // With or without gas consumption: so the business books it.
        let gas_revenue_fixed = charged(self.gas_fixed_revenue_eur_year[row], gas_m3).map(|year| year / 12.0);
        let gas_cost_variable = amount(gas_m3, self.gas_var_cost_eur_m3[row]);
        let gas_cost_fixed = cost_of(self.gas_fixed_cost_eur_year[row], gas_revenue_fixed).map(|year| year / 12.0);

        let elec_revenue = plus(elec_revenue_variable, elec_revenue_fixed);
        let elec_cost = plus(elec_cost_variable, elec_cost_fixed);
        let gas_revenue = plus(gas_revenue_variable, gas_revenue_fixed);
        let gas_cost = plus(gas_cost_variable, gas_cost_fixed);
        let (elec_margin, gas_margin) = (less(elec_revenue, elec_cost), less(gas_revenue, gas_cost));
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
            total_revenue: plus(elec_revenue, gas_revenue),
            total_cost: plus(elec_cost, gas_cost),
            total_margin: plus(elec_margin, gas_margin),
        }
    }
}

/// A quantity at a price. Of nothing it is 0, whatever the price.
fn amount(quantity: Option<f64>, price: Option<f64>) -> Option<f64> {
    let quantity = quantity?;
    if quantity > 0.0 { Some(quantity * price?) } else { Some(quantity * price.unwrap_or(0.0)) }
}

/// A fixed fee. Whoever consumes is charged one: without it, it is not known; whoever consumes nothing may have none.
fn charged(fee: Option<f64>, quantity: Option<f64>) -> Option<f64> {
    match (fee, quantity) {
        (None, Some(quantity)) if quantity <= 0.0 => Some(0.0),
        (fee, _) => fee,
    }
}

/// A fixed cost. One that is missing never meets a fee.
fn cost_of(cost: Option<f64>, fee: Option<f64>) -> Option<f64> {
    match (cost, fee) {
        (None, Some(0.0)) => Some(0.0),
        (cost, _) => cost,
    }
}

fn plus(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    Some(a? + b?)
}

fn less(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    Some(a? - b?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: Operands<'static> = Operands {
        tier_kwh: [&[Some(10.0)], &[Some(20.0)], &[Some(30.0)]],
        tier_price: [&[Some(0.5)], &[Some(0.25)], &[Some(0.125)]],
        elec_kwh: &[Some(60.0)],
        elec_fixed_fee_eur_month: &[Some(12.0)],
        elec_fixed_cost_eur_month: &[Some(7.0)],
        elec_var_cost_eur_kwh: &[Some(0.0625)],
        peaje_elec_eur_kwh: &[Some(0.0625)],
        gas_m3: &[Some(8.0)],
        gas_variable_price_eur_m3: &[Some(0.75)],
        gas_fixed_revenue_eur_year: &[Some(60.0)],
        gas_fixed_cost_eur_year: &[Some(36.0)],
        gas_var_cost_eur_m3: &[Some(0.5)],
    };

    #[test]
    fn revenues_less_costs_of_both_fuels_make_the_margin() {
        // 5 + 5 + 3.75 = 13.75 and 12 in; 60 x 0.125 = 7.5 and 7 out. Gas: 6 and 5 in, 4 and 3 out.
        let expected = Margins {
            elec_revenue_variable: Some(13.75),
            elec_revenue_fixed: Some(12.0),
            elec_cost_variable: Some(7.5),
            elec_cost_fixed: Some(7.0),
            elec_margin: Some(11.25),
            gas_revenue_variable: Some(6.0),
            gas_revenue_fixed: Some(5.0),
            gas_cost_variable: Some(4.0),
            gas_cost_fixed: Some(3.0),
            gas_margin: Some(4.0),
            total_revenue: Some(36.75),
            total_cost: Some(21.5),
            total_margin: Some(15.25),
        };
        assert_eq!(KNOWN.margins(0), expected);
    }

    #[test]
    fn a_price_or_cost_that_meets_consumption_and_is_not_known_makes_the_margin_unknown() {
        let unknown: Cells<'static> = &[None];
        let cases = [
            Operands { tier_price: [KNOWN.tier_price[0], unknown, KNOWN.tier_price[2]], ..KNOWN },
            Operands { elec_var_cost_eur_kwh: unknown, ..KNOWN },
            Operands { peaje_elec_eur_kwh: unknown, ..KNOWN },
            Operands { elec_fixed_fee_eur_month: unknown, ..KNOWN },
            Operands { elec_fixed_cost_eur_month: unknown, ..KNOWN },
            Operands { elec_kwh: unknown, ..KNOWN },
        ];
        for operands in cases {
            let margins = operands.margins(0);
            assert_eq!((margins.elec_margin, margins.total_margin, margins.gas_margin), (None, None, Some(4.0)));
        }
        for operands in [
            Operands { gas_variable_price_eur_m3: unknown, ..KNOWN },
            Operands { gas_var_cost_eur_m3: unknown, ..KNOWN },
            Operands { gas_fixed_cost_eur_year: unknown, ..KNOWN },
        ] {
            let margins = operands.margins(0);
            assert_eq!((margins.gas_margin, margins.total_margin, margins.elec_margin), (None, None, Some(11.25)));
        }
    }

    #[test]
    fn what_meets_nothing_need_not_be_known() {
        let (nothing, unknown): (Cells<'static>, Cells<'static>) = (&[Some(0.0)], &[None]);
        let idle = Operands {
            tier_kwh: [nothing; 3],
            tier_price: [unknown; 3],
            elec_kwh: nothing,
            elec_fixed_fee_eur_month: unknown,
            elec_fixed_cost_eur_month: unknown,
            elec_var_cost_eur_kwh: unknown,
            peaje_elec_eur_kwh: unknown,
            gas_m3: nothing,
            gas_variable_price_eur_m3: unknown,
            gas_fixed_revenue_eur_year: unknown,
            gas_fixed_cost_eur_year: unknown,
            gas_var_cost_eur_m3: unknown,
        };
        assert_eq!(idle.margins(0).total_margin, Some(0.0));
    }
}
