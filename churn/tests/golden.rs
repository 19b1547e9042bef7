//! The medallion tables of a small handmade set agree with a second implementation, cell by cell.
//!
//! `golden/input` holds fourteen customers that cover the edges of the rules, and one that
//! only the readings know; `golden/expected` holds what `golden/expected.py`, written from the rules
//! in words with pandas, makes of them.

#![expect(clippy::unwrap_used, reason = "a test may stop where its fixture is broken")]

#[path = "golden/reading.rs"]
mod reading;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use chrono::NaiveDate;
use churn::SnapshotDate;
use churn::bronze::customer_month::bronze_customer_month;
use churn::features::{FeatureKind, FeatureTiers};
use churn::gold::gold_master;
use churn::silver::customer::silver_customer;
use churn::silver::customer_month::silver_customer_month;
use polars::prelude::*;
use reading::{Csv, input};

/// One day before the last month of the readings is complete.
const AS_OF: &str = "2024-06-29";

struct Tables {
    bronze_customer_month: DataFrame,
    silver_customer: DataFrame,
    silver_customer_month: DataFrame,
    gold_master: DataFrame,
}

/// Runs the pipeline; `arranged` sees every input table before it is used.
fn tables(arranged: fn(DataFrame) -> DataFrame) -> Tables {
    let as_of = SnapshotDate::parse(AS_OF).unwrap();
    let customers = arranged(input("bronze_customer"));
    let (sums, prices) = (arranged(input("monthly_sums")), arranged(input("price_history")));
    let costs = arranged(input("costs_by_province_month"));
    let bronze_customer_month = bronze_customer_month(&sums, &prices, &costs, &customers).unwrap();
    let silver_customer = silver_customer(&customers).unwrap();
    let silver_customer_month = silver_customer_month(&bronze_customer_month, &silver_customer, as_of).unwrap();
    let gold_master = gold_master(&silver_customer, &silver_customer_month, as_of).unwrap();
    Tables { bronze_customer_month, silver_customer, silver_customer_month, gold_master }
}

/// Every cell of `table` is the expected one, and there is no column more or less.
fn assert_agrees(table: &DataFrame, name: &str) {
    let expected = Csv::read(&format!("expected/{name}.csv"));
    let ours: BTreeSet<&str> = table.columns().iter().map(|column| column.name().as_str()).collect();
    assert_eq!(ours, expected.header.iter().map(String::as_str).collect(), "columns of {name}");
    assert_eq!(table.height(), expected.rows.len(), "rows of {name}");
    for (position, column) in expected.header.iter().enumerate() {
        let column = table.column(column).unwrap();
        let ours = written(column);
        for (row, expected) in expected.cells(position).enumerate() {
            let agrees = match (column.dtype(), &ours[row], expected) {
                (DataType::Float64, Some(ours), Some(expected)) => close(ours, expected),
                (_, ours, expected) => ours.as_deref() == expected,
            };
            assert!(agrees, "{name}.{} row {row}: {:?}, expected {expected:?}", column.name(), ours[row]);
        }
    }
}

fn written(column: &Column) -> Vec<Option<String>> {
    match column.dtype() {
        DataType::Float64 => column.f64().unwrap().iter().map(|cell| cell.map(|cell| cell.to_string())).collect(),
        DataType::Int32 => column.i32().unwrap().iter().map(|cell| cell.map(|cell| cell.to_string())).collect(),
        DataType::Date => {
            let date = |days: i32| NaiveDate::from_epoch_days(days).unwrap().to_string();
            column.date().unwrap().physical().iter().map(|cell| cell.map(date)).collect()
        }
        _ => column.str().unwrap().iter().map(|cell| cell.map(str::to_owned)).collect(),
    }
}

fn close(ours: &str, expected: &str) -> bool {
    let (ours, expected): (f64, f64) = (ours.parse().unwrap(), expected.parse().unwrap());
    (ours - expected).abs() <= 1e-9 * expected.abs().max(1e-3)
}

#[test]
fn every_table_agrees_with_the_second_implementation() {
    let tables = tables(|table| table);
    assert_agrees(&tables.bronze_customer_month, "bronze_customer_month");
    assert_agrees(&tables.silver_customer, "silver_customer");
    assert_agrees(&tables.silver_customer_month, "silver_customer_month");
    assert_agrees(&tables.gold_master, "gold_master");
}

#[test]
fn the_order_of_the_input_rows_changes_nothing() {
    let (straight, reversed) = (tables(|table| table), tables(|table| table.reverse()));
    assert!(straight.bronze_customer_month.equals_missing(&reversed.bronze_customer_month));
    assert!(straight.silver_customer_month.equals_missing(&reversed.silver_customer_month));
    assert!(straight.gold_master.equals_missing(&reversed.gold_master));
}

#[test]
fn gold_has_every_feature_of_every_experiment_in_the_type_of_its_kind() {
    let yaml = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../configs/feature_tiers.yaml")).unwrap();
    let tiers = FeatureTiers::parse(&yaml).unwrap();
    let gold = tables(|table| table).gold_master;
    for experiment in tiers.experiments() {
        for feature in tiers.features(experiment).unwrap() {
            let dtype = gold.column(&feature.name).unwrap().dtype();
            let fits = match feature.kind {
                FeatureKind::Numeric => [DataType::Float64, DataType::Int32].contains(dtype),
                FeatureKind::Flag => *dtype == DataType::Int32,
                FeatureKind::Category => *dtype == DataType::String,
            };
            assert!(fits, "{} of {experiment} is {dtype}", feature.name);
        }
    }
}
