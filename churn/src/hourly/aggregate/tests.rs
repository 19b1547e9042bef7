//! A slice of every layout, good and bad.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::{
    ArrayRef, Float64Array, StringArray, StringViewArray, TimestampMicrosecondArray, TimestampMillisecondArray,
    TimestampNanosecondArray, TimestampSecondArray,
};
use tempfile::TempDir;

use super::super::partial_sums::Line;
use super::super::test_files::{Layout, PLAIN, Reading, USUAL, sum_file, write_columns, write_readings};
use super::super::{RETAILER_ZONE, inspect, plan_slices};
use super::*;
use crate::Unwatched;

fn scratch() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("readings.parquet");
    (folder, path)
}

fn sums_of(layout: Layout, readings: &[Reading]) -> Result<PartialSums> {
    let (_folder, path) = scratch();
    write_readings(&path, layout, readings);
    sum_file(&path, u64::MAX)
}

fn error_of(readings: &[Reading]) -> String {
    let [dictionary, plain] = [USUAL, PLAIN].map(|layout| sums_of(layout, readings).unwrap_err().to_string());
    assert_eq!(dictionary, plain);
    plain
}

fn columns_error(replaced: &str, column: ArrayRef) -> String {
    let (_folder, path) = scratch();
    let text: ArrayRef = Arc::new(StringArray::from(vec!["2024-01-10 10:00:00"]));
    let number: ArrayRef = Arc::new(Float64Array::from(vec![1.0]));
    let mut columns = vec![
        ("customer_id", Arc::clone(&text)),
        ("timestamp", text),
        ("consumption_elec_kwh", Arc::clone(&number)),
        ("consumption_gas_m3", number),
    ];
    columns.iter_mut().find(|(name, _)| *name == replaced).unwrap().1 = column;
    write_columns(&path, USUAL, columns);
    inspect(&path, "readings.parquet").unwrap_err().to_string()
}

fn reading<'a>(customer: &'a str, timestamp: &'a str, elec: f64, gas: f64) -> Reading<'a> {
    (Some(customer), Some(timestamp), Some(elec), Some(gas))
}

#[test]
fn readings_are_summed_by_customer_month_and_tier_whatever_their_order() {
    // 2024-01-10 is a Wednesday, 2024-02-03 a Saturday.
    let readings = [
        reading("C2", "2024-02-03 12:00:00", 8.0, 0.5),
        reading("C1", "2024-01-10T13:00:00", 1.0, 0.0),
        reading("C2", "2024-01-10 07:59:59", 4.0, 0.25),
        reading("C1", "2024-01-10 22:00:00", 2.0, 1.0),
        reading("C1", "2024-01-10 10:00:00", 16.0, 2.0),
    ];
    for layout in [USUAL, PLAIN] {
        let sums = sums_of(layout, &readings).unwrap();
        let lines: Vec<_> = sums.lines.iter().map(|line| (sums.customer(line), line.month.to_string(), line)).collect();
        let months: Vec<_> = lines.iter().map(|(customer, month, _)| (*customer, month.as_str())).collect();
        assert_eq!(months, [("C1", "2024-01"), ("C2", "2024-01"), ("C2", "2024-02")]);
        let energy: Vec<_> = sums.lines.iter().map(|line: &Line| (line.elec_kwh, line.gas_m3)).collect();
        let expected = [
            ([17.0, 2.0, 0.0], [2.0, 1.0, 0.0]),
            ([0.0, 0.0, 4.0], [0.0, 0.0, 0.25]),
            ([0.0, 0.0, 8.0], [0.0, 0.0, 0.5]),
        ];
        assert_eq!(energy, expected);
        assert_eq!((sums.rows, sums.customers(), sums.customer_months()), (5, 2, 3));
    }
}

