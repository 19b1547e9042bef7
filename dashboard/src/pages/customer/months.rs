//! The last twelve months of every customer: margin, electricity, gas.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use polars::prelude::DataFrame;

use crate::data::{DataError, cells};

/// The table.
pub const TABLE: &str = "silver_customer_month";
/// Its columns that are read.
pub const COLUMNS: [&str; 5] = ["customer_id", "month", "total_margin", "monthly_elec_kwh", "monthly_gas_m3"];
/// So many months are shown.
pub const LAST: usize = 12;

/// What is measured every month, in the order of the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// EUR.
    Margin,
    /// kWh.
    Electricity,
    /// m³.
    Gas,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Margin, Self::Electricity, Self::Gas];
}

/// The months of all customers.
#[derive(Debug, Clone, PartialEq)]
pub struct Months {
    /// The last month on record, in months since year 0; none of an empty table.
    newest: Option<i32>,
    /// For each measure its value in each month, the oldest first; NaN where there is none.
    by_customer: BTreeMap<String, [[f64; LAST]; 3]>,
}

/// The months of one customer.
#[derive(Debug, Clone, PartialEq)]
pub struct OfCustomer {
    /// The first day of each month, the oldest first.
    pub months: Vec<NaiveDate>,
    values: [[f64; LAST]; 3],
}

impl Months {
    /// Reads them, in whatever order they stand.
    pub fn of(table: &DataFrame) -> Result<Self, DataError> {
        let ids = cells::texts(table, "customer_id")?;
        let months: Vec<_> = cells::texts(table, "month")?.into_iter().map(|month| number_of(month?)).collect();
        let values = [
            cells::numbers(table, "total_margin")?,
            cells::numbers(table, "monthly_elec_kwh")?,
            cells::numbers(table, "monthly_gas_m3")?,
        ];
        let newest = months.iter().copied().flatten().max();
        let oldest = newest.map_or(0, |newest| newest - LAST as i32 + 1);
        let mut by_customer = BTreeMap::new();
        let mut begin = 0;
        for same in ids.chunk_by(|a, b| a == b) {
            let rows = begin..begin + same.len();
            begin = rows.end;
            let Some(id) = same[0] else { continue };
            let own = by_customer.entry(id.to_owned()).or_insert([[f64::NAN; LAST]; 3]);
            for row in rows {
                let place = months[row].and_then(|month| usize::try_from(month - oldest).ok());
                let Some(place) = place.filter(|place| *place < LAST) else { continue };
                for (measured, cells) in own.iter_mut().zip(&values) {
                    measured[place] = cells[row].unwrap_or(f64::NAN);
                }
            }
        }
        Ok(Self { newest, by_customer })
    }

    /// The months of a customer; none of one who is not in the table.
    pub fn of_customer(&self, id: &str) -> Option<OfCustomer> {
        let (values, newest) = (*self.by_customer.get(id)?, self.newest?);
        let months = (newest - LAST as i32 + 1..=newest).filter_map(first_day).collect();
        Some(OfCustomer { months, values })
    }
}

impl OfCustomer {
    /// A measure month by month.
    pub fn of(&self, measure: Measure) -> impl Iterator<Item = (NaiveDate, Option<f64>)> {
        let values = self.values[measure as usize].iter().map(|value| Some(*value).filter(|value| !value.is_nan()));
        self.months.iter().copied().zip(values)
    }

    /// Whether there is any of it: most customers have no gas.
    pub fn has(&self, measure: Measure) -> bool {
        self.of(measure).any(|(_, value)| value.is_some_and(|value| value != 0.0))
    }
}

/// `2024-12` in months since year 0.
fn number_of(month: &str) -> Option<i32> {
    let (year, month) = month.split_once('-')?;
    let (year, month) = (year.parse::<i32>().ok()?, month.parse::<i32>().ok()?);
    (1..=12).contains(&month).then_some(year * 12 + month - 1)
}

fn first_day(month: i32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(month.div_euclid(12), month.rem_euclid(12) as u32 + 1, 1)
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;

    #[test]
    fn the_last_twelve_months_of_the_table_are_kept_and_a_missing_one_is_a_gap() {
        let table = df!(
            "customer_id" => ["a", "a", "a", "b", "a"],
            "month" => ["2024-12", "2024-01", "2023-12", "2024-11", "2024-02"],
            "total_margin" => [12.0, 1.0, 99.0, 7.0, 2.0],
            "monthly_elec_kwh" => [120.0, 10.0, 990.0, 70.0, 20.0],
            "monthly_gas_m3" => [0.0, 0.0, 5.0, 0.0, 0.0],
        )
        .unwrap();
        let months = Months::of(&table).unwrap();
        let of_a = months.of_customer("a").unwrap();
        let margins: Vec<_> = of_a.of(Measure::Margin).collect();
        assert_eq!(margins.len(), LAST);
        assert_eq!(margins[0], (NaiveDate::from_ymd_opt(2024, 1, 1).unwrap(), Some(1.0)));
        assert_eq!((margins[1].1, margins[2].1, margins[11].1), (Some(2.0), None, Some(12.0)));
        assert!(!of_a.has(Measure::Gas) && of_a.has(Measure::Electricity), "gas of before is not of these months");
        assert_eq!(
            months.of_customer("b").unwrap().of(Measure::Electricity).filter_map(|(_, value)| value).sum::<f64>(),
            70.0
        );
        assert_eq!(months.of_customer("c"), None);
        assert_eq!(Months::of(&table.clear()).unwrap().of_customer("a"), None);
    }

    #[test]
    fn what_is_no_month_is_none() {
        assert_eq!(number_of("2024-01"), Some(24_288));
        assert_eq!(first_day(24_288), NaiveDate::from_ymd_opt(2024, 1, 1));
        for bad in ["", "2024", "2024-13", "2024-00", "x-01"] {
            assert_eq!(number_of(bad), None, "{bad}");
        }
    }
}
