//! `silver_customer_month`: the months that the snapshot can see, with prices filled and margins computed.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use polars::prelude::*;

use super::carrying::{carry_of_province, carry_own, forget_placeholders};
use super::imputation::{MonthlyRows, PRICE_AND_CONSUMPTION, impute};
use super::margins::{self, Operands};
use crate::columns::{integers, measures, rows_at, sorted_by_key, texts, with};
use crate::error::Result;
use crate::month::{Month, months};
use crate::snapshot_date::SnapshotDate;

/// Costs of a province and month.
pub(crate) const PROVINCE_COSTS: [&str; 3] = ["elec_var_cost_eur_kwh", "gas_var_cost_eur_m3", "peaje_elec_eur_kwh"];

/// Fixed costs of a customer, and the fee that each stands beside.
pub(crate) const FIXED_COST_AND_FEE: [(&str, &str); 2] = [
    ("elec_fixed_cost_eur_month", "elec_fixed_fee_eur_month"),
    ("gas_fixed_cost_eur_year", "gas_fixed_revenue_eur_year"),
];

/// One row per customer and month, sorted by both: every column of `bronze_customer_month`, with
/// prices imputed, prices and costs that are not there yet carried forward, and written as 0 where nothing is known, plus
/// the customer's `is_industrial` and the 13 margin columns in EUR, null where a price or a cost that they need is not
/// known.
///
/// Holds only months that end on or before `as_of`. Months before the last twelve of these stay, and fill
/// nothing in them: more history gives the same features. Customers that `silver_customer` does not have
/// stay, with a null `is_industrial`. A repeated (customer, month) is an error.
pub fn silver_customer_month(
    bronze_customer_month: &DataFrame,
    silver_customer: &DataFrame,
    as_of: SnapshotDate,
) -> Result<DataFrame> {
    let all_months = sorted_by_key("bronze_customer_month", bronze_customer_month, ["customer_id", "month"])?;
    let table = months_in_view(&all_months, as_of)?;
    let first_in_window = Month::first_in_window(as_of);
    let rows = monthly_rows(&table, silver_customer, first_in_window)?;
    let mut money = imputed_prices(&table, &rows)?;
    money.extend(costs(&table, silver_customer, &rows, &money, first_in_window)?);
    let margins = margin_columns(&table, &money)?;
    let mut columns: Vec<Column> =
        money.into_iter().map(|(name, cells)| Column::new(name.into(), zero_where_null(cells))).collect();
    columns.push(Column::new("is_industrial".into(), rows.is_industrial));
    columns.extend(margins);
    with(&table, columns)
}

fn months_in_view(table: &DataFrame, as_of: SnapshotDate) -> Result<DataFrame> {
    let last = Month::last_complete(as_of);
    let months = months("bronze_customer_month", table, 1)?;
    let in_view: Vec<usize> = (0..months.len()).filter(|&row| months[row] <= last).collect();
    if in_view.len() == months.len() { Ok(table.clone()) } else { rows_at(table, &in_view) }
}

fn monthly_rows(table: &DataFrame, silver_customer: &DataFrame, first_in_window: Month) -> Result<MonthlyRows> {
    let is_industrial = of_customers(table, silver_customer, "is_industrial")?;
    let months = months("bronze_customer_month", table, 1)?;
    let ids = texts(table, "customer_id")?;
    let mut customers: Vec<Range<usize>> = Vec::new();
    let mut first = 0;
    for same in ids.chunk_by(|a, b| a == b) {
        let end = first + same.len();
        let window = first + months[first..end].partition_point(|month| *month < first_in_window);
        customers.extend([first..window, window..end].into_iter().filter(|block| !block.is_empty()));
        first = end;
    }
    Ok(MonthlyRows { customers, months, is_industrial })
}