#[test]
fn electricity_of_exactly_0_is_counted_beside_nulls_and_without_and_gas_is_not() {
    let when = "2024-01-10 10:00:00";
    let mut readings = vec![
        reading("C1", when, 0.0, 0.0),
        reading("C1", when, -0.0, 1.0),
        reading("C1", when, 0.001, 0.0),
        reading("C1", when, -1.0, 0.0),
        reading("C2", when, 2.0, 0.0),
    ];
    let zeros = |readings: &[Reading]| -> Vec<u32> {
        sums_of(USUAL, readings).unwrap().lines.iter().map(|line| line.counts.zero_elec).collect()
    };
    assert_eq!(zeros(&readings), [2, 0]);
    readings.push((Some("C2"), Some(when), None, None));
    assert_eq!(zeros(&readings), [2, 0]);
}

#[test]
fn nulls_and_negatives_add_nothing_and_are_counted() {
    let when = Some("2024-01-10 10:00:00");
    let readings = [
        (Some("C1"), when, None, Some(-0.5)),
        (Some("C1"), when, Some(-3.0), None),
        (Some("C1"), when, Some(-1.0), Some(2.0)),
        (Some("C1"), when, Some(4.0), Some(0.0)),
    ];
    let sums = sums_of(USUAL, &readings).unwrap();
    assert_eq!(sums.lines[0].elec_kwh, [4.0, 0.0, 0.0]);
    assert_eq!(sums.lines[0].gas_m3, [2.0, 0.0, 0.0]);
    assert_eq!((sums.negative_elec, sums.negative_gas), (2, 1));
    let counts = sums.lines[0].counts;
    assert_eq!((counts.readings, counts.null_elec, counts.null_gas), (4, 1, 1));
    assert_eq!((counts.negative_elec, counts.negative_gas), (2, 1));
}

#[test]
fn readings_and_their_days_are_counted_by_customer_and_month_in_any_order() {
    let readings = [
        reading("C1", "2024-01-10 10:00:00", 1.0, 0.0),
        reading("C2", "2024-01-31 10:15:00", 1.0, 0.0),
        reading("C1", "2024-02-01 10:00:00", 1.0, 0.0),
        reading("C1", "2024-01-01 00:00:00", 1.0, 0.0),
        reading("C1", "2024-01-10 11:00:00", 1.0, 0.0),
    ];
    for layout in [USUAL, PLAIN] {
        let sums = sums_of(layout, &readings).unwrap();
        let counts: Vec<_> = sums.lines.iter().map(|line| line.counts).collect();
        assert_eq!(counts.iter().map(|counts| counts.readings).collect::<Vec<_>>(), [3, 1, 1]);
        assert_eq!(counts.iter().map(|counts| counts.days).collect::<Vec<_>>(), [1 | 1 << 9, 1, 1 << 30]);
        assert_eq!(counts.iter().map(|counts| counts.quarters).collect::<Vec<_>>(), [1, 1, 2]);
    }
}

#[test]
fn a_copy_with_other_minutes_is_too_much_and_half_hours_are_not() {
    let times = |minute: &str| (0..24).map(|hour| format!("2024-01-10 {hour:02}:{minute}:00")).collect::<Vec<_>>();
    let (hours, halves) = (times("00"), times("30"));
    let mut both: Vec<&String> = hours.iter().chain(&halves).collect();
    both.sort();
    let mut copied: Vec<Reading> = Vec::new();
    let mut by_half_hours: Vec<Reading> = Vec::new();
    for of_file in [&hours, &halves] {
        for customer in ["C1", "C2"] {
            copied.extend(of_file.iter().map(|time| reading(customer, time, 1.0, 0.0)));
        }
    }
    for customer in ["C1", "C2"] {
        by_half_hours.extend(both.iter().map(|time| reading(customer, time, 0.5, 0.0)));
    }
    for layout in [USUAL, PLAIN] {
        let coverage = |readings: &[Reading]| sums_of(layout, readings).unwrap().coverage(RETAILER_ZONE, 0.25);
        let (twice, good) = (coverage(&copied), coverage(&by_half_hours));
        assert_eq!((twice.overfull_customers, twice.other_minutes, twice.months[0].hours_read), (2, 2, 48));
        assert_eq!((good.overfull_customers, good.other_minutes, good.months[0].hours_read), (0, 0, 48));
    }
}

