//! Pins that the fast sums equal a plain loop that adds reading by reading, for any readings, in any order,
//! layout and slicing: to the last bit where that loop is exact, to 1e-12 relative otherwise; and that order, layout and
//! slicing change no bit.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDateTime, Timelike, Weekday};
use proptest::prelude::*;

use super::PartialSums;
use super::test_files::{Layout, Reading, sum_file, write_readings};

/// One generated row: customer (None = null), hours since 2023-12-20, `T` form, electricity, gas.
type Row = (Option<u8>, u32, bool, Option<f64>, Option<f64>);
type Sums = BTreeMap<(String, String), [f64; 6]>;

fn timestamp(hours: u32, with_t: bool) -> String {
    let start = NaiveDateTime::parse_from_str("2023-12-20 00:00:00", "%Y-%m-%d %H:%M:%S").unwrap();
    let moment = start + chrono::Duration::hours(i64::from(hours)) + chrono::Duration::seconds(i64::from(hours % 3600));
    moment.format(if with_t { "%Y-%m-%dT%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" }).to_string()
}

fn customer(number: u8) -> String {
    if number == 0 { String::new() } else { format!("C{number}") }
}

/// Steps 1 to 6 of `bronze_customer_month`, word by word.
fn by_the_book(rows: &[Row]) -> Sums {
    let mut sums = Sums::new();
    for (id, hours, _, elec, gas) in rows {
        let Some(id) = id.map(customer).filter(|id| !id.is_empty()) else { continue };
        let moment = NaiveDateTime::parse_from_str(&timestamp(*hours, false), "%Y-%m-%d %H:%M:%S").unwrap();
        let holidays = ["01-01", "01-06", "05-01", "08-15", "10-12", "11-01", "12-06", "12-08", "12-25"];
        let weekend = moment.weekday() == Weekday::Sat || moment.weekday() == Weekday::Sun;
        let working_day = !weekend && !holidays.contains(&moment.format("%m-%d").to_string().as_str());
        let tier = match moment.hour() {
            10 | 11 | 12 | 13 | 18 | 19 | 20 | 21 if working_day => 0,
            8 | 9 | 14 | 15 | 16 | 17 | 22 | 23 if working_day => 1,
            _ => 2,
        };
        let cell = sums.entry((id, moment.format("%Y-%m").to_string())).or_default();
        cell[tier] += elec.filter(|value| *value >= 0.0).unwrap_or(0.0);
        cell[3 + tier] += gas.filter(|value| *value >= 0.0).unwrap_or(0.0);
    }
    sums
}

fn as_map(sums: &PartialSums) -> Sums {
    let line = |line: &super::partial_sums::Line| {
        let ([e1, e2, e3], [g1, g2, g3]) = (line.elec_kwh, line.gas_m3);
        ((sums.customer(line).to_owned(), line.month.to_string()), [e1, e2, e3, g1, g2, g3])
    };
    sums.lines.iter().map(line).collect()
}

fn sum_rows(rows: &[Row], layout: Layout, target_bytes: u64) -> PartialSums {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("readings.parquet");
    let ids: Vec<Option<String>> = rows.iter().map(|row| row.0.map(customer)).collect();
    let times: Vec<String> = rows.iter().map(|row| timestamp(row.1, row.2)).collect();
    let readings: Vec<Reading> = rows
        .iter()
        .zip(ids.iter().zip(&times))
        .map(|(row, (id, time))| (id.as_deref(), Some(time.as_str()), row.3, row.4))
        .collect();
    write_readings(&path, layout, &readings);
    sum_file(&path, target_bytes).unwrap()
}

fn rows(value: impl Strategy<Value = f64> + Clone) -> impl Strategy<Value = Vec<Row>> {
    let reading = proptest::option::weighted(0.9, value);
    let row = (proptest::option::weighted(0.9, 0..6_u8), 0..10_000_u32, any::<bool>(), reading.clone(), reading);
    proptest::collection::vec(row, 1..300)
}

fn layouts() -> impl Strategy<Value = (Layout, u64)> {
    (1..100_usize, any::<bool>(), prop_oneof![Just(0), Just(u64::MAX), 1..5_000_u64]).prop_map(
        |(rows_per_group, dictionary, target_bytes)| {
            (Layout { rows_per_group, dictionary, statistics: true }, target_bytes)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// Multiples of 1/1024 add up without rounding, so not a bit may differ.
    #[test]
    fn exact_sums_are_equal_to_the_last_bit(
        rows in rows((-20_000..1_000_000_i32).prop_map(|units| f64::from(units) / 1024.0)),
        (layout, target_bytes) in layouts(),
    ) {
        let sums = sum_rows(&rows, layout, target_bytes);
        prop_assert_eq!(as_map(&sums), by_the_book(&rows));
        let negative = |value: Option<f64>| value.is_some_and(|value| value < 0.0);
        let named = |row: &&Row| row.0.is_some_and(|number| number > 0);
        prop_assert_eq!(sums.rows, rows.len() as u64);
        prop_assert_eq!(sums.dropped_rows, rows.len() as u64 - rows.iter().filter(named).count() as u64);
        prop_assert_eq!(sums.negative_elec, rows.iter().filter(named).filter(|row| negative(row.3)).count() as u64);
        prop_assert_eq!(sums.negative_gas, rows.iter().filter(named).filter(|row| negative(row.4)).count() as u64);
    }

    /// Readings of a supplier who shuffles them, or cuts them otherwise, are the same readings.
    #[test]
    fn slicing_and_order_change_no_bit(
        (rows, shuffled) in rows(-10.0..1000.0_f64).prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        (layout, target_bytes) in layouts(),
    ) {
        let expected = by_the_book(&rows);
        let sums = as_map(&sum_rows(&shuffled, layout, target_bytes));
        prop_assert_eq!(&sums, &as_map(&sum_rows(&rows, layout, u64::MAX)));
        prop_assert_eq!(sums.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        for (key, values) in &sums {
            for (value, expected) in values.iter().zip(expected[key]) {
                prop_assert!((value - expected).abs() <= 1e-12 * expected.abs().max(1.0));
            }
        }
    }
}
