//! The registry as shipped.

use polars::prelude::{Column, DataFrame, DataType, df};

use super::*;
use crate::contract::check;
use crate::features::FeatureTiers;
use crate::raw::{CellType, RawTable};

const REGISTRY: &str = include_str!("../../../../configs/column_registry.yaml");
const TIERS: &str = include_str!("../../../../configs/feature_tiers.yaml");

#[test]
fn the_raw_contracts_match_what_the_readers_deliver() {
    let registry = ColumnRegistry::parse(REGISTRY).unwrap();
    for table in RawTable::files() {
        let rules = registry.table(table.as_str()).unwrap();
        assert_eq!(rules.layer, Layer::Raw);
        let declared: Vec<(&str, CellType)> = rules.columns.iter().map(|c| (c.name.as_str(), cell_type(c))).collect();
        assert_eq!(declared, table.columns(), "{}", table.as_str());
    }
}

fn cell_type(column: &ColumnRules) -> CellType {
    match column.column_type {
        ColumnType::String => CellType::Text,
        ColumnType::CustomerId => CellType::Id,
        ColumnType::Integer => CellType::Integer,
        ColumnType::Number => CellType::Number,
        ColumnType::Flag => CellType::Flag,
        ColumnType::Date | ColumnType::MonthStart => CellType::Date,
        ColumnType::Month => CellType::Month,
    }
}

#[test]
fn gold_declares_every_feature_of_every_experiment() {
    let registry = ColumnRegistry::parse(REGISTRY).unwrap();
    let gold = registry.table("gold_master").unwrap();
    let tiers = FeatureTiers::parse(TIERS).unwrap();
    for experiment in tiers.experiments() {
        for feature in tiers.features(experiment).unwrap() {
            assert!(gold.column(&feature.name).is_some(), "{} of {experiment}", feature.name);
        }
    }
}

#[test]
fn every_layer_table_is_declared_and_keyed() {
    let registry = ColumnRegistry::parse(REGISTRY).unwrap();
    for name in ["bronze_customer", "bronze_customer_month", "silver_customer", "silver_customer_month", "gold_master"]
    {
        let table = registry.table(name).unwrap();
        assert_eq!(table.unique[0].columns[0], "customer_id", "{name}");
        assert_eq!(table.unique[0].severity, Severity::Block, "{name}");
    }
}

#[test]
fn customers_whom_the_labels_do_not_have_are_told_and_many_end_the_run() {
    let registry = ColumnRegistry::parse(REGISTRY).unwrap();
    for name in ["customer_attributes", "customer_contracts"] {
        let rules = &registry.table(name).unwrap().references;
        let to_labels = rules.iter().find(|rule| rule.table == "churn_label").unwrap();
        let severities = [2.0 / 300.0, 0.05, 0.11].map(|share| to_labels.severity_of(share));
        assert_eq!(severities, [Severity::Info, Severity::Warn, Severity::Block], "{name}");
    }
}

/// Two hundred offers of a day, and the first `again` of them once more, whose outcome is not known there.
fn outcomes(again: usize) -> DataFrame {
    let offers: Vec<usize> = (0..200).chain(0..again).collect();
    let known = |row: usize| (row < 200).then_some(0_i32);
    let mut table = df!(
        "customer_id" => offers.iter().map(|offer| format!("C{offer}")).collect::<Vec<_>>(),
        "action" => vec!["offer_small"; offers.len()],
        "control" => vec![0_i32; offers.len()],
        "accepted" => (0..offers.len()).map(known).collect::<Vec<_>>(),
        "churned" => (0..offers.len()).map(known).collect::<Vec<_>>(),
    )
    .unwrap();
    let days = Column::new("date".into(), vec![19_723_i32; offers.len()]).cast(&DataType::Date).unwrap();
    table.with_column(days).unwrap();
    table
}

#[test]
fn an_offer_with_two_outcomes_warns_and_many_end_the_run() {
    let registry = ColumnRegistry::parse(REGISTRY).unwrap();
    let found = |again| {
        let table = outcomes(again);
        let report = check(&registry, Layer::Raw, &[("offer_outcomes", &table)], &[("churn_label", &table)]);
        report.violations.into_iter().map(|broken| (broken.name, broken.count, broken.severity)).collect::<Vec<_>>()
    };
    assert!(found(0).is_empty());
    assert_eq!(found(1), [("repeated_key".to_owned(), 1, Severity::Warn)]);
    assert_eq!(found(2), [("repeated_key".to_owned(), 2, Severity::Block)]);
}

/// Prices of ten months of a hundred customers, of which the first `below` are below 0.
fn prices(below: usize, price: f64) -> DataFrame {
    let tier = |row: usize| if row < below { price } else { 0.1 };
    df!("variable_price_tier3_eur_kwh" => (0..1_000).map(tier).collect::<Vec<f64>>()).unwrap()
}

#[test]
fn prices_below_0_warn_while_they_are_rare() {
    let registry = ColumnRegistry::parse(REGISTRY).unwrap();
    let found = |prices: DataFrame| {
        let broken = check(&registry, Layer::Raw, &[("price_history", &prices)], &[]).violations.into_iter();
        let of_tier = broken.filter(|broken| broken.column.as_deref() == Some("variable_price_tier3_eur_kwh"));
        of_tier.map(|broken| (broken.name, broken.severity)).collect::<Vec<_>>()
    };
    let of = |name: &str, severity| (name.to_owned(), severity);
    assert!(found(prices(0, -0.02)).is_empty());
    assert_eq!(found(prices(100, -0.02)), [of("below_zero", Severity::Warn)]);
    assert_eq!(found(prices(101, -0.02)), [of("below_zero", Severity::Block)]);
    assert_eq!(found(prices(1, -2.0)), [of("range", Severity::Block), of("below_zero", Severity::Warn)]);
}