#[test]
fn a_copy_between_the_rows_of_the_original_repeats_in_any_order_and_half_hours_do_not() {
    let hours = (10..12).flat_map(|day| (0..24).map(move |hour| format!("2024-01-{day} {hour:02}")));
    let times: Vec<[String; 2]> = hours.map(|hour| [format!("{hour}:00:00"), format!("{hour}:30:00")]).collect();
    let half_hours = |latter: f64| {
        let mut readings: Vec<Reading> = Vec::new();
        for customer in ["C1", "C2"] {
            for (place, [full, half]) in times.iter().enumerate() {
                let kwh = 0.1 + place as f64 / 7.0;
                readings.push(reading(customer, full, kwh, 0.0));
                readings.push(reading(customer, half, kwh * latter, 0.0));
            }
        }
        readings
    };
    let by_customer = half_hours(1.0);
    let (mut by_time, mut latest_first) = (by_customer.clone(), by_customer.clone());
    by_time.sort_by_key(|reading| reading.1);
    latest_first.reverse();
    for layout in [USUAL, PLAIN] {
        let found = |readings: &[Reading]| {
            let coverage = sums_of(layout, readings).unwrap().coverage(RETAILER_ZONE, 0.25);
            (coverage.months[0].repeating, coverage.overfull_customers)
        };
        for copied in [&by_customer, &by_time, &latest_first] {
            assert_eq!(found(copied), (2, 0), "no customer has more than two readings an hour");
        }
        assert_eq!(found(&half_hours(0.9)), (0, 0));
    }
}

#[test]
fn copies_between_half_hours_repeat_and_quarter_hours_do_not() {
    let hours = (10..12).flat_map(|day| (0..24).map(move |hour| format!("2024-01-{day} {hour:02}")));
    let times: Vec<String> =
        hours.flat_map(|hour| ["00", "15", "30", "45"].map(|at| format!("{hour}:{at}:00"))).collect();
    let repeating = |kwh: fn(usize) -> f64| {
        let readings: Vec<Reading> =
            times.iter().enumerate().map(|(place, time)| reading("C1", time, kwh(place), 0.0)).collect();
        sums_of(USUAL, &readings).unwrap().coverage(RETAILER_ZONE, 0.25).months[0].repeating
    };
    assert_eq!(repeating(|place| 0.1 + (place / 2) as f64 / 7.0), 1, "half-hours and their copies");
    assert_eq!(repeating(|place| 0.1 + (place / 4) as f64 / 7.0), 1, "an hour's value in each quarter");
    assert_eq!(repeating(|place| 0.1 + place as f64 / 7.0), 0);
}

#[test]
fn halves_and_quarters_that_were_filled_from_the_next_hour_repeat() {
    let hours = (10..13).flat_map(|day| (0..24).map(move |hour| format!("2024-01-{day} {hour:02}")));
    let times: Vec<String> =
        hours.flat_map(|hour| ["00", "15", "30", "45"].map(|at| format!("{hour}:{at}:00"))).collect();
    let repeating = |step: usize, kwh: fn(usize) -> f64| {
        let every = times.iter().enumerate().step_by(step);
        let readings: Vec<Reading> = every.map(|(place, time)| reading("C1", time, kwh(place), 0.0)).collect();
        sums_of(USUAL, &readings).unwrap().coverage(RETAILER_ZONE, 0.25).months[0].repeating
    };
    let filled: fn(usize) -> f64 = |place| 0.123_456_7 + place.div_ceil(4) as f64 / 7.0;
    assert_eq!([1, 2].map(|step| repeating(step, filled)), [1, 1]);
    assert_eq!(
        repeating(1, |place| 0.123_456_7 + place.div_ceil(2) as f64 / 7.0),
        1,
        "half-hours and copies before them"
    );
    assert_eq!(repeating(2, |place| 0.123_456_7 + (place / 2) as f64 / 7.0), 0, "half-hours that rise");
}