/// A code of the customer of each row.
fn of_customers(table: &DataFrame, silver_customer: &DataFrame, name: &str) -> Result<Vec<Option<i32>>> {
    let codes: HashMap<_, _> =
        texts(silver_customer, "customer_id")?.into_iter().zip(integers(silver_customer, name)?).collect();
    Ok(texts(table, "customer_id")?.iter().map(|id| codes.get(id).copied().flatten()).collect())
}

/// Columns of money by name; none where nothing is known.
type Money = BTreeMap<&'static str, Vec<Option<f64>>>;

/// The six price columns after imputation.
fn imputed_prices(table: &DataFrame, rows: &MonthlyRows) -> Result<Money> {
    let mut prices = BTreeMap::new();
    for (price, consumption) in PRICE_AND_CONSUMPTION {
        let mut cells = measures(table, price)?;
        impute(&mut cells, &measures(table, consumption)?, rows);
        prices.insert(price, cells);
    }
    Ok(prices)
}

/// The five cost columns, carried forward where they are not there yet (a month in which nearly everybody has 0 among them):
/// those of the province for everybody, a fixed cost of the customer's own where it meets a fee.
fn costs(
    table: &DataFrame,
    silver_customer: &DataFrame,
    rows: &MonthlyRows,
    prices: &Money,
    first_in_window: Month,
) -> Result<Money> {
    let provinces = of_customers(table, silver_customer, "province_code")?;
    let mut costs = BTreeMap::new();
    for name in PROVINCE_COSTS {
        let mut cells = measures(table, name)?;
        forget_placeholders(&mut cells, rows, first_in_window);
        carry_of_province(&mut cells, &provinces, rows, first_in_window);
        costs.insert(name, cells);
    }
    for (name, fee) in FIXED_COST_AND_FEE {
        let mut cells = measures(table, name)?;
        let fee = &prices[fee];
        forget_placeholders(&mut cells, rows, first_in_window);
        carry_own(&mut cells, rows, |row| fee[row].is_some_and(|fee| fee != 0.0));
        costs.insert(name, cells);
    }
    Ok(costs)
}

fn margin_columns(table: &DataFrame, money: &Money) -> Result<Vec<Column>> {
    let tiers = [
        measures(table, "elec_kwh_tier_1_peak")?,
        measures(table, "elec_kwh_tier_2_standard")?,
        measures(table, "elec_kwh_tier_3_offpeak")?,
    ];
    let (elec_kwh, gas_m3) = (measures(table, "monthly_elec_kwh")?, measures(table, "monthly_gas_m3")?);
    Ok(margins::columns(&Operands {
        tier_kwh: [&tiers[0], &tiers[1], &tiers[2]],
        tier_price: [
            &money["variable_price_tier1_eur_kwh"],
            &money["variable_price_tier2_eur_kwh"],
            &money["variable_price_tier3_eur_kwh"],
        ],
        elec_kwh: &elec_kwh,
        elec_fixed_fee_eur_month: &money["elec_fixed_fee_eur_month"],
        elec_fixed_cost_eur_month: &money["elec_fixed_cost_eur_month"],
        elec_var_cost_eur_kwh: &money["elec_var_cost_eur_kwh"],
        peaje_elec_eur_kwh: &money["peaje_elec_eur_kwh"],
        gas_m3: &gas_m3,
        gas_variable_price_eur_m3: &money["gas_variable_price_eur_m3"],
        gas_fixed_revenue_eur_year: &money["gas_fixed_revenue_eur_year"],
        gas_fixed_cost_eur_year: &money["gas_fixed_cost_eur_year"],
        gas_var_cost_eur_m3: &money["gas_var_cost_eur_m3"],
    }))
}