#[test]
fn a_fraction_of_a_second_before_midnight_is_midnight() {
    let readings = [
        reading("C1", "2023-12-31 23:59:59.999", 1.0, 0.0),
        reading("C1", "2024-01-01 01:00:00.001", 2.0, 0.0),
        reading("C1", "2024-01-01T02:00:00.000", 4.0, 0.0),
    ];
    for layout in [USUAL, PLAIN] {
        let sums = sums_of(layout, &readings).unwrap();
        let coverage = sums.coverage(RETAILER_ZONE, 0.25);
        assert_eq!((sums.lines.len(), sums.lines[0].elec_kwh), (1, [0.0, 0.0, 7.0]));
        assert_eq!((coverage.months[0].month.as_str(), coverage.months[0].hours_read), ("2024-01", 3));
    }
}

#[test]
fn instants_are_summed_in_the_month_and_the_tier_of_the_retailers_clock() {
    // 2023-12-31 23:30 and 2024-01-10 09:00 of UTC are 2024-01-01 00:30 and 2024-01-10 10:00 in Madrid.
    let readings =
        [reading("C1", "2023-12-31T23:30:00Z", 1.0, 0.0), reading("C1", "2024-01-10 09:00:00+00:00", 2.0, 0.0)];
    for layout in [USUAL, PLAIN] {
        let sums = sums_of(layout, &readings).unwrap();
        assert_eq!(sums.lines.len(), 1);
        assert_eq!((sums.lines[0].month.to_string().as_str(), sums.lines[0].elec_kwh), ("2024-01", [2.0, 0.0, 1.0]));
    }
}

#[test]
fn a_row_without_customer_is_dropped_and_counted_whatever_else_it_holds() {
    let readings = [
        (None, Some("nonsense"), Some(f64::NAN), Some(-1.0)),
        (Some(""), None, Some(1e9), None),
        reading("C1", "2024-01-10 10:00:00", 1.0, 1.0),
    ];
    for layout in [USUAL, PLAIN] {
        let sums = sums_of(layout, &readings).unwrap();
        assert_eq!((sums.rows, sums.dropped_rows, sums.negative_gas, sums.customer_months()), (3, 2, 0, 1));
    }
}

#[test]
fn a_bad_timestamp_is_an_error_that_names_row_group_and_row_but_no_value() {
    let (_folder, path) = scratch();
    let good = reading("C1", "2024-01-10 10:00:00", 1.0, 1.0);
    for bad in [Some("2024-02-30 10:00:00"), Some(""), None] {
        for dictionary in [true, false] {
            let layout = Layout { rows_per_group: 3, dictionary, statistics: true };
            write_readings(&path, layout, &[good, good, good, good, (Some("C7"), bad, Some(1.0), None)]);
            let message = sum_file(&path, u64::MAX).unwrap_err().to_string();
            assert!(
                message.starts_with("readings.parquet, column timestamp, row group 2, row 2: not a timestamp"),
                "{message}"
            );
            assert!(!message.contains("C7") && !message.contains("02-30"), "{message}");
        }
    }
}

#[test]
fn a_row_deep_in_a_row_group_is_named_by_its_place_there() {
    let mut readings = vec![reading("C1", "2024-01-10 10:00:00", 1.0, 1.0); 40_000];
    readings[35_000].1 = Some("2024-01-10");
    let message = error_of(&readings);
    assert!(message.contains("row group 1, row 35001:"), "{message}");
}

#[test]
fn a_reading_beyond_belief_is_an_error() {
    let when = "2024-01-10 10:00:00";
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1_000_000.5, -1e7] {
        let message = error_of(&[reading("C1", when, 1.0, 1.0), reading("C1", when, bad, 1.0)]);
        assert!(message.starts_with("readings.parquet, column consumption_elec_kwh, row group 1, row 2: not a"));
        let message = error_of(&[reading("C1", when, 1.0, bad)]);
        assert!(message.starts_with("readings.parquet, column consumption_gas_m3, row group 1, row 1: not a"));
    }
    assert!(sums_of(USUAL, &[reading("C1", when, 1e6, 0.0)]).is_ok());
}

#[test]
fn real_timestamp_types_are_read_as_they_are_written() {
    let (_folder, path) = scratch();
    // 2024-01-10 09:59:59 and 10:00:00, then 1969-12-31 23:00:00, in seconds.
    let seconds = [1_704_880_799, 1_704_880_800, -3_600];
    let scaled = |factor: i64| seconds.map(|second| second * factor).to_vec();
    let an_hour_earlier = seconds.map(|second| (second - 3_600) * 1_000_000);
    let columns: [ArrayRef; 6] = [
        Arc::new(TimestampSecondArray::from(scaled(1))),
        Arc::new(TimestampMillisecondArray::from(scaled(1_000))),
        Arc::new(TimestampMicrosecondArray::from(scaled(1_000_000))),
        Arc::new(TimestampNanosecondArray::from(scaled(1_000_000_000))),
        // Instants of a winter, an hour behind the clock of Madrid.
        Arc::new(TimestampMicrosecondArray::from(an_hour_earlier.to_vec()).with_timezone("UTC")),
        Arc::new(StringViewArray::from(vec!["2024-01-10 09:59:59", "2024-01-10 10:00:00", "1969-12-31 23:00:00"])),
    ];
    for timestamps in columns {
        let numbers: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 2.0, 4.0]));
        let customers: ArrayRef = Arc::new(StringArray::from(vec!["C1"; 3]));
        let columns = vec![
            ("consumption_gas_m3", Arc::clone(&numbers)),
            ("timestamp", Arc::clone(&timestamps)),
            ("unused", Arc::clone(&numbers)),
            ("consumption_elec_kwh", numbers),
            ("customer_id", customers),
        ];
        write_columns(&path, USUAL, columns);
        let sums = sum_file(&path, u64::MAX).unwrap();
        let energy: Vec<_> = sums.lines.iter().map(|line| (line.month.to_string(), line.elec_kwh)).collect();
        let expected = [("1969-12".to_owned(), [0.0, 4.0, 0.0]), ("2024-01".to_owned(), [2.0, 1.0, 0.0])];
        assert_eq!(energy, expected, "{:?}", timestamps.data_type());
    }
}

#[test]
fn a_null_in_a_real_timestamp_column_is_an_error() {
    let (_folder, path) = scratch();
    let numbers: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 2.0]));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("customer_id", Arc::new(StringArray::from(vec!["C1"; 2]))),
        ("timestamp", Arc::new(TimestampSecondArray::from(vec![Some(0), None]))),
        ("consumption_elec_kwh", Arc::clone(&numbers)),
        ("consumption_gas_m3", numbers),
    ];
    write_columns(&path, USUAL, columns);
    let message = sum_file(&path, u64::MAX).unwrap_err().to_string();
    assert!(message.contains("column timestamp, row group 1, row 2"), "{message}");
}

#[test]
fn columns_of_another_type_are_refused_before_reading() {
    let numbers: ArrayRef = Arc::new(Float64Array::from(vec![1.0]));
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["1.0"]));
    for (column, data) in [
        ("customer_id", Arc::clone(&numbers)),
        ("timestamp", numbers),
        ("consumption_elec_kwh", Arc::clone(&texts)),
        ("consumption_gas_m3", texts),
    ] {
        let message = columns_error(column, data);
        assert!(message.starts_with(&format!("readings.parquet, column {column}: is ")), "{message}");
    }
}

#[test]
fn a_missing_column_and_a_foreign_file_are_clear_errors() {
    let (_folder, path) = scratch();
    write_columns(&path, USUAL, vec![("customer_id", Arc::new(StringArray::from(vec!["C1"])))]);
    let message = inspect(&path, "readings.parquet").unwrap_err().to_string();
    assert!(message.starts_with("readings.parquet, column timestamp: the file must have this column"), "{message}");
    write_columns(&path, USUAL, vec![("Customer_ID", Arc::new(StringArray::from(vec!["C1"])))]);
    let message = inspect(&path, "readings.parquet").unwrap_err().to_string();
    assert!(message.contains("exactly once, and `Customer_ID` is another name"), "{message}");
    for content in ["", "customer_id,timestamp\n"] {
        std::fs::write(&path, content).unwrap();
        let message = inspect(&path, "readings.parquet").unwrap_err().to_string();
        assert!(message.starts_with("readings.parquet: is not readable as Parquet"), "{message}");
    }
}