fn zero_where_null(cells: Vec<Option<f64>>) -> Vec<f64> {
    cells.into_iter().map(|cell| cell.unwrap_or(0.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of (customer, month, tier-1 price), each with 10 kWh in tier 1, no gas and nothing else known.
    fn bronze(rows: &[(&str, &str, Option<f64>)]) -> DataFrame {
        let constant = |value: Option<f64>| vec![value; rows.len()];
        let mut columns = vec![
            Column::new("customer_id".into(), rows.iter().map(|row| row.0).collect::<Vec<_>>()),
            Column::new("month".into(), rows.iter().map(|row| row.1).collect::<Vec<_>>()),
            Column::new("variable_price_tier1_eur_kwh".into(), rows.iter().map(|row| row.2).collect::<Vec<_>>()),
        ];
        for name in ["elec_kwh_tier_1_peak", "monthly_elec_kwh"] {
            columns.push(Column::new(name.into(), constant(Some(10.0))));
        }
        for name in ["elec_kwh_tier_2_standard", "elec_kwh_tier_3_offpeak", "monthly_gas_m3"] {
            columns.push(Column::new(name.into(), constant(Some(0.0))));
        }
        for (name, _) in &PRICE_AND_CONSUMPTION[1..] {
            columns.push(Column::new((*name).into(), constant(None)));
        }
        for name in cost_columns() {
            columns.push(Column::new(name.into(), constant(None)));
        }
        DataFrame::new(rows.len(), columns).unwrap()
    }

    fn cost_columns() -> impl Iterator<Item = &'static str> {
        PROVINCE_COSTS.into_iter().chain(FIXED_COST_AND_FEE.map(|(cost, _)| cost))
    }

    /// The same table with these cells in a column.
    fn having(table: &DataFrame, name: &str, cells: &[Option<f64>]) -> DataFrame {
        with(table, vec![Column::new(name.into(), cells)]).unwrap()
    }

    fn customers() -> DataFrame {
        let provinces = [Some(8), Some(8)];
        df!("customer_id" => ["C1", "C2"], "is_industrial" => [Some(0), Some(1)], "province_code" => provinces).unwrap()
    }

    fn silver(rows: &[(&str, &str, Option<f64>)], as_of: &str) -> Result<DataFrame> {
        silver_customer_month(&bronze(rows), &customers(), SnapshotDate::parse(as_of).unwrap())
    }

    #[test]
    fn a_month_that_has_not_ended_is_not_seen_and_fills_no_earlier_gap() {
        let rows = [("C1", "2024-01", None), ("C1", "2024-02", Some(0.5))];
        let before = silver(&rows, "2024-02-28").unwrap();
        assert_eq!(texts(&before, "month").unwrap(), [Some("2024-01")]);
        assert_eq!(measures(&before, "variable_price_tier1_eur_kwh").unwrap(), [Some(0.0)]);
        let after = silver(&rows, "2024-02-29").unwrap();
        assert_eq!(measures(&after, "variable_price_tier1_eur_kwh").unwrap(), [Some(0.5), Some(0.5)]);
    }

    #[test]
    fn what_is_not_known_is_written_as_zero_and_the_margin_is_not_known() {
        let table = silver(&[("C1", "2024-01", Some(0.5))], "2024-12-31").unwrap();
        for name in cost_columns().chain(PRICE_AND_CONSUMPTION[1..].iter().map(|pair| pair.0)) {
            assert_eq!(measures(&table, name).unwrap(), [Some(0.0)], "{name}");
        }
        assert_eq!(measures(&table, "elec_revenue_variable").unwrap(), [Some(5.0)]);
        for name in ["elec_cost_variable", "elec_margin", "total_margin"] {
            assert_eq!(measures(&table, name).unwrap(), [None], "{name}");
        }
        assert_eq!(measures(&table, "gas_margin").unwrap(), [Some(0.0)], "no gas, and nothing that it costs");
    }

    #[test]
    fn costs_that_come_late_are_carried_for_two_months() {
        let months = ["2024-09", "2024-10", "2024-11", "2024-12"];
        let rows = months.map(|month| ("C1", month, Some(0.5)));
        let mut table = bronze(&rows);
        for name in PROVINCE_COSTS {
            table = having(&table, name, &[Some(0.125), None, None, None]);
        }
        table = having(&table, "elec_fixed_fee_eur_month", &[Some(4.0); 4]);
        table = having(&table, "elec_fixed_cost_eur_month", &[Some(3.0), None, None, None]);
        let silver = silver_customer_month(&table, &customers(), SnapshotDate::parse("2024-12-31").unwrap()).unwrap();
        // 5 and 4 in; 10 x 0.25 and 3 out.
        assert_eq!(measures(&silver, "total_margin").unwrap(), [Some(3.5), Some(3.5), Some(3.5), None]);
        assert_eq!(
            measures(&silver, "elec_var_cost_eur_kwh").unwrap(),
            [Some(0.125), Some(0.125), Some(0.125), Some(0.0)]
        );
    }

    #[test]
    fn costs_of_nothing_for_everybody_are_carried_like_those_that_are_not_there() {
        let months = ["2024-10", "2024-11", "2024-12"];
        let mut table = bronze(&months.map(|month| ("C1", month, Some(0.5))));
        for name in PROVINCE_COSTS {
            table = having(&table, name, &[Some(0.125), Some(0.125), Some(0.0)]);
        }
        table = having(&table, "elec_fixed_fee_eur_month", &[Some(4.0); 3]);
        table = having(&table, "elec_fixed_cost_eur_month", &[Some(3.0), Some(3.0), Some(0.0)]);
        let silver = silver_customer_month(&table, &customers(), SnapshotDate::parse("2024-12-31").unwrap()).unwrap();
        assert_eq!(measures(&silver, "total_margin").unwrap(), [Some(3.5); 3]);
        assert_eq!(measures(&silver, "peaje_elec_eur_kwh").unwrap(), [Some(0.125); 3]);
    }

    #[test]
    fn a_second_year_of_history_changes_nothing_in_the_window() {
        let year = |year: &str| (1..=12).map(|month| format!("{year}-{month:02}")).collect::<Vec<_>>();
        let (before, now) = (year("2023"), year("2024"));
        // January has no price: of one year it is February's, whatever December before says.
        let price = |place: usize| (place > 0).then_some(0.25);
        let one: Vec<_> = now.iter().enumerate().map(|(place, month)| ("C1", month.as_str(), price(place))).collect();
        let two: Vec<_> = before.iter().map(|month| ("C1", month.as_str(), Some(0.5))).chain(one.clone()).collect();
        let [one, two] = [one, two].map(|rows| silver(&rows, "2024-12-31").unwrap());
        assert_eq!(two.height(), 24, "the table keeps all months");
        assert!(one.equals_missing(&two.slice(12, 12)));
    }

    #[test]
    fn a_customer_that_silver_does_not_have_stays_with_unknown_kind() {
        let rows = [("C2", "2024-01", Some(0.5)), ("C9", "2024-01", Some(0.5)), ("C1", "2024-01", Some(0.5))];
        let table = silver(&rows, "2024-12-31").unwrap();
        assert_eq!(texts(&table, "customer_id").unwrap(), [Some("C1"), Some("C2"), Some("C9")]);
        assert_eq!(integers(&table, "is_industrial").unwrap(), [Some(0), Some(1), None]);
    }

    #[test]
    fn a_repeated_customer_and_month_is_an_error() {
        let rows = [("C1", "2024-01", None), ("C2", "2024-01", None), ("C1", "2024-01", None)];
        let message = silver(&rows, "2024-12-31").unwrap_err().to_string();
        assert!(message.contains("bronze_customer_month") && message.contains("rows 1 and 3"), "{message}");
    }

    #[test]
    fn a_month_that_is_none_is_an_error() {
        let message = silver(&[("C1", "2024-13", None)], "2024-12-31").unwrap_err().to_string();
        assert!(message.contains("column month, row 1") && !message.contains("2024-13"), "{message}");
    }

    #[test]
    fn no_month_in_view_is_an_empty_table_with_all_columns() {
        let table = silver(&[("C1", "2024-01", None)], "2023-12-31").unwrap();
        assert_eq!(table.height(), 0);
        assert!(table.column("total_margin").is_ok());
    }
}