#[test]
fn a_truncated_file_and_text_that_is_not_utf8_are_data_errors() {
    let (_folder, path) = scratch();
    for layout in [USUAL, PLAIN] {
        write_readings(&path, layout, &[reading("CUSTOMER", "2024-01-10 10:00:00", 1.0, 1.0)]);
        let slice = plan_slices(&[inspect(&path, "readings.parquet").unwrap()], 1).concat().remove(0);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 20]).unwrap();
        assert!(matches!(aggregate_slice(&path, &slice, RETAILER_ZONE, &Unwatched), Err(Error::Data(_))));
        let mut broken = whole;
        let place = broken.windows(8).position(|text| text == b"CUSTOMER").unwrap();
        broken[place] = 0xff;
        std::fs::write(&path, &broken).unwrap();
        let error = aggregate_slice(&path, &slice, RETAILER_ZONE, &Unwatched).unwrap_err();
        assert!(matches!(error, Error::Data(_)));
        assert!(error.to_string().starts_with("readings.parquet, row group 1: is not readable"), "{error}");
    }
}

#[test]
fn a_slice_that_does_not_fit_the_file_is_an_error() {
    let (_folder, path) = scratch();
    write_readings(&path, USUAL, &[reading("C1", "2024-01-10 10:00:00", 1.0, 1.0)]);
    let beyond = Slice { file: "f".into(), first_row_group: 1, row_groups: 1, rows: 1 };
    assert!(aggregate_slice(&path, &beyond, RETAILER_ZONE, &Unwatched).is_err());
    let longer = Slice { file: "f".into(), first_row_group: 0, row_groups: 1, rows: 2 };
    assert!(aggregate_slice(&path, &longer, RETAILER_ZONE, &Unwatched).is_err());
}

#[test]
fn progress_is_reported_and_a_request_to_stop_is_heard() {
    struct Counting(AtomicU64);
    impl Watch for Counting {
        fn report(&self, done: u64, total: Option<u64>) -> Result<()> {
            assert_eq!(total, Some(2));
            self.0.store(done, Ordering::Relaxed);
            Ok(())
        }
    }
    struct Stopping;
    impl Watch for Stopping {
        fn report(&self, _done: u64, _total: Option<u64>) -> Result<()> {
            Err(Error::Cancelled)
        }
    }
    let (_folder, path) = scratch();
    write_readings(&path, USUAL, &[reading("C1", "2024-01-10 10:00:00", 1.0, 1.0); 2]);
    let slice = Slice { file: "f".into(), first_row_group: 0, row_groups: 1, rows: 2 };
    let watch = Counting(AtomicU64::new(0));
    aggregate_slice(&path, &slice, RETAILER_ZONE, &watch).unwrap();
    assert_eq!(watch.0.into_inner(), 2);
    assert!(matches!(aggregate_slice(&path, &slice, RETAILER_ZONE, &Stopping), Err(Error::Cancelled)));
}

#[test]
fn a_file_without_rows_is_no_readings() {
    let (_folder, path) = scratch();
    write_readings(&path, USUAL, &[]);
    assert!(inspect(&path, "readings.parquet").unwrap().is_empty());
    assert_eq!(sum_file(&path, u64::MAX).unwrap().rows, 0);
}

#[test]
fn ids_are_trimmed() {
    let readings = [
        reading("C1  ", "2024-01-10 10:00:00", 1.0, 0.0),
        reading("C1", "2024-01-10 10:00:00", 2.0, 0.0),
        reading("\u{a0}C1", "2024-01-10 10:00:00", 4.0, 0.0),
        reading("   ", "2024-01-10 10:00:00", 8.0, 0.0),
    ];
    for layout in [USUAL, PLAIN] {
        let sums = sums_of(layout, &readings).unwrap();
        assert_eq!((sums.customers(), sums.dropped_rows, sums.lines[0].elec_kwh[0]), (1, 1, 7.0));
    }
}
